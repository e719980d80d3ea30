package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"uplift/upgrade"
)

// table is a text of aligned columns and whole lines.
type table struct {
	w *tabwriter.Writer
}

func (t *table) row(cells ...string) {
	fmt.Fprintln(t.w, strings.Join(cells, "\t")+"\t")
}

// line ends the columns above it.
func (t *table) line(s string) {
	_ = t.w.Flush()
	fmt.Fprintln(t.w, s)
	_ = t.w.Flush()
}

// show prints v as JSON, or as words makes it.
func (a *app) show(v any, words func(*table)) error {
	if a.json() {
		b, err := indented(v)
		if err != nil {
			return err
		}
		_, err = a.stdout.Write(b)
		return err
	}
	return text(a.stdout, words)
}

func text(w io.Writer, words func(*table)) error {
	var b bytes.Buffer
	t := &table{w: tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)}
	words(t)
	if err := t.w.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(b.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil { // columns end in blanks
			return err
		}
	}
	return nil
}

// clock is a time for people on this machine.
func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05 MST")
}

func joined[S ~string](all []S) string { return strings.Join(words(all), ", ") }

func reasonWords(ps upgrade.Problems) string {
	all := make([]string, len(ps))
	for i, p := range ps {
		all[i] = p.String()
	}
	return strings.Join(all, "; ")
}

func bullets(t *table, title string, all []string) {
	if len(all) == 0 {
		return
	}
	t.line(title + ":")
	for _, one := range all {
		t.line("  " + one)
	}
}

func problemLines(ps upgrade.Problems) []string {
	all := make([]string, len(ps))
	for i, p := range ps {
		all[i] = p.String()
	}
	return all
}

func statusTable(t *table, s upgrade.Status) {
	t.row("Order", s.Order)
	t.row("Workflow", s.WorkflowID)
	if s.Customer != "" || s.Tenant != "" {
		t.row("Customer", strings.TrimSpace(s.Customer+" "+s.Tenant))
	}
	if s.Headline != "" {
		t.row("Upgrade", s.Headline)
	}
	t.row("Stage", stageWords(s))
	if s.Digest != "" {
		t.row("Plan", s.Digest)
	}
	if i := s.Invitation; i != nil && s.Stage != upgrade.Ended {
		t.row("Invitation", fmt.Sprintf("%d, sent %s, good until %s, reminders: %d", i.Number, clock(i.SentAt), clock(i.Deadline), i.Reminders))
		if i.Refused != nil {
			t.row("Refused", i.Refused.String())
		}
	}
	if e := s.Evidence; e != nil {
		t.row("Consent", fmt.Sprintf("%s, %s, %s", first(e.Name, "the application"), e.Method, clock(e.VerifiedAt)))
	}
	parkedRows(t, s)
	waitsForWord(t, s)
	if s.Cancelling != nil && s.Stage != upgrade.Ended {
		t.row("Cancelling", askedBy(*s.Cancelling))
	}
	if s.NoReturn {
		t.row("No return", "past the point of no return")
	}
	if s.Users != (upgrade.UserCounts{}) {
		t.row("Users", userWords(s.Users))
	}
	residueRows(t, s.Residue)
	t.line("")
	stepTable(t, s.Steps, s.Stage == upgrade.Ended)
	for _, at := range s.Stages {
		t.row(clock(at.At), string(at.Stage))
	}
	for _, i := range s.Ignored {
		t.line(fmt.Sprintf("%s  ignored signal %s: %s", clock(i.At), i.Signal, reasonWords(i.Reasons)))
	}
	bullets(t, "Reasons", problemLines(s.Reasons))
	beforeAfter(t, s.Before, s.After)
}

func stageWords(s upgrade.Status) string {
	if s.Stage == upgrade.Ended && s.End != "" {
		return "ended: " + s.End.Words()
	}
	if s.Stage == upgrade.Scheduled && s.Wakes != nil {
		return "scheduled: stands by until the renewal, " + clock(*s.Wakes)
	}
	return string(s.Stage)
}

