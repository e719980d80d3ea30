package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"uplift/internal/sim"
)

// invented are measures whose figures are known.
func invented() []measure {
	fixed := func(figures ...figure) func(context.Context, *bench) ([]figure, error) {
		return func(context.Context, *bench) ([]figure, error) { return figures, nil }
	}
	return []measure{
		{number: 1, title: "Speed", method: "By counting.", missed: "It is a slow machine.", run: fixed(
			figure{Name: "upgrades", Unit: "/s", Value: 8.04, Baseline: 10, Against: "bare workflows", Goal: ratioAtLeast(0.75)})},
		{number: 2, title: "Size", method: "By weighing.", missed: "It is a long story.", run: fixed(
			figure{Name: "events", Value: 131, Goal: atMost(130)},
			figure{Name: "memory", Unit: "MB", Value: 180.4})},
	}
}

func TestTable(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), []string{"-write=false"}, invented(), &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"1  upgrades  8.04 /s  10 /s     0.804  ≥ 0.75 ×  yes",
		"2  events    131                       ≤ 130     no",
		"2  memory    180 MB",
		"2 misses its goal: It is a long story.",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "slow machine") {
		t.Error("a goal that is met is explained")
	}
}

func TestJSON(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), []string{"-o", "json", "-only", "2", "-write=false"}, invented(), &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Machine  map[string]any
		Measures []struct {
			Number  int
			Missed  string
			Figures []struct {
				Name  string
				Value float64
				Ratio *float64
				Met   *bool
			}
		}
	}
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Measures) != 1 || got.Measures[0].Number != 2 || got.Measures[0].Missed == "" || got.Machine["cores"] == nil {
		t.Fatalf("%+v", got)
	}
	events, weight := got.Measures[0].Figures[0], got.Measures[0].Figures[1]
	if events.Met == nil || *events.Met || events.Ratio != nil || weight.Met != nil || weight.Value != 180.4 {
		t.Errorf("%+v", got.Measures[0].Figures)
	}
}

func TestPage(t *testing.T) {
	r, err := take(t.Context(), &bench{}, invented(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "performance.md")
	if err := r.save(file, invented()); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| 1 | upgrades | 8.04 /s | 10 /s | 0.804 | ≥ 0.75 × | yes |\n",
		"## 1. Speed\n\nBy counting.\n\n- taken on ", "\n- *upgrades*: the baseline is bare workflows.\n",
		"**A goal is missed.** It is a long story.", "do not edit", "cores",
	} {
		if !strings.Contains(string(written), want) {
			t.Errorf("the page lacks %q:\n%s", want, written)
		}
	}
}

// A measure that is taken again takes the place of what it was; the others stay.
func TestPageKeepsOtherMeasures(t *testing.T) {
	file := filepath.Join(t.TempDir(), "performance.md")
	for _, taken := range [][]measure{invented(), invented()[1:]} {
		r, err := take(t.Context(), &bench{}, taken, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.save(file, invented()); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if first, second := strings.Count(string(written), "## 1. "), strings.Count(string(written), "## 2. "); first != 1 || second != 1 {
		t.Errorf("the page has measure 1 %d times and measure 2 %d times:\n%s", first, second, written)
	}
}

func TestRefuses(t *testing.T) {
	broken := append(invented(), measure{number: 3, run: func(context.Context, *bench) ([]figure, error) { return nil, errors.New("no luck") }})
	for args, want := range map[string]string{
		"-o xml": "choose table or json", "-only 9": `no measure "9"`, "-only x": `no measure "x"`, "more": "unexpected argument", "-only 3": "measure 3: no luck",
	} {
		if err := run(t.Context(), strings.Fields(args), broken, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
}

// TestMeasures holds that each measure says what it is.
func TestMeasures(t *testing.T) {
	last := 0
	for _, m := range measures() {
		if m.number <= last || m.title == "" || m.method == "" || m.run == nil {
			t.Errorf("measure %d %q after %d: number, title, method or run is missing", m.number, m.title, last)
		}
		last = m.number
	}
}

// TestSite holds that a worker in a process of its own gets to work on a site, and can be killed and followed by another.
func TestSite(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a Temporal server")
	}
	b := &bench{small: true, log: slog.New(slog.DiscardHandler)}
	s, err := b.open(t.Context(), siteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	for range 2 {
		p, err := s.workerApart(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		view, err := s.upgrades.LookAtCustomer(t.Context(), sim.ContosoTenant)
		if err != nil || view.Customer.Tenant != sim.ContosoTenant {
			t.Fatalf("%+v, %v", view, err)
		}
		if peak, err := p.peak(); err == nil && peak < 10 {
			t.Errorf("a worker with %v MB", peak)
		}
		p.kill()
	}
}

// TestMiniatures runs measures in miniature: what they come to is nobody's business here.
func TestMiniatures(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a Temporal server")
	}
	for _, m := range []measure{licences(), quota(), largeTenant()} {
		figures, err := m.run(t.Context(), &bench{small: true, log: slog.New(slog.DiscardHandler)})
		if err != nil || len(figures) == 0 {
			t.Errorf("measure %d: %v, %v", m.number, figures, err)
		}
		for _, f := range figures {
			if f.Name == "" || f.Goal.OfRatio && f.Baseline == 0 {
				t.Errorf("measure %d: %+v", m.number, f)
			}
		}
	}
}
