package workflows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"uplift/upgrade"
)

// said asserts what the upgrade told the gate.
func (l *lab) said(want ...string) {
	l.Helper()
	if !slices.Equal(l.gate.Said(), want) {
		l.Errorf("the upgrade said %q to the gate, not %q", l.gate.Said(), want)
	}
}

// A slot is held around what is written to subscriptions, the lock until the last write, and nothing while people are waited for.
func TestTurnAroundWrites(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		given func(l *lab)
		want  []string
	}{
		"seats": {func(l *lab) { l.resize(10, 15) }, []string{"slot+lock", "lock ahead", "nothing"}},
		"licences only": {func(l *lab) {
			l.world.AddSubscription(l.customer, "business-basic", 10)
			l.order["target"] = object{"totals": []object{{"offer": "business-basic", "seats": 10}}}
			l.order["licenses"] = object{"who": "users", "users": []string{"anna@contoso.example"}}
			l.staff()
		}, []string{"lock", "nothing"}},
		"an operator's word is waited for without a turn": {func(l *lab) {
			l.resize(10, 15)
			l.order["finish"] = "confirm"
			l.when(upgrade.Confirming, func() {
				l.after(2*day, func() { l.update(upgrade.UpdateConfirm, object{"digest": l.status().Digest, "by": "Olga"}) })
			})
		}, []string{"slot+lock", "lock ahead", "nothing"}},
		"parked, the slot goes back and the lock stays": {func(l *lab) {
			l.resize(10, 15)
			l.world.FailOnce("Commerce.SetSeats", act())
			l.after(2*day, func() { l.update(upgrade.UpdateResolve, object{"answer": "retry", "by": "Olga"}) })
		}, []string{"slot+lock", "lock ahead", "slot+lock ahead", "lock ahead", "nothing"}},
		"Microsoft takes longer than an hour": {func(l *lab) {
			l.resize(10, 15)
			l.world.SetLag(5 * time.Hour)
		}, []string{"slot+lock", "lock ahead", "nothing"}},
		"undone": {func(l *lab) {
			l.resize(10, 15)
			l.when(upgrade.Settling, func() { l.update(upgrade.UpdateCancel, nil) })
		}, []string{"slot+lock", "lock ahead", "slot+lock ahead", "nothing"}},
		"cancelled before": {func(l *lab) {
			l.resize(10, 15)
			l.when(upgrade.Checking, func() { l.update(upgrade.UpdateCancel, nil) })
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			tc.given(l)
			l.signsIn()
			l.run()
			l.said(tc.want...)
		})
	}
}

// While an upgrade waits for a renewal it has neither slot nor lock; on the day it takes the lock, which is all that users need.
func TestTurnAtTheRenewal(t *testing.T) {
	t.Parallel()
	for _, c := range kindCases() {
		if !strings.Contains(c.name, "renewal") {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			c.given(l)
			l.signsIn()
			scheduled := false
			l.when(upgrade.Scheduled, func() {
				scheduled = true
				if said := l.gate.Said(); said[len(said)-1] != "nothing" {
					t.Errorf("it stands by with %s", said[len(said)-1])
				}
			})
			l.run()
			if said := l.gate.Said(); said[len(said)-1] != "nothing" || scheduled && !slices.Contains(said, "lock ahead") {
				t.Errorf("it said %v", said)
			}
		})
	}
}

// As long as the gate cannot be told nothing goes ahead, and nothing before its answer.
func TestNoGate(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.gate.Missing = 3
	l.gate.Answer = func(w upgrade.TurnWanted) *upgrade.TurnGiven {
		l.gate.Give(w, upgrade.TurnGiven{}, 9*day)
		return nil
	}
	l.signsIn()
	var waits upgrade.Status
	l.after(8*day, func() { waits = l.status() })
	r := l.run()
	l.ends(r, upgrade.Completed)
	l.seats(id, "business-basic", 15)
	if waits.Stage != upgrade.Queued || !waits.Turn.Waits() || waits.Turn.HasLock {
		t.Errorf("while it waits the status is %s, %+v", waits.Stage, waits.Turn)
	}
	if at := l.world.When("seats")[0].Sub(start); at < 9*day {
		t.Errorf("the seats were changed after %s", at)
	}
}

// What nobody asked for is no turn: a forged answer, a late one, one of another run.
func TestTurnThatWasNotAskedFor(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	l.order["notAfter"] = start.Add(3 * day).Format(time.RFC3339)
	l.gate.Answer = func(w upgrade.TurnWanted) *upgrade.TurnGiven {
		for _, given := range []any{
			upgrade.TurnGiven{FirstRun: w.FirstRun, Number: w.Number - 1}, upgrade.TurnGiven{FirstRun: "another", Number: w.Number},
			jsonPayload(`{`), jsonPayload(`[1]`), jsonPayload(`{"number":1,"more":true}`), payload("binary/encrypted", "x"),
		} {
			l.env.RegisterDelayedCallback(func() { l.env.SignalWorkflow(upgrade.SignalTurnGiven, given) }, time.Minute)
		}
		return nil
	}
	l.signsIn()
	r := l.run()
	l.ends(r, upgrade.Cancelled, "too_late")
	l.untouched()
	l.said("slot+lock", "nothing")
	if n := len(l.status().Ignored); n != 4 {
		t.Errorf("%d signals were recorded as ignored", n)
	}
}

// The customer is busy: an order that does not want to wait is refused by name, and any other one waits for as long as it takes.
func TestBusyCustomer(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	l.order["whenBusy"] = "refuse"
	l.gate.Answer = func(w upgrade.TurnWanted) *upgrade.TurnGiven {
		if !w.Refuse {
			t.Error("the order's wish did not reach the gate")
		}
		return &upgrade.TurnGiven{Busy: "upgrade/order-0"}
	}
	l.signsIn()
	r := l.run()
	l.ends(r, upgrade.Ineligible, "customer_busy")
	if !strings.Contains(r.Reasons[0].Message, "upgrade/order-0") {
		t.Errorf("it says %q", r.Reasons[0].Message)
	}
	l.untouched()
	l.said("slot+lock")
}

// The gate is full: the upgrade asks again.
func TestTurnAskedForAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	full := 5
	l.gate.Answer = func(upgrade.TurnWanted) *upgrade.TurnGiven {
		full--
		return &upgrade.TurnGiven{Again: full >= 0}
	}
	l.signsIn()
	l.ends(l.run(), upgrade.Completed)
}

// Another upgrade had the customer after the last look at it: eligibility is asked again inside the turn, and a difference gives
// the turn back and needs a word.
func TestTurnAfterAnother(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	turns := 0
	l.gate.Answer = func(w upgrade.TurnWanted) *upgrade.TurnGiven {
		if turns++; turns > 1 {
			return &upgrade.TurnGiven{}
		}
		l.world.Amend(l.customer, id, func(s *upgrade.Subscription) { s.Seats = 12 })
		return &upgrade.TurnGiven{Changed: l.env.Now()}
	}
	l.signsIn()
	l.when(upgrade.Confirming, func() {
		if has := l.gate.Has(); has.Lock {
			t.Error("it asks an operator and keeps the customer")
		}
		l.after(day, func() { l.update(upgrade.UpdateConfirm, object{"digest": l.status().Digest, "by": "Olga"}) })
	})
	l.ends(l.run(), upgrade.Completed)
	l.effects("seats", fmt.Sprintf("seats %s 12→15", id))
}
