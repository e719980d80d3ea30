package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// The exit codes, for scripts. They are a contract.
const (
	exitOK       = 0
	exitFailure  = 1
	exitInput    = 2
	exitNotFound = 3
	exitRefused  = 4
	exitNoGood   = 5
	exitStopped  = 6
)

// exits is the one table of exit codes: -h prints it.
var exits = []struct {
	code  int
	words string
}{
	{exitOK, "done; with -watch: the upgrade was carried out"},
	{exitFailure, "a failure of ours, or Temporal or every worker is out of reach"},
	{exitInput, "bad input or usage; every problem is named, and nothing was started"},
	{exitNotFound, "there is no such upgrade; of errors: no such code"},
	{exitRefused, "refused: by the upgrade, since what was asked does not fit its stage; by the plan, which is not eligible; or the order id is another order's; of verify-callback: it is not genuine"},
	{exitNoGood, "with -watch: the upgrade ended without being carried out"},
	{exitStopped, "with -watch: watching was stopped (-for, or a signal); the upgrade goes on"},
}

// failure is an error that knows its exit code.
type failure struct {
	code int
	err  error // nil: everything was printed already
	json bool
}

func (f *failure) Error() string {
	if f.err == nil {
		return fmt.Sprintf("exit code %d", f.code)
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// silent gives an exit code to what was already printed.
func silent(code int) error { return &failure{code: code} }

// usageError is a mistake in the command line.
func usageError(format string, args ...any) error {
	return &failure{code: exitInput, err: fmt.Errorf(format, args...)}
}

// exitCode is the one mapping from errors to exit codes.
func exitCode(err error) int {
	var f *failure
	var problems upgrade.Problems
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.As(err, &f) && f.code != 0:
		return f.code
	case upgrade.CodeOf(err) == temporalclient.ClosedWithoutEnd:
		return exitNoGood
	}
	switch upgrade.KindOf(err) {
	case upgrade.Invalid:
		return exitInput
	case upgrade.NotFound:
		return exitNotFound
	case upgrade.Refused, upgrade.Conflict:
		return exitRefused
	}
	if upgrade.KindOf(err) == upgrade.Unknown && errors.As(err, &problems) {
		return exitInput
	}
	return exitFailure
}

// report prints an error: for people a line each, for programs an object.
func report(w io.Writer, err error) {
	var f *failure
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.As(err, &f) && f.err == nil:
	case f != nil && f.json:
		reportJSON(w, err)
	default:
		reportText(w, err)
	}
}

func reportText(w io.Writer, err error) {
	var problems upgrade.Problems
	if errors.As(err, &problems) {
		var e *upgrade.Error
		if errors.As(err, &e) && e.Message != "" {
			fmt.Fprintf(w, "starter: %s\n", e.Message)
		}
		for _, p := range problems {
			fmt.Fprintf(w, "starter: %s\n", p)
		}
		return
	}
	fmt.Fprintf(w, "starter: %s\n", sentence(err))
}

// sentence prefers the message made for people over the chain made for logs.
func sentence(err error) string {
	var e *upgrade.Error
	if !errors.As(err, &e) || e.Message == "" {
		return err.Error()
	}
	s := e.Message
	if e.Code != "" {
		s += " [" + e.Code + "]"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return strings.TrimSpace(s)
}

func reportJSON(w io.Writer, err error) {
	var e *upgrade.Error
	var problems upgrade.Problems
	out := struct {
		Kind     upgrade.Kind     `json:"kind,omitempty"`
		Code     string           `json:"code,omitempty"`
		Message  string           `json:"message"`
		Problems upgrade.Problems `json:"problems,omitempty"`
		Exit     int              `json:"exit"`
	}{Message: err.Error(), Exit: exitCode(err)}
	if errors.As(err, &problems) {
		out.Problems, out.Kind, out.Message = problems, upgrade.Invalid, "the input has problems"
	}
	if errors.As(err, &e) {
		out.Kind, out.Code = e.Kind, e.Code
		if e.Message != "" {
			out.Message = e.Message
		}
	}
	b, marshalErr := json.Marshal(map[string]any{"error": out})
	if marshalErr != nil {
		reportText(w, err)
		return
	}
	fmt.Fprintf(w, "%s\n", b)
}
