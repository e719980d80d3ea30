package provider

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"uplift/catalog"
	"uplift/internal/portal/access"
	"uplift/internal/portal/desk"
	"uplift/upgrade"
)

var now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

const (
	contoso  = "0c000000-0000-4000-8000-000000000001"
	fabrikam = "0c000000-0000-4000-8000-000000000002"
)

var (
	anna    = access.Who{Subject: "s-anna", Name: "anna@provider.example", Roles: []access.Role{access.Operator}}
	helen   = access.Who{Subject: "s-helen", Name: "helen@provider.example", Roles: []access.Role{access.Helpdesk}}
	rita    = access.Who{Subject: "s-rita", Name: "rita@harbor.example", Roles: []access.Role{access.Reseller}, Reseller: "harbor"}
	enrico  = access.Who{Subject: "s-enrico", Name: "enrico@provider.example", Roles: []access.Role{access.Engineer}}
	nowhere = access.Who{Subject: "s-nobody", Name: "nobody@quay.example", Roles: []access.Role{access.Reseller}, Reseller: "quay"}
)

// site serves the pages to one person at a time.
type site struct {
	*testing.T
	*fakes
	server *httptest.Server
	client *http.Client
	who    access.Who
}

func newSite(t *testing.T, f *fakes) *site {
	s := &site{T: t, fakes: f, who: anna}
	mux := http.NewServeMux()
	routes := Routes(Options{
		Desk:    desk.New(desk.Options{Upgrades: temporal{fakes: f}, Register: book{fakes: f}, Links: plainLinks{}, Now: func() time.Time { return now }}),
		Catalog: catalog.Load(), Drafts: book{fakes: f}, Sealer: plainSealer{}, Provider: "Northstar Telecom", Now: func() time.Time { return now },
		Every: 20 * time.Millisecond, TemporalUI: func(id, _ string) string { return "https://temporal.example/" + id },
	})
	for _, r := range routes {
		mux.Handle(r.Pattern, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			r.Handler.ServeHTTP(w, q.WithContext(access.With(q.Context(), s.who)))
		}))
	}
	s.server = httptest.NewServer(mux)
	t.Cleanup(s.server.Close)
	jar, _ := cookiejar.New(nil)
	s.client = &http.Client{Jar: jar}
	return s
}

// get reads a page, and post answers the page that a form leads to.
func (s *site) get(path string) (int, string) {
	s.Helper()
	r, err := s.client.Get(s.server.URL + path)
	return s.read(r, err)
}

func (s *site) post(path string, form url.Values) (int, string) {
	s.Helper()
	r, err := s.client.PostForm(s.server.URL+path, form)
	return s.read(r, err)
}

func (s *site) read(r *http.Response, err error) (int, string) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.Fatal(err)
	}
	return r.StatusCode, string(body)
}

var (
	tags   = regexp.MustCompile(`(?s)<script.*?</script>|<[^>]*>`)
	blanks = regexp.MustCompile(`\s+`)
)

