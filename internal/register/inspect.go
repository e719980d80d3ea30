package register

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	"uplift/upgrade"
)

// inspectRows bounds how many sealed records of each table are tried, the latest first.
const inspectRows = 50

// Inspect looks at a register without making or changing it. Kind Invalid: the options cannot work; Transient or Act: the
// database does not answer, or does not let us in; Act, code register_folder, where a file could not be made.
func Inspect(ctx context.Context, o Options) (upgrade.RegisterState, error) {
	list, err := listMigrations(migrations)
	if err != nil {
		return upgrade.RegisterState{}, err
	}
	state := upgrade.RegisterState{Newest: len(list)}
	if o.Keys == nil {
		return state, invalid("no_register_keys", "the register needs keys to seal tokens with")
	}
	place, err := parseDSN(o.DSN)
	if err != nil {
		return state, err
	}
	if place.driver == "sqlite" {
		if place.file == "" {
			return state, nil // a database in memory is made anew by each process
		}
		if info, err := os.Stat(place.file); err != nil || info.IsDir() || info.Size() == 0 {
			return state, mayMake(place.file, info, err)
		}
		place.dsn += "&_pragma=query_only(1)"
	}
	db, err := sql.Open(place.driver, place.dsn)
	r := &Register{write: db, read: db, sql: place.dialect, keys: o.Keys, now: o.Now}
	if err != nil {
		return state, r.classify(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if err := r.inspect(ctx, &state); err != nil {
		return state, r.classify(err)
	}
	return state, nil
}

// mayMake tells whether a worker could make the file.
func mayMake(file string, info os.FileInfo, err error) error {
	refusal := &upgrade.Error{Kind: upgrade.Act, Code: "register_folder", Message: "the register's file cannot be made or opened"}
	switch {
	case err == nil && info.IsDir():
		refusal.Message = "the register's path is a folder"
		return refusal
	case err == nil:
		return nil
	case !os.IsNotExist(err):
		refusal.Err = err
		return refusal
	}
	folder := filepath.Dir(file)
	for {
		if info, err := os.Stat(folder); err == nil && info.IsDir() {
			break
		} else if err != nil && os.IsNotExist(err) && folder != filepath.Dir(folder) {
			folder = filepath.Dir(folder)
			continue
		}
		refusal.Message = "the register's folder cannot be made: " + folder + " is in the way"
		return refusal
	}
	probe, err := os.CreateTemp(folder, ".uplift-preflight-*")
	if err != nil {
		refusal.Message, refusal.Err = "nothing can be made in "+folder, err
		return refusal
	}
	_ = probe.Close()
	return os.Remove(probe.Name())
}

func (r *Register) inspect(ctx context.Context, state *upgrade.RegisterState) error {
	if err := r.read.PingContext(ctx); err != nil {
		return err
	}
	tables := "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'"
	if r.sql.name != "SQLite" {
		tables = "SELECT COUNT(*) FROM (SELECT to_regclass('schema_version') AS found) AS t WHERE found IS NOT NULL"
	}
	var made int
	if err := r.read.QueryRowContext(ctx, tables).Scan(&made); err != nil || made == 0 {
		return err
	}
	state.Exists = true
	var err error
	if state.Schema, err = r.Version(ctx); err != nil || state.Schema != state.Newest {
		return err // the tables of another release are not ours to read
	}
	for _, q := range []struct{ query, context string }{
		{"SELECT upgrade_id, invitation, sealed FROM codes ORDER BY expires_at DESC", "codes"},
		{"SELECT upgrade_id, invitation, sealed FROM tokens ORDER BY saved_at DESC", "tokens"},
		{"SELECT '', 0, sealed FROM partner_token", partnerContext},
	} {
		if err := r.tryKeys(ctx, state, fmt.Sprintf("%s LIMIT %d", q.query, inspectRows), q.context); err != nil {
			return err
		}
	}
	return nil
}

// tryKeys opens sealed records and forgets what was in them.
func (r *Register) tryKeys(ctx context.Context, state *upgrade.RegisterState, query, table string) error {
	rows, err := r.read.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var invitation int
		var sealed []byte
		if err := rows.Scan(&id, &invitation, &sealed); err != nil {
			return err
		}
		state.Sealed++
		record := table
		if table != partnerContext {
			record = sealContext(table, id, invitation)
		}
		if _, err := r.keys.Unseal(sealed, record); err != nil {
			state.Unreadable++
		}
	}
	return rows.Err()
}
