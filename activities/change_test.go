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
	return w, c, acts, activities.StartTransitionInput{Upgrade: attempt, Tenant: tenant, Step: upgrade.Step{
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
