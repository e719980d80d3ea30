package provider

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

func TestWordsReachTheUpgrade(t *testing.T) {
	for _, c := range []struct {
		path string
		form url.Values
		said string
		says string
	}{
		{"/upgrades/A-1/resend", nil, "resend by anna@provider.example upgrade/A-1", "A new invitation is sent."},
		{"/upgrades/A-1/revoke", nil, "revoke by anna@provider.example upgrade/A-1", "The link is void."},
		{"/upgrades/A-2/confirm", url.Values{"digest": {"d1"}, "seats": {"30"}}, "confirm d1 30 by anna@provider.example upgrade/A-2", "The plan is confirmed."},
		{"/upgrades/A-6/approve", url.Values{"digest": {"d9"}}, "approve d9 by anna@provider.example upgrade/A-6", "Approved."},
		{"/upgrades/A-1/cancel", url.Values{"reason": {"by mistake"}}, "cancel by anna@provider.example because by mistake upgrade/A-1", "Nothing was touched, and nothing will be."},
		{"/upgrades/A-3/resolve", url.Values{"answer": {"retry"}, "reason": {"mended"}}, "resolve retry by anna@provider.example because mended upgrade/A-3", "The step is tried again."},
		{"/upgrades/A-5/again", nil, "again A-5", "as attempt 2"},
		{"/upgrades/A-4/callbacks", url.Values{"sequence": {"2"}}, "replay 2 A-4#1", "Billing is being told again."},
		{"/customers/refresh", nil, "inventory ", "All customers are being read"},
		{"/customers/" + contoso + "/reseller", url.Values{"reseller": {"harbor"}}, "of harbor by anna@provider.example " + contoso, "looks after this customer"},
		{"/customers/" + contoso + "/plan", url.Values{"subscription": {"s1"}, "plan": {"hosted-pro"}}, "membership s1 hosted-pro business-premium " + contoso, "recorded on"},
		{"/resellers", url.Values{"id": {"new"}, "name": {"New"}}, "reseller New new", "The reseller is kept."},
		{"/resellers/quay/subscribe", url.Values{"plan": {"customer-management"}, "account": {"admin"}, "subdomain": {"quay"}}, "subscribe customer-management admin quay quay", "is subscribed"},
		{"/resellers/harbor/end", nil, "end by anna@provider.example harbor", "is ended"},
		{"/management-plans", url.Values{"id": {"m"}, "name": {"M"}, "template": {"resale"}, "setup": {"0"}, "recurring": {"0.00"}}, "plan resale [{setup     0} {recurring     0}] [] m", "The plan is made."},
		{"/management-plans", url.Values{"id": {"m"}, "template": {"other"}, "setup": {"5"}, "resources": {"Exchange"}}, "plan other [{setup     1} {recurring     0}] [Exchange] m", ""},
	} {
		s := newSite(t, typical())
		code, page := s.post(c.path, c.form)
		if code != 200 || !slices.Contains(s.said, c.said) {
			t.Errorf("%s answers %d and said %q", c.path, code, s.said)
		}
		s.says(page, c.says)
		if c.path != "/customers/refresh" {
			if _, again := s.get("/upgrades"); strings.Contains(words(again), c.says) && c.says != "" {
				t.Errorf("%s: it is said twice", c.path)
			}
		}
	}
}

func TestRefusalsAreSaidOnTheirPage(t *testing.T) {
	f := typical()
	f.refusal = &upgrade.Error{Kind: upgrade.Refused, Code: "past_no_return", Message: "it is past the point of no return"}
	s := newSite(t, f)
	_, page := s.post("/upgrades/A-3/cancel", nil)
	s.says(page, "Upgrade A-3", "It is past the point of no return.")
	f.refusal = &upgrade.Error{Kind: upgrade.Unknown, Message: "dial tcp 10.0.0.7: secret internals"}
	_, page = s.post("/upgrades/A-3/cancel", nil)
	s.says(page, "try again in a moment")
	if strings.Contains(page, "10.0.0.7") {
		t.Error("the page tells of our insides")
	}
}

func TestTheLinkIsShownOnce(t *testing.T) {
	s := newSite(t, typical())
	_, page := s.post("/upgrades/A-1/link", nil)
	if !strings.Contains(page, `value="https://uplift.example/consent/upgrade.A-1-2"`) {
		t.Errorf("the link is not shown:\n%s", page)
	}
	if _, page = s.get("/upgrades/A-1"); strings.Contains(page, "uplift.example/consent") {
		t.Error("the link is shown to whoever opens the page")
	}
	_, page = s.post("/upgrades/A-1/resend", nil)
	if strings.Contains(page, "CAPABILITY") {
		t.Error("a new invitation's link is shown without being asked for")
	}
	s.who = enrico
	if _, page = s.post("/upgrades/A-1/link", nil); strings.Contains(page, "uplift.example/consent") {
		t.Error("an engineer reads the link")
	}
}

