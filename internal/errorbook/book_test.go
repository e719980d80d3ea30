package errorbook

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
)

func TestEveryRowIsWellFormed(t *testing.T) {
	classes := []Class{Retry, Wait, Act, Stop, Done}
	traits := []Trait{"", Pending, Slower, Unclear, Missing, Changed, Input, Tenant, Withdrawn, Consent, Grant, Unknown}
	for _, r := range All() {
		if !slices.Contains(classes, r.Class) || !slices.Contains(traits, r.Trait) {
			t.Errorf("%s: class %q, trait %q", r.ID(), r.Class, r.Trait)
		}
		if r.Message == "" || strings.HasSuffix(r.Message, ".") || r.Message != strings.TrimSpace(r.Message) {
			t.Errorf("%s: an error's message has no full stop: %q", r.ID(), r.Message)
		}
		for reader, a := range map[string]Advice{"operator": r.Operator, "customer": r.Customer, "billing": r.Billing} {
			for _, s := range []string{a.Sentence, a.Remedy} {
				if s == "" || !strings.HasSuffix(s, ".") || strings.HasSuffix(s, "..") || !unicode.IsUpper([]rune(s)[0]) {
					t.Errorf("%s: the %s reads %q, which is no whole sentence", r.ID(), reader, s)
				}
			}
		}
		if r.Service != Ours && r.Page == "" || r.Page != "" && !strings.HasPrefix(r.Page, "https://learn.microsoft.com/") {
			t.Errorf("%s: page %q", r.ID(), r.Page)
		}
		if r.Settle < 0 || r.Stay < 0 || r.Stay > 0 && r.Class != Wait {
			t.Errorf("%s settles in %v and is left alone for %v", r.ID(), r.Settle.D(), r.Stay.D())
		}
		if r.Text != strings.ToLower(r.Text) {
			t.Errorf("%s: a part of a message is compared in lower case", r.ID())
		}
	}
}

// TestCustomersReadNoJargon: the words that mean something to us and to nobody else.
func TestCustomersReadNoJargon(t *testing.T) {
	for _, r := range All() {
		for _, s := range []string{r.Customer.Sentence, r.Customer.Remedy} {
			for _, word := range []string{"Partner Center", "Graph", "GDAP", "AADSTS", "tenant", "Uplift", "SKU", "correlation", "retry", "`", "token"} {
				if strings.Contains(s, word) {
					t.Errorf("%s says %q to the customer: %s", r.ID(), word, s)
				}
			}
		}
	}
}

func TestNoCodeStandsTwice(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range All() {
		if id := strings.ToLower(r.ID()); seen[id] {
			t.Errorf("%s stands twice", r.ID())
		} else {
			seen[id] = true
		}
		if r.As == "" {
			continue
		}
		if own, ok := Find(Ours, r.As, 0, ""); !ok || own.As != "" {
			t.Errorf("%s is told as %s, which has no row of its own", r.ID(), r.As)
		}
	}
}

func TestFind(t *testing.T) {
	for _, tc := range []struct {
		service Service
		code    string
		status  int
		said    string
		message string
	}{
		{Partner, "2006", 400, "", "the offer does not allow this"},
		{Partner, "2006", 403, "", "the partner may not sell this offer"},
		{Partner, "400", 401, "", "Partner Center denied access to our token"},
		{Partner, "400", 400, "", ""},
		{Partner, "0", 501, "", "Partner Center met an error that it does not define"},
		{Partner, "0", 500, "", ""},
		{Partner, "777777", 400, "", ""},
		{Partner, "", 400, "", ""},
		{Graph, "request_badrequest", 400, "SUBSCRIPTION DOES NOT HAVE ANY AVAILABLE LICENSES", "no seat of the product is free"},
		{Graph, "Request_BadRequest", 403, "does not have any available licenses", ""},
		{Graph, "Directory_ConcurrencyViolation", 409, "", "other changes of the directory are under way"},
		{Graph, "Directory_ConcurrencyViolation", 400, "", ""},
		{Partner, "transition/3", 0, "", "the tenant holds services that conflict with the target"},
		{Partner, "transition/6", 0, "", "add-ons of the subscription stand in the way"}, // from our own row
	} {
		r, ok := Find(tc.service, tc.code, tc.status, tc.said)
		if ok != (tc.message != "") || r.Message != tc.message {
			t.Errorf("%s %s with %d %q: %q", tc.service, tc.code, tc.status, tc.said, r.Message)
		}
	}
	if r, _ := Find(Partner, "transition/3", 0, ""); r.Operator.Sentence != "The tenant holds services that conflict with the target." {
		t.Errorf("the operator reads %q", r.Operator.Sentence)
	}
	if r, _ := Find(Partner, "13605", 403, ""); !strings.HasSuffix(r.ForCustomer(), "Accept it when your provider sends it to you; the change goes on after that.") {
		t.Errorf("the customer reads %q", r.ForCustomer())
	}
	if r, _ := Find(Partner, "800003", 500, ""); r.ForCustomer() != r.Customer.Sentence {
		t.Errorf("the customer reads %q", r.ForCustomer())
	}
	if r, ok := OfStatus(Entra, 599); !ok || r.Class != Retry {
		t.Errorf("a trouble of Entra's own is %v", r)
	}
	if _, ok := OfStatus(Graph, 599); ok {
		t.Error("Graph's 599 is in no list")
	}
}

