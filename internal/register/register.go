package register

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"uplift/upgrade"
)

// Sealer encrypts what must not be readable in the database. The context names the record and is authenticated with it.
type Sealer interface {
	Seal(plain upgrade.Secret, context string) ([]byte, error)
	Unseal(sealed []byte, context string) (upgrade.Secret, error)
}

// Keyless are the keys of a process that has no business with codes and tokens: it can neither read nor keep one, and everything
// else as well as any other.
func Keyless() Sealer { return keyless{} }

type keyless struct{}

func (keyless) Seal(upgrade.Secret, string) ([]byte, error) { return nil, errKeyless }

func (keyless) Unseal([]byte, string) (upgrade.Secret, error) { return "", errKeyless }

var errKeyless = &upgrade.Error{Kind: upgrade.Act, Code: "no_register_keys", Message: "this process has no key to what is sealed in the register"}

// Options configures a Register.
type Options struct {
	// DSN says where the register is: sqlite:PATH, sqlite::memory:, file:PATH?…, postgres://… or postgresql://….
	DSN string
	// Keys seals codes and tokens. Required; see Keyless.
	Keys Sealer
	// Now may be nil, for time.Now.
	Now func() time.Time
	// Connections is how many connections to PostgreSQL are kept at most; 0 means 10. SQLite has its own numbers.
	Connections int
}

// Register is an open register. It is safe for use by many goroutines, and by several processes on one database.
type Register struct {
	write *sql.DB
	read  *sql.DB
	sql   dialect
	keys  Sealer
	now   func() time.Time
}

// Open opens the register, creating or migrating its tables. Kind Invalid: the options cannot work; code
// register_newer: a newer release has migrated it, and this one must not touch it.
func Open(ctx context.Context, o Options) (*Register, error) {
	if o.Keys == nil {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "no_register_keys", Message: "the register needs keys to seal tokens with"}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Connections <= 0 {
		o.Connections = 10
	}
	place, err := parseDSN(o.DSN)
	if err != nil {
		return nil, err
	}
	r := &Register{sql: place.dialect, keys: o.Keys, now: o.Now}
	if r.write, r.read, err = place.open(o.Connections); err != nil {
		return nil, r.classify(err)
	}
	if err := r.migrate(ctx); err != nil {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

// Close closes the connections.
func (r *Register) Close() error {
	err := r.write.Close()
	if r.read != r.write {
		err = errors.Join(err, r.read.Close())
	}
	return err
}

// Ping tells whether the database answers.
func (r *Register) Ping(ctx context.Context) error { return r.classify(r.read.PingContext(ctx)) }

// maxTries bounds the repetition of a transaction that lost against another one.
const maxTries = 6

// tx runs work in a transaction that may write, again when the database says that it lost against another one. work must
// therefore change nothing but the database.
func (r *Register) tx(ctx context.Context, work func(*sql.Tx) error) error {
	var err error
	for try := range maxTries {
		if err = r.once(ctx, work); err == nil || !r.sql.again(err) {
			break
		}
		select {
		case <-ctx.Done():
			return r.classify(err)
		case <-time.After(time.Duration(5<<try) * time.Millisecond):
		}
	}
	return r.classify(err)
}

func (r *Register) once(ctx context.Context, work func(*sql.Tx) error) error {
	tx, err := r.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // After Commit it does nothing; before, work's error is the one that counts.
	if err := work(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// exec runs one statement in a transaction of its own.
func (r *Register) exec(ctx context.Context, query string, args ...any) (changed int64, err error) {
	err = r.tx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		changed, err = result.RowsAffected()
		return err
	})
	return changed, err
}

// stamp is a time as the database keeps it.
func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// moment is stamp's reverse.
func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// text makes a person's words storable: PostgreSQL takes neither NUL nor broken UTF-8.
func text(s string) string { return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD") }
