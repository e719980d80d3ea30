package workflows_test

import (
	"strings"
	"testing"

	"uplift/upgrade"
)

const goodOrder = `"order":"order-1","tenant":"` + contoso + `","consent":"link"`

// What is no order is refused before anything starts, with every problem at its place.
func TestRefusedOrders(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		encoding, input string
		want            []string // path and code
	}{
		"malformed JSON": {"json/plain", `{"order":`, []string{" malformed_json"}},
		"empty":          {"json/plain", ``, []string{" empty"}},
		"cut off":        {"json/plain", "\xef\xbb\xbf{", []string{" malformed_json"}},
		"no object":      {"json/plain", `[]`, []string{" not_an_object"}},
		"unknown field":  {"json/plain", `{` + goodOrder + `,"seats":5}`, []string{"seats unknown_field"}},
		"unknown offer": {"json/plain", `{` + goodOrder + `,"target":{"totals":[{"offer":"business-basik","seats":5}]}}`,
			[]string{"target.totals[0].offer unknown_offer"}},
		"unknown plan": {"json/plain", `{` + goodOrder + `,"target":{"plan":"hosted-pro-max","seats":5}}`, []string{"target.plan unknown_plan"}},
		"negative and absurd": {"json/plain", `{` + goodOrder + `,"target":{"totals":[{"offer":"business-basic","seats":-3},{"offer":"office-365-e3","seats":1000000}]}}`,
			[]string{"target.totals[0].seats negative_seats", "target.totals[1].seats absurd_seats"}},
		"contradictions": {"json/plain", `{` + goodOrder + `,"target":{"plan":"business-basic","seats":5,"totals":[{"offer":"business-basic","seats":5}]},"licenses":{"who":"users"},"notBefore":"2026-05-01T00:00:00Z","notAfter":"2026-04-01T00:00:00Z"}`,
			[]string{"target two_targets", "licenses.users users_contradict", "notAfter times_contradict"}},
		"everything at once": {"json/plain", `{"order":"","tenant":"contoso","target":{},"sources":["x"],"consent":"perhaps","licenses":{"who":"all"},"usageLocation":"Germany"}`,
			[]string{"order bad_order_id", "tenant bad_tenant", "target no_target", "sources[0] bad_subscription", "consent unknown_value", "licenses.who unknown_value", "usageLocation bad_country"}},
		"too many for the offer": {"json/plain", `{` + goodOrder + `,"target":{"totals":[{"offer":"business-basic","seats":301}]}}`,
			[]string{"target.totals[0].seats seats_outside_limits"}},
		"no administrator": {"json/plain", `{"order":"order-1","tenant":"` + contoso + `","target":{"plan":"business-basic","seats":5}}`, []string{"administrator no_administrator"}},
		"undecryptable":    {"binary/encrypted", "\x01\x02", []string{" unreadable_order"}},
		"protobuf":         {"binary/protobuf", "\x01\x02", []string{" unreadable_order"}},
		"nothing":          {"binary/null", "", []string{" empty"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.resize(10, 15)
			r := l.runRaw(payload(c.encoding, c.input))
			l.ends(r, upgrade.RefusedOrder)
			l.explained(r)
			for _, want := range c.want {
				path, code, _ := strings.Cut(want, " ")
				found := false
				for _, p := range r.Reasons {
					found = found || p.Path == path && p.Code == code
				}
				if !found {
					t.Errorf("%q is not among the reasons:\n%s", want, r.Reasons.Error())
				}
			}
			l.untouched()
			if n := len(l.world.Letters("")); n != 0 || r.Upgrade != "" || l.world.Calls("Register.Claim") != 0 {
				t.Errorf("%d letters were sent, the upgrade is %q, %d claims were made", n, r.Upgrade, l.world.Calls("Register.Claim"))
			}
		})
	}
}

