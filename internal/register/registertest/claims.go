package registertest

import (
	"fmt"
	"sync"

	"uplift/upgrade"
)

func granted(id string, attempt int, workflow string) upgrade.Claim {
	return upgrade.Claim{Outcome: upgrade.ClaimGranted, Upgrade: fmt.Sprintf("%s#%d", id, attempt), Attempt: attempt,
		Holder: workflow, HolderRun: workflow + "-run"}
}

// denied is the answer that names the holder, and its end.
func denied(outcome upgrade.ClaimOutcome, id string, attempt int, workflow string, end upgrade.End) upgrade.Claim {
	c := granted(id, attempt, workflow)
	c.Outcome, c.HolderEnd = outcome, end
	return c
}

func firstClaim(k *kit) {
	want := granted("1", 1, "a")
	k.same(k.claim(order("1", 0), "a", false), want)
	k.same(k.claim(order("1", 0), "a", false), want)
	k.same(k.claim(order("1", 1), "a", true), want)
	k.ok(k.SavePlan(k.ctx, "1#1", upgrade.Plan{Order: "1"}))
	k.same(k.claim(order("1", 0), "a", false), want)
	k.same(k.claim(order("2", 0), "b", false), granted("2", 1, "b"))
}

func secondStart(k *kit) {
	k.claim(order("1", 0), "a", false)
	k.same(k.claim(order("1", 0), "b", false), denied(upgrade.ClaimDuplicate, "1", 1, "a", ""))
	k.same(k.claim(order("1", 1), "b", true), denied(upgrade.ClaimDuplicate, "1", 1, "a", ""))
	k.same(k.claim(otherOrder("1", 0), "b", false), denied(upgrade.ClaimRefused, "1", 1, "a", ""))
	k.end("1#1", upgrade.Completed)
	k.same(k.claim(order("1", 0), "b", false), denied(upgrade.ClaimDuplicate, "1", 1, "a", upgrade.Completed))
	k.same(k.claim(otherOrder("1", 0), "b", false), denied(upgrade.ClaimRefused, "1", 1, "a", upgrade.Completed))

	// The same workflow id, another execution: the id was used again after the first had closed.
	c, err := k.Claim(k.ctx, upgrade.ClaimRequest{Order: order("1", 0), WorkflowID: "a", FirstRun: "another", At: at}, false)
	k.ok(err)
	k.same(c, denied(upgrade.ClaimDuplicate, "1", 1, "a", upgrade.Completed))
}

func nextAttempts(k *kit) {
	k.claim(order("1", 0), "a", false)
	plan := upgrade.Plan{Order: "1", Headline: "recorded"}
	k.ok(k.SavePlan(k.ctx, "1#1", plan))
	k.same(k.claim(order("1", 2), "b", false), denied(upgrade.ClaimDuplicate, "1", 1, "a", ""))
	k.end("1#1", upgrade.Declined)
	k.same(k.claim(order("1", 0), "b", false), denied(upgrade.ClaimDuplicate, "1", 1, "a", upgrade.Declined))
	k.same(k.claim(order("1", 3), "b", false), denied(upgrade.ClaimDuplicate, "1", 1, "a", upgrade.Declined))
	k.same(k.claim(otherOrder("1", 2), "b", false), denied(upgrade.ClaimRefused, "1", 1, "a", upgrade.Declined))

	want := granted("1", 2, "b")
	want.Plan = &plan
	k.same(k.claim(order("1", 2), "b", false), want)
	k.ok(k.SavePlan(k.ctx, "1#2", upgrade.Plan{Order: "1", Headline: "its own"}))
	k.same(k.claim(order("1", 2), "b", false), want)

	k.end("1#2", upgrade.FailedUndone)
	third := granted("1", 3, "c")
	third.Plan = &upgrade.Plan{Order: "1", Headline: "its own"}
	k.same(k.claim(order("1", 3), "c", false), third)
	k.end("1#3", upgrade.Cancelled)
	fourth := granted("1", 4, "d")
	fourth.Plan = third.Plan // the third recorded none
	k.same(k.claim(order("1", 4), "d", false), fourth)

	for _, end := range []upgrade.End{upgrade.Completed, upgrade.CompletedWithResidue, upgrade.CompletedWithExceptions, upgrade.Abandoned} {
		k.end("1#4", end)
		k.same(k.claim(order("1", 5), "e", true), denied(upgrade.ClaimDuplicate, "1", 4, "d", end))
	}
}