// TestResellersSeeTheirOwnOnly is the pages' side of what the desk decides.
func TestResellersSeeTheirOwnOnly(t *testing.T) {
	s := newSite(t, typical())
	s.who = rita
	for path, want := range map[string]int{
		"/upgrades/A-3": 200, "/upgrades/A-1": 404, "/upgrades/A-1/plan": 404, "/upgrades/A-1/users": 404, "/upgrades/A-1/users.csv": 404, "/upgrades/A-1/live": 404,
		"/customers/" + fabrikam: 200, "/customers/" + contoso: 404,
	} {
		if code, page := s.get(path); code != want || want == 404 && strings.Contains(page, "Contoso") {
			t.Errorf("%s answers %d\n%s", path, code, words(page))
		}
	}
	for _, path := range []string{"/upgrades", "/upgrades?show=ended", "/customers", "/invitations", "/resellers", "/new"} {
		if _, page := s.get(path); strings.Contains(words(page), "Contoso") || strings.Contains(words(page), "Quayside") {
			t.Errorf("%s shows others' customers\n%s", path, words(page))
		}
	}
	s.post("/upgrades/A-1/cancel", nil)
	s.who = nowhere
	s.post("/upgrades/A-3/cancel", nil)
	if len(s.said) != 0 {
		t.Errorf("words reached an upgrade: %q", s.said)
	}
}

func TestResellerWithoutEntitlementMayLook(t *testing.T) {
	f := typical()
	f.resellers[0].Entitlement = nil
	s := newSite(t, f)
	s.who = rita
	if code, _ := s.get("/upgrades/A-3"); code != 200 {
		t.Errorf("looking answers %d", code)
	}
	_, page := s.post("/upgrades/A-3/resolve", url.Values{"answer": {"retry"}})
	s.says(page, "not subscribed to a customer management plan")
	if len(s.said) != 0 {
		t.Errorf("words reached an upgrade: %q", s.said)
	}
}

func TestUsersAsCSV(t *testing.T) {
	s := newSite(t, typical())
	_, file := s.get("/upgrades/A-4/users.csv")
	if want := "user,id,outcome,code,reason,remedy,services,notes\nada@contoso.example,u1,moved,,,,,\n'=bob@contoso.example,u2,failed,no_location,the user has no usage location,set one,unknown-plan: Warning,\n"; file != want {
		t.Errorf("the file is\n%s", file)
	}
}

// TestLive reads the stream of an open page until the upgrade has ended.
func TestLive(t *testing.T) {
	f := typical()
	s := newSite(t, f)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.server.URL+"/upgrades/A-1/live", nil)
	answer, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var events []string
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		kind, ok := strings.CutPrefix(lines.Text(), "event: ")
		if !ok {
			continue
		}
		events = append(events, kind)
		if len(events) < 3 {
			f.mu.Lock()
			st := f.status["A-1"]
			if st.Stage = upgrade.Changing; len(events) == 2 {
				st.Stage, st.End = upgrade.Ended, upgrade.Completed
			}
			f.status["A-1"] = st
			f.mu.Unlock()
		}
	}
	if !slices.Equal(events, []string{"version", "version", "version", "over"}) {
		t.Errorf("the stream said %q", events)
	}
}

// TestNoFormLeadsAway: where a form comes back to is a page of ours.
func TestNoFormLeadsAway(t *testing.T) {
	for _, from := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)", "upgrades", "/\r\nX: y", ""} {
		if localPath(from) {
			t.Errorf("%q is taken for a page of ours", from)
		}
	}
	s := newSite(t, typical())
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	r, err := s.client.PostForm(s.server.URL+"/upgrades/A-1/resend", url.Values{"from": {"//evil.example"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if to := r.Header.Get("Location"); to != "/upgrades/A-1" {
		t.Errorf("the form leads to %q", to)
	}
}

func TestWhatIsSaidFitsACookie(t *testing.T) {
	s := newSite(t, typical())
	var problems upgrade.Problems
	for range 200 {
		problems.Add("somewhere", "bad", strings.Repeat("long ", 150), "mend it")
	}
	s.refusal = problems
	_, page := s.post("/upgrades/A-1/resend", nil)
	if !strings.Contains(words(page), "more problems") && !strings.Contains(words(page), "too long") {
		t.Errorf("nothing is said:\n%s", words(page))
	}
}

func TestUnreachableTemporal(t *testing.T) {
	f := typical()
	f.down = &upgrade.Error{Kind: upgrade.Transient, Code: "unavailable", Message: "dial 10.0.0.7"}
	s := newSite(t, f)
	code, page := s.get("/upgrades")
	if code != http.StatusServiceUnavailable || strings.Contains(page, "10.0.0.7") {
		t.Errorf("it answers %d\n%s", code, words(page))
	}
	s.says(page, "try again in a moment")
}

func TestRoutesHaveRules(t *testing.T) {
	for _, r := range Routes(Options{}) {
		if r.Rule.Door != access.Public && (r.Rule.Door != access.Pages || len(r.Rule.Roles) == 0) {
			t.Errorf("%s has no rule", r.Pattern)
		}
		if r.Rule.Door == access.Public && r.Pattern != "GET /desk/{name}" {
			t.Errorf("%s is open to everybody", r.Pattern)
		}
	}
}