// words is what a page says.
func words(page string) string {
	return blanks.ReplaceAllString(strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&amp;", "&", "&gt;", ">").Replace(tags.ReplaceAllString(page, " ")), " ")
}

// says fails unless a page says each of the texts.
func (s *site) says(page string, texts ...string) {
	s.Helper()
	for _, text := range texts {
		if !strings.Contains(words(page), text) {
			s.Errorf("the page does not say %q:\n%s", text, words(page))
		}
	}
}

// typical has two customers, one of them a reseller's, and an upgrade in each state that pages show in their own way.
func typical() *fakes {
	f := newFakes()
	f.taken = upgrade.Inventory{Customers: 2, BeganAt: now.Add(-time.Hour), EndedAt: now.Add(-50 * time.Minute), Failed: 1}
	f.inventory = []upgrade.InventoryRow{
		{Tenant: contoso, Name: "Contoso Dental", Domain: "contoso.example", SeenAt: now, Subscriptions: []upgrade.InventoryLine{
			{Subscription: "5c000000-0000-4000-8000-000000000001", Name: "Microsoft 365 Business Basic", Offer: "business-basic", Seats: 20, Used: 14, Status: "active", TermEnds: now.AddDate(0, 3, 0), Inferred: []string{"business-basic"}}}},
		{Tenant: fabrikam, Name: "Fabrikam Legal", Domain: "fabrikam.example", Reseller: "harbor", SeenAt: now, Subscriptions: []upgrade.InventoryLine{
			{Subscription: "5c000000-0000-4000-8000-000000000002", Name: "Microsoft 365 Business Standard", Offer: "business-standard", Seats: 10, Used: -1, Status: "suspended", Plan: "business-standard"}}},
	}
	f.resellers = []upgrade.Reseller{
		{ID: "harbor", Name: "Harbor IT", Customers: 1, Entitlement: &upgrade.Entitlement{Plan: "customer-management", From: now.AddDate(0, -1, 0), Form: upgrade.ResellerForm{Account: "admin", Subdomain: "harborit"}}},
		{ID: "quay", Name: "Quayside"},
	}
	f.plans = []upgrade.ManagementPlan{{ID: "customer-management", Name: "Customer management", Template: upgrade.ResaleTemplate, MadeAt: now, MadeBy: "anna"}}
	f.list = []upgrade.Price{{Offer: "business-premium", Term: "P1Y", BillingCycle: "monthly", Currency: "EUR", Minor: 2060}}
	f.plan = upgrade.Plan{Order: "A-1", Headline: "Business Basic ×20 → Business Premium ×25", Digest: "d1", Target: "business-premium", MadeAt: now}
	code := &upgrade.Invitation{Number: 2, SentAt: now.Add(-50 * time.Hour), Deadline: now.Add(100 * time.Hour), Reminders: 1, RemindedAt: now.Add(-26 * time.Hour), Started: true}
	f.add(upgrade.Status{Order: "A-1", Stage: upgrade.Invited, Tenant: contoso, Customer: "Contoso Dental", Headline: f.plan.Headline, Invitation: code})
	f.add(upgrade.Status{Order: "A-2", Stage: upgrade.Confirming, Tenant: contoso, Customer: "Contoso Dental", Digest: "d1", Headline: f.plan.Headline})
	f.add(upgrade.Status{Order: "A-3", Stage: upgrade.Changing, Tenant: fabrikam, Customer: "Fabrikam Legal", NoReturn: true, Parked: &upgrade.Parked{
		Step: "transition", Reason: "Microsoft says no", Code: "900278", Correlation: "c-1", Remedy: "look at the partner's page", Answers: []upgrade.Answer{upgrade.Retry, upgrade.UndoIt}, Since: now}})
	f.add(upgrade.Status{Order: "A-4", Stage: upgrade.Ended, End: upgrade.CompletedWithExceptions, Tenant: contoso, Customer: "Contoso Dental",
		Users: upgrade.UserCounts{Photographed: 14, Moved: 13, Failed: 1}, Before: []upgrade.Holding{{Name: "Business Basic", Seats: 20, Users: 14}}, After: []upgrade.Holding{{Name: "Business Premium", Seats: 25, Users: 13}}})
	f.add(upgrade.Status{Order: "A-5", Stage: upgrade.Ended, End: upgrade.FailedUndone, Tenant: contoso, Customer: "Contoso Dental",
		Reasons: upgrade.Problems{{Code: "x", Message: "it did not go", Remedy: "try again"}}})
	f.add(upgrade.Status{Order: "A-6", Stage: upgrade.Queued, Tenant: contoso, Customer: "Contoso Dental", Approval: &upgrade.Approval{Why: "25 seats are more than 20", Digest: "d9"}})
	f.addBatches()
	f.reports = []upgrade.UserReport{
		{User: "u1", UPN: "ada@contoso.example", Outcome: upgrade.UserMoved},
		{User: "u2", UPN: "=bob@contoso.example", Outcome: upgrade.UserFailed, Code: "no_location", Reason: "the user has no usage location", Remedy: "set one", Services: []upgrade.ServiceState{{PlanID: "unknown-plan", State: "Warning"}}},
	}
	f.answers = []upgrade.OperatorAnswer{{What: "retry", By: "anna", At: now, Reason: "it was mended"}}
	f.evidence = []upgrade.Evidence{{Name: "admin@contoso.example", Method: upgrade.DeviceCode, VerifiedAt: now, Scopes: []string{"User.Read.All"}}}
	f.sent = []upgrade.Delivery{
		{Upgrade: "A-4#1", Sequence: 1, Type: upgrade.CallbackInvited, Destination: "billing", State: upgrade.DeliveryDelivered, Attempts: 1, At: now},
		{Upgrade: "A-4#1", Sequence: 2, Type: "upgrade.completed", Destination: "billing", State: upgrade.DeliveryFailed, Attempts: 9, At: now, Problem: &upgrade.Problem{Message: "it answered 500"}},
	}
	return f
}

// add puts an upgrade everywhere where one stands.
func (f *fakes) add(s upgrade.Status) {
	s.WorkflowID, s.Upgrade = "upgrade/"+s.Order, s.Order+"#1"
	s.Stages = []upgrade.StageTime{{Stage: upgrade.Planning, At: now.Add(-time.Hour)}, {Stage: s.Stage, At: now}}
	f.status[s.Order] = s
	if s.Stage != upgrade.Ended {
		f.rows = append(f.rows, upgrade.ListRow{WorkflowID: s.WorkflowID, Order: s.Order, Tenant: s.Tenant, Stage: s.Stage, NeedsOperator: s.Parked != nil, StartedAt: now, Target: "business-premium"})
	}
	f.recorded = append(f.recorded, upgrade.Recorded{Upgrade: s.Upgrade, OrderID: s.Order, Attempt: 1, Tenant: s.Tenant, Customer: s.Customer, WorkflowID: s.WorkflowID, End: s.End, EndedAt: now,
		Result: &upgrade.Result{End: s.End, Undone: []string{"the seats are back at 20"}}})
}

// pagesOf are the addresses of all pages that can be read without a draft.
func pagesOf() []string {
	all := []string{"/customers", "/customers?q=contoso", "/customers/" + contoso, "/new", "/invitations", "/upgrades", "/upgrades?show=operator", "/upgrades?show=ended",
		"/resellers", "/plans", "/plans/business-basic", "/plans/hosted-pro", "/prices", "/callbacks", "/batches", "/batches?show=all", "/bulk"}
	for _, id := range []string{"planning", "confirming", "scheduled", "running", "paused", "refused", "ended"} {
		all = append(all, "/batches/"+id)
	}
	for i := range 6 {
		all = append(all, fmt.Sprintf("/upgrades/A-%d", i+1), fmt.Sprintf("/upgrades/A-%d/plan", i+1), fmt.Sprintf("/upgrades/A-%d/users", i+1))
	}
	return all
}

// TestEveryPageIsWritten reads every page as each role, of an installation with something in it and of an empty one.
func TestEveryPageIsWritten(t *testing.T) {
	for name, f := range map[string]*fakes{"typical": typical(), "empty": newFakes()} {
		for _, who := range []access.Who{anna, helen, rita, enrico, nowhere} {
			s := newSite(t, f)
			s.who = who
			for _, path := range pagesOf() {
				code, page := s.get(path)
				if code >= 500 || !strings.Contains(page, "</html>") || strings.Contains(page, "ZgotmplZ") || strings.Contains(page, "<no value>") {
					t.Errorf("%s: %s for %s answers %d\n%s", name, path, who.By(), code, words(page))
				}
				if code == 200 && strings.Count(page, "<h1>") != 1 {
					t.Errorf("%s has %d headings of the first rank", path, strings.Count(page, "<h1>"))
				}
			}
		}
	}
}

func TestWhatPagesSay(t *testing.T) {
	s := newSite(t, typical())
	for path, texts := range map[string][]string{
		"/customers":            {"Contoso Dental", "20 seats, 14 used", "(inferred)", "Harbor IT", "1 customer could not be read", "Read it now", "Upgrade a customer"},
		"/customers/" + contoso: {"Contoso Dental", "14", "6", "A-1", "Waiting for consent", "Completed with exceptions", "Harbor IT"},
		"/invitations":          {"A-1", "2 days ago", "1 sent", "the last 26 hours ago", "pressed Start", "Send again", "Copy link", "Revoke", "A-2", "Continue"},
		"/upgrades":             {"A-1", "Contoso Dental", "Needs an operator · Changing the subscription"},
		"/upgrades?q=fabrikam":  {"A-3", "Fabrikam Legal"},
		"/upgrades?show=ended":  {"A-4", "Completed with exceptions", "Failed, undone"},
		"/upgrades/A-3":         {"Microsoft says no", "900278", "Try the step again", "Undo what was done", "point of no return"},
		"/upgrades/A-4":         {"13 moved", "1 not moved", "What was undone", "the seats are back at 20", "admin@contoso.example", "anna said retry", "It answered 500", "Temporal UI"},
		"/upgrades/A-5":         {"It did not go", "Run the order again"},
		"/upgrades/A-6":         {"It waits for a second person", "Approve"},
		"/upgrades/A-4/users":   {"ada@contoso.example", "Not moved", "The user has no usage location", "unknown-plan: Warning"},
		"/resellers":            {"Harbor IT", "subscribed", "admin@harborit.onmicrosoft.com", "Quayside", "never subscribed", "Customer management"},
		"/prices":               {"Microsoft 365 Business Premium", "20.60"},
		"/callbacks":            {"A-4", "Given up", "Send again"},
		"/plans/business-basic": {"Contoso Dental", "inferred"},
	} {
		code, page := s.get(path)
		if code != 200 {
			t.Errorf("%s answers %d", path, code)
		}
		s.says(page, texts...)
	}
}

func TestSearchAmongRunningUpgrades(t *testing.T) {
	s := newSite(t, typical())
	for search, want := range map[string]upgrade.ListFilter{
		"fabrikam": {Tenants: []string{fabrikam}, Open: true},
		"A-1":      {Order: "A-1", Open: true},
	} {
		s.asked = nil
		s.get("/upgrades?q=" + search)
		if len(s.asked) != 1 || fmt.Sprint(s.asked[0]) != fmt.Sprint(want) {
			t.Errorf("%s: Temporal was asked for %+v", search, s.asked)
		}
	}
	s.who, s.asked = rita, nil
	s.get("/upgrades?q=contoso")
	if len(s.asked) != 1 || s.asked[0].Order != "contoso" || len(s.asked[0].Tenants) != 1 || s.asked[0].Tenants[0] != fabrikam {
		t.Errorf("a reseller's search asked Temporal for %+v", s.asked)
	}
}
