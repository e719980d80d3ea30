package upgrade_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"uplift/upgrade"
)

const (
	tenant       = "3f1c2a54-6f0e-4b6b-9d6c-0a1b2c3d4e5f"
	subscription = "10000000-0000-4000-8000-000000000001"
)

// input is an order that says the least that an order can say, with fields replaced, added, or (nil) taken away.
func input(t testing.TB, change map[string]any) []byte {
	t.Helper()
	o := map[string]any{
		"order": "A-1", "tenant": tenant, "target": map[string]any{"plan": "business-premium", "seats": 25},
		"administrator": map[string]any{"mail": "admin@contoso.example"},
	}
	for k, v := range change {
		if o[k] = v; v == nil {
			delete(o, k)
		}
	}
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func at(ps upgrade.Problems) string {
	all := make([]string, len(ps))
	for i, p := range ps {
		all[i] = strings.TrimSpace(p.Path + " " + p.Code)
	}
	return strings.Join(all, "\n")
}

func lines(s ...string) string { return strings.Join(s, "\n") }

type m = map[string]any

func many[T any](n int, one func(i int) T) []T {
	all := make([]T, n)
	for i := range all {
		all[i] = one(i)
	}
	return all
}

// TestParseOrderProblems holds every code of an order's form to an input that brings out it and nothing else.
func TestParseOrderProblems(t *testing.T) {
	target := func(seats int) m { return m{"target": m{"plan": "p", "seats": seats}} }
	totals := func(all ...any) m { return m{"target": m{"totals": all}} }
	users := func(all ...string) m { return m{"licenses": m{"who": "users", "users": all}} }
	admin := func(a m) m { return m{"administrator": a} }
	for _, c := range []struct {
		name   string
		change m
		want   string
	}{
		{"no order id", m{"order": nil}, "order bad_order_id"},
		{"order id with a slash", m{"order": "a/b"}, "order bad_order_id"},
		{"order id too long", m{"order": strings.Repeat("a", 101)}, "order bad_order_id"},
		{"no tenant", m{"tenant": nil}, "tenant bad_tenant"},
		{"tenant by its domain", m{"tenant": "contoso.example"}, "tenant bad_tenant"},
		{"no target", m{"target": nil}, "target no_target"},
		{"an empty target", m{"target": m{}}, "target no_target"},
		{"two targets", m{"target": m{"plan": "p", "seats": 1, "totals": []any{m{"offer": "o", "seats": 1}}}}, "target two_targets"},
		{"seats without plan", m{"target": m{"seats": 5, "totals": []any{m{"offer": "o", "seats": 1}}}}, "target.seats seats_without_plan"},
		{"plan without seats", target(0), "target.seats no_seats"},
		{"negative", target(-1), "target.seats negative_seats"},
		{"absurd", target(100_001), "target.seats absurd_seats"},
		{"total negative", totals(m{"offer": "o", "seats": -1}), "target.totals[0].seats negative_seats"},
		{"total absurd", totals(m{"offer": "a", "seats": 0}, m{"offer": "b", "seats": 100_001}), "target.totals[1].seats absurd_seats"},
		{"total without offer", totals(m{"seats": 1}), "target.totals[0].offer no_offer"},
		{"offer twice, in another case", totals(m{"offer": "a", "seats": 1}, m{"offer": "A", "seats": 2}), "target.totals[1].offer duplicate_offer"},
		{"too many totals", m{"target": m{"totals": many(21, func(i int) any { return m{"offer": fmt.Sprint("o", i), "seats": 1} })}}, "target.totals too_many"},
		{"source by its name", m{"sources": []any{"Business Basic"}}, "sources[0] bad_subscription"},
		{"source twice", m{"sources": []any{subscription, strings.ToUpper(subscription)}}, "sources[1] duplicate_source"},
		{"term", m{"purchase": m{"term": "P2Y"}}, "purchase.term unknown_value"},
		{"billing cycle", m{"purchase": m{"billingCycle": "daily"}}, "purchase.billingCycle unknown_value"},
		{"who", m{"licenses": m{"who": "all"}}, "licenses.who unknown_value"},
		{"users without a list", m{"licenses": m{"who": "users"}}, "licenses.users users_contradict"},
		{"a list without users", m{"licenses": m{"users": []any{"a@b.example"}}}, "licenses.users users_contradict"},
		{"too many users", m{"licenses": m{"who": "users", "users": many(1001, func(i int) string { return fmt.Sprintf("u%d@b.example", i) })}}, "licenses.users too_many"},
		{"user by a display name", users("a@b.example", "Ada Lovelace"), "licenses.users[1] bad_user"},
		{"user twice", users("a@b.example", "A@B.example"), "licenses.users[1] duplicate_user"},
		{"action", m{"onUserFailure": m{"action": "ignore"}}, "onUserFailure.action unknown_value"},
		{"share above one", m{"onUserFailure": m{"action": "undo", "share": 1.5}}, "onUserFailure.share bad_share"},
		{"share below zero", m{"onUserFailure": m{"action": "undo", "share": -0.1}}, "onUserFailure.share bad_share"},
		{"share of a report", m{"onUserFailure": m{"share": 0.5}}, "onUserFailure.share bad_share"},
		{"consent", m{"consent": "fax"}, "consent unknown_value"},
		{"mail without an administrator", m{"administrator": nil}, "administrator no_administrator"},
		{"no address", admin(m{}), "administrator.mail bad_mail"},
		{"address with a name", admin(m{"mail": "Ada <a@b.example>"}), "administrator.mail bad_mail"},
		{"address with a header", admin(m{"mail": "a@b.example\r\nBcc: x@y.example"}), "administrator.mail bad_mail"},
		{"name with a header", admin(m{"mail": "a@b.example", "name": "Ada\nBcc: x"}), "administrator.name bad_name"},
		{"language", admin(m{"mail": "a@b.example", "language": "German"}), "administrator.language bad_language"},
		{"finish", m{"finish": "later"}, "finish unknown_value"},
		{"priority", m{"priority": "high"}, "priority unknown_value"},
		{"residue", m{"residue": "keep"}, "residue unknown_value"},
		{"attempt", m{"attempt": -1}, "attempt bad_attempt"},
		{"absurd attempt", m{"attempt": 1001}, "attempt bad_attempt"},
		{"market", m{"market": "Germany"}, "market bad_country"},
		{"usage location", m{"usageLocation": "D"}, "usageLocation bad_country"},
		{"times", m{"notBefore": "2026-03-02T00:00:00Z", "notAfter": "2026-03-01T00:00:00Z"}, "notAfter times_contradict"},
		{"times that are equal across zones", m{"notBefore": "2026-03-02T01:00:00+01:00", "notAfter": "2026-03-02T00:00:00Z"}, "notAfter times_contradict"},
		{"reseller", m{"reseller": strings.Repeat("r", 201)}, "reseller too_long"},
		{"batch", m{"batch": strings.Repeat("b", 201)}, "batch too_long"},
		{"an unknown field", m{"seats": 5}, "seats unknown_field"},
		{"unknown fields at several places", m{"x": 1, "target": m{"plan": "p", "seats": 1, "seat": 2}}, lines("target.seat unknown_field", "x unknown_field")},
		{"wrong types at several places", m{"batch": 1, "beside": "yes", "sources": subscription, "purchase": []any{}, "licenses": m{"who": "users", "users": []any{5}}},
			lines("batch wrong_type", "beside wrong_type", "licenses.users[0] wrong_type", "purchase wrong_type", "sources wrong_type")},
		{"wrong types, and what else is wrong", m{"tenant": "x", "target": m{"plan": "p", "seats": "5"}, "y": 1}, lines("target.seats wrong_type", "y unknown_field", "tenant bad_tenant")},
		{"a number as text", m{"target": m{"plan": "p", "seats": "5"}}, "target.seats wrong_type"},
		{"a part of a seat", m{"target": m{"plan": "p", "seats": 2.5}}, "target.seats wrong_type"},
		{"a date that is none", m{"notBefore": "tomorrow"}, "notBefore wrong_type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, ps := upgrade.ParseOrder(input(t, c.change))
			if got := at(ps); got != c.want {
				t.Errorf("the problems are\n%s\nnot\n%s", got, c.want)
			}
			for _, p := range ps {
				if p.Message == "" || p.Remedy == "" {
					t.Errorf("%s lacks its sentence or its remedy", p)
				}
			}
		})
	}
}

