// Package preflight examines an installation before there is work: every setting, key, credential, server and permission
// that an upgrade will need. It names all that is wrong at once, each with what to do. It changes nothing at Microsoft, in
// Temporal or in a customer's tenant, and sends no mail; the one thing that it uses up is the partner's refresh token,
// whose successor is in the register before anything else happens.
//
// Way round: preflight.go is the run and its findings, installation.go what is examined, table.go the list of all checks,
// and the other files the checks themselves.
package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"uplift/upgrade"
)

// Verdict is what a check came to.
type Verdict string

// The verdicts.
const (
	OK      Verdict = "ok"
	Warn    Verdict = "warn"    // it works, or only some kinds of work do not
	Fail    Verdict = "FAIL"    // upgrades will park, or nothing starts
	Skipped Verdict = "skipped" // it cannot be looked at before something else is mended
)

// Finding is one line of the report.
type Finding struct {
	Check   string  `json:"check"`
	Verdict Verdict `json:"verdict"`
	Says    string  `json:"says"`
	Remedy  string  `json:"remedy,omitempty"`
}

// Report is every finding, in the order of the table.
type Report struct {
	Findings []Finding `json:"findings"`
	OK       bool      `json:"ok"` // nothing failed, and nothing was cut short
}

// Count is how many findings have a verdict.
func (r Report) Count(v Verdict) int {
	n := 0
	for _, f := range r.Findings {
		if f.Verdict == v {
			n++
		}
	}
	return n
}

// patience is what one check may take.
const patience = 30 * time.Second

// Run makes every check, one after the other, and returns what they found. It ends early only with ctx.
func Run(ctx context.Context, in Installation) Report {
	if in.Now == nil {
		in.Now = time.Now
	}
	x := &examination{Installation: in, verdicts: map[string]Verdict{}}
	defer x.close()
	for _, c := range x.table() {
		if ctx.Err() != nil {
			x.note(c.name, skip("the examination was stopped"))
			continue
		}
		if f, moot := x.moot(c); moot {
			x.note(c.name, f)
			continue
		}
		one, cancel := context.WithTimeout(ctx, patience)
		found := c.run(one, x)
		cancel()
		x.note(c.name, found...)
	}
	return Report{Findings: x.findings, OK: ctx.Err() == nil && !slices.ContainsFunc(x.findings, func(f Finding) bool { return f.Verdict == Fail })}
}

// check is one row of the table.
type check struct {
	name  string
	flags []string // settings without which there is nothing to look at
	needs []string // checks that must have passed
	run   func(context.Context, *examination) []Finding
}

// examination is one run: what was found, and what later checks use of earlier ones.
type examination struct {
	Installation
	findings []Finding
	verdicts map[string]Verdict // the worst of each check
	closers  []func()

	temporal Temporal
	user     SignIn // nil: nobody of the partner has signed in
}

func (x *examination) close() {
	for _, c := range slices.Backward(x.closers) {
		c()
	}
}

func (x *examination) note(name string, found ...Finding) {
	worst := OK
	for _, f := range found {
		f.Check = name
		x.findings = append(x.findings, f)
		if f.Verdict == Fail || f.Verdict == Skipped || worst == OK {
			worst = f.Verdict
		}
	}
	x.verdicts[name] = worst
}

// moot tells whether a check has to wait for something else.
func (x *examination) moot(c check) (Finding, bool) {
	for _, flag := range c.flags {
		if slices.ContainsFunc(x.Broken, func(p upgrade.Problem) bool { return p.Path == flag }) {
			return skip(flag + " is not in order"), true
		}
	}
	for _, name := range c.needs {
		if v := x.verdicts[name]; v == Fail || v == Skipped {
			return skip(`waits for "` + name + `"`), true
		}
	}
	return Finding{}, false
}

func ok(format string, args ...any) []Finding {
	return []Finding{{Verdict: OK, Says: fmt.Sprintf(format, args...)}}
}

func warn(says, remedy string) []Finding {
	return []Finding{{Verdict: Warn, Says: says, Remedy: remedy}}
}

func fail(says, remedy string) []Finding {
	return []Finding{{Verdict: Fail, Says: says, Remedy: remedy}}
}

func skip(says string) Finding { return Finding{Verdict: Skipped, Says: says} }

func skipped(says string) []Finding { return []Finding{skip(says)} }

// words is an error for people: its sentence and code, and the cause where that is an error of the network or the system.
func words(err error) string {
	var ps upgrade.Problems
	if errors.As(err, &ps) {
		lines := make([]string, len(ps))
		for i, p := range ps {
			lines[i] = p.String()
		}
		return strings.Join(lines, "; ")
	}
	var e *upgrade.Error
	if !errors.As(err, &e) || e.Message == "" {
		return err.Error()
	}
	said := e.Message
	if e.Code != "" {
		said += " [" + e.Code + "]"
	}
	if e.Err != nil && (e.Kind == upgrade.Transient || e.Kind == upgrade.Invalid) {
		said += ": " + e.Err.Error()
	}
	return said
}