func TestOrderWithAByteOrderMark(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	r := l.runRaw(jsonPayload("\xef\xbb\xbf{" + goodOrder + `,"target":{"plan":"business-basic","seats":15}}`))
	l.ends(r, upgrade.Expired)
}

// The same order started twice is one upgrade and one duplicate that names it; another content under its id is refused.
func TestSecondStart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(object)
		end    upgrade.End
		code   string
	}{
		"the same":              {func(object) {}, upgrade.Duplicate, "duplicate_order"},
		"the same, in capitals": {func(o object) { o["tenant"] = strings.ToUpper(contoso) }, upgrade.Duplicate, "duplicate_order"},
		"another":               {func(o object) { o["priority"] = "urgent" }, upgrade.RefusedOrder, "order_id_taken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.resize(10, 15)
			l.signsIn()
			l.ends(l.run(), upgrade.Completed)
			letters := len(l.world.Letters(""))

			second := labIn(t, l.world, l.customer)
			second.startAs("somebody-else/1")
			second.order["target"] = l.order["target"]
			c.change(second.order)
			r := second.run()
			second.ends(r, c.end, c.code)
			second.explained(r)
			if r.First != "upgrade/order-1" {
				t.Errorf("the first is named %q", r.First)
			}
			second.seats(id, "business-basic", 15)
			second.effects("seats", "seats "+id+" 10→15")
			if n := len(l.world.Letters("")); n != letters {
				t.Errorf("the second start wrote %d letters", n-letters)
			}
		})
	}
}

// A further attempt begins on request after an end that changed nothing, or when its holder closed without an end.
func TestNextAttempt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first   upgrade.End
		attempt int
		want    upgrade.End
	}{
		"after expiry":  {upgrade.Expired, 2, upgrade.Completed},
		"not asked for": {upgrade.Expired, 0, upgrade.Duplicate},
		"one too far":   {upgrade.Expired, 3, upgrade.Duplicate},
		"after success": {upgrade.Completed, 2, upgrade.Duplicate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.resize(10, 15)
			if c.first == upgrade.Completed {
				l.signsIn()
			}
			l.ends(l.run(), c.first)

			again := labIn(t, l.world, l.customer)
			again.startAs("upgrade/order-1/2")
			again.order["target"] = l.order["target"]
			if c.attempt > 0 {
				again.order["attempt"] = c.attempt
			}
			again.signsIn()
			r := again.run()
			again.ends(r, c.want)
			if c.want == upgrade.Completed {
				again.seats(id, "business-basic", 15)
				if r.Upgrade != "order-1#2" {
					t.Errorf("the attempt is called %s", r.Upgrade)
				}
			}
			if n := len(l.world.Effects("seats")); n > 1 {
				t.Errorf("the seats were changed %d times", n)
			}
		})
	}
}

// An attempt whose execution was terminated has no end; the next one begins when Temporal says that it is closed.
func TestNextAttemptAfterATermination(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		closed bool
		want   upgrade.End
	}{"closed": {true, upgrade.Completed}, "running": {false, upgrade.Duplicate}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.resize(10, 15)
			o, problems := upgrade.ParseOrder([]byte(`{"order":"order-1","tenant":"` + contoso + `","administrator":{"mail":"admin@contoso.example","name":"Ada Admin"},"target":{"totals":[{"offer":"business-basic","seats":15}]}}`))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			if _, err := l.world.Activities().Register.Claim(t.Context(), upgrade.ClaimRequest{Order: o, WorkflowID: "terminated", FirstRun: "run"}, false); err != nil {
				t.Fatal(err)
			}
			if c.closed {
				l.world.Close("terminated")
			}
			l.order["attempt"] = 2
			l.signsIn()
			r := l.run()
			l.ends(r, c.want)
			if c.want == upgrade.Completed {
				l.seats(id, "business-basic", 15)
			} else if r.First != "terminated" {
				t.Errorf("the first is named %q", r.First)
			}
		})
	}
}
