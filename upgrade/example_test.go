package upgrade_test

import (
	"fmt"

	"uplift/upgrade"
)

// A bad order is refused with everything that is wrong with it: where, a code, a sentence and a remedy.
func ExampleParseOrder_problems() {
	_, problems := upgrade.ParseOrder([]byte(`{
		"order": "A-1",
		"tenant": "contoso.example",
		"target": {"plan": "business-premium", "seats": -5},
		"administrator": {"mail": "admin@contoso.example"},
		"prio": "urgent"
	}`))
	for _, p := range problems {
		fmt.Println(p)
	}
	// Output:
	// prio: there is no such field [unknown_field] → remove it, or correct its name
	// tenant: the customer's tenant must be a GUID [bad_tenant] → take the Microsoft ID that Partner Center shows for the customer
	// target.seats: -5 seats cannot be had [negative_seats] → give the absolute number of seats that the customer ends with
}

// An order may leave out whatever has a usual meaning.
func ExampleParseOrder() {
	order, problems := upgrade.ParseOrder([]byte(`{
		"order": "A-1",
		"tenant": "3f1c2a54-6f0e-4b6b-9d6c-0a1b2c3d4e5f",
		"target": {"totals": [{"offer": "business-basic", "seats": 0}, {"offer": "business-premium", "seats": 25}]},
		"consent": "link"
	}`))
	fmt.Println(len(problems), order.Licenses.Who, order.Finish, order.Priority, upgrade.WorkflowID(order.ID))
	// Output:
	// 0 holders automatic normal upgrade/A-1
}

// What a person confirms is the digest of the plan that was read. It changes with the seats, and not with what Microsoft
// decides by itself.
func ExamplePlan() {
	plan := upgrade.Plan{
		Order: "A-1", Tenant: "3f1c2a54-6f0e-4b6b-9d6c-0a1b2c3d4e5f",
		Steps: []upgrade.Step{
			{ID: "transition", Work: upgrade.Transit, Offer: "business-basic", ToOffer: "business-premium", From: 20, To: 20, Transition: upgrade.TransitionOnly},
			{ID: "raise", Work: upgrade.Resize, Offer: "business-premium", From: 20, To: 25},
		},
	}
	plan.Seal()
	read := plan.Digest

	plan.Steps[0].Transition = upgrade.TransitionWithLicenses
	plan.Seal()
	fmt.Println("Microsoft moves the licences:", plan.Digest == read)

	plan.Steps[1].To = 26
	plan.Seal()
	fmt.Println("another number of seats:", plan.Digest == read)

	plan.Reasons.Add("target", "window_closed", "Microsoft takes no seats back today", "order again for the renewal")
	fmt.Println("eligible:", plan.Eligible())
	// Output:
	// Microsoft moves the licences: true
	// another number of seats: false
	// eligible: false
}
