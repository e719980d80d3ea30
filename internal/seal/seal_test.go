package seal_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"uplift/internal/seal"
	"uplift/upgrade"
)

const token = upgrade.Secret("refresh-token-of-a-customer")

func open(t *testing.T, path string) *seal.Keys {
	t.Helper()
	keys, err := seal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func generate(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := seal.Generate(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustSeal(t *testing.T, keys *seal.Keys, context string) []byte {
	t.Helper()
	sealed, err := keys.Seal(token, context)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestRoundTrip(t *testing.T) {
	keys := open(t, generate(t))
	one, two := mustSeal(t, keys, "row"), mustSeal(t, keys, "row")
	if bytes.Equal(one, two) {
		t.Error("two records are equal: the key or the nonce is not fresh")
	}
	if bytes.Contains(one, []byte(token.Reveal())) {
		t.Error("the sealed record shows the token")
	}
	got, err := keys.Unseal(one, "row")
	if err != nil || got != token {
		t.Errorf("Unseal: %v, %v", got.Reveal(), err)
	}
	if empty, err := keys.Seal("", "row"); err != nil {
		t.Error(err)
	} else if got, err := keys.Unseal(empty, "row"); err != nil || got != "" {
		t.Errorf("an empty secret came back as %q, %v", got.Reveal(), err)
	}
	if _, err := keys.Seal(token, ""); upgrade.CodeOf(err) != "no_seal_context" {
		t.Errorf("sealed without a context: %v", err)
	}
}

func TestUnsealRefuses(t *testing.T) {
	keys := open(t, generate(t))
	sealed := mustSeal(t, keys, "tenant-a/upgrade-1")
	for name, broken := range map[string][]byte{
		"nothing":   nil,
		"short":     {0, 0, 0, 1},
		"cut":       sealed[:len(sealed)-1],
		"longer":    append(bytes.Clone(sealed), 0),
		"DEK":       flip(sealed, 12),
		"token":     flip(sealed, len(sealed)-20),
		"tag":       flip(sealed, len(sealed)-1),
		"clear":     []byte(token.Reveal()),
		"other key": mustSeal(t, open(t, generate(t)), "tenant-a/upgrade-1"),
		"dev key":   mustSeal(t, seal.Dev("register"), "tenant-a/upgrade-1"),
	} {
		if _, err := keys.Unseal(broken, "tenant-a/upgrade-1"); upgrade.CodeOf(err) != "unsealable" {
			t.Errorf("%s: %v, want unsealable", name, err)
		}
	}
	if _, err := keys.Unseal(sealed, "tenant-b/upgrade-1"); upgrade.CodeOf(err) != "unsealable" || upgrade.KindOf(err) != upgrade.Act {
		t.Errorf("a row that was moved: %v", err)
	}
}

func flip(data []byte, at int) []byte {
	out := bytes.Clone(data)
	out[at] ^= 1
	return out
}

func TestRotation(t *testing.T) {
	path := generate(t)
	before := open(t, path)
	old := mustSeal(t, before, "row")

	if _, err := seal.Rotate(path); err != nil {
		t.Fatal(err)
	}
	rotated := open(t, path)
	if got, err := rotated.Unseal(old, "row"); err != nil || got != token {
		t.Errorf("a record of the old key after rotation: %v", err)
	}
	if _, err := before.Unseal(mustSeal(t, rotated, "row"), "row"); upgrade.CodeOf(err) != "unsealable" {
		t.Errorf("the new primary was not used: %v", err)
	}

	id, err := seal.Add(path)
	if err != nil {
		t.Fatal(err)
	}
	added := open(t, path)
	if _, err := rotated.Unseal(mustSeal(t, added, "row"), "row"); err != nil {
		t.Errorf("an added key seals before it is promoted: %v", err)
	}
	if err := seal.Promote(path, id); err != nil {
		t.Fatal(err)
	}
	if _, err := added.Unseal(mustSeal(t, open(t, path), "row"), "row"); err != nil {
		t.Errorf("a process with the added key does not understand the promoted one: %v", err)
	}
	for _, id := range []string{"", "x", "0", "12345", "99999999999"} {
		if err := seal.Promote(path, id); upgrade.CodeOf(err) != "bad_key_file" {
			t.Errorf("promote %q: %v", id, err)
		}
	}
}

func TestFiles(t *testing.T) {
	path := generate(t)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a new key file: %v, %v", info.Mode(), err)
	}
	if err := seal.Generate(path); upgrade.CodeOf(err) != "key_file_exists" {
		t.Errorf("a second Generate: %v", err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Open(path); upgrade.CodeOf(err) != "key_file_permissions" {
		t.Errorf("a file that all can read: %v", err)
	}
	for _, text := range []string{"", "{}", "top-secret", `{"primaryKeyId":1,"key":[{"keyData":"top-secret"}]}`} {
		bad := filepath.Join(t.TempDir(), "bad")
		if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := seal.Open(bad)
		if upgrade.CodeOf(err) != "bad_key_file" || strings.Contains(fmt.Sprint(err), "top-secret") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestDevKeysAnnounceThemselves(t *testing.T) {
	keys := seal.Dev("register")
	if !keys.Development() || !strings.Contains(keys.String(), "DEVELOPMENT KEYS for register") {
		t.Errorf("%v", keys)
	}
	sealed := mustSeal(t, keys, "row")
	if got, err := seal.Dev("register").Unseal(sealed, "row"); err != nil || got != token {
		t.Errorf("another process with the same keys: %v", err)
	}
	if _, err := seal.Dev("link").Unseal(sealed, "row"); err == nil {
		t.Error("the keys of two purposes are the same")
	}
	if open(t, generate(t)).Development() {
		t.Error("keys of a file call themselves development keys")
	}
}
