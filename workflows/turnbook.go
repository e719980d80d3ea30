package workflows

import (
	"cmp"
	"slices"
	"time"

	"uplift/upgrade"
)

// maxTurns bounds how many upgrades the gate knows at a time; who comes later asks again. maxReleased bounds how many
// customers it remembers as given free.
const (
	maxTurns    = 2000
	maxReleased = 1000
)

// turnBook keeps who has a turn and who waits. It decides who is next, and knows neither Temporal nor a clock.
type turnBook struct {
	upgrade.TurnBook
	slots int
}

// answer is what the gate says to one upgrade.
type answer struct {
	to    upgrade.TurnWanted
	given upgrade.TurnGiven
}

func answerTo(w upgrade.TurnWanted) answer {
	return answer{to: w, given: upgrade.TurnGiven{FirstRun: w.FirstRun, Number: w.Number}}
}

// want takes down what an upgrade wants from now on. What it has and wants no more is free at once. An answer comes back where
// the upgrade need not wait, or cannot.
func (b *turnBook) want(w upgrade.TurnWanted, now time.Time) *answer {
	i := b.find(w.Workflow)
	if i >= 0 && b.Entries[i].FirstRun != w.FirstRun {
		b.drop(i, now) // a later execution of the same id: the earlier one has closed
		i = -1
	}
	if i < 0 {
		switch {
		case !w.Slot && !w.Lock:
			return nil
		case len(b.Entries) >= maxTurns && !w.Ahead:
			full := answerTo(w)
			full.given.Again = true
			return &full
		}
		b.Entries = append(b.Entries, upgrade.Turn{TurnWanted: w, At: now})
		b.join(w.Group)
		return nil
	}
	e := &b.Entries[i]
	waited := e.Waits()
	e.TurnWanted = w
	e.HasSlot = e.HasSlot && w.Slot
	if e.HasLock && !w.Lock {
		e.HasLock = false
		b.release(e.Tenant, now)
	}
	switch {
	case !w.Slot && !w.Lock:
		b.Entries = slices.Delete(b.Entries, i, i+1)
		return nil
	case e.Waits() && !waited: // it queues from here
		one := *e
		one.At = now
		b.Entries = append(slices.Delete(b.Entries, i, i+1), one)
		b.join(one.Group)
		return nil
	case e.Waits() || w.Quiet:
		return nil
	}
	have := answerTo(w)
	return &have // a repeat, or less than before
}

// next gives as much as can be given, and says to whom.
func (b *turnBook) next(now time.Time) []answer {
	var out []answer
	for {
		i := b.best()
		if i < 0 {
			b.forgetServed()
			return out
		}
		e := &b.Entries[i]
		given := answerTo(e.TurnWanted)
		if !e.HasLock {
			given.given.Changed = b.changed(e.Tenant)
		}
		e.HasLock, e.HasSlot, e.At = true, e.Slot, now
		b.serve(e.Group)
		out = append(out, given)
	}
}

// best is the entry that is next among those that can be given what they want; -1: there is none.
func (b *turnBook) best() int {
	used := b.used()
	taken := map[string]bool{} // only looked up: the order of a map must not decide
	for _, e := range b.Entries {
		if e.HasLock {
			taken[e.Tenant] = true
		}
	}
	best := -1
	for i, e := range b.Entries {
		if e.Waits() && b.free(e, used, taken[e.Tenant]) && (best < 0 || b.before(e, b.Entries[best])) {
			best = i
		}
	}
	return best
}

// free tells whether an upgrade can be given what it wants. At the brake nobody begins, and what has begun has one slot.
func (b *turnBook) free(e upgrade.Turn, used int, taken bool) bool {
	most := b.slots
	if e.Ahead {
		most = max(most, 1)
	}
	if most == 0 || e.Slot && !e.HasSlot && used >= most {
		return false
	}
	return e.HasLock || !taken
}

// before tells whether a goes before c: what is urgent, so that it waits for one slot to come free at most; what has begun; then by
// priority, then the group that had fewer turns, then who asked first.
func (b *turnBook) before(a, c upgrade.Turn) bool {
	rank := func(e upgrade.Turn) int {
		switch {
		case e.Priority == upgrade.Urgent:
			return 0
		case e.Ahead:
			return 1
		case e.Priority == upgrade.Bulk:
			return 3
		}
		return 2
	}
	return cmp.Or(cmp.Compare(rank(a), rank(c)), cmp.Compare(b.served(a.Group), b.served(c.Group))) < 0
}

