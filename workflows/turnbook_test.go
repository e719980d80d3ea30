package workflows

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"uplift/upgrade"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// wanted is what an upgrade of a customer says: "slot", "lock" or "nothing".
func wanted(workflow, tenant string, number int, what string) upgrade.TurnWanted {
	return upgrade.TurnWanted{Workflow: workflow, FirstRun: workflow + "-run", Number: number, Tenant: tenant, Group: workflow,
		Slot: what == "slot", Lock: what != "nothing"}
}

func (b *turnBook) hear(t *testing.T, w upgrade.TurnWanted, now time.Time) []string {
	t.Helper()
	var told []string
	if a := b.want(w, now); a != nil {
		told = append(told, words(*a))
	}
	for _, a := range b.next(now) {
		told = append(told, words(a))
	}
	return told
}

func words(a answer) string {
	switch {
	case a.given.Busy != "":
		return fmt.Sprintf("%s: %s is there", a.to.Workflow, a.given.Busy)
	case a.given.Again:
		return a.to.Workflow + " again"
	case a.given.Changed.IsZero():
		return fmt.Sprintf("%s #%d", a.to.Workflow, a.given.Number)
	}
	return fmt.Sprintf("%s #%d changed %s", a.to.Workflow, a.given.Number, a.given.Changed.Format("15:04"))
}

