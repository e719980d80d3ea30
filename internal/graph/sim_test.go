package graph_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"uplift/internal/graph"
	"uplift/internal/sim/cloud"
	"uplift/internal/sim/entra"
	simgraph "uplift/internal/sim/graph"
	"uplift/upgrade"
)

const (
	customer = "0c000000-0000-4000-8000-0000000000cc"
	admin    = "0e000000-0000-4000-8000-0000000000aa"
	teams    = "57ff2da0-773e-42df-b2af-ffb7a2317929"
	day      = 24 * time.Hour
)

var (
	application = upgrade.Grant{Kind: upgrade.GrantApplication, Tenant: customer, Upgrade: "app"}
	delegated   = upgrade.Grant{Kind: upgrade.GrantDelegated, Tenant: customer, Upgrade: "user"}
)

// lab is one tenant on the simulator, with five seats of Business Basic and two of Business Standard, and our client.
type lab struct {
	*graph.Client
	t     *testing.T
	state *cloud.Cloud
}

func newLab(t *testing.T) *lab {
	t.Helper()
	state := cloud.New(cloud.Options{Start: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC), Faults: cloud.Polite()})
	state.AddTenant(cloud.TenantSpec{ID: customer, Domain: "customer.example", Company: "Customer", Country: "GB"})
	state.AddSubscription(customer, cloud.SubscriptionSpec{ID: "basic", Part: cloud.BusinessBasic, Quantity: 5, Age: 60 * day})
	state.AddSubscription(customer, cloud.SubscriptionSpec{ID: "standard", Part: cloud.BusinessStandard, Quantity: 2, Age: 60 * day})
	state.AddUser(customer, cloud.UserSpec{ID: admin, UPN: "admin@customer.example", Roles: []string{cloud.GlobalAdministrator}})
	server := httptest.NewServer(simgraph.New(simgraph.Options{State: state, Verify: verify}))
	t.Cleanup(server.Close)
	client, err := graph.New(graph.Options{
		BaseURL: server.URL + "/v1.0", HTTP: &http.Client{Timeout: 5 * time.Second}, PageSize: 2,
		Token: func(_ context.Context, g upgrade.Grant) (upgrade.Secret, error) {
			return upgrade.Secret(g.Upgrade), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &lab{client, t, state}
}

var permissions = []string{"Organization.Read.All", "User.Read", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All", "Directory.Read.All"}

func verify(_ context.Context, bearer string) (entra.Token, error) {
	token := entra.Token{Tenant: customer, ClientID: "client", Audience: simgraph.Audience}
	switch bearer {
	case "app":
		token.Roles = permissions
	case "weak":
		token.Roles = permissions[:1]
	case "user":
		token.ObjectID, token.Scopes = admin, permissions
	default:
		return token, errors.New("no such token")
	}
	return token, nil
}

func sku(part string) string { o, _ := cloud.OfferByPart(part); return o.SKU }

func (l *lab) person(name, location string, licences ...cloud.LicenceChange) {
	l.state.AddUser(customer, cloud.UserSpec{ID: name, UPN: name + "@customer.example", UsageLocation: location, Licences: licences})
}

func (l *lab) read(name string) upgrade.User {
	l.t.Helper()
	got, err := l.Users(l.t.Context(), application, []string{name})
	if err != nil || len(got) != 1 {
		l.t.Fatalf("%+v, %v", got, err)
	}
	return got[0]
}

func id(n string) upgrade.WriteID {
	return upgrade.WriteID{Request: upgrade.UUID("test", n), Correlation: upgrade.UUID("test")}
}

func wantKind(t *testing.T, err error, kind upgrade.Kind, code string) {
	t.Helper()
	if upgrade.KindOf(err) != kind || code != "" && upgrade.CodeOf(err) != code {
		t.Fatalf("error = %v, want %s %s", err, kind, code)
	}
}

func TestSimTenant(t *testing.T) {
	l := newLab(t)
	o, err := l.Organization(t.Context(), application)
	if err != nil || o.Tenant != customer || o.Country != "GB" || o.Name == "" {
		t.Errorf("%+v, %v", o, err)
	}
	roles, err := l.DirectoryRoles(t.Context(), delegated)
	if err != nil || !slices.Equal(roles, []string{cloud.GlobalAdministrator}) {
		t.Errorf("%v, %v", roles, err)
	}
	skus, err := l.SKUs(t.Context(), application)
	if err != nil || len(skus) != 2 {
		t.Fatalf("%+v, %v", skus, err)
	}
	i := slices.IndexFunc(skus, func(s upgrade.TenantSKU) bool { return s.SKUID == sku(cloud.BusinessBasic) })
	if i < 0 || skus[i].Enabled != 5 || skus[i].Status != "Enabled" || !slices.Contains(skus[i].ServicePlans, teams) || len(skus[i].SubscriptionIDs) != 1 {
		t.Errorf("%+v", skus)
	}
	subscriptions, err := l.Subscriptions(t.Context(), application)
	if err != nil || len(subscriptions) != 2 {
		t.Fatalf("%+v, %v", subscriptions, err)
	}
	j := slices.IndexFunc(subscriptions, func(s upgrade.TenantSubscription) bool { return s.CommerceID == "basic" })
	if j < 0 || subscriptions[j].Seats != 5 || subscriptions[j].SKUID != sku(cloud.BusinessBasic) || subscriptions[j].ID != skus[i].SubscriptionIDs[0] {
		t.Errorf("%+v", subscriptions)
	}
	_, err = l.Subscriptions(t.Context(), upgrade.Grant{Kind: upgrade.GrantApplication, Upgrade: "nonsense"})
	wantKind(t, err, upgrade.GrantLost, "")
	_, _, err = l.Holders(t.Context(), upgrade.Grant{Kind: upgrade.GrantApplication, Upgrade: "weak"}, sku(cloud.BusinessBasic), "")
	wantKind(t, err, upgrade.Act, "Authorization_RequestDenied")
}

func TestSimHoldersPageByPage(t *testing.T) {
	l := newLab(t)
	basic := sku(cloud.BusinessBasic)
	for _, name := range []string{"ana", "ben", "cara", "dev", "eli"} {
		l.person(name, "GB", cloud.LicenceChange{SKU: basic, Disabled: []string{teams}})
	}
	l.person("fay", "GB")
	var got []string
	pages, cursor := 0, ""
	for {
		page, next, err := l.Holders(t.Context(), application, basic, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page {
			got = append(got, u.ID)
			if held, ok := u.License(basic); !ok || !slices.Equal(held.DisabledPlans, []string{teams}) {
				t.Errorf("%+v", u)
			}
		}
		if pages++; next == "" {
			break
		}
		cursor = next
	}
	slices.Sort(got)
	if strings.Join(got, " ") != "ana ben cara dev eli" || pages != 3 {
		t.Errorf("%v in %d pages", got, pages)
	}
}

func TestSimMoveLicences(t *testing.T) {
	l := newLab(t)
	basic, standard := sku(cloud.BusinessBasic), sku(cloud.BusinessStandard)
	l.person("ana", "GB", cloud.LicenceChange{SKU: basic, Disabled: []string{teams}})
	l.person("ben", "GB", cloud.LicenceChange{SKU: basic})
	l.person("cara", "GB", cloud.LicenceChange{SKU: basic})
	l.person("nowhere", "")
	move := func(user string) upgrade.LicenseChange {
		return upgrade.LicenseChange{User: user, Add: []upgrade.License{{SKUID: standard, DisabledPlans: []string{teams}}}, Remove: []string{basic}}
	}
	out, err := l.AssignLicenses(t.Context(), application, id("one"), []upgrade.LicenseChange{
		move("ana"), {User: "nowhere", Add: []upgrade.License{{SKUID: basic}}}, move("ben"), move("cara"), move("nobody"),
		{User: "nowhere", Remove: []string{standard}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"", "no_usage_location", "", "no_seats", "user_not_found", "license_not_held"}
	for i, o := range out {
		code := ""
		if o.Err != nil {
			code = o.Err.Code
		}
		if code != want[i] {
			t.Errorf("%s: %v, want %q", o.User, o.Err, want[i])
		}
	}
	ana := l.read("ana@customer.example")
	if held, ok := ana.License(standard); !ok || !slices.Equal(held.DisabledPlans, []string{teams}) {
		t.Errorf("%+v", ana)
	}
	if _, ok := ana.License(basic); ok {
		t.Errorf("%+v still holds the source", ana)
	}
	if cara := l.read("cara"); cara.UsageLocation != "GB" || len(cara.Licenses) != 1 || cara.Licenses[0].SKUID != basic || len(cara.Services) == 0 {
		t.Errorf("%+v", cara)
	}
	got, err := l.Users(t.Context(), application, []string{"ana", "nobody@customer.example", "nobody", "ben"})
	if err != nil || len(got) != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSimGroups(t *testing.T) {
	l := newLab(t)
	basic, standard := sku(cloud.BusinessBasic), sku(cloud.BusinessStandard)
	l.person("ana", "GB")
	l.person("ben", "GB")
	group := l.state.AddGroup(customer, cloud.GroupSpec{Name: "Dentists' own", Members: []string{"ana", "ben"}, Licences: []cloud.LicenceChange{{SKU: basic, Disabled: []string{teams}}}})
	l.state.AddGroup(customer, cloud.GroupSpec{Name: "Twins"})
	l.state.AddGroup(customer, cloud.GroupSpec{Name: "Twins"})
	for _, name := range []string{group, "dentists' own"} {
		if g, err := l.Group(t.Context(), application, name); err != nil || g != (upgrade.Group{ID: group, Name: "Dentists' own"}) {
			t.Errorf("%s: %+v, %v", name, g, err)
		}
	}
	for name, code := range map[string]string{"Hygienists": "group_not_found", "0c000000-0000-4000-8000-00000000dead": "group_not_found", "Twins": "group_ambiguous"} {
		_, err := l.Group(t.Context(), application, name)
		wantKind(t, err, upgrade.Refused, code)
	}
	members, next, err := l.Members(t.Context(), application, group, "")
	if err != nil || next != "" || len(members) != 2 || members[0].ID != "ana" || members[1].UPN != "ben@customer.example" {
		t.Errorf("%+v %q, %v", members, next, err)
	}
	if ana := l.read("ana"); ana.Group(basic) != group || !slices.Equal(ana.OffByGroup(basic), []string{teams}) {
		t.Errorf("%+v", ana)
	}
	add := []upgrade.License{{SKUID: standard, DisabledPlans: []string{teams}}}
	if err := l.AssignGroupLicenses(t.Context(), application, id("one"), group, add, []string{basic}); err != nil {
		t.Fatal(err)
	}
	l.state.Advance(time.Hour)
	if ana := l.read("ana"); ana.Group(standard) != group || ana.Group(basic) != "" || !slices.Equal(ana.OffByGroup(standard), []string{teams}) {
		t.Errorf("%+v", ana)
	}
	wantKind(t, l.AssignGroupLicenses(t.Context(), application, id("two"), group, add, []string{basic}), upgrade.Conflict, "license_not_held")
}

func TestSimUsageLocation(t *testing.T) {
	l := newLab(t)
	l.person("nowhere", "")
	if err := l.SetUsageLocation(t.Context(), delegated, id("set"), "nowhere", "GB"); err != nil {
		t.Fatal(err)
	}
	if u := l.read("nowhere"); u.UsageLocation != "GB" {
		t.Errorf("%+v", u)
	}
	wantKind(t, l.SetUsageLocation(t.Context(), delegated, id("who"), "nobody", "GB"), upgrade.Refused, "user_not_found")
}

func TestSimFaults(t *testing.T) {
	for _, tc := range []struct {
		fault       cloud.Fault
		read, write upgrade.Kind
	}{
		{cloud.Throttled, upgrade.Throttled, upgrade.Throttled},
		{cloud.ThrottledDate, upgrade.Throttled, upgrade.Throttled},
		{cloud.ServerError, upgrade.Transient, upgrade.Ambiguous},
		{cloud.Unavailable, upgrade.Transient, upgrade.Ambiguous},
		{cloud.MalformedBody, upgrade.Transient, ""},
		{cloud.ConcurrencyViolation, "", upgrade.Transient},
		{cloud.ReplyLost, "", upgrade.Ambiguous},
		{cloud.ErrorAfterEffect, "", upgrade.Ambiguous},
	} {
		t.Run(string(tc.fault), func(t *testing.T) {
			l := newLab(t)
			l.person("nowhere", "")
			l.state.Inject(tc.fault, cloud.Matcher{Method: "GET"}, 1)
			_, err := l.SKUs(t.Context(), application)
			check(t, "read", err, tc.read)
			l.state.SetFaults(cloud.Polite())
			l.state.Inject(tc.fault, cloud.Matcher{Method: "PATCH"}, 1)
			check(t, "write", l.SetUsageLocation(t.Context(), application, id("set"), "nowhere", "GB"), tc.write)
			if err := l.SetUsageLocation(t.Context(), application, id("set"), "nowhere", "GB"); err != nil {
				t.Errorf("repeated: %v", err)
			}
		})
	}
}

func check(t *testing.T, what string, err error, want upgrade.Kind) {
	t.Helper()
	if want == "" && err != nil || want != "" && upgrade.KindOf(err) != want {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
	var e *upgrade.Error
	if want == upgrade.Throttled && errors.As(err, &e) && (e.RetryAfter <= 0 || e.RetryAfter > time.Minute) {
		t.Errorf("%s: retry after %v", what, e.RetryAfter)
	}
}

func TestSimPartsFailOneByOne(t *testing.T) {
	l := newLab(t)
	l.person("ana", "GB")
	l.person("ben", "GB")
	changes := []upgrade.LicenseChange{
		{User: "ana", Add: []upgrade.License{{SKUID: sku(cloud.BusinessBasic)}}},
		{User: "ben", Add: []upgrade.License{{SKUID: sku(cloud.BusinessBasic)}}},
	}
	l.state.Inject(cloud.Throttled, cloud.Matcher{Path: "users/ana/assignLicense"}, 1)
	l.state.Inject(cloud.ConcurrencyViolation, cloud.Matcher{Path: "users/ben/assignLicense"}, 1)
	out, err := l.AssignLicenses(t.Context(), application, id("one"), changes)
	if err != nil {
		t.Fatal(err)
	}
	if out[0].Err == nil || out[0].Err.Kind != upgrade.Throttled || out[0].Err.RetryAfter <= 0 {
		t.Errorf("ana: %v", out[0].Err)
	}
	if out[1].Err == nil || out[1].Err.Kind != upgrade.Transient {
		t.Errorf("ben: %v", out[1].Err)
	}
	out, err = l.AssignLicenses(t.Context(), application, id("one"), changes)
	if err != nil || out[0].Err != nil || out[1].Err != nil {
		t.Errorf("repeated: %+v, %v", out, err)
	}
}
