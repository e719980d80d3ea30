package workflows_test

import (
	"encoding/json"
	"testing"

	"go.temporal.io/sdk/converter"

	"uplift/upgrade"
)

// dryRun runs PlanUpgradeWorkflow.
func (l *lab) dryRun(input converter.RawValue) upgrade.Plan {
	l.Helper()
	l.env.ExecuteWorkflow(upgrade.PlanWorkflow, input)
	var p upgrade.Plan
	if err := l.env.GetWorkflowResult(&p); err != nil {
		l.Fatal(err)
	}
	l.untouched()
	if n := len(l.world.Letters("")); n != 0 || l.world.Calls("Register.Claim") != 0 || l.world.Calls("Register.SavePlan") != 0 {
		l.Errorf("a dry run sent %d letters, made %d claims, saved %d plans", n, l.world.Calls("Register.Claim"), l.world.Calls("Register.SavePlan"))
	}
	return p
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.transition(20, 25)
	b, err := json.Marshal(l.order)
	if err != nil {
		t.Fatal(err)
	}
	p := l.dryRun(jsonPayload(string(b)))
	if !p.Eligible() || p.Headline != "Microsoft 365 Business Basic ×20 → Microsoft 365 Business Premium ×25" || p.Digest == "" {
		t.Errorf("headline %q, digest %q, reasons %v", p.Headline, p.Digest, p.Reasons)
	}
	if len(p.Steps) != 2 || p.Steps[0].Work != upgrade.Transit || p.Steps[1].Work != upgrade.Resize || p.Steps[1].From != 20 || p.Steps[1].To != 25 {
		t.Errorf("the steps: %+v", p.Steps)
	}
	if len(p.Lines) != 1 || p.Lines[0].Subscription != id || p.Lines[0].Now != 20 || p.Lines[0].Then != 25 || p.Lines[0].ThenOffer != "business-premium" {
		t.Errorf("the lines: %+v", p.Lines)
	}
	if len(p.Gains) == 0 || p.Undo.NoReturnAfter != "transition" || len(p.Unknown) == 0 || len(p.Why) != 2 || len(p.Permissions) != 3 {
		t.Errorf("gains %v, undo %+v, unknown %v, why %v, permissions %v", p.Gains, p.Undo, p.Unknown, p.Why, p.Permissions)
	}
}

func TestDryRunSaysWhyNot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ encoding, input, code string }{
		"ineligible":     {"json/plain", `{` + goodOrder + `,"target":{"totals":[{"offer":"apps-for-business-india","seats":5}]}}`, "not_sold_in_market"},
		"unknown offer":  {"json/plain", `{` + goodOrder + `,"target":{"totals":[{"offer":"x","seats":5}]}}`, "unknown_offer"},
		"malformed JSON": {"json/plain", `{`, "malformed_json"},
		"undecryptable":  {"binary/encrypted", "\x01", "unreadable_order"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if p := newLab(t).dryRun(payload(c.encoding, c.input)); !p.Reasons.Has(c.code) {
				t.Errorf("the reasons: %v", p.Reasons)
			}
		})
	}
}
