package keyfile_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"uplift/internal/keyfile"
	"uplift/upgrade"
)

func TestReadAcceptsOwnerOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no mode bits")
	}
	for mode, code := range map[os.FileMode]string{
		0o600: "", 0o400: "",
		0o640: "key_file_permissions", 0o604: "key_file_permissions", 0o620: "key_file_permissions", 0o666: "key_file_permissions",
	} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte("k3y"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := keyfile.Read(path)
		if got := upgrade.CodeOf(err); got != code {
			t.Errorf("mode %04o: code %q, want %q (%v)", mode, got, code, err)
		}
		if err != nil && strings.Contains(err.Error(), "k3y") {
			t.Errorf("mode %04o: the error shows the contents: %v", mode, err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, make([]byte, keyfile.MaxSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, code := range map[string]string{
		filepath.Join(dir, "absent"): "key_file_missing",
		dir:                          "key_file_not_regular",
		large:                        "key_file_too_large",
	} {
		err := keyfile.Check(path)
		if upgrade.CodeOf(err) != code || upgrade.KindOf(err) != upgrade.Invalid {
			t.Errorf("%s: %v, want code %s", path, err, code)
		}
	}
}

func TestCreateNeverOverwritesAndReplaceDoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := keyfile.Create(path, []byte("one")); err != nil {
		t.Fatal(err)
	}
	if err := keyfile.Create(path, []byte("two")); upgrade.CodeOf(err) != "key_file_exists" {
		t.Errorf("second Create: %v, want key_file_exists", err)
	}
	expect(t, path, "one")
	if err := keyfile.Replace(path, []byte("three")); err != nil {
		t.Fatal(err)
	}
	expect(t, path, "three")
	entries, _ := os.ReadDir(filepath.Dir(path))
	if len(entries) != 1 {
		t.Errorf("%d files are left, want the key file alone", len(entries))
	}
}

func expect(t *testing.T, path, want string) {
	t.Helper()
	got, err := keyfile.Read(path)
	if err != nil || string(got) != want {
		t.Errorf("read %q, %v; want %q", got, err, want)
	}
}