// used counts the slots that are taken.
func (b *turnBook) used() int {
	n := 0
	for _, e := range b.Entries {
		if e.HasSlot {
			n++
		}
	}
	return n
}

// holder is the upgrade that has the customer whom another one wants.
func (b *turnBook) holder(w upgrade.TurnWanted) (upgrade.Turn, bool) {
	for _, e := range b.Entries {
		if e.HasLock && e.Tenant == w.Tenant && e.Workflow != w.Workflow {
			return e, true
		}
	}
	return upgrade.Turn{}, false
}

// refuses tells whether an upgrade waits for another one of its customer, and would rather be refused.
func (b *turnBook) refuses(e upgrade.Turn) bool {
	if !e.Refuse || e.HasLock {
		return false
	}
	_, taken := b.holder(e.TurnWanted)
	return taken
}

// refusals takes out everybody who would rather be refused than wait.
func (b *turnBook) refusals() []answer {
	var out []answer
	for i := 0; i < len(b.Entries); {
		e := b.Entries[i]
		if !b.refuses(e) {
			i++
			continue
		}
		holder, _ := b.holder(e.TurnWanted)
		refused := answerTo(e.TurnWanted)
		refused.given.Busy = holder.Workflow
		out = append(out, refused)
		b.Entries = slices.Delete(b.Entries, i, i+1)
	}
	return out
}

// waits tells whether anybody waits.
func (b *turnBook) waits() bool { return slices.ContainsFunc(b.Entries, upgrade.Turn.Waits) }

// holders are those who have something.
func (b *turnBook) holders() []upgrade.TurnWanted {
	var out []upgrade.TurnWanted
	for _, e := range b.Entries {
		if e.HasLock {
			out = append(out, e.TurnWanted)
		}
	}
	return out
}

// closed takes out an upgrade whose execution has closed.
func (b *turnBook) closed(workflow, firstRun string, now time.Time) {
	if i := b.find(workflow); i >= 0 && b.Entries[i].FirstRun == firstRun {
		b.drop(i, now)
	}
}

func (b *turnBook) drop(i int, now time.Time) {
	if b.Entries[i].HasLock {
		b.release(b.Entries[i].Tenant, now)
	}
	b.Entries = slices.Delete(b.Entries, i, i+1)
}

func (b *turnBook) find(workflow string) int {
	return slices.IndexFunc(b.Entries, func(e upgrade.Turn) bool { return e.Workflow == workflow })
}

// release remembers when a customer was given free. What is too much to remember counts as given free at the floor.
func (b *turnBook) release(tenant string, now time.Time) {
	b.Released = slices.DeleteFunc(b.Released, func(r upgrade.TurnReleased) bool { return r.Tenant == tenant })
	b.Released = append(b.Released, upgrade.TurnReleased{Tenant: tenant, At: now})
	if over := len(b.Released) - maxReleased; over > 0 {
		b.Floor = b.Released[over-1].At
		b.Released = slices.Delete(b.Released, 0, over)
	}
}

// changed is when another upgrade may last have changed a customer.
func (b *turnBook) changed(tenant string) time.Time {
	for _, r := range b.Released {
		if r.Tenant == tenant {
			return r.At
		}
	}
	return b.Floor
}

// served is how many turns a group had since it began to wait.
func (b *turnBook) served(group string) int {
	for _, s := range b.Served {
		if s.Group == group {
			return s.Turns
		}
	}
	return 0
}

// join counts a group from where the least served one of those that wait stands: single orders that keep coming must not always
// go before a batch.
func (b *turnBook) join(group string) {
	least := 0
	for i, s := range b.Served {
		if s.Group == group {
			return
		}
		if i == 0 || s.Turns < least {
			least = s.Turns
		}
	}
	b.Served = append(b.Served, upgrade.TurnServed{Group: group, Turns: least})
}

func (b *turnBook) serve(group string) {
	for i := range b.Served {
		if b.Served[i].Group == group {
			b.Served[i].Turns++
		}
	}
}

// forgetServed keeps the counts of groups that wait.
func (b *turnBook) forgetServed() {
	waits := map[string]bool{}
	for _, e := range b.Entries {
		if e.Waits() {
			waits[e.Group] = true
		}
	}
	b.Served = slices.DeleteFunc(b.Served, func(s upgrade.TurnServed) bool { return !waits[s.Group] })
}