// The gate's answers to a course of messages, one after another.
func TestTurns(t *testing.T) {
	t.Parallel()
	type step struct {
		say  upgrade.TurnWanted
		want string
	}
	ahead := func(w upgrade.TurnWanted) upgrade.TurnWanted { w.Ahead = true; return w }
	with := func(w upgrade.TurnWanted, p upgrade.Priority, group string) upgrade.TurnWanted {
		w.Priority, w.Group = p, group
		return w
	}
	for name, tc := range map[string]struct {
		slots int
		steps []step
	}{
		"a slot for each, as many as there are": {2, []step{
			{wanted("a", "1", 1, "slot"), "[a #1]"},
			{wanted("b", "2", 1, "slot"), "[b #1]"},
			{wanted("c", "3", 1, "slot"), "[]"},
			{wanted("a", "1", 2, "lock"), "[a #2 c #1]"}, // the slot is back, the lock is kept
			{wanted("b", "2", 2, "nothing"), "[]"},
		}},
		"one at a time on a customer": {5, []step{
			{wanted("a", "1", 1, "slot"), "[a #1]"},
			{wanted("b", "1", 1, "slot"), "[]"},
			{wanted("a", "1", 2, "lock"), "[a #2]"},
			{wanted("a", "1", 3, "nothing"), "[b #1 changed 12:00]"},
		}},
		"licences need the lock and no slot": {1, []step{
			{wanted("a", "1", 1, "slot"), "[a #1]"},
			{wanted("b", "2", 1, "lock"), "[b #1]"},
			{wanted("c", "2", 1, "lock"), "[]"},
		}},
		"what has begun goes before what has not": {1, []step{
			{wanted("a", "1", 1, "slot"), "[a #1]"},
			{wanted("b", "2", 1, "slot"), "[]"},
			{wanted("a", "1", 2, "lock"), "[a #2 b #1]"},
			{wanted("c", "3", 1, "slot"), "[]"},
			{ahead(wanted("a", "1", 3, "slot")), "[]"},
			{wanted("b", "2", 2, "nothing"), "[a #3]"},
		}},
		"the brake": {0, []step{
			{wanted("a", "1", 1, "slot"), "[]"},
			{wanted("b", "2", 1, "lock"), "[]"},
			{ahead(wanted("c", "3", 1, "slot")), "[c #1]"},
			{ahead(wanted("d", "4", 1, "slot")), "[]"},
			{wanted("c", "3", 2, "nothing"), "[d #1]"},
		}},
		"urgent, then normal, then bulk": {1, []step{
			{wanted("a", "1", 1, "slot"), "[a #1]"},
			{with(wanted("b", "2", 1, "slot"), upgrade.Bulk, "b"), "[]"},
			{with(wanted("c", "3", 1, "slot"), upgrade.Normal, "c"), "[]"},
			{with(wanted("d", "4", 1, "slot"), upgrade.Urgent, "d"), "[]"},
			{wanted("a", "1", 2, "nothing"), "[d #1]"},
			{wanted("d", "4", 2, "nothing"), "[c #1]"},
			{wanted("c", "3", 2, "nothing"), "[b #1]"},
		}},
		"batches take turns": {1, []step{
			{wanted("a", "1", 1, "slot"), "[a #1]"},
			{with(wanted("b1", "2", 1, "slot"), upgrade.Bulk, "b"), "[]"},
			{with(wanted("b2", "3", 1, "slot"), upgrade.Bulk, "b"), "[]"},
			{with(wanted("b3", "4", 1, "slot"), upgrade.Bulk, "b"), "[]"},
			{with(wanted("c1", "5", 1, "slot"), upgrade.Bulk, "c"), "[]"},
			{wanted("a", "1", 2, "nothing"), "[b1 #1]"},
			{with(wanted("b1", "2", 2, "nothing"), upgrade.Bulk, "b"), "[c1 #1]"},
			{with(wanted("c1", "5", 2, "nothing"), upgrade.Bulk, "c"), "[b2 #1]"},
		}},
		"a message that comes twice means the same": {1, []step{
			{wanted("a", "1", 1, "slot"), "[a #1]"},
			{wanted("a", "1", 1, "slot"), "[a #1]"},
			{wanted("b", "2", 1, "slot"), "[]"},
			{wanted("b", "2", 1, "slot"), "[]"},
			{wanted("a", "1", 2, "nothing"), "[b #1]"},
			{wanted("a", "1", 2, "nothing"), "[]"},
		}},
		"who gives up waiting gets nothing": {1, []step{
			{wanted("a", "1", 1, "slot"), "[a #1]"},
			{wanted("b", "2", 1, "slot"), "[]"},
			{wanted("b", "2", 2, "nothing"), "[]"},
			{wanted("a", "1", 2, "nothing"), "[]"},
		}},
		"a later execution of the same id takes the place of the one before": {1, []step{
			{wanted("a", "1", 7, "slot"), "[a #7]"},
			{upgrade.TurnWanted{Workflow: "a", FirstRun: "later", Number: 1, Tenant: "1", Slot: true, Lock: true}, "[a #1 changed 12:00]"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b := &turnBook{slots: tc.slots}
			for i, s := range tc.steps {
				if got := fmt.Sprint(b.hear(t, s.say, noon)); got != s.want {
					t.Fatalf("after message %d (%+v) the answers are %s, not %s", i+1, s.say, got, s.want)
				}
			}
		})
	}
}

// An upgrade that would rather be refused is refused by name, and not before Temporal was asked about the holder.
func TestTurnRefused(t *testing.T) {
	t.Parallel()
	b := &turnBook{slots: 5}
	b.hear(t, wanted("a", "1", 1, "slot"), noon)
	w := wanted("b", "1", 1, "slot")
	w.Refuse = true
	if got := b.hear(t, w, noon); len(got) > 0 || !b.refuses(b.Entries[1]) {
		t.Fatalf("answered %v at once", got)
	}
	if got := b.refusals(); len(got) != 1 || words(got[0]) != "b: a is there" || len(b.Entries) != 1 {
		t.Errorf("refused %v, left %v", got, b.Entries)
	}
	b.hear(t, w, noon)
	b.closed("a", "another run", noon)
	if _, taken := b.holder(w); !taken {
		t.Error("another run's end took the turn away")
	}
	b.closed("a", "a-run", noon)
	if got := b.next(noon); len(got) != 1 || words(got[0]) != "b #1 changed 12:00" {
		t.Errorf("after the holder has closed: %v", got)
	}
}

// Beyond the bounds nothing is lost: who cannot be taken down asks again, and a customer that is forgotten counts as changed.
func TestTurnBounds(t *testing.T) {
	t.Parallel()
	b := &turnBook{}
	for i := range maxTurns {
		b.hear(t, wanted(fmt.Sprint("w", i), fmt.Sprint(i), 1, "slot"), noon)
	}
	if got := fmt.Sprint(b.hear(t, wanted("late", "late", 1, "slot"), noon)); got != "[late again]" {
		t.Errorf("one too many is told %s", got)
	}
	begun := wanted("begun", "begun", 1, "slot")
	begun.Ahead = true
	if got := fmt.Sprint(b.hear(t, begun, noon)); got != "[begun #1]" {
		t.Errorf("one that has begun is told %s", got)
	}
	b = &turnBook{slots: 1}
	for i := range maxReleased + 1 {
		tenant := fmt.Sprint(i)
		b.hear(t, wanted("w", tenant, 1, "slot"), noon.Add(time.Duration(i)*time.Minute))
		b.hear(t, wanted("w", tenant, 2, "nothing"), noon.Add(time.Duration(i)*time.Minute))
	}
	if len(b.Released) != maxReleased || !b.changed("0").Equal(noon) || !b.changed("never seen").Equal(noon) {
		t.Errorf("%d are remembered; the first was changed at %s", len(b.Released), b.changed("0"))
	}
}

// Whatever comes in whatever order: no more than the slots, one upgrade on a customer, and nobody waits who could be given.
func TestTurnsHold(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		b := &turnBook{slots: r.IntN(4)}
		numbers := map[string]int{}
		for range 300 {
			name := fmt.Sprint("w", r.IntN(12))
			numbers[name]++
			w := wanted(name, fmt.Sprint(r.IntN(6)), numbers[name], []string{"slot", "lock", "nothing"}[r.IntN(3)])
			if i := b.find(name); i >= 0 {
				w.Tenant = b.Entries[i].Tenant // an upgrade has one customer
				w.Ahead = b.Entries[i].HasLock
			}
			w.Priority = []upgrade.Priority{upgrade.Urgent, upgrade.Normal, upgrade.Bulk}[r.IntN(3)]
			switch r.IntN(20) {
			case 0:
				b.closed(name, name+"-run", noon)
			case 1:
				b.slots = r.IntN(4)
			}
			before := slices.Clone(b.Entries)
			b.hear(t, w, noon)
			b.holds(t, seed, before)
		}
	}
}

func (b *turnBook) holds(t *testing.T, seed uint64, before []upgrade.Turn) {
	t.Helper()
	locks := map[string]string{}
	had := 0
	for _, e := range before {
		if e.HasSlot {
			had++
		}
	}
	for _, e := range b.Entries {
		if e.HasSlot && !e.HasLock {
			t.Fatalf("seed %d: %s has a slot without a lock", seed, e.Workflow)
		}
		if other := locks[e.Tenant]; e.HasLock && other != "" {
			t.Fatalf("seed %d: %s and %s have customer %s", seed, other, e.Workflow, e.Tenant)
		}
		if e.HasLock {
			locks[e.Tenant] = e.Workflow
		}
		if _, taken := b.holder(e.TurnWanted); e.Waits() && b.free(e, b.used(), taken) {
			t.Fatalf("seed %d: %s waits for nothing", seed, e.Workflow)
		}
	}
	if used := b.used(); used > max(b.slots, 1, had) {
		t.Fatalf("seed %d: %d of %d slots are used, before %d", seed, used, b.slots, had)
	}
}
