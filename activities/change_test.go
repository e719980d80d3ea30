package activities_test

import (
	"testing"
	"time"

	"uplift/activities"
	"uplift/activities/activitiestest"
	"uplift/upgrade"
)

// transitionStep is a transition of ten seats of Business Basic in a tenant that holds nothing else.
func transitionStep(t *testing.T) (*activitiestest.World, *activitiestest.Customer, *activities.Activities, activities.StartTransitionInput) {
	t.Helper()
	w, c, acts, _, _ := lab(t)
	id := w.Subscriptions(c)[0]
	w.Amend(c, w.Subscriptions(c)[1], func(s *upgrade.Subscription) { s.Status = "deleted" })
	basic, _ := w.Catalog.Offer("business-basic")
	premium, _ := w.Catalog.Offer("business-premium")
	return w, c, acts, activities.StartTransitionInput{Requests: activities.Requests{Upgrade: attempt}, Tenant: tenant, Step: upgrade.Step{
		ID: "transition", Work: upgrade.Transit, Subscription: id, ProductSKU: basic.ProductSKU, ToProductSKU: premium.ProductSKU,
		CatalogItem: premium.ProductSKU + ":ROTATED", From: 10, To: 10, Transition: upgrade.TransitionWithLicenses,
	}}
}

// After a lost reply the transition that Microsoft lists is the answer, though it would refuse another one.
func TestLostTransitionIsFoundInTheList(t *testing.T) {
	t.Parallel()
	w, _, acts, in := transitionStep(t)
	w.LoseReply("Commerce.StartTransition", 1)
	if _, err := acts.StartTransition(t.Context(), in); upgrade.KindOf(err) != upgrade.Ambiguous {
		t.Fatalf("the lost reply is %v", err)
	}
	out, err := acts.StartTransition(t.Context(), in)
	if err != nil || out.Operation == "" {
		t.Fatalf("the second call answers %+v, %v", out, err)
	}
	if got := w.Effects("transition"); len(got) != 1 {
		t.Errorf("the transitions: %v", got)
	}
}

// While Microsoft does not list it yet, its refusal says nothing; a refusal of the first request is definite.
func TestRefusalAfterALostReplyIsNotDefinite(t *testing.T) {
	t.Parallel()
	w, c, acts, in := transitionStep(t)
	w.Change(func() { c.ListedLate = time.Hour })
	w.LoseReply("Commerce.StartTransition", 1)
	for range 3 {
		if _, err := acts.StartTransition(t.Context(), in); upgrade.KindOf(err) != upgrade.Ambiguous {
			t.Fatalf("the answer is %v", err)
		}
	}
	w, _, acts, in = transitionStep(t)
	for range 2 {
		w.Fail("Commerce.StartTransition", 1, &upgrade.Error{Kind: upgrade.Refused, Code: "400046"})
		if _, err := acts.StartTransition(t.Context(), in); upgrade.KindOf(err) != upgrade.Refused {
			t.Fatalf("the answer is %v", err)
		}
	}
}

// While an earlier request is unanswered, a refusal counts only when that one would have shown: after an hour, and after a
// day where Microsoft itself speaks of a pending operation.
func TestRefusalCountsWhenTheEarlierRequestWouldHaveShown(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		no     *upgrade.Error
		unsure []time.Duration
		sure   time.Duration
	}{
		{&upgrade.Error{Kind: upgrade.Refused, Code: "800090"}, []time.Duration{time.Minute, 59 * time.Minute}, 61 * time.Minute},
		{&upgrade.Error{Kind: upgrade.Transient, Code: "900278"}, []time.Duration{time.Minute, 2 * time.Hour, 23 * time.Hour}, 25 * time.Hour},
	} {
		w, c, acts, _, _ := lab(t)
		now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
		acts.Now = func() time.Time { return now }
		in := activities.ChangeSeatsInput{Requests: activities.Requests{Upgrade: attempt}, Tenant: tenant, Step: "raise", Subscription: w.Subscriptions(c)[0], From: 10, To: 12}
		change := func(answer error) error {
			w.Fail("Commerce.SetSeats", 1, answer)
			_, err := acts.ChangeSeats(t.Context(), in)
			return err
		}
		if err := change(&upgrade.Error{Kind: upgrade.Ambiguous, Code: "no_reply"}); upgrade.KindOf(err) != upgrade.Ambiguous {
			t.Fatalf("the lost reply is %v", err)
		}
		sent := now
		for _, later := range tc.unsure {
			now = sent.Add(later)
			if err := change(tc.no); upgrade.CodeOf(err) != "earlier_request_unclear" {
				t.Errorf("%s after %v is %v", tc.no.Code, later, err)
			}
		}
		now = sent.Add(tc.sure)
		if err := change(tc.no); upgrade.CodeOf(err) != tc.no.Code {
			t.Errorf("%s after %v is %v", tc.no.Code, tc.sure, err)
		}
	}
}

// The first request follows upon the look that has just been; any other, and one that comes late, upon a look of its own.
func TestTransitionFollowsUponTheLook(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		later time.Duration // passes between look and start
		lost  bool          // a request has been made in between
		looks int           // of the start
	}{
		{name: "at once"},
		{name: "late", later: 61 * time.Second, looks: 1},
		{name: "after a request", lost: true, looks: 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w, _, acts, in := transitionStep(t)
			now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
			acts.Now = func() time.Time { return now }
			seen, err := acts.CheckTransition(t.Context(), in)
			if err != nil || seen.Started || seen.Look == nil || !seen.Look.At.Equal(now) {
				t.Fatalf("the look: %+v, %v", seen, err)
			}
			if tc.lost {
				w.LoseReply("Commerce.StartTransition", 1)
				if _, err := acts.StartTransition(t.Context(), in); upgrade.KindOf(err) != upgrade.Ambiguous {
					t.Fatalf("the lost reply is %v", err)
				}
			}
			now = now.Add(tc.later)
			before := w.Calls("Commerce.Transitions")
			in.Look = seen.Look
			if out, err := acts.StartTransition(t.Context(), in); err != nil || out.Operation == "" {
				t.Fatalf("the start: %+v, %v", out, err)
			}
			if looks := w.Calls("Commerce.Transitions") - before; looks != tc.looks {
				t.Errorf("%d looks, not %d", looks, tc.looks)
			}
			if got := w.Effects("transition"); len(got) != 1 {
				t.Errorf("the transitions: %v", got)
			}
		})
	}
}
