// Command secrets makes the secret files that docker-compose.yml mounts, in the directory that is its argument: key
// files for the register, for links and for Temporal's payloads, the passwords of the databases, and a certificate for
// the mail catcher. It makes what is missing and never changes what is there, since a key that is replaced makes everything sealed under it unreadable.
//
//	docker compose run --rm secrets
//	go run ./deploy/secrets secrets
//
// The client secret of the app registration cannot be made up: its file is left empty, to be filled in.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"uplift/internal/codec"
	"uplift/internal/keyfile"
	"uplift/internal/seal"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "secrets:", err)
		os.Exit(1)
	}
}

// files are made in this order.
var files = []struct {
	name string
	make func(path string) error
	hint string
}{
	{"register_key", seal.Generate, "seals what the register keeps; back it up, apart from the database"},
	{"link_key", seal.Generate, "seals the links in mails"},
	{"codec_key", codec.Generate, "encrypts what Temporal keeps; back it up"},
	{"register_pgpass", pgpass, "the register's password at the database"},
	{"temporal_password", password, "Temporal's password at the database"},
	{"postgres_password", password, "the superuser's password at the database"},
	{"mailpit_key", mailpitKey, "the mail catcher's, for TLS"},
	{"mailpit_certificate", mailpitCertificate, "by which the worker knows the mail catcher"},
	{"client_secret", empty, "EMPTY: put the client secret of the provider's app registration here"},
}

func run(args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("want one directory")
	}
	dir := args[0]
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	// What the databases and the mail catcher read is readable by all, because several accounts of the containers read them: it is the
	// directory that keeps other accounts of this machine out.
	if err := os.Chmod(dir, 0o700); err != nil {
		return err
	}
	for _, file := range files {
		path := filepath.Join(dir, file.name)
		if _, err := os.Lstat(path); err == nil {
			fmt.Fprintf(out, "kept  %s\n", path)
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := file.make(path); err != nil {
			return err
		}
		fmt.Fprintf(out, "made  %s: %s\n", path, file.hint)
	}
	return nil
}

func password(path string) error { return shared(path, rand.Text()+"\n") }

// pgpass writes a line of PostgreSQL's password file: host:port:database:user:password. The worker and the starter reach the one
// database under two names.
func pgpass(path string) error {
	return shared(path, "*:*:uplift:uplift:"+rand.Text()+"\n")
}

func empty(path string) error { return keyfile.Create(path, nil) }

func mailpitKey(path string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return shared(path, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

// mailpitCertificate signs the key beside it with itself. It is no authority: whoever trusts it trusts this one name.
func mailpitCertificate(path string) error {
	pair, err := os.ReadFile(filepath.Join(filepath.Dir(path), "mailpit_key"))
	if err != nil {
		return err
	}
	block, _ := pem.Decode(pair)
	if block == nil {
		return errors.New("mailpit_key is no PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return fmt.Errorf("mailpit_key: %w", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return errors.New("mailpit_key cannot sign")
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "mailpit"},
		DNSNames:     []string{"mailpit"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().AddDate(10, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, signer.Public(), signer)
	if err != nil {
		return err
	}
	return shared(path, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
}

func shared(path, text string) error {
	if err := keyfile.Create(path, []byte(text)); err != nil {
		return err
	}
	return os.Chmod(path, 0o444)
}
