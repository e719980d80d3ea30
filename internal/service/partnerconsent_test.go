package service

import (
	"maps"
	"slices"
	"testing"

	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// Over the real clients, by the provider's own user: what the customer's tenant then holds, or why nothing was done.
func TestConsentByThePartnersUser(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		consent string
		setUp   func(*bench)
		code    string
	}{
		"gdap": {"gdap", func(b *bench) {
			delegated, _ := sim.DemoPermissions()
			b.cloud.State.GrantConsentNow(customer, sim.DemoClientID, delegated, nil)
		}, ""},
		"gdap, not consented": {"gdap", func(*bench) {}, "not_consented"},
		"gdap, no relationship": {"gdap", func(b *bench) {
			b.cloud.State.ChangeTenant(customer, func(s *cloud.TenantSpec) { s.NoDelegation = true })
		}, "no_gdap"},
		"pre-consent": {"partner_preconsent", func(*bench) {}, ""},
		"pre-consent twice": {"partner_preconsent", func(b *bench) {
			b.cloud.State.GrantConsentNow(customer, sim.DemoClientID, []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All"}, nil)
		}, ""},
		"pre-consent, no relationship": {"partner_preconsent", func(b *bench) {
			b.cloud.State.ChangeTenant(customer, func(s *cloud.TenantSpec) { s.NoDelegation = true })
		}, "preconsent_refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			held, _ := cloud.OfferByPart(cloud.BusinessBasic)
			b := newBench(t, []cloud.SubscriptionSpec{{Part: cloud.BusinessBasic, Quantity: 3, Age: 60 * day}},
				cloud.UserSpec{Licences: []cloud.LicenceChange{{SKU: held.SKU}}})
			b.cloud.State.RevokeConsent(customer, sim.DemoClientID)
			b.partnerUser()
			c.setUp(b)
			b.order["consent"] = c.consent
			b.order["target"] = map[string]any{"totals": []map[string]any{{"offer": basic, "seats": 0}, {"offer": standard, "seats": 3}}}
			r := b.run()
			if c.code != "" {
				if r.End != upgrade.Ineligible || len(r.Reasons) == 0 || r.Reasons[0].Code != c.code {
					t.Errorf("it ended %s: %v\n%v", r.End, r.Reasons, b.steps)
				}
				if held := b.seats(); !maps.Equal(held, map[string]int{basic: 3}) {
					t.Errorf("without a grant the tenant holds %v", held)
				}
				return
			}
			if r.End != upgrade.Completed {
				t.Fatalf("it ended %s: %v\n%v", r.End, r.Reasons, b.steps)
			}
			if held := b.seats(); !maps.Equal(held, map[string]int{standard: 3}) {
				t.Errorf("the tenant holds %v", held)
			}
			if held := b.holders(); !slices.Equal(held, []string{"u1 " + standard}) {
				t.Errorf("the users hold %v", held)
			}
		})
	}
}
