package register

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"uplift/upgrade"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migration is one numbered file. A file that was released is never changed: the next one amends it.
type migration struct {
	number int
	text   string
}

// listMigrations reads the embedded files, in order. The numbers run from 1 without a gap.
func listMigrations(files fs.FS) ([]migration, error) {
	entries, err := fs.ReadDir(files, "migrations")
	if err != nil {
		return nil, err
	}
	var list []migration
	for i, entry := range entries {
		number, _, _ := strings.Cut(entry.Name(), "_")
		if n, err := strconv.Atoi(number); err != nil || n != i+1 {
			return nil, fmt.Errorf("migration %s stands at place %d", entry.Name(), i+1)
		}
		text, err := fs.ReadFile(files, "migrations/"+entry.Name())
		if err != nil {
			return nil, err
		}
		list = append(list, migration{number: i + 1, text: string(text)})
	}
	return list, nil
}

// migrate brings the schema up to date in one transaction, under a lock: of two processes that start at once, the second
// finds nothing left to do.
func (r *Register) migrate(ctx context.Context) error {
	list, err := listMigrations(migrations)
	if err != nil {
		return r.classify(err)
	}
	return r.tx(ctx, func(tx *sql.Tx) error {
		if r.sql.lockMigration != "" {
			if _, err := tx.ExecContext(ctx, r.sql.lockMigration); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)"); err != nil {
			return err
		}
		var version int
		if err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(version), 0) FROM schema_version").Scan(&version); err != nil {
			return err
		}
		if version > len(list) {
			return &upgrade.Error{Kind: upgrade.Invalid, Code: "register_newer",
				Message: fmt.Sprintf("the register has schema %d and this release knows %d: run the newer release", version, len(list))}
		}
		return r.apply(ctx, tx, list[version:])
	})
}

func (r *Register) apply(ctx context.Context, tx *sql.Tx, list []migration) error {
	for _, m := range list {
		if _, err := tx.ExecContext(ctx, strings.ReplaceAll(m.text, "/*bytewise*/", r.sql.bytewise)); err != nil {
			return fmt.Errorf("migration %d: %w", m.number, err)
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO schema_version (version, applied_at) VALUES ($1, $2)", m.number, stamp(r.now())); err != nil {
			return err
		}
	}
	return nil
}

// Version returns the schema's number.
func (r *Register) Version(ctx context.Context) (int, error) {
	var version int
	err := r.read.QueryRowContext(ctx, "SELECT COALESCE(MAX(version), 0) FROM schema_version").Scan(&version)
	return version, r.classify(err)
}
