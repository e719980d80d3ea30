package partner_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"uplift/internal/partner"
	"uplift/internal/sim/cloud"
	"uplift/internal/sim/entra"
	simpartner "uplift/internal/sim/partner"
	"uplift/upgrade"
)

const (
	home     = "0a000000-0000-4000-8000-0000000000aa"
	customer = "0c000000-0000-4000-8000-0000000000cc"
	agent    = "0e000000-0000-4000-8000-0000000000ee"
	day      = 24 * time.Hour
)

// lab is a partner with one customer on the simulator, and our client of it.
type lab struct {
	*partner.Client
	t     *testing.T
	state *cloud.Cloud
	token upgrade.Secret
	basic string // a subscription of 20 seats, bought long ago
}

func newLab(t *testing.T) *lab {
	t.Helper()
	state := cloud.New(cloud.Options{Start: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC), Faults: cloud.Polite()})
	state.AddPartner(cloud.TenantSpec{ID: home, Domain: "partner.example", Company: "Partner"})
	state.AddUser(home, cloud.UserSpec{ID: agent, UPN: "agent@partner.example", AdminAgent: true})
	state.AddTenant(cloud.TenantSpec{ID: customer, Domain: "customer.example", Company: "Customer", Country: "GB"})
	l := &lab{t: t, state: state, token: "user"}
	l.basic = state.AddSubscription(customer, cloud.SubscriptionSpec{Part: cloud.BusinessBasic, Quantity: 20, Age: 60 * day})
	server := httptest.NewServer(simpartner.New(simpartner.Options{State: state, Verify: verify}))
	t.Cleanup(server.Close)
	client, err := partner.New(partner.Options{
		BaseURL: server.URL + "/v1", Now: state.Now, Wall: state.Now, AcceptedFor: -1, HTTP: &http.Client{Timeout: 5 * time.Second},
		Token: func(context.Context) (upgrade.Secret, error) { return l.token, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	l.Client = client
	return l
}

func verify(_ context.Context, bearer string) (entra.Token, error) {
	token := entra.Token{Tenant: home, ClientID: "client", Audience: simpartner.Audience}
	switch bearer {
	case "app":
	case "user":
		token.ObjectID, token.AMR = agent, []string{"pwd", "mfa"}
	default:
		return token, errors.New("no such token")
	}
	return token, nil
}

func id(n string) upgrade.WriteID {
	return upgrade.WriteID{Request: upgrade.UUID("test", n), Correlation: upgrade.UUID("test")}
}

func (l *lab) read(subscription string) upgrade.Subscription {
	l.t.Helper()
	s, err := l.Subscription(l.t.Context(), customer, subscription)
	if err != nil {
		l.t.Fatal(err)
	}
	return s
}

func wantKind(t *testing.T, err error, kind upgrade.Kind, code string) {
	t.Helper()
	if upgrade.KindOf(err) != kind || code != "" && upgrade.CodeOf(err) != code {
		t.Fatalf("error = %v, want %s %s", err, kind, code)
	}
}

func TestSimCustomerAndCatalogue(t *testing.T) {
	l := newLab(t)
	c, err := l.Customer(t.Context(), customer)
	if err != nil || c.Tenant != customer || c.Relationship != "reseller" || !c.AgreementAccepted || c.Country != "GB" || c.Domain != "customer.example" {
		t.Errorf("%+v, %v", c, err)
	}
	l.state.ChangeTenant(customer, func(s *cloud.TenantSpec) { s.NoAgreement = true })
	if c, err = l.Customer(t.Context(), customer); err != nil || c.AgreementAccepted {
		t.Errorf("without agreement: %+v, %v", c, err)
	}
	l.state.ChangeTenant(customer, func(s *cloud.TenantSpec) { s.NoRelationship = true })
	if c, err = l.Customer(t.Context(), customer); err == nil && c.Relationship == "reseller" {
		t.Errorf("without relationship: %+v", c)
	}
	_, err = l.Subscriptions(t.Context(), customer)
	wantKind(t, err, upgrade.Act, "20002")
	l.state.ChangeTenant(customer, func(s *cloud.TenantSpec) { s.NoRelationship = false })

	s := l.read(l.basic)
	if !s.NewCommerce || s.ProductSKU != "CFQ7TTC0LH18:0001" || s.Seats != 20 || !s.Active() || s.TermEnds.IsZero() || s.Term != "P1Y" {
		t.Errorf("%+v", s)
	}
	sku, err := l.SKU(t.Context(), s.ProductSKU, "GB")
	if err != nil || sku.MaxSeats != 300 || sku.EntraSKU != "3b555118-da6a-4418-894f-7df1e2096870" {
		t.Errorf("%+v, %v", sku, err)
	}
	offers, err := l.Availabilities(t.Context(), s.ProductSKU, "GB")
	if err != nil || len(offers) == 0 || offers[0].CatalogItem == "" || len(offers[0].Terms) == 0 {
		t.Errorf("%+v, %v", offers, err)
	}
	_, err = l.SKU(t.Context(), "CFQ7TTC0XXXX:0001", "GB")
	wantKind(t, err, upgrade.NotFound, "")
	_, err = l.Subscription(t.Context(), customer, "5a0f3c52-0000-4000-8000-0000000000a1")
	wantKind(t, err, upgrade.NotFound, "")
}

func TestSimSeats(t *testing.T) {
	l := newLab(t)
	if err := l.SetSeats(t.Context(), id("up"), customer, l.basic, 20, 25); err != nil {
		t.Fatal(err)
	}
	s := l.read(l.basic)
	if n, _ := s.ReturnableAt(l.state.Now()); s.Seats != 25 || n != 5 {
		t.Errorf("%d seats, %d returnable: %+v", s.Seats, n, s)
	}
	done, _, _, err := l.Provisioned(t.Context(), customer, l.basic)
	if err != nil || done {
		t.Errorf("provisioned at once: %v, %v", done, err)
	}
	l.state.Advance(time.Hour)
	done, seats, sku, err := l.Provisioned(t.Context(), customer, l.basic)
	if err != nil || !done || seats != 25 || sku != "3b555118-da6a-4418-894f-7df1e2096870" {
		t.Errorf("provisioned: %v %d %s, %v", done, seats, sku, err)
	}
	l.token = "app"
	_, _, _, err = l.Provisioned(t.Context(), customer, l.basic)
	wantKind(t, err, upgrade.Act, "900329")
	if err := l.SetSeats(t.Context(), id("down"), customer, l.basic, 25, 20); err != nil {
		t.Fatal(err)
	}
	wantKind(t, l.SetSeats(t.Context(), id("further"), customer, l.basic, 20, 10), upgrade.Refused, "")
	wantKind(t, l.SetSeats(t.Context(), id("absurd"), customer, l.basic, 20, 301), upgrade.Refused, "")
	wantKind(t, l.SetSeats(t.Context(), id("late"), customer, l.basic, 18, 19), upgrade.Conflict, "seats_changed")
}

func TestSimRenewal(t *testing.T) {
	l := newLab(t)
	if err := l.SetAutoRenew(t.Context(), id("off"), customer, l.basic, false); err != nil {
		t.Fatal(err)
	}
	if l.read(l.basic).AutoRenew {
		t.Error("the renewal is still on")
	}
	s := l.read(l.basic)
	offers, err := l.Availabilities(t.Context(), s.ProductSKU, "GB")
	if err != nil {
		t.Fatal(err)
	}
	availability := offers[0].CatalogItem[len(s.ProductSKU)+1:]
	change := upgrade.ScheduledChange{ProductID: "CFQ7TTC0LH18", SKUID: "0001", AvailabilityID: availability, BillingCycle: "monthly", Term: "P1Y", Seats: 12}
	if err := l.SetScheduled(t.Context(), id("schedule"), customer, l.basic, change); err != nil {
		t.Fatal(err)
	}
	s = l.read(l.basic)
	if s.Scheduled == nil || *s.Scheduled != change || !s.AutoRenew || s.Seats != 20 {
		t.Errorf("%+v, scheduled %+v", s, s.Scheduled)
	}
	if err := l.SetScheduled(t.Context(), id("again"), customer, l.basic, change); err != nil {
		t.Error(err)
	}
}

func TestSimTransition(t *testing.T) {
	for name, faults := range map[string][]cloud.Fault{
		"polite": nil,
		"odd":    {cloud.StartedBlank, cloud.HistoryWrapper, cloud.EventsCapital, cloud.SeatReassignment, cloud.EligibilityBare, cloud.ByteOrderMark, cloud.UnknownEnums},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			for _, f := range faults {
				l.state.Inject(f, cloud.Matcher{}, -1)
			}
			targets, err := l.TransitionTargets(t.Context(), customer, l.basic)
			if err != nil {
				t.Fatal(err)
			}
			var target upgrade.TransitionTarget
			for _, one := range targets {
				if one.ProductSKU == "CFQ7TTC0LCHC:0002" {
					target = one
				}
			}
			if target.Seats != 20 || len(target.Types) == 0 {
				t.Fatalf("no Business Premium among %+v", targets)
			}
			kind := upgrade.TransitionWithLicenses
			started, err := l.StartTransition(t.Context(), id("move"), customer, upgrade.TransitionRequest{Subscription: l.basic, ToCatalogItem: target.CatalogItem, Seats: 20, Type: kind})
			if err != nil || started.Operation == "" {
				t.Fatalf("%+v, %v", started, err)
			}
			l.state.Advance(3 * time.Hour)
			history, err := l.Transitions(t.Context(), customer, l.basic)
			if err != nil || len(history) != 1 {
				t.Fatalf("%+v, %v", history, err)
			}
			one := history[0]
			if one.Operation != started.Operation || one.Seats != 20 || one.State != upgrade.StepCompleted || one.Licenses != upgrade.StepCompleted {
				t.Errorf("%+v", one)
			}
			if s := l.read(l.basic); s.ProductSKU != "CFQ7TTC0LCHC:0002" || s.Seats != 20 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestSimCustomersAndSeatsUsed goes through the simulator's list page by page, and reads how many users hold what.
func TestSimCustomersAndSeatsUsed(t *testing.T) {
	l := newLab(t)
	for i := range 230 {
		l.state.AddTenant(cloud.TenantSpec{Domain: fmt.Sprintf("c%d.example", i), Company: fmt.Sprint("Customer ", i)})
	}
	l.state.AddTenant(cloud.TenantSpec{Domain: "stranger.example", NoRelationship: true})
	seen, pages := map[string]string{}, 0
	for cursor := ""; ; {
		page, next, err := l.Customers(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page {
			seen[c.Tenant] = c.Name
		}
		pages++
		if cursor = next; cursor == "" {
			break
		}
	}
	if pages != 3 || len(seen) != 231 || seen[customer] != "Customer" {
		t.Errorf("%d pages, %d customers, %q", pages, len(seen), seen[customer])
	}

	l.state.AddUser(customer, cloud.UserSpec{UPN: "u@customer.example", UsageLocation: "GB", Licences: []cloud.LicenceChange{{SKU: "3b555118-da6a-4418-894f-7df1e2096870"}}})
	skus, err := l.SubscribedSKUs(t.Context(), customer)
	if err != nil || len(skus) != 1 || skus[0].Enabled != 20 || skus[0].Consumed != 1 || skus[0].SKUID != "3b555118-da6a-4418-894f-7df1e2096870" {
		t.Errorf("%+v, %v", skus, err)
	}
	l.token = "app"
	_, err = l.SubscribedSKUs(t.Context(), customer)
	wantKind(t, err, upgrade.Act, "900329")
}
