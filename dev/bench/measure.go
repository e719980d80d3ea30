package main

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
)

// measure is one line of the bench.
type measure struct {
	number int
	title  string // what is measured
	method string // how, in a sentence or two: it stands in the page
	missed string // why a goal is missed, where one is: shown then only
	run    func(ctx context.Context, b *bench) ([]figure, error)
}

// bench is what every measure is given.
type bench struct {
	small bool // a test wants to see that it runs, not what it comes to
	log   *slog.Logger
}

// size is how many of something a measure takes; a miniature takes fewer.
func (b *bench) size(whole, miniature int) int {
	if b.small {
		return miniature
	}
	return whole
}

// figure is one number that a measure comes to.
type figure struct {
	Name     string  `json:"name"`
	Unit     string  `json:"unit,omitempty"`
	Value    float64 `json:"value"`
	Baseline float64 `json:"baseline,omitempty"` // taken in the same run; 0: there is none
	Against  string  `json:"against,omitempty"`  // what the baseline is
	Goal     goal    `json:"goal,omitzero"`
}

// ratio is the value over its baseline.
func (f figure) ratio() (float64, bool) {
	if f.Baseline == 0 {
		return 0, false
	}
	return f.Value / f.Baseline, true
}

// met tells whether the figure reaches its goal; one without a goal does.
func (f figure) met() bool {
	got := f.Value
	if f.Goal.OfRatio {
		var ok bool
		if got, ok = f.ratio(); !ok {
			return false
		}
	}
	switch f.Goal.Sign {
	case "≥":
		return got >= f.Goal.Limit
	case "≤":
		return got <= f.Goal.Limit
	}
	return true
}

// goal is what a figure, or its ratio to the baseline, is to reach. The zero goal is none.
type goal struct {
	Sign    string  `json:"sign,omitempty"` // ≥ or ≤
	Limit   float64 `json:"limit,omitempty"`
	OfRatio bool    `json:"ofRatio,omitempty"`
}

func atLeast(limit float64) goal      { return goal{"≥", limit, false} }
func atMost(limit float64) goal       { return goal{"≤", limit, false} }
func ratioAtLeast(limit float64) goal { return goal{"≥", limit, true} }
func ratioAtMost(limit float64) goal  { return goal{"≤", limit, true} }

// text is the goal of a figure in this unit.
func (g goal) text(unit string) string {
	switch {
	case g.Sign == "":
		return ""
	case g.OfRatio:
		return g.Sign + " " + number(g.Limit) + " ×"
	}
	return g.Sign + " " + withUnit(g.Limit, unit)
}

// number writes a figure with three digits that count.
func number(v float64) string {
	switch {
	case v != v:
		return "none"
	case v >= 100 || v <= -100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(mustParse(strconv.FormatFloat(v, 'g', 3, 64)), 'f', -1, 64)
}

func mustParse(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic(fmt.Sprintf("%q was written by strconv", s))
	}
	return v
}

func withUnit(v float64, unit string) string {
	if unit == "" {
		return number(v)
	}
	return number(v) + " " + unit
}