func TestTold(t *testing.T) {
	for _, tc := range []struct{ code, message, id string }{
		{"900278", "an operation on the subscription is pending (Microsoft: x)", "partner 900278"},
		{"2006", "the partner may not sell this offer", "partner 2006 with HTTP 403"},
		{"2006", "the offer does not allow this (Microsoft: x)", "partner 2006"},
		{"http_429", "Microsoft Graph asks us to slow down", "graph http_429 with HTTP 429"},
		{"http_429", "Entra asks for a pause", "entra http_429 with HTTP 429"},
		{"no_seats", "no seat of the product is free", "ours no_seats"},
		{"conflicting_services", "anything", "ours conflicting_services"},
		{"Request_BadRequest", "Microsoft Graph gave an answer", "graph Request_BadRequest with HTTP 400"},
		{"8675309", "", ""}, {"", "", ""},
	} {
		r, ok := Told(tc.code, tc.message)
		if ok != (tc.id != "") || ok && r.ID() != tc.id {
			t.Errorf("%s %q is %s", tc.code, tc.message, r.ID())
		}
	}
}

func TestExplain(t *testing.T) {
	for _, tc := range []struct {
		code, said string
		ids        []string
	}{
		{"900278", "", []string{"partner 900278"}},
		{"AADSTS65001", "", []string{"entra AADSTS65001"}},
		{" 65001 ", "", []string{"entra AADSTS65001"}},
		{"window_closed", "", []string{"ours window_closed"}},
		{"2006", "", []string{"partner 2006", "partner 2006 with HTTP 403"}},
		{"target/4", "", []string{"partner target/4"}},
		{"4", "", []string{"partner transition/4", "partner target/4", "partner upgrade/4"}},
		{"dependency", "", []string{"ours dependency", `graph Request_BadRequest with HTTP 400 saying "depends on the service plan"`}},
		{"Request_BadRequest", "No license changes provided", []string{`graph Request_BadRequest with HTTP 400 saying "no license changes"`}},
		{"InsufficientGranularAdminPermissions", "", []string{"partner transition/13", "partner upgrade/11"}},
		{"12345678", "", nil}, {"", "", nil},
	} {
		var ids []string
		for _, r := range Explain(tc.code, tc.said) {
			ids = append(ids, r.ID())
		}
		if !slices.Equal(ids, tc.ids) {
			t.Errorf("%q %q: %q", tc.code, tc.said, ids)
		}
	}
	if all := Explain("Request_BadRequest", ""); len(all) != 10 {
		t.Errorf("Request_BadRequest without a text has %d rows", len(all))
	}
}

func TestNear(t *testing.T) {
	for code, want := range map[string]string{"900287": "900278", "window_close": "window_closed", "group_license": "group_licence", "AADSTS6501": "AADSTS65001", "concurrencyviolation": "Directory_ConcurrencyViolation"} {
		if near := Near(code); !slices.Contains(near, want) || len(near) > nearest {
			t.Errorf("near %s: %q, want %s", code, near, want)
		}
	}
	for _, code := range []string{"", "xyzzyxyzzy", strings.Repeat("9", 10_000)} {
		if near := Near(code); near != nil {
			t.Errorf("near %.20s: %q", code, near)
		}
	}
}

func TestSettle(t *testing.T) {
	if DefaultSettle() != time.Hour {
		t.Errorf("default %v", DefaultSettle())
	}
	if d, ok := SettleOf(Order); !ok || d != 15*time.Minute {
		t.Errorf("an order shows after %v", d)
	}
	if d, ok := SettleOf(Seats); ok {
		t.Errorf("Microsoft names no figure for seats, and the book has %v", d)
	}
	if r, _ := Find(Partner, "20000", 404, ""); r.Settle.D() != 15*time.Minute {
		t.Errorf("an order that is not found settles in %v", r.Settle.D())
	}
	if d, ok := SettleAfter(Partner, "900278"); !ok || d != 24*time.Hour {
		t.Errorf("after 900278: %v", d)
	}
	if d, ok := SettleAfter(Partner, "800090"); ok {
		t.Errorf("after a definite no: %v", d)
	}
}
