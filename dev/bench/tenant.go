package main

import (
	"context"
	"fmt"
	"time"

	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// company is a customer with Office 365 E3 for everybody, whom we may move ourselves: Microsoft's own licence transfer is not open
// to this partner. Its administrator has consented.
type company struct {
	tenant string
	users  []string // object ids
}

// addCompany adds one with so many users. The number tells it from others of the same site.
func addCompany(state *cloud.Cloud, number, users int) company {
	c := company{tenant: upgrade.UUID("bench", "tenant", fmt.Sprint(number))}
	domain := fmt.Sprintf("company-%04d.example", number)
	state.AddTenant(cloud.TenantSpec{ID: c.tenant, Domain: domain, Company: fmt.Sprintf("Company %04d", number), Country: "GB", NoTransferRights: true,
		Address: cloud.Address{Line1: "1 High Street", City: "London", PostalCode: "EC1A 1AA", Country: "GB", Phone: "+442071234567"}})
	state.AddUser(c.tenant, cloud.UserSpec{ID: upgrade.UUID(c.tenant, "admin"), UPN: "admin@" + domain, UsageLocation: "GB", Roles: []string{cloud.GlobalAdministrator}})
	state.AddSubscription(c.tenant, cloud.SubscriptionSpec{ID: upgrade.UUID(c.tenant, "subscription"), Part: cloud.Office365E3, Quantity: users, Age: 60 * 24 * time.Hour})
	offer, _ := cloud.OfferByPart(cloud.Office365E3)
	for i := range users {
		id := upgrade.UUID(c.tenant, "user", fmt.Sprint(i))
		held := cloud.LicenceChange{SKU: offer.SKU}
		if i%10 == 0 { // some have switched a service off
			held.Disabled = []string{offer.Plans[0].ID}
		}
		state.AddUser(c.tenant, cloud.UserSpec{ID: id, UPN: fmt.Sprintf("user-%05d@%s", i, domain), UsageLocation: "GB", Licences: []cloud.LicenceChange{held}})
		c.users = append(c.users, id)
	}
	_, application := sim.DemoPermissions()
	state.GrantConsentNow(c.tenant, sim.DemoClientID, nil, application)
	return c
}

// upgrade carries the order through that moves everybody to Microsoft 365 E3, and looks whether the tenant ends as ordered. Progress
// is told to see, which may be nil.
func (c company) upgrade(ctx context.Context, s *site, see func(upgrade.Status)) (upgrade.Status, error) {
	n := len(c.users)
	order := fmt.Sprintf(`{"order": "BENCH-%s", "tenant": %q, "consent": "existing",
		"target": {"totals": [{"offer": "office-365-e3", "seats": 0}, {"offer": "microsoft-365-e3", "seats": %d}]}}`, c.tenant[:8], c.tenant, n)
	started, err := s.upgrades.Start(ctx, []byte(order), temporalclient.StartOptions{})
	if err != nil {
		return upgrade.Status{}, err
	}
	var last upgrade.Status
	result, err := s.upgrades.Watch(ctx, started.WorkflowID, 200*time.Millisecond, func(status upgrade.Status) {
		last = status
		if see != nil {
			see(status)
		}
	})
	if err != nil {
		return last, err
	}
	if result.End != upgrade.Completed {
		return last, fmt.Errorf("the upgrade ended %s: %v", result.End.Words(), result.Reasons)
	}
	return last, c.asOrdered(s.cloud.State)
}

// asOrdered looks at the tenant.
func (c company) asOrdered(state *cloud.Cloud) error {
	for _, h := range state.HoldingsOf(c.tenant) {
		switch h.PartNumber {
		case cloud.Office365E3:
			if len(h.Holders) > 0 {
				return fmt.Errorf("%d users hold Office 365 E3 still", len(h.Holders))
			}
		case cloud.Microsoft365E3:
			off := 0
			for _, u := range h.Holders {
				off += len(u.Disabled)
			}
			if len(h.Holders) != len(c.users) {
				return fmt.Errorf("%d users hold Microsoft 365 E3 instead of %d", len(h.Holders), len(c.users))
			}
			if off == 0 {
				return fmt.Errorf("what was switched off is on")
			}
		}
	}
	return nil
}