// TestParseOrderAtOnce: whoever sends a bad order learns everything that is wrong with it.
func TestParseOrderAtOnce(t *testing.T) {
	_, ps := upgrade.ParseOrder(input(t, m{
		"order": "", "tenant": "x", "target": m{"seats": 4, "totals": []any{m{"offer": "", "seats": -1}, m{"offer": "a", "seats": 100_001}, m{"offer": "a", "seats": 1}}},
		"sources": []any{"s", "s"}, "purchase": m{"term": "P2Y", "billingCycle": "x"},
		"licenses": m{"who": "everybody", "users": []any{"?", "?"}}, "onUserFailure": m{"action": "x", "share": 2},
		"consent": "x", "administrator": m{"mail": "x", "name": "a\nb", "language": "X"},
		"finish": "x", "priority": "x", "residue": "x", "attempt": -1, "market": "XXX", "usageLocation": "1",
		"notBefore": "2026-03-02T00:00:00Z", "notAfter": "2026-03-01T00:00:00Z", "reseller": strings.Repeat("r", 201), "batch": strings.Repeat("b", 201),
	}))
	want := lines(
		"order bad_order_id", "tenant bad_tenant", "target.seats seats_without_plan",
		"target.totals[0].offer no_offer", "target.totals[0].seats negative_seats", "target.totals[1].seats absurd_seats", "target.totals[2].offer duplicate_offer",
		"sources[0] bad_subscription", "sources[1] bad_subscription", "sources[1] duplicate_source",
		"purchase.term unknown_value", "purchase.billingCycle unknown_value",
		"licenses.who unknown_value", "licenses.users users_contradict", "licenses.users[0] bad_user", "licenses.users[1] bad_user", "licenses.users[1] duplicate_user",
		"onUserFailure.action unknown_value", "onUserFailure.share bad_share",
		"consent unknown_value", "administrator.mail bad_mail", "administrator.name bad_name", "administrator.language bad_language",
		"finish unknown_value", "priority unknown_value", "residue unknown_value", "attempt bad_attempt",
		"market bad_country", "usageLocation bad_country", "notAfter times_contradict", "reseller too_long", "batch too_long")
	if got := at(ps); got != want {
		t.Errorf("the problems are\n%s\nnot\n%s", got, want)
	}
}

