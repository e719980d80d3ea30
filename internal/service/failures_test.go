package service

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"uplift/upgrade"
)

// carry runs a story with the fault of a strike in it, or none, and tells what was before and what is left.
func (o *ordeal) carry(k *strike) (before, after remains) {
	o.Helper()
	k.b, o.around = o, k.around
	before = o.remains()
	if o.story.run != nil {
		answer, err := o.story.run(o)
		o.settleDown()
		after = o.remains()
		after.answer, after.failed = answer, err
		return before, after
	}
	result := o.bench.run()
	o.settleDown()
	after = o.remains()
	after.end, after.reasons = result.End, result.Reasons
	return before, after
}

// TestFailureTable: for every activity, each kind of failure at the boundary that the activity reaches, and the end that must
// hold, by what the simulated tenant, the register and the mailbox then hold.
func TestFailureTable(t *testing.T) {
	t.Parallel()
	all := rows()
	for _, name := range steps() {
		if !slices.ContainsFunc(all, func(r row) bool { return r.activity == name }) {
			t.Errorf("the activity %s has no row", name)
		}
	}
	stories := map[string]story{}
	for _, s := range slices.Concat(upgrades(), siblings(), toBilling(), batches()) {
		stories[s.name] = s
	}
	var mu sync.Mutex
	clean, found := map[string]remains{}, map[int][]string{}
	t.Run("without a fault", func(t *testing.T) {
		for name, s := range stories {
			t.Run(spaceless(name), func(t *testing.T) {
				t.Parallel()
				o := newOrdeal(t, s, "")
				_, after := o.carry(&strike{})
				o.holds(after, nil)
				if len(o.parks) > 0 || after.failed != nil {
					t.Fatalf("%+v %v\n%s", o.parks, after, strings.Join(o.bench.steps, "\n"))
				}
				mu.Lock()
				defer mu.Unlock()
				clean[name] = after
			})
		}
	})
	counts := map[fault]int{}
	t.Run("with", func(t *testing.T) {
		for i, r := range all {
			words := strings.Fields(r.ends)
			found[i] = make([]string, len(faults))
			for column, f := range faults {
				counts[f]++
				t.Run(spaceless(fmt.Sprintf("%s/%d in %s/%s/%s", r.activity, max(r.nth, 1), r.story, r.at.words, f)), func(t *testing.T) {
					t.Parallel()
					if testing.Short() && (i+column)%8 != 0 {
						t.Skip("the short test takes a sample")
					}
					want := ""
					if column < len(words) {
						want = words[column]
					}
					found[i][column] = r.hold(t, f, want, stories[r.story], clean[r.story])
				})
			}
		}
	})
	for i, r := range all {
		if testing.Verbose() {
			t.Logf("%-18s %-26s %s", r.activity, strings.Join(found[i], " "), r.at.words)
		}
	}
	for _, f := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%d rows: %s", counts[f], f)
	}
}

func spaceless(s string) string { return strings.ReplaceAll(s, " ", "_") }

// hold carries one row through.
func (r row) hold(t *testing.T, f fault, want string, s story, clean remains) string {
	o := newOrdeal(t, s, f)
	k := &strike{row: r, fault: f}
	before, after := o.carry(k)
	got := o.verdict(k, before, after, clean)
	if got != want {
		t.Errorf("it came to %q, not %q: %s %v %v\n%s\nparked: %+v\nthe cancel: %+v", got, want, after.end, after.reasons, after.failed, strings.Join(o.bench.steps, "\n"), o.parks, k.reply)
		t.Log(difference("held", after.held, clean.held), difference("effects", after.effects, clean.effects), difference("rows", after.rows, clean.rows), difference("mails", after.mails, clean.mails), difference("before", after.held, before.held))
	}
	if k.struck < f.times() && !k.over && !(k.struck > 0 && len(k.began) == k.struck) {
		t.Errorf("the fault struck %d times of %d\n%s", k.struck, f.times(), strings.Join(o.bench.steps, "\n"))
	}
	o.holds(after, k)
	return strings.Fields(got + " ?")[0]
}