// stepTable shows how far each step is. After the end nothing is pending any more.
func stepTable(t *table, steps []upgrade.StepStatus, ended bool) {
	if len(steps) == 0 {
		return
	}
	t.row("STATE", "SINCE", "STEP")
	for _, s := range steps {
		state := s.State
		if ended && state == "pending" {
			state = "not begun"
		}
		t.row(state, clock(s.At), first(s.Words, s.ID))
	}
	t.line("")
}

func userWords(u upgrade.UserCounts) string {
	return fmt.Sprintf("%d photographed, %d moved, %d unchanged, %d failed, %d restored", u.Photographed, u.Moved, u.Unchanged, u.Failed, u.Restored)
}

func resultTable(t *table, r upgrade.Result) {
	t.line("")
	t.row("Order", r.Order)
	t.row("End", r.End.Words())
	if r.First != "" {
		t.row("Held by", r.First)
	}
	if r.Users != (upgrade.UserCounts{}) {
		t.row("Users", userWords(r.Users))
	}
	residueRows(t, r.Residue)
	t.line("")
	bullets(t, "Reasons", problemLines(r.Reasons))
	bullets(t, "Undone", r.Undone)
	beforeAfter(t, r.Before, r.After)
}

func beforeAfter(t *table, before, after []upgrade.Holding) {
	if len(before)+len(after) == 0 {
		return
	}
	t.row("", "OFFER", "SEATS", "USERS")
	for _, part := range []struct {
		title    string
		holdings []upgrade.Holding
	}{{"Before", before}, {"After", after}} {
		for _, h := range part.holdings {
			users := fmt.Sprint(h.Users)
			if h.Users < 0 {
				users = "?"
			}
			t.row(part.title, first(h.Name, h.Offer), fmt.Sprint(h.Seats), users)
		}
	}
	t.line("")
}

func parkedRows(t *table, s upgrade.Status) {
	p := s.Parked
	if p == nil {
		return
	}
	t.row("PARKED", fmt.Sprintf("%s: %s", p.Step, p.Reason))
	t.row("", "since "+clock(p.Since)+"; answers: "+joined(p.Answers))
	if p.Code != "" {
		t.row("", fmt.Sprintf("code %s; what it means: starter errors %s", p.Code, p.Code))
	}
	if p.Correlation != "" {
		t.row("", "Microsoft's correlation id, for its support: "+p.Correlation)
	}
	for _, more := range []string{p.Remedy, p.Page} {
		if more != "" {
			t.row("", more)
		}
	}
	t.row("", "to answer: starter resolve "+s.Order+" -answer "+strings.Join(words(p.Answers), "|"))
}

// waitsForWord says whose word is waited for, and how it is given, or who has approved the plan. An approval that was never
// given says nothing once the upgrade has ended without it.
func waitsForWord(t *table, s upgrade.Status) {
	a := s.Approval
	asked := s.Stage == upgrade.Confirming && s.Parked == nil
	switch {
	case asked && a != nil && a.By == "":
		t.row("APPROVAL", a.Why)
		t.row("", "a second person reads the plan: starter plan "+s.Order)
		t.row("", "and approves it: starter approve "+s.Order+" -digest "+a.Digest)
		return
	case asked && (a == nil || a.Digest != s.Digest):
		t.row("CONFIRM", "an operator reads the plan: starter plan "+s.Order)
		t.row("", "and confirms it: starter confirm "+s.Order+" -digest "+s.Digest)
	}
	if a != nil && a.By != "" {
		t.row("Approval", fmt.Sprintf("given by %s, %s, for the plan %s", a.By, clock(a.At), a.Digest))
	}
}

// residueRows name the seats that stay, and are paid for, until a renewal.
func residueRows(t *table, residue []upgrade.Residual) {
	for i, r := range residue {
		title := "Residue"
		if i > 0 {
			title = ""
		}
		name := first(r.Name, r.Offer)
		t.row(title, upgrade.Counted(r.Seats, "seat of "+name+" stays", "seats of "+name+" stay")+" until "+clock(r.Until))
	}
}

func askedBy(r upgrade.Request) string {
	words := "asked by " + first(r.By, "somebody who gave no name")
	if r.Reason != "" {
		words += ": " + r.Reason
	}
	return words
}
