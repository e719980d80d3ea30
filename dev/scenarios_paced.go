package main

import (
	"context"
	"fmt"
	"time"

	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// pacedScenarios need customers of their own, and a Microsoft whose days pass within a minute: `-pace 2000 -record DIR`.
func pacedScenarios() []scenario {
	return []scenario{
		{name: "renewed-on-the-day", order: `{"residue":"at-renewal",` + of(renewing, "RENEWED-1", "business-standard", 0, "business-basic", 4)[1:], end: upgrade.Completed, seed: seedRenewing},
		{name: "completed-with-exceptions", order: `{"licenses":{"who":"users","users":["u1@excepted.example","u2@excepted.example"]},` + of(excepted, "EXCEPTED-1", "business-basic", 6)[1:],
			end: upgrade.CompletedWithExceptions, seed: seedExcepted, play: refuseOne},
	}
}

const (
	renewing = "0c000000-0000-4000-8000-0000000000a1" // its subscription renews in two days
	excepted = "0c000000-0000-4000-8000-0000000000a2" // one of its users cannot be licensed
)

// furnish makes a customer whose consent was given earlier, with a subscription of some age and three users.
func furnish(state *cloud.Cloud, tenant, domain string, s cloud.SubscriptionSpec, sku string) {
	_, application := sim.DemoPermissions()
	state.AddTenant(cloud.TenantSpec{ID: tenant, Domain: domain, Company: domain, Country: "GB"})
	state.GrantConsentNow(tenant, sim.DemoClientID, nil, application)
	state.AddSubscription(tenant, s)
	for n := 1; n <= 3; n++ {
		u := cloud.UserSpec{UPN: fmt.Sprintf("u%d@%s", n, domain), DisplayName: fmt.Sprint("User ", n), UsageLocation: "GB"}
		if sku != "" {
			u.Licences = []cloud.LicenceChange{{SKU: sku}}
		}
		state.AddUser(tenant, u)
	}
}

func seedRenewing(state *cloud.Cloud) {
	furnish(state, renewing, "renewing.example", cloud.SubscriptionSpec{Part: "O365_BUSINESS_PREMIUM", Quantity: 4, Age: 363 * 24 * time.Hour}, "f245ecc8-75af-4f8e-b61f-27d8114de5f3")
}

func seedExcepted(state *cloud.Cloud) {
	furnish(state, excepted, "excepted.example", cloud.SubscriptionSpec{Part: "O365_BUSINESS_ESSENTIALS", Quantity: 5, Age: 30 * 24 * time.Hour}, "")
}

// refuseOne lets Microsoft refuse every licence of one user.
func refuseOne(_ context.Context, p *play) error {
	for _, u := range p.all.cloud.State.Users(excepted) {
		if u.UPN == "u1@excepted.example" {
			p.all.cloud.State.Inject(cloud.UndocumentedCode, cloud.Matcher{Tenant: excepted, Method: "POST", Path: u.ID}, -1)
		}
	}
	return nil
}
