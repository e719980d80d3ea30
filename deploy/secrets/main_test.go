package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"uplift/internal/codec"
	"uplift/internal/seal"
)

func TestRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "secrets")
	if err := run([]string{dir}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Open(filepath.Join(dir, "register_key")); err != nil {
		t.Error(err)
	}
	if _, err := seal.Open(filepath.Join(dir, "link_key")); err != nil {
		t.Error(err)
	}
	if _, err := codec.Open(filepath.Join(dir, "codec_key")); err != nil {
		t.Error(err)
	}
	before := contents(t, dir)
	if fields := strings.Split(strings.TrimSpace(before["register_pgpass"]), ":"); len(fields) != 5 || len(fields[4]) < 26 {
		t.Errorf("register_pgpass has %d fields", len(fields))
	}
	pair, err := tls.X509KeyPair([]byte(before["mailpit_certificate"]), []byte(before["mailpit_key"]))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(pair.Leaf)
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "mailpit"}); err != nil {
		t.Error(err)
	}
	if pair.Leaf.IsCA {
		t.Error("the mail catcher's certificate could sign others")
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("others can enter the directory: %v, %v", info.Mode(), err)
	}

	// A second run makes what was lost, and touches nothing else.
	if err := os.Remove(filepath.Join(dir, "temporal_password")); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run([]string{dir}, &out); err != nil {
		t.Fatal(err)
	}
	if strings.Count(out.String(), "kept") != len(files)-1 || strings.Count(out.String(), "made") != 1 {
		t.Errorf("second run:\n%s", &out)
	}
	for name, text := range contents(t, dir) {
		if (text == before[name]) == (name == "temporal_password") {
			t.Errorf("%s: changed %t", name, text != before[name])
		}
	}
}

func TestRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{nil, {"a", "b"}, {file}} {
		if err := run(args, io.Discard); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join(dir, file.name))
		if err != nil {
			t.Fatal(err)
		}
		all[file.name] = string(data)
	}
	return all
}
