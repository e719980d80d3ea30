package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// report is what a run came to.
type report struct {
	Machine machine `json:"machine"`
	Seconds float64 `json:"seconds"`
	Lines   []line  `json:"measures"`
}

// line is one measure with its figures.
type line struct {
	Number  int     `json:"number"`
	Title   string  `json:"title"`
	Method  string  `json:"method"`
	Missed  string  `json:"missed,omitempty"` // why, where a goal is missed
	Seconds float64 `json:"seconds"`
	Taken   machine `json:"taken"` // where and when
	Figures []shown `json:"figures"`
}

// shown is a figure with what is computed of it.
type shown struct {
	figure
	Ratio *float64 `json:"ratio,omitempty"`
	Met   *bool    `json:"met,omitempty"` // none: there is no goal
}

func (r *report) add(m measure, figures []figure, took time.Duration) {
	l := line{Number: m.number, Title: m.title, Method: m.method, Seconds: took.Seconds(), Taken: r.Machine}
	for _, f := range figures {
		s := shown{figure: f}
		if ratio, ok := f.ratio(); ok {
			s.Ratio = &ratio
		}
		if f.Goal.Sign != "" {
			met := f.met()
			s.Met = &met
			if !met {
				l.Missed = m.missed
				if l.Missed == "" {
					l.Missed = "Not explained yet."
				}
			}
		}
		l.Figures = append(l.Figures, s)
	}
	r.Lines = append(r.Lines, l)
}

// cells are a figure's columns: value, baseline, ratio, goal, met.
func (s shown) cells() []string {
	out := []string{withUnit(s.Value, s.Unit), "", "", s.Goal.text(s.Unit), ""}
	if s.Ratio != nil {
		out[1], out[2] = withUnit(s.Baseline, s.Unit), number(*s.Ratio)
	}
	switch {
	case s.Met == nil:
	case *s.Met:
		out[4] = "yes"
	default:
		out[4] = "no"
	}
	return out
}

var headings = []string{"#", "measure", "value", "baseline", "ratio", "goal", "met"}

// json writes the report for a program.
func (r *report) json(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// table writes the report for a terminal.
func (r *report) table(w io.Writer) error {
	fmt.Fprintf(w, "%s\n\n", r.Machine.sentence())
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(headings, "\t"))
	for _, l := range r.Lines {
		for _, s := range l.Figures {
			fmt.Fprintf(t, "%d\t%s\t%s\n", l.Number, s.Name, strings.Join(s.cells(), "\t"))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, l := range r.Lines {
		if l.Missed != "" {
			fmt.Fprintf(w, "\n%d misses its goal: %s\n", l.Number, l.Missed)
		}
	}
	return nil
}

// markdown writes the page.
func (r *report) markdown(w io.Writer) {
	fmt.Fprint(w, "# Performance\n\nWritten by `go -C dev run ./bench`; do not edit. Each baseline was taken in the same run as its measure, on the same machine. A measure "+
		"that is taken again takes the place of what it was before; the others stay, each with its own date and commit.\n\n")
	fmt.Fprintf(w, "%s.\n\n", r.Machine.sentence())
	fmt.Fprintf(w, "| %s |\n|%s\n", strings.Join(headings, " | "), strings.Repeat("---|", len(headings)))
	for _, l := range r.Lines {
		for _, s := range l.Figures {
			fmt.Fprintf(w, "| %d | %s | %s |\n", l.Number, s.Name, strings.Join(s.cells(), " | "))
		}
	}
	for _, l := range r.Lines {
		fmt.Fprintf(w, "\n## %d. %s\n\n%s\n", l.Number, l.Title, l.Method)
		fmt.Fprintf(w, "\n- taken on %s, commit `%s`, in %s\n", l.Taken.At.Format("2 January 2006"), l.Taken.Commit, time.Duration(l.Seconds*float64(time.Second)).Round(time.Second))
		for _, s := range l.Figures {
			if s.Against != "" {
				fmt.Fprintf(w, "\n- *%s*: the baseline is %s.\n", s.Name, s.Against)
			}
		}
		if l.Missed != "" {
			fmt.Fprintf(w, "\n**A goal is missed.** %s\n", l.Missed)
		}
	}
}

// save writes the page into a file, and beside it what it is made of. Measures that were not taken this time are there as they were, in
// the words that the program has for them now.
func (r *report) save(file string, all []measure) error {
	beside := strings.TrimSuffix(file, ".md") + ".json"
	whole := *r
	if data, err := os.ReadFile(beside); err == nil {
		var before report
		if err := json.Unmarshal(data, &before); err != nil {
			return fmt.Errorf("%s: %w", beside, err)
		}
		for _, l := range before.Lines {
			if !slices.ContainsFunc(r.Lines, func(one line) bool { return one.Number == l.Number }) {
				whole.Lines = append(whole.Lines, l)
			}
		}
	}
	for i, l := range whole.Lines {
		at := slices.IndexFunc(all, func(m measure) bool { return m.number == l.Number })
		if at >= 0 && l.Missed != "" && all[at].missed != "" {
			whole.Lines[i].Missed = all[at].missed
		}
	}
	slices.SortFunc(whole.Lines, func(a, b line) int { return a.Number - b.Number })
	var page, data strings.Builder
	whole.markdown(&page)
	if err := whole.json(&data); err != nil {
		return err
	}
	return errors.Join(os.WriteFile(file, []byte(page.String()), 0o644), os.WriteFile(beside, []byte(data.String()), 0o644))
}
