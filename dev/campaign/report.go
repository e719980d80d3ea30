package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"uplift/dev/internal/ledgercheck"
	"uplift/upgrade"
)

// report is what a round came to.
type report struct {
	s          settings
	took       time.Duration
	faults     map[string]int
	ends       map[string]int
	reasons    map[string]int
	kinds      map[string]int
	kills      map[string]int
	messages   map[string]int
	refused    map[string]int
	deaths     int
	entries    int
	mails      int
	orders     int
	runs       int
	violations []ledgercheck.Violation
	folder     string
}

func (c *campaign) report(ctx context.Context, e ledgercheck.Evidence) (*report, error) {
	faults, err := c.site.microsoft.struck(ctx)
	if err != nil {
		return nil, err
	}
	r := &report{s: c.site.s, faults: faults, ends: map[string]int{}, reasons: map[string]int{}, kinds: map[string]int{}, kills: c.kills, messages: c.messages, refused: c.refused,
		entries: len(e.Ledger), mails: len(e.Mails), orders: len(e.Orders), violations: ledgercheck.Check(e)}
	for _, p := range c.plays {
		r.kinds[p.job.kind]++
	}
	for _, o := range e.Orders {
		for _, a := range o.Attempts {
			r.runs++
			r.ends[cmp.Or(string(a.Result.End), a.Closed, "open")]++
			for _, code := range codes(a.Result) {
				r.reasons[string(a.Result.End)+" for "+code]++
			}
		}
	}
	for _, p := range c.site.processes {
		p.mu.Lock()
		r.deaths += p.deaths
		p.mu.Unlock()
	}
	if c.site.s.keep {
		r.folder = c.site.dir
		err = c.write("evidence.json", e)
	}
	return r, err
}

// write keeps the evidence beside the logs, without what is long or secret: the texts and the tokens.
func (c *campaign) write(name string, e ledgercheck.Evidence) error {
	e.Texts, e.Secrets, e.Mails = nil, nil, nil
	out, err := json.MarshalIndent(e, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.site.dir, name), out, 0o600)
}

func (r *report) print(out io.Writer) {
	fmt.Fprintf(out, "Campaign with seed %d: %d upgrades in %d runs, %s\n\n", r.s.seed, r.orders, r.runs, r.took.Round(time.Second))
	section(out, "Orders by kind", r.kinds, nil)
	section(out, "Ends", r.ends, nil)
	section(out, "Reasons", r.reasons, nil)
	section(out, "Faults", r.faults, nil)
	section(out, "Kills", r.kills, nil)
	section(out, "Messages", r.messages, r.refused)
	fmt.Fprintf(out, "Read: %d lines of the ledger, %d mails. Processes that ended by themselves: %d\n", r.entries, r.mails, r.deaths)
	if r.folder != "" {
		fmt.Fprintf(out, "Kept: %s\n", r.folder)
	}
	fmt.Fprintf(out, "\nViolations: %d\n", len(r.violations))
	for _, v := range r.violations {
		fmt.Fprintf(out, "  %s\n", v)
	}
	if len(r.violations) > 0 {
		fmt.Fprintf(out, "\nTo repeat it: %s\n", r.s.again())
	}
	fmt.Fprintln(out)
}

// codes are why an upgrade ended as it did, each once.
func codes(r upgrade.Result) []string {
	var out []string
	for _, p := range r.Reasons {
		if !slices.Contains(out, p.Code) {
			out = append(out, p.Code)
		}
	}
	return out
}

// section prints counts, the largest first.
func section(out io.Writer, title string, counts, refused map[string]int) {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) })
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = fmt.Sprintf("%s %d", name, counts[name])
		if n := refused[name]; n > 0 {
			words[i] += fmt.Sprintf(" (%d refused)", n)
		}
	}
	fmt.Fprintf(out, "%s: %d\n  %s\n\n", title, sum, strings.Join(words, " · "))
}
