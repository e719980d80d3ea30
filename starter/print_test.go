package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"uplift/upgrade"
)

// TestPrintPlan: the plan document as text, as a page, and as it is; a plan that is not eligible is exit code 4 in each.
func TestPrintPlan(t *testing.T) {
	p := upgrade.Plan{
		Order: "A-1", Headline: "Business Basic ×20 → ×25", Digest: "0123456789abcdef",
		Steps: []upgrade.Step{{ID: "raise", Work: upgrade.Resize, Words: "Raise Business Basic <20> to 25 seats", From: 20, To: 25}},
	}
	print := func(output string) string {
		t.Helper()
		var out bytes.Buffer
		a := &app{stdout: &out, output: output}
		if err := a.showPlan(p); exitCode(err) != map[bool]int{true: exitOK, false: exitRefused}[p.Eligible()] {
			t.Errorf("-o %s: %v", output, err)
		}
		return out.String()
	}
	for _, says := range []string{"Business Basic ×20 → ×25", "  1. Raise Business Basic <20> to 25 seats", "starter confirm A-1 -digest 0123456789abcdef"} {
		if said := print("text"); !strings.Contains(said, says) {
			t.Errorf("the text lacks %q:\n%s", says, said)
		}
	}
	if page := print("html"); !strings.HasPrefix(page, "<!doctype html>") || !strings.Contains(page, "<li>Raise Business Basic &lt;20&gt;") {
		t.Errorf("%s", page)
	}
	var back upgrade.Plan
	if err := json.Unmarshal([]byte(print("json")), &back); err != nil || back.Digest != p.Digest || len(back.Steps) != 1 {
		t.Errorf("%+v, %v", back, err)
	}
	p.Reasons.Add("target", "nothing_to_do", "the customer already holds what is ordered", "check the target")
	if said := print("text"); !strings.Contains(said, "NOT ELIGIBLE") || !strings.Contains(said, "[nothing_to_do]") || strings.Contains(said, "starter confirm") {
		t.Errorf("%s", said)
	}
	print("html")
}