// verdict says in a word to what a run came:
//
//	same       as without the fault, and nobody was called
//	parked     an operator was called, with a code, a reason and a remedy, and after "retry" it came as without the fault
//	undone     failed, undone: everything is as before
//	ineligible ended before anything was changed
//	cancelled  ended as asked, and everything is as before
//	refused    the cancel was refused with its reason, and it came as without it
//	unsent     as without the fault, but for a mail
//	mended     as parked, after what had been arranged for the renewal meanwhile was taken back
//	excepted   carried out, but for single users who are reported with a reason and hold what they held
//	said       the answer says what could not be read, and nothing was changed at Microsoft
//	told       the caller and the operator read what is wrong, and nothing has changed
//	stopped    the rows that were not begun are cancelled as asked, and nothing has changed at Microsoft
//	error      the caller reads an error, and nothing has changed
func (o *ordeal) verdict(k *strike, before, after, clean remains) string {
	equal := slices.Equal[[]string]
	same := after.end == clean.end && after.answer == clean.answer && after.failed == nil && equal(after.held, clean.held) && equal(after.effects, clean.effects) && equal(after.rows, clean.rows)
	mails := slices.DeleteFunc(slices.Clone(after.mails), func(m string) bool { return len(o.parks) > 0 && strings.Contains(m, "Parked") })
	asked := k.fault == cancelling || k.fault == rawCancel
	switch {
	case same && equal(mails, clean.mails):
		for _, p := range o.parks {
			if p.Code == "" || p.Reason == "" || p.Remedy == "" || len(p.Answers) == 0 || strings.Contains(p.Reason, "%!") {
				return "mute"
			}
		}
		switch {
		case len(o.parks) > 0:
			return "parked"
		case k.fault == cancelling && k.reply.rejected != nil, k.fault == rawCancel && o.ignored():
			return "refused"
		}
		return "same"
	case after.end == clean.end && len(o.parks) > 0 && equal(after.held, clean.held) && equal(after.rows, clean.rows) && equal(mails, clean.mails) && renewals(after.effects, clean.effects):
		return "mended"
	case after.end == upgrade.CompletedWithExceptions && len(o.parks) == 0 && strings.Contains(strings.Join(after.rows, " "), "failed"):
		return "excepted"
	case o.story.run != nil && after.failed == nil && after.answer != clean.answer && strings.Contains(after.answer, `"problem"`) && equal(after.rows, before.rows):
		return "told"
	case o.story.run != nil && after.failed == nil && after.answer != clean.answer && (strings.Contains(after.answer, `"problem`) || strings.Contains(after.answer, `"failed":1`)) && equal(after.held, before.held) && equal(after.effects, before.effects):
		return "said"
	case o.story.run != nil && asked && after.failed == nil && strings.Contains(after.answer, `"cancelled":`) && equal(after.held, before.held) && equal(after.effects, before.effects):
		return "stopped"
	case same && len(mails) < len(clean.mails) && len(o.parks) == 0:
		return "unsent"
	case after.failed != nil && equal(after.held, before.held) && equal(after.effects, before.effects):
		return "error"
	case after.end == upgrade.FailedUndone && equal(after.held, before.held) && len(after.reasons) > 0:
		return "undone"
	case after.end.ChangedNothing() && after.end != upgrade.Cancelled && equal(after.held, before.held) && len(changes(after.effects)) == 0 && len(after.reasons) > 0:
		return string(after.end)
	case after.end == upgrade.Cancelled && equal(after.held, before.held) && asked && len(o.parks) == 0:
		if reply, ok := k.reply.value.(upgrade.Reply); ok && strings.Contains(reply.Message, "was touched") && len(changes(after.effects)) > 0 {
			return "untruthful"
		}
		return "cancelled"
	}
	return fmt.Sprintf("other: same %t, parks %d", same, len(o.parks))
}

// ignored tells whether the cancel of the execution was written down as refused.
func (o *ordeal) ignored() bool {
	return slices.ContainsFunc(o.status().Ignored, func(i upgrade.IgnoredSignal) bool { return i.Reasons.Has("cancel_refused") })
}

// renewals tells whether all effects beyond those of the run without a fault are of subscriptions' renewals, or seats that were
// given back in another order.
func renewals(got, want []string) bool {
	for _, e := range want {
		i := slices.Index(got, e)
		if i < 0 {
			return false
		}
		got = slices.Delete(slices.Clone(got), i, i+1)
	}
	return !slices.ContainsFunc(got, func(e string) bool {
		return !strings.HasPrefix(e, "subscription_updated") && !strings.HasPrefix(e, "next_term_dropped") && !strings.HasPrefix(e, "quantity_changed")
	})
}

// changes are the effects but for consents, which change no subscription and no licence.
func changes(effects []string) []string {
	return slices.DeleteFunc(slices.Clone(effects), func(e string) bool { return strings.HasPrefix(e, "consent_") })
}

// holds asserts what must be true at every end.
func (o *ordeal) holds(after remains, k *strike) {
	o.Helper()
	if o.story.run != nil {
		return
	}
	if after.secrets != 0 {
		o.Errorf("%d codes and tokens are left in the register", after.secrets)
	}
	if !slices.ContainsFunc(after.rows, func(s string) bool { return strings.HasSuffix(s, "ended "+string(after.end)) }) {
		o.Errorf("it ended %s, and the register has %v", after.end, after.rows)
	}
	for reader, id := range o.finals {
		arrived := 0
		for _, m := range o.cloud.Mailbox.Messages() {
			if strings.HasPrefix(m.MessageID, id+"@") {
				arrived++
			}
		}
		if arrived != 1 && !(k != nil && k.row.activity == "SendLetter") {
			o.Errorf("%d last mails to the %s", arrived, reader)
		}
	}
	if k != nil && (k.fault == slowSeconds || k.fault == slowDate) && k.row.at.waits > 0 && len(k.struckAt) > 1 {
		if waited := k.struckAt[1].Sub(k.struckAt[0]); waited < k.row.at.waits-time.Second {
			o.Errorf("asked to stay away for %s, it came again after %s", k.row.at.waits, waited)
		}
	}
}

// difference says what is in one list and not in the other.
func difference(what string, got, want []string) string {
	var out []string
	rest := slices.Clone(want)
	for _, g := range got {
		if i := slices.Index(rest, g); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
		} else {
			out = append(out, "+ "+g)
		}
	}
	for _, r := range rest {
		out = append(out, "- "+r)
	}
	if len(out) == 0 {
		return ""
	}
	return "\n" + what + ":\n  " + strings.Join(out, "\n  ")
}