// TestParseOrderDefaults: what an order may leave out has one meaning, and spelling has none.
func TestParseOrderDefaults(t *testing.T) {
	o, ps := upgrade.ParseOrder(input(t, m{
		"tenant": " " + strings.ToUpper(tenant), "target": m{"plan": "Business-Premium", "seats": 25}, "sources": []any{strings.ToUpper(subscription) + " "},
		"market": "de", "usageLocation": "at", "notBefore": "2026-03-02T01:00:00+01:00",
	}))
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	when := time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)
	switch {
	case o.Tenant != tenant, o.Sources[0] != subscription, o.Target.Plan != "business-premium", o.Market != "DE", o.UsageLocation != "AT":
		t.Errorf("spelling is kept: %+v", o)
	case o.Licenses.Who != upgrade.Holders, o.Consent != upgrade.ByMail, o.Finish != upgrade.FinishAutomatic, o.Priority != upgrade.Normal,
		o.Residue != upgrade.RefuseResidue, o.OnUserFailure != (upgrade.UserFailure{Action: upgrade.ReportUsers}), o.Administrator.Language != "en":
		t.Errorf("a default is missing: %+v", o)
	case !o.NotBefore.Equal(when) || o.NotBefore.Location() != time.UTC:
		t.Errorf("times are kept in UTC: %v", o.NotBefore)
	case !o.Invites():
		t.Error("an order by mail invites")
	}
	if o, ps := upgrade.ParseOrder(input(t, m{"consent": "existing", "administrator": nil})); len(ps) > 0 || o.Invites() {
		t.Errorf("an existing grant needs no administrator: %v", ps)
	}
}

// TestOrderHash: the same order, however it is written, is one; the literals hold it across releases.
func TestOrderHash(t *testing.T) {
	o, ps := upgrade.ParseOrder(input(t, nil))
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	const canonical = `{"order":"A-1","tenant":"3f1c2a54-6f0e-4b6b-9d6c-0a1b2c3d4e5f","target":{"plan":"business-premium","seats":25},` +
		`"licenses":{"who":"holders"},"administrator":{"mail":"admin@contoso.example","language":"en"},"consent":"mail","finish":"automatic",` +
		`"priority":"normal","residue":"refuse","onUserFailure":{"action":"report"}}`
	if got := string(o.Canonical()); got != canonical {
		t.Errorf("the canonical form became\n%s", got)
	}
	if got := o.Hash(); got != "806bbae913ff7ddc55facc037202373609882355dc357994180705b2c3ee3a72" {
		t.Errorf("the hash became %s: every order that billing repeats would be refused as another", got)
	}
	for name, same := range map[string][]byte{
		"defaults written out": input(t, m{"consent": "mail", "priority": "normal", "licenses": m{"who": "holders"}, "onUserFailure": m{"action": "report"}}),
		"capitals":             input(t, m{"tenant": strings.ToUpper(tenant)}),
		"white space":          []byte("\xef\xbb\xbf \n" + strings.ReplaceAll(string(input(t, nil)), ",", " ,\n\t")),
		"a further attempt":    input(t, m{"attempt": 2}),
	} {
		if other, ps := upgrade.ParseOrder(same); len(ps) > 0 || other.Hash() != o.Hash() {
			t.Errorf("%s: another order: %v", name, ps)
		}
	}
	for name, other := range map[string]m{
		"seats": {"target": m{"plan": "business-premium", "seats": 26}}, "who": {"licenses": m{"who": "nobody"}}, "batch": {"batch": "b"}, "beside": {"beside": true},
	} {
		if o2, ps := upgrade.ParseOrder(input(t, other)); len(ps) > 0 || o2.Hash() == o.Hash() {
			t.Errorf("other %s: the same order: %v", name, ps)
		}
	}
}
