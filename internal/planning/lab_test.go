package planning_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"uplift/catalog"
	"uplift/internal/planning"
	"uplift/upgrade"
)

const (
	tenant = "3f1c2a54-6f0e-4b6b-9d6c-0a1b2c3d4e5f"

	basicSub    = "10000000-0000-4000-8000-000000000001"
	otherSub    = "10000000-0000-4000-8000-000000000002"
	premiumSub  = "10000000-0000-4000-8000-000000000003"
	phoneSub    = "10000000-0000-4000-8000-000000000004"
	standardSub = "10000000-0000-4000-8000-000000000005"

	basicProduct    = "CFQ7TTC0LH18:0001"
	standardProduct = "CFQ7TTC0LDPB:0001"
	premiumProduct  = "CFQ7TTC0LCHC:0002"
	phoneProduct    = "CFQ7TTC0LH0T:0001"
	e3Product       = "CFQ7TTC0LFLX:0001"
	bigE1Product    = "CFQ7TTC0LF8Q:0001"
	bigE3Product    = "CFQ7TTC0LF8R:0001"

	basicSKU    = "3b555118-da6a-4418-894f-7df1e2096870"
	standardSKU = "f245ecc8-75af-4f8e-b61f-27d8114de5f3"
	premiumSKU  = "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"
	e5SKU       = "06ebc4ee-1bb5-47dd-8120-11324bc54e06"
)

var now = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// lab is a customer with 20 seats of Business Basic, whom nothing keeps from Business Premium ×25. Every test changes
// something of it.
func lab() *planning.Facts {
	return &planning.Facts{
		Order: upgrade.Order{
			ID: "A-1", Tenant: tenant, Target: upgrade.Target{Plan: "business-premium", Seats: 25},
			Licenses: upgrade.Licenses{Who: upgrade.Holders}, Consent: upgrade.ByMail,
			OnUserFailure: upgrade.UserFailure{Action: upgrade.ReportUsers},
		},
		Catalog: catalog.Load(), Now: now, RenewalDistance: 24 * time.Hour,
		Customer:      upgrade.Customer{Tenant: tenant, Name: "Contoso", Country: "DE", Relationship: "reseller", AgreementAccepted: true},
		Subscriptions: []upgrade.Subscription{sub(basicSub, basicProduct, 20)},
		Targets:       map[string][]upgrade.TransitionTarget{basicSub: {may(premiumProduct), may(standardProduct), may(e3Product), may(bigE1Product)}},
		SKUs:          map[string]upgrade.SKU{},
	}
}

func sub(id, product string, seats int) upgrade.Subscription {
	return upgrade.Subscription{
		ID: id, ProductSKU: product, CatalogItem: product + ":CFQ7TTC0ABCD", Name: "subscription " + id[len(id)-1:], NewCommerce: true,
		Seats: seats, Status: "active", AutoRenew: true, Term: "P1Y", BillingCycle: "monthly", TermEnds: now.AddDate(0, 6, 0),
	}
}

// returnable is a subscription of which some seats may be given back for another two days.
func returnable(s upgrade.Subscription, seats int) upgrade.Subscription {
	s.Refundable = []upgrade.SeatBlock{{Seats: seats, Until: now.AddDate(0, 0, 2)}, {Seats: 100, Until: now.AddDate(0, 0, -1)}}
	return s
}

// may is Microsoft's word that a subscription may become the product, with and without licence transfer.
func may(product string) upgrade.TransitionTarget {
	return target(product, upgrade.TransitionChoice{Type: upgrade.TransitionOnly, Eligible: true}, upgrade.TransitionChoice{Type: upgrade.TransitionWithLicenses, Eligible: true})
}

func target(product string, choices ...upgrade.TransitionChoice) upgrade.TransitionTarget {
	return upgrade.TransitionTarget{CatalogItem: product + ":CFQ7TTC0WXYZ", ProductSKU: product, Types: choices}
}

func no(kind upgrade.TransitionType, reasons ...upgrade.Problem) upgrade.TransitionChoice {
	return upgrade.TransitionChoice{Type: kind, Reasons: reasons}
}

// see opens the tenant's directory: 20 seats of Business Basic with 14 users, and what is given.
func see(f *planning.Facts, more ...upgrade.TenantSKU) {
	f.Organization = &upgrade.Organization{Tenant: tenant, Name: "Contoso", Country: "AT"}
	f.TenantSKUs = append([]upgrade.TenantSKU{product(basicSKU, "O365_BUSINESS_ESSENTIALS", 20, 14)}, more...)
	f.TenantSubscriptions = []upgrade.TenantSubscription{{ID: "d-1", CommerceID: basicSub, SKUID: basicSKU, Status: "Enabled", Seats: 20}}
}

// product is a product that the tenant holds, with the service plans of the catalogue.
func product(sku, part string, enabled, consumed int) upgrade.TenantSKU {
	t := upgrade.TenantSKU{SKUID: sku, PartNumber: part, Status: "Enabled", AppliesTo: "User", Enabled: enabled, Consumed: consumed}
	if offer, ok := catalog.Load().OfferBySKUID(sku); ok {
		t.ServicePlans = offer.PlanIDs()
	}
	return t
}

func order(f *planning.Facts, totals ...upgrade.Total) {
	f.Order.Target = upgrade.Target{Totals: totals}
}

func total(offer string, seats int) upgrade.Total { return upgrade.Total{Offer: offer, Seats: seats} }

// steps is the plan's steps on one line each: id, subscription's last digit, offer, numbers, type.
func steps(p upgrade.Plan) string {
	lines := make([]string, len(p.Steps))
	for i, s := range p.Steps {
		offer := s.Offer
		if s.ToOffer != "" {
			offer += ">" + s.ToOffer
		}
		where := "new"
		if s.Subscription != "" {
			where = s.Subscription[len(s.Subscription)-1:]
		}
		line := fmt.Sprintf("%s %s %s %d>%d %s", s.ID, where, offer, s.From, s.To, s.Transition)
		if s.Of != "" {
			line += " of " + s.Of
		}
		if s.Moved > 0 {
			line += fmt.Sprintf(" moved %d", s.Moved)
		}
		if s.Into != "" {
			line += " into " + s.Into[len(s.Into)-1:]
		}
		if s.Term != "" && s.Work == upgrade.Buy {
			line += " " + s.Term + "/" + s.BillingCycle
		}
		if s.After {
			line += " after"
		}
		lines[i] = strings.Join(strings.Fields(line), " ")
	}
	return strings.Join(lines, "\n")
}

// codes is every reason's path and code, in order.
func codes(p upgrade.Plan) string {
	all := make([]string, len(p.Reasons))
	for i, r := range p.Reasons {
		all[i] = r.Path + " " + r.Code
	}
	return strings.Join(all, "\n")
}

// wellSaid holds every reason to its form: a code, a sentence and a remedy.
func wellSaid(t *testing.T, p upgrade.Plan) {
	t.Helper()
	for _, r := range p.Reasons {
		if r.Code == "" || r.Message == "" || r.Remedy == "" || strings.Contains(r.String(), "%!") {
			t.Errorf("the reason lacks its code, sentence or remedy: %#v", r)
		}
	}
	seen := map[string]bool{}
	for _, s := range p.Steps {
		if seen[s.ID] {
			t.Errorf("two steps have the id %s, which names their idempotency key", s.ID)
		}
		seen[s.ID] = true
	}
}

func lines(s ...string) string { return strings.Join(s, "\n") }
