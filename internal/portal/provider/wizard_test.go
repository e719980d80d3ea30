package provider

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

var draftAddress = regexp.MustCompile(`/new/([a-z0-9]+)/`)

// begin chooses a customer and answers the draft's id.
func (s *site) begin(tenant string) string {
	s.Helper()
	_, page := s.post("/new", url.Values{"tenant": {tenant}})
	found := draftAddress.FindStringSubmatch(page)
	if found == nil {
		s.Fatalf("no draft was begun:\n%s", words(page))
	}
	return found[1]
}

func TestWizardFromTheCustomerToTheOrder(t *testing.T) {
	s := newSite(t, typical())
	id := s.begin(contoso)
	_, page := s.post("/new/"+id+"/consent", url.Values{"consent": {"mail"}, "mail": {"admin@contoso.example"}, "name": {"Ada"}, "language": {"en"}})
	s.says(page, "What Contoso Dental holds now", "(14 used, 6 free)")
	_, page = s.post("/new/"+id+"/target", url.Values{"order": {"B-7"}, "kind": {"plan"}, "plan": {"business-premium"}, "seats": {"25"},
		"finish": {"confirm"}, "residue": {"refuse"}, "priority": {"urgent"}, "notBefore": {"2026-04-01T08:00"}})
	s.says(page, "Who gets the licences?")
	_, page = s.post("/new/"+id+"/licences", url.Values{"who": {"users"}, "users": {"ada@contoso.example\nbob@contoso.example"}, "usageLocation": {"de"}, "onUserFailure": {"undo"}, "share": {"10"}})
	s.says(page, "Business Basic ×20 → Business Premium ×25", "Send the invitation to admin@contoso.example", "Nothing changes before")

	// Back shows what was typed.
	_, page = s.get("/new/" + id + "/target")
	if !strings.Contains(page, `value="B-7"`) || !strings.Contains(page, `value="2026-04-01T08:00"`) || !strings.Contains(page, `value="25"`) {
		t.Errorf("the step before has forgotten what was typed:\n%s", page)
	}
	_, page = s.get("/new/" + id + "/licences")
	if !strings.Contains(page, "ada@contoso.example\nbob@contoso.example") || !strings.Contains(page, `value="DE"`) || !strings.Contains(page, `value="10"`) {
		t.Errorf("the users' step has forgotten what was typed:\n%s", page)
	}

	_, page = s.post("/new/"+id+"/send", nil)
	s.says(page, "Upgrade B-7", "The order is placed.")
	if len(s.placed) != 1 {
		t.Fatalf("%d orders were placed", len(s.placed))
	}
	o, _ := upgrade.ParseOrder([]byte(s.placed[0]))
	if o.ID != "B-7" || o.Target.Seats != 25 || o.Finish != upgrade.FinishConfirm || o.Priority != upgrade.Urgent || o.NotBefore == nil || len(o.Licenses.Users) != 2 ||
		o.OnUserFailure.Share != 0.1 || o.PlacedBy != anna.Name || o.Administrator.Name != "Ada" {
		t.Errorf("another order was placed: %s", s.placed[0])
	}
	if len(s.drafts) != 0 {
		t.Error("the draft is still there")
	}
}

func TestWizardSaysWhatIsWrongAndKeepsWhatWasTyped(t *testing.T) {
	s := newSite(t, typical())
	id := s.begin(contoso)
	_, page := s.get("/new/" + id + "/consent")
	if strings.Contains(page, `role="alert"`) {
		t.Error("it complains before anything was typed")
	}
	_, page = s.post("/new/"+id+"/consent", url.Values{"consent": {"mail"}, "mail": {"not an address"}})
	s.says(page, "bad_mail")
	if !strings.Contains(page, `value="not an address"`) {
		t.Error("what was typed is gone")
	}
	// No step is reached over one that is wrong.
	_, page = s.get("/new/" + id + "/plan")
	s.says(page, "bad_mail")
	s.post("/new/"+id+"/consent", url.Values{"consent": {"link"}})
	_, page = s.post("/new/"+id+"/target", url.Values{"order": {"no blanks please"}, "kind": {"totals"}, "offer": {"business-basic", ""}, "total": {"many", ""},
		"finish": {"automatic"}, "residue": {"refuse"}, "priority": {"normal"}})
	s.says(page, "bad_order_id", "negative_seats")
	if s.placed != nil {
		t.Error("an order was placed")
	}
}

