package register

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"

	"uplift/upgrade"
)

// codeUnknownUpgrade is the code of everything said about an upgrade that was never claimed.
const codeUnknownUpgrade = "unknown_upgrade"

// classify gives an error of database/sql or of a driver its kind. Errors that have one already pass.
func (r *Register) classify(err error) error {
	var known *upgrade.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if kind, code, ok := r.sql.kind(err); ok {
		return &upgrade.Error{Kind: kind, Code: code, Message: "the register (" + r.sql.name + ") did not do it", Err: err}
	}
	kind := upgrade.Unknown
	if passing(err) {
		kind = upgrade.Transient
	}
	return &upgrade.Error{Kind: kind, Code: "register_unavailable", Message: "the register (" + r.sql.name + ") does not answer", Err: err}
}

// passing tells whether the connection, or our own patience, was the trouble.
func passing(err error) bool {
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.As(err, &network) || errors.As(err, &connect)
}

func notFound(code, message string) error {
	return &upgrade.Error{Kind: upgrade.NotFound, Code: code, Message: message}
}

func invalid(code, message string) error {
	return &upgrade.Error{Kind: upgrade.Invalid, Code: code, Message: message}
}

// damaged says that a stored document no longer reads as what it is.
func damaged(what string, err error) error {
	return &upgrade.Error{Kind: upgrade.Act, Code: "register_damaged", Message: "a stored " + what + " cannot be read", Err: err}
}
