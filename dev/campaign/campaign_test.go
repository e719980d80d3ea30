package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"uplift/dev/internal/ledgercheck"
)

// TestMain lets this program be the processes of the product, too.
func TestMain(m *testing.M) {
	if played, err := act(os.Getenv); played {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// carried plays a round and answers what it came to.
func carried(t *testing.T, s settings) *report {
	t.Helper()
	if testing.Short() {
		t.Skip("a campaign takes a while")
	}
	s.pace, s.limit, s.seed, s.brief = 20000, 6*time.Minute, 1, true
	r, err := round(t.Context(), s, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	r.print(&out)
	t.Log(out.String())
	return r
}

// TestCampaign carries a dozen orders through, with a Microsoft that misbehaves and processes that are killed.
func TestCampaign(t *testing.T) {
	t.Parallel()
	r := carried(t, settings{upgrades: 12, kills: 3, harm: 1})
	for _, v := range r.violations {
		t.Error(v)
	}
	if r.orders != 12 || r.runs < 12 || len(r.faults) == 0 || len(r.kills) == 0 {
		t.Errorf("%d orders in %d runs, faults %v, kills %v", r.orders, r.runs, r.faults, r.kills)
	}
}

// TestPlantedDefect has Microsoft lose its answers to the first three checkouts. The product reads what it has bought; a client
// that makes a new request for every attempt and does not read first buys twice, and the same check says so.
func TestPlantedDefect(t *testing.T) {
	t.Parallel()
	purchases := settings{upgrades: 4, plain: true, only: "purchase", lost: []string{"/checkout"}}
	sound := carried(t, purchases)
	if len(sound.violations) > 0 || sound.faults["reply_lost"] != 3 {
		t.Errorf("the product itself: %v, with %v", sound.violations, sound.faults)
	}
	purchases.careless = true
	twice := 0
	for _, v := range carried(t, purchases).violations {
		if v.Never == 1 && strings.HasPrefix(v.What, "bought twice") {
			twice++
		}
	}
	if twice == 0 {
		t.Error("a client that makes a new request for every attempt, and does not read first, was not found out")
	}
}

// TestSeed holds that the seed decides the orders.
func TestSeed(t *testing.T) {
	made := func(seed uint64) string {
		c := newCampaign(&site{s: settings{upgrades: 50, seed: seed}}, io.Discard)
		var out strings.Builder
		for _, j := range c.jobs() {
			fmt.Fprintf(&out, "%s %s %s %s %v\n", j.json(), j.kind, j.person, j.after, j.customer.subscription)
		}
		return out.String()
	}
	if first, again := made(7), made(7); first != again || first == made(8) {
		t.Error("the same seed made other orders, or another seed the same")
	}
}

func TestSettings(t *testing.T) {
	s, err := parse([]string{"-upgrades", "20", "-seed", "3", "-soak", "30m"}, io.Discard)
	if err != nil || s.upgrades != 20 || s.seed != 3 || s.soak != 30*time.Minute {
		t.Errorf("%+v, %v", s, err)
	}
	if again := s.again(); again != "go -C dev run ./campaign -upgrades 20 -seed 3 -kills 24" {
		t.Error(again)
	}
	for _, args := range [][]string{{"-upgrades", "0"}, {"-pace", "0"}, {"-pace", "1e9"}, {"-harm", "NaN"}, {"-kills", "-1"}, {"more"}, {"-limit", "0s"}} {
		if _, err := parse(args, io.Discard); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
	var help strings.Builder
	if _, err := parse([]string{"-h"}, &help); err == nil || !strings.Contains(help.String(), "-soak") {
		t.Errorf("%v\n%s", err, help.String())
	}
}

// TestReport holds that a report names what was found, and how to find it again.
func TestReport(t *testing.T) {
	var out strings.Builder
	(&report{s: settings{upgrades: 9, seed: 4, pace: 20000, harm: 1}, ends: map[string]int{"completed": 8, "declined": 1},
		violations: []ledgercheck.Violation{{Never: 1, Order: "A-1", Tenant: "t", What: "bought twice", Expected: "1", Found: "2"}}}).print(&out)
	for _, want := range []string{"completed 8 · declined 1", "never 1: bought twice: order A-1", "-upgrades 9 -seed 4"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
}

// TestBatch carries a batch through, with two workers killed, another number of slots half way and an urgent order in between.
func TestBatch(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a campaign takes a while")
	}
	r, err := batchRound(t.Context(), settings{batch: 40, upgrades: 1, pace: 20000, limit: 6 * time.Minute, seed: 1}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range r.violations {
		t.Error(v)
	}
	if r.ends["completed"] != 39 || r.kills["worker"] == 0 {
		t.Errorf("ends %v, kills %v", r.ends, r.kills)
	}
}