func TestWizardTakesTotals(t *testing.T) {
	s := newSite(t, typical())
	id := s.begin(contoso)
	s.post("/new/"+id+"/consent", url.Values{"consent": {"existing"}})
	s.post("/new/"+id+"/target", url.Values{"order": {"B-8"}, "kind": {"totals"}, "offer": {"business-basic", "business-premium", ""}, "total": {"0", "20", ""},
		"finish": {"automatic"}, "residue": {"at-renewal"}, "priority": {"normal"}, "term": {"P1Y"}, "billingCycle": {"monthly"}})
	_, page := s.post("/new/"+id+"/licences", url.Values{"who": {"holders"}, "onUserFailure": {"report"}})
	s.says(page, "Place the order", "It goes ahead at once")
	s.post("/new/"+id+"/send", nil)
	o, _ := upgrade.ParseOrder([]byte(s.placed[0]))
	if len(o.Target.Totals) != 2 || o.Target.Totals[1].Seats != 20 || o.Residue != upgrade.ResidueAtRenewal || o.Purchase == nil || o.Purchase.Term != "P1Y" {
		t.Errorf("another order was placed: %s", s.placed[0])
	}
}

func TestWizardPressedTwiceIsOneOrder(t *testing.T) {
	s := newSite(t, typical())
	id := s.begin(contoso)
	s.post("/new/"+id+"/consent", url.Values{"consent": {"existing"}})
	s.post("/new/"+id+"/target", url.Values{"order": {"B-9"}, "kind": {"plan"}, "plan": {"business-premium"}, "seats": {"25"}, "finish": {"automatic"}, "residue": {"refuse"}, "priority": {"normal"}})
	s.post("/new/"+id+"/licences", url.Values{"who": {"holders"}, "onUserFailure": {"report"}})
	kept := s.drafts["s-anna "+id]
	s.post("/new/"+id+"/send", nil)
	s.drafts["s-anna "+id] = kept // the second press met the draft before it was deleted
	_, page := s.post("/new/"+id+"/send", nil)
	s.says(page, "This order was placed before")
	if len(s.placed) != 1 {
		t.Errorf("%d orders were placed", len(s.placed))
	}
}

func TestWizardUploadsALongList(t *testing.T) {
	s := newSite(t, typical())
	id := s.begin(contoso)
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	_ = form.WriteField("who", "users")
	_ = form.WriteField("onUserFailure", "report")
	file, _ := form.CreateFormFile("upload", "users.csv")
	_, _ = file.Write([]byte("userPrincipalName\n"))
	for i := range upgrade.MaxInlineUsers + 1 {
		_, _ = file.Write([]byte("user" + plainNumber(i) + "@contoso.example\n"))
	}
	_ = form.Close()
	r, err := s.client.Post(s.server.URL+"/new/"+id+"/licences", form.FormDataContentType(), &b)
	s.read(r, err)
	if list := s.stored[contoso+" portal-"+id]; len(list) != upgrade.MaxInlineUsers+1 {
		t.Errorf("%d users are stored", len(list))
	}
	_, page := s.get("/new/" + id + "/licences")
	s.says(page, "The uploaded list portal-"+id)
}

func TestDraftsAreTheirOwners(t *testing.T) {
	s := newSite(t, typical())
	id := s.begin(contoso)
	s.who = access.Who{Subject: "s-otto", Name: "otto", Roles: []access.Role{access.Operator}}
	if code, page := s.get("/new/" + id + "/consent"); code != http.StatusNotFound {
		t.Errorf("another operator's draft answers %d: %s", code, words(page))
	}
	s.who = rita
	if _, page := s.post("/new", url.Values{"tenant": {contoso}, "from": {"/customers"}}); strings.Contains(page, "/consent\"") || len(s.drafts) != 1 {
		t.Errorf("a reseller began an order for a customer that is not its own: %s", words(page))
	}
}

func TestPlanThatCannotBeDone(t *testing.T) {
	f := typical()
	f.plan.Reasons = upgrade.Problems{{Code: "source_locked", Message: "the subscription is locked", Remedy: "wait"}}
	s := newSite(t, f)
	id := s.begin(contoso)
	s.post("/new/"+id+"/consent", url.Values{"consent": {"existing"}})
	s.post("/new/"+id+"/target", url.Values{"order": {"B-9"}, "kind": {"plan"}, "plan": {"business-premium"}, "seats": {"25"}, "finish": {"automatic"}, "residue": {"refuse"}, "priority": {"normal"}})
	_, page := s.post("/new/"+id+"/licences", url.Values{"who": {"holders"}, "onUserFailure": {"report"}})
	s.says(page, "This cannot be done as ordered", "The subscription is locked", "source_locked")
	if strings.Contains(page, "/send") {
		t.Error("what cannot be done can be sent")
	}
}
