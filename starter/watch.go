package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
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
	to       io.Writer
	news     []news
	stages   int
	verified int // index of the last stage that a verified consent led to
	steps    map[string]string
	ignored  time.Time // of the last one that was printed: only the newest are kept
	plan     string
	parked   string
	refused  string
}

// news is one line. When things happened at the same moment, what led to a stage stands before it.
type news struct {
	at    time.Time // zero: nobody wrote it down, so it is new now
	order newsOrder
	what  string
	words string
}

type newsOrder int

const (
	leadsToStage newsOrder = iota
	stageBegins
	withinStage
)

// see prints what happened since the last look, in the order of its times.
func (p *progress) see(s upgrade.Status) {
	p.news = p.news[:0]
	p.seeStages(s)
	p.seePlan(s)
	p.seeSteps(s.Steps)
	for _, i := range s.Ignored {
		if i.At.After(p.ignored) {
			p.ignored = i.At
			p.add(i.At, withinStage, "  ignored", "signal "+i.Signal+": "+reasonWords(i.Reasons))
		}
	}
	if s.Invitation != nil && s.Invitation.Refused != nil {
		if r := s.Invitation.Refused; r.Message != p.refused {
			p.refused = r.Message
			p.add(time.Time{}, withinStage, "  refused", r.Message+" "+r.Remedy)
		}
	}
	p.park(s.Parked)
	now := time.Now()
	slices.SortStableFunc(p.news, func(a, b news) int {
		switch none := a.at.IsZero(); {
		case none != b.at.IsZero() && none:
			return 1
		case none != b.at.IsZero():
			return -1
		}
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.order, b.order))
	})
	for _, n := range p.news {
		if n.at.IsZero() {
			n.at = now
		}
		fmt.Fprintf(p.to, "%s  %-11s %s\n", n.at.Local().Format("15:04:05"), n.what, n.words)
	}
}

func (p *progress) seeStages(s upgrade.Status) {
	for ; p.stages < len(s.Stages); p.stages++ {
		at := s.Stages[p.stages]
		p.add(at.At, stageBegins, string(at.Stage), p.detail(s, at.Stage))
	}
	// Consented is a claim until it was verified, and then Checking follows; the evidence is the last claim's.
	for i := len(s.Stages) - 1; i > p.verified; i-- {
		if s.Evidence != nil && s.Stages[i].Stage == upgrade.Checking && s.Stages[i-1].Stage == upgrade.Consented {
			p.verified = i
			p.add(s.Stages[i].At, leadsToStage, "  verified", fmt.Sprintf("by %s (%s)", first(s.Evidence.Name, "the application"), s.Evidence.Method))
			break
		}
	}
}

// seePlan gives the first plan, whose time nobody writes down, that of the stage it led to.
func (p *progress) seePlan(s upgrade.Status) {
	if s.Headline == p.plan {
		return
	}
	at := time.Time{}
	if p.plan == "" && len(s.Stages) > 1 && s.Stages[0].Stage == upgrade.Planning {
		at = s.Stages[1].At
	}
	p.plan = s.Headline
	p.add(at, leadsToStage, "  plan", s.Headline)
}

func (p *progress) seeSteps(steps []upgrade.StepStatus) {
	for _, step := range steps {
		if step.State == "" || step.State == "pending" || p.steps[step.ID] == step.State {
			continue
		}
		p.steps[step.ID] = step.State
		order := leadsToStage
		if step.State == "running" {
			order = withinStage
		}
		p.add(step.At, order, "  "+step.State, step.Words)
	}
}

func (p *progress) park(parked *upgrade.Parked) {
	switch {
	case parked == nil && p.parked != "":
		p.parked = ""
		p.add(time.Time{}, withinStage, "  resumed", "")
	case parked != nil && parked.Step+parked.Reason != p.parked:
		p.parked = parked.Step + parked.Reason
		p.add(parked.Since, withinStage, "  PARKED", fmt.Sprintf("%s: %s (answers: %s)", parked.Step, parked.Reason, joined(parked.Answers)))
	}
}

// detail says what the stage is about, where the status tells.
func (p *progress) detail(s upgrade.Status, stage upgrade.Stage) string {
	switch {
	case stage == upgrade.Invited && s.Invitation != nil:
		return fmt.Sprintf("invitation %d, to be answered by %s", s.Invitation.Number, clock(s.Invitation.Deadline))
	case stage == upgrade.Confirming && s.Approval != nil && s.Approval.By == "":
		return "a second person approves plan " + s.Approval.Digest + ": " + s.Approval.Why
	case stage == upgrade.Confirming:
		return "an operator confirms plan " + s.Digest
	case stage == upgrade.Scheduled && s.Wakes != nil:
		return "stands by until the renewal, " + clock(*s.Wakes)
	case stage == upgrade.Ended:
		return s.End.Words()
	}
	return ""
}

func (p *progress) add(at time.Time, order newsOrder, what, words string) {
	p.news = append(p.news, news{at: at, order: order, what: what, words: words})
}