func abandonedAttempt(k *kit) {
	k.claim(order("1", 0), "a", false)
	plan := upgrade.Plan{Order: "1", Headline: "half done"}
	k.ok(k.SavePlan(k.ctx, "1#1", plan))
	k.ok(k.SaveSnapshots(k.ctx, "1#1", []upgrade.Snapshot{{User: upgrade.User{ID: "u1"}, LocationSet: "DE"}}))
	_, err := k.JournalRequest(k.ctx, "1#1", "1#1", "raise/sent-0", "now")
	k.ok(err)
	k.ok(k.SaveTokens(k.ctx, "1#1", 1, upgrade.Tokens{Refresh: "r"}))
	second := granted("1", 2, "b")
	second.Plan, second.Resumes = &plan, "1#1"
	k.same(k.claim(order("1", 2), "b", true), second)
	_, err = k.Tokens(k.ctx, "1#1", 1) // it had no end of its own that would have destroyed them
	k.kind(err, upgrade.NotFound)
	k.same(k.claim(order("1", 2), "b", true), second)
	k.same(k.claim(order("1", 2), "c", true), denied(upgrade.ClaimDuplicate, "1", 2, "b", ""))
	got, err := k.Snapshots(k.ctx, "1#2", "", 10)
	k.ok(err)
	k.same(got, []upgrade.Snapshot{{User: upgrade.User{ID: "u1"}, LocationSet: "DE"}})

	// What is left of the first attempt sends nothing any more; the second one goes on under the first one's name.
	_, err = k.JournalRequest(k.ctx, "1#1", "1#1", "undo-raise/sent-0", "late")
	k.kind(err, upgrade.Refused)
	_, ok, err := k.Note(k.ctx, "1#1", "undo-raise/sent-0")
	k.ok(err)
	k.same(ok, false)

	// That it was being undone is told as soon as the undo has sent anything.
	stored, err := k.JournalRequest(k.ctx, "1#2", "1#1", "undo-raise/sent-0", "now")
	k.ok(err)
	k.same(stored, "now")
	second.Undoing = true
	k.same(k.claim(order("1", 2), "b", true), second)

	// After an end that left nothing changed the users are photographed anew.
	k.end("1#2", upgrade.FailedUndone)
	third := granted("1", 3, "c")
	third.Plan = &plan
	k.same(k.claim(order("1", 3), "c", false), third)
	got, err = k.Snapshots(k.ctx, "1#3", "", 10)
	k.ok(err)
	k.same(len(got), 0)
}

// abandonedBefore: an attempt that broke off before it had sent anything leaves nothing to go on with.
func abandonedBefore(k *kit) {
	k.claim(order("1", 0), "a", false)
	plan := upgrade.Plan{Order: "1", Headline: "only a plan"}
	k.ok(k.SavePlan(k.ctx, "1#1", plan))
	k.ok(k.SaveSnapshots(k.ctx, "1#1", []upgrade.Snapshot{{User: upgrade.User{ID: "u1"}}}))
	second := granted("1", 2, "b")
	second.Plan = &plan
	k.same(k.claim(order("1", 2), "b", true), second)
	got, err := k.Snapshots(k.ctx, "1#2", "", 10)
	k.ok(err)
	k.same(len(got), 0)
}

func resetExecutions(k *kit) {
	k.claim(order("1", 0), "a", false)
	k.end("1#1", upgrade.Expired)
	k.same(k.claim(order("1", 0), "a", false), granted("1", 1, "a")) // runs again, so its end no longer counts
	k.same(k.claim(order("1", 2), "b", false), denied(upgrade.ClaimDuplicate, "1", 1, "a", ""))
	k.end("1#1", upgrade.Expired)
	k.same(k.claim(order("1", 2), "b", false), granted("1", 2, "b"))
	k.same(k.claim(order("1", 0), "a", false), denied(upgrade.ClaimDuplicate, "1", 2, "b", ""))

	k.claim(order("2", 0), "c", false)
	k.end("2#1", upgrade.Completed)
	k.same(k.claim(order("2", 0), "c", false), granted("2", 1, "c"))
	k.same(k.claim(order("2", 2), "d", true), denied(upgrade.ClaimDuplicate, "2", 1, "c", upgrade.Completed))
}

func badClaims(k *kit) {
	for _, r := range []upgrade.ClaimRequest{
		{Order: order("", 0), WorkflowID: "a", FirstRun: "b"},
		{Order: order("1", 0), FirstRun: "b"},
		{Order: order("1", 0), WorkflowID: "a"},
	} {
		_, err := k.Claim(k.ctx, r, false)
		k.kind(err, upgrade.Invalid)
	}
	// An attempt at what was never claimed is not the first.
	k.same(k.claim(order("1", 2), "a", true).Outcome, upgrade.ClaimRefused)
	k.same(k.claim(order("1", 0), "b", false), granted("1", 1, "b"))
	for _, end := range []upgrade.End{"", upgrade.Duplicate, upgrade.RefusedOrder} {
		k.kind(k.RecordEnd(k.ctx, "1#1", upgrade.Result{End: end}), upgrade.Invalid)
	}
}

// claimsAtOnce starts one order many times at once: one is granted, and all name the same holder.
func claimsAtOnce(k *kit) { k.race(func(int) upgrade.Order { return order("1", 0) }, false, 1) }

func attemptsAtOnce(k *kit) {
	k.claim(order("1", 0), "first", false)
	k.race(func(int) upgrade.Order { return order("1", 2) }, true, 2)
}

func (k *kit) race(make func(int) upgrade.Order, abandoned bool, attempt int) {
	const starts = 24
	claims := [starts]upgrade.Claim{}
	var all sync.WaitGroup
	for i := range starts {
		all.Go(func() {
			workflow := fmt.Sprintf("w%d", i%(starts/2)) // each execution asks twice
			c, err := k.Claim(k.ctx, upgrade.ClaimRequest{Order: make(i), WorkflowID: workflow, FirstRun: workflow + "-run", At: at}, abandoned)
			if err != nil {
				k.Error(err)
			}
			claims[i] = c
		})
	}
	all.Wait()
	won := 0
	for i, c := range claims {
		if c.Outcome == upgrade.ClaimGranted {
			won++
			k.same(c, granted("1", attempt, fmt.Sprintf("w%d", i%(starts/2))))
		}
		k.same(c.Holder, claims[0].Holder)
	}
	k.same(won, 2) // the winner's two requests
}
