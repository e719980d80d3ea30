package register

import (
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"uplift/upgrade"
)

// dialect is all in which the two databases differ. The queries are the same: both understand $1, ON CONFLICT and
// RETURNING.
type dialect struct {
	name string
	// bytewise is written after the type of a column that must compare byte by byte.
	bytewise string
	// lockMigration makes a second process wait, inside a transaction. SQLite's transactions begin with the lock.
	lockMigration string
	// again tells whether the transaction lost against another one and may be repeated.
	again func(error) bool
	// kind classifies the driver's own error; false where it is not the driver's.
	kind func(error) (kind upgrade.Kind, code string, ok bool)
}

// place is a parsed DSN.
type place struct {
	dialect dialect
	driver  string
	dsn     string
	file    string // of SQLite, "" in memory
}

func parseDSN(dsn string) (place, error) {
	switch {
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		if _, err := pgconn.ParseConfig(dsn); err != nil {
			return place{}, badDSN("the PostgreSQL address cannot be read") // the cause may quote the password
		}
		return place{dialect: postgres(), driver: "pgx", dsn: dsn}, nil
	case dsn == "sqlite::memory:", dsn == "file::memory:":
		return place{dialect: sqliteDialect(), driver: "sqlite", dsn: "file::memory:?" + pragmas}, nil
	case strings.HasPrefix(dsn, "sqlite:") && len(dsn) > len("sqlite:"):
		return sqlitePlace(strings.TrimPrefix(dsn, "sqlite:"), "")
	case strings.HasPrefix(dsn, "file:") && len(dsn) > len("file:"):
		path, query, _ := strings.Cut(strings.TrimPrefix(dsn, "file:"), "?")
		path, err := url.PathUnescape(path)
		if err != nil || strings.Contains(query, "_txlock") || strings.Contains(query, "mode=memory") {
			return place{}, badDSN("the file address cannot be used; give sqlite:PATH, or sqlite::memory:")
		}
		return sqlitePlace(strings.TrimPrefix(path, "//"), query)
	}
	return place{}, badDSN("the register's address begins with sqlite:, file: or postgres://")
}

func badDSN(message string) error {
	return &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_register_dsn", Message: message}
}

// pragmas of every SQLite connection. Writers begin with the lock, since a reader that turns writer in the middle of its
// transaction cannot be made to wait.
const pragmas = "_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate"

func sqlitePlace(path, query string) (place, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return place{}, badDSN("the register's path cannot be made absolute")
	}
	if query != "" {
		query += "&"
	}
	address := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: query + pragmas}
	return place{dialect: sqliteDialect(), driver: "sqlite", dsn: address.String(), file: path}, nil
}

// open opens the pools: one writer and some readers for a SQLite file, one connection for a database in memory, one pool
// for PostgreSQL.
func (p place) open(connections int) (write, read *sql.DB, err error) {
	if p.file != "" {
		if err := createPrivate(p.file); err != nil {
			return nil, nil, err
		}
	}
	if write, err = sql.Open(p.driver, p.dsn); err != nil {
		return nil, nil, err
	}
	if p.driver == "pgx" {
		write.SetMaxOpenConns(connections)
		write.SetMaxIdleConns(connections)
		return write, write, nil
	}
	write.SetMaxOpenConns(1)
	if p.file == "" {
		return write, write, nil
	}
	if read, err = sql.Open(p.driver, p.dsn+"&_pragma=query_only(1)"); err != nil {
		_ = write.Close()
		return nil, nil, err
	}
	read.SetMaxOpenConns(4)
	return write, read, nil
}

// createPrivate makes the file readable by its owner only before SQLite, which would not care, makes it; the files beside
// it take its mode.
func createPrivate(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_register_dsn", Message: "the register's folder cannot be made", Err: err}
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_register_dsn", Message: "the register's file cannot be opened", Err: err}
	}
	return f.Close()
}

func sqliteDialect() dialect {
	return dialect{
		name: "SQLite",
		again: func(err error) bool {
			var e *sqlite.Error
			return errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_BUSY || e.Code()&0xff == sqlite3.SQLITE_LOCKED)
		},
		kind: sqliteKind,
	}
}

func sqliteKind(err error) (upgrade.Kind, string, bool) {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return "", "", false
	}
	if e.Code() == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY {
		return upgrade.NotFound, codeUnknownUpgrade, true
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return upgrade.Transient, "register_busy", true
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT:
		return upgrade.Transient, "register_unavailable", true
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return upgrade.Act, "register_damaged", true
	}
	return upgrade.Unknown, "register_failed", true
}

func postgres() dialect {
	return dialect{
		name:          "PostgreSQL",
		bytewise:      `COLLATE "C"`,
		lockMigration: "SELECT pg_advisory_xact_lock(8101913501)", // any number, never changed
		again: func(err error) bool {
			var e *pgconn.PgError
			return errors.As(err, &e) && strings.HasPrefix(e.Code, "40")
		},
		kind: postgresKind,
	}
}

// postgresKind goes by the classes of https://www.postgresql.org/docs/current/errcodes-appendix.html.
func postgresKind(err error) (upgrade.Kind, string, bool) {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return "", "", false
	}
	if e.Code == "23503" {
		return upgrade.NotFound, codeUnknownUpgrade, true
	}
	switch e.Code[:min(2, len(e.Code))] {
	case "40":
		return upgrade.Transient, "register_busy", true
	case "08", "53", "55", "57", "58":
		return upgrade.Transient, "register_unavailable", true
	case "28", "42":
		return upgrade.Act, "register_denied", true
	case "XX":
		return upgrade.Act, "register_damaged", true
	}
	return upgrade.Unknown, "register_failed", true
}
