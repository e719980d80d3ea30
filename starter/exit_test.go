package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"testing"

	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// The exit codes are a contract with scripts.
func TestExitCodes(t *testing.T) {
	problems := upgrade.Problems{{Code: "x", Message: "y"}}
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{flag.ErrHelp, 0},
		{errors.New("anything"), 1},
		{context.DeadlineExceeded, 1},
		{&upgrade.Error{Kind: upgrade.Transient}, 1},
		{&upgrade.Error{Kind: upgrade.Act}, 1},
		{&upgrade.Error{Kind: upgrade.Unknown}, 1},
		{usageError("no"), 2},
		{problems, 2},
		{fmt.Errorf("file: %w", problems), 2},
		{&upgrade.Error{Kind: upgrade.Invalid}, 2},
		{&upgrade.Error{Kind: upgrade.NotFound}, 3},
		{&upgrade.Error{Kind: upgrade.Refused}, 4},
		{&upgrade.Error{Kind: upgrade.Refused, Err: problems}, 4},
		{&upgrade.Error{Kind: upgrade.Conflict}, 4},
		{silent(exitRefused), 4},
		{silent(exitNoGood), 5},
		{&upgrade.Error{Kind: upgrade.Unknown, Code: temporalclient.ClosedWithoutEnd}, 5},
		{&failure{code: exitStopped, err: errors.New("stopped")}, 6},
		{&failure{err: &upgrade.Error{Kind: upgrade.NotFound}, json: true}, 3},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
	}
	seen := map[int]bool{}
	for i, e := range exits {
		if e.code != i || seen[e.code] || e.words == "" {
			t.Errorf("the table has %+v at %d", e, i)
		}
		seen[e.code] = true
	}
}
