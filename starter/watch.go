package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// watching are the flags of the live view.
type watching struct {
	on    bool
	atMax time.Duration
	every time.Duration
}

func (w *watching) register(fs *flag.FlagSet) {
	fs.BoolVar(&w.on, "watch", false, "show each stage as it passes, until the end; the exit code then tells the end")
	fs.DurationVar(&w.atMax, "for", 0, "how `long` to watch; 0: until the end")
	fs.DurationVar(&w.every, "every", time.Second, "how `often` to look")
}

// watch follows an upgrade to its end. The stages go to the standard output, or, where that is JSON, to the standard
// error, and the result alone is the output.
func (a *app) watch(ctx context.Context, c *temporalclient.Connection, id string, w watching) error {
	if w.every < 10*time.Millisecond {
		return usageError("-every %s: look at most every 10ms", w.every)
	}
	limited, cancel := ctx, func() {}
	if w.atMax > 0 {
		limited, cancel = context.WithTimeout(ctx, w.atMax)
	}
	defer cancel()
	to := a.stdout
	if a.json() {
		to = a.stderr
	}
	view := progress{to: to, steps: map[string]string{}}
	result, err := c.Watch(limited, id, w.every, view.see)
	if limited.Err() != nil && err != nil {
		return &failure{code: exitStopped, err: errors.New("stopped watching; the upgrade goes on, and `starter status " + id + "` shows it")}
	}
	if err != nil {
		return err
	}
	if err := a.show(result, func(t *table) { resultTable(t, result) }); err != nil {
		return err
	}
	if !result.End.Succeeded() {
		return silent(exitNoGood)
	}
	return nil
}

// progress prints what is new in each status.
type progress struct {
	to      io.Writer
	stages  int
	steps   map[string]string
	ignored time.Time // of the last one that was printed: only the newest are kept
	plan    string
	parked  string
	refused string
}

func (p *progress) see(s upgrade.Status) {
	for ; p.stages < len(s.Stages); p.stages++ {
		at := s.Stages[p.stages]
		p.print(at.At, string(at.Stage), p.detail(s, at.Stage))
	}
	if s.Headline != p.plan {
		p.plan = s.Headline
		p.print(time.Time{}, "  plan", s.Headline)
	}
	for _, step := range s.Steps {
		if step.State != "" && step.State != "pending" && p.steps[step.ID] != step.State {
			p.steps[step.ID] = step.State
			p.print(step.At, "  "+step.State, step.Words)
		}
	}
	for _, i := range s.Ignored {
		if i.At.After(p.ignored) {
			p.ignored = i.At
			p.print(i.At, "  ignored", "signal "+i.Signal+": "+reasonWords(i.Reasons))
		}
	}
	if s.Invitation != nil && s.Invitation.Refused != nil {
		if r := s.Invitation.Refused; r.Message != p.refused {
			p.refused = r.Message
			p.print(time.Time{}, "  refused", r.Message+" "+r.Remedy)
		}
	}
	p.park(s.Parked)
}

func (p *progress) park(parked *upgrade.Parked) {
	switch {
	case parked == nil && p.parked != "":
		p.parked = ""
		p.print(time.Time{}, "  resumed", "")
	case parked != nil && parked.Step+parked.Reason != p.parked:
		p.parked = parked.Step + parked.Reason
		p.print(parked.Since, "  PARKED", fmt.Sprintf("%s: %s (answers: %s)", parked.Step, parked.Reason, joined(parked.Answers)))
	}
}

// detail says what the stage is about, where the status tells.
func (p *progress) detail(s upgrade.Status, stage upgrade.Stage) string {
	switch {
	case stage == upgrade.Invited && s.Invitation != nil:
		return fmt.Sprintf("invitation %d, to be answered by %s", s.Invitation.Number, clock(s.Invitation.Deadline))
	case stage == upgrade.Consented && s.Evidence != nil:
		return fmt.Sprintf("by %s (%s)", first(s.Evidence.Name, "the application"), s.Evidence.Method)
	case stage == upgrade.Confirming:
		return "an operator confirms plan " + s.Digest
	case stage == upgrade.Ended:
		return s.End.Words()
	}
	return ""
}

func (p *progress) print(at time.Time, what, words string) {
	if at.IsZero() {
		at = time.Now()
	}
	fmt.Fprintf(p.to, "%s  %-11s %s\n", at.Local().Format("15:04:05"), what, words)
}
