// Command secrets makes the secret files that docker-compose.yml mounts, in the directory that is its argument: key
// files for the register, for links and for Temporal's payloads, and the passwords of the databases. It makes what is
// missing and never changes what is there, since a key that is replaced makes everything sealed under it unreadable.
//
//	docker compose run --rm secrets
//	go run ./deploy/secrets secrets
//
// The client secret of the app registration cannot be made up: its file is left empty, to be filled in.
package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

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
	// The databases' passwords are readable by all, because several accounts of the containers read them: it is the
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

// pgpass writes a line of PostgreSQL's password file: host:port:database:user:password.
func pgpass(path string) error {
	return shared(path, "postgresql:5432:uplift:uplift:"+rand.Text()+"\n")
}

func empty(path string) error { return keyfile.Create(path, nil) }

func shared(path, text string) error {
	if err := keyfile.Create(path, []byte(text)); err != nil {
		return err
	}
	return os.Chmod(path, 0o444)
}
