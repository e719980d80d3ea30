package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

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

// printed is a status as `starter status` shows it.
func printed(t *testing.T, s upgrade.Status) string {
	t.Helper()
	var out bytes.Buffer
	if err := text(&out, func(t *table) { statusTable(t, s) }); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestPrintStatus: what is waited for, until when, and the command that answers it; and nothing of it once it is over.
func TestPrintStatus(t *testing.T) {
	at := time.Date(2027, 10, 11, 21, 21, 56, 0, time.Local)
	asked := &upgrade.Approval{Why: "It adds 20 seats; more than 15 need the approval of a second person.", Digest: "0123456789abcdef"}
	given := &upgrade.Approval{Why: asked.Why, Digest: asked.Digest, By: "Petra", At: at}
	parked := &upgrade.Parked{Step: "raise", Reason: "the agreement is missing", Code: "no_agreement", Answers: []upgrade.Answer{upgrade.Retry, upgrade.UndoIt}, Since: at}
	known := *parked
	known.Correlation = "387dadc4"
	for name, c := range map[string]struct {
		status      upgrade.Status
		says, lacks []string
	}{
		"approval waited for": {upgrade.Status{Order: "A-1", Stage: upgrade.Confirming, Approval: asked},
			[]string{"APPROVAL  It adds 20 seats", "starter plan A-1", "starter approve A-1 -digest 0123456789abcdef"}, []string{"given by"}},
		"approval given": {upgrade.Status{Order: "A-1", Stage: upgrade.Changing, Approval: given},
			[]string{"Approval  given by Petra, " + clock(at) + ", for the plan 0123456789abcdef"}, []string{"starter approve"}},
		"approval never given": {upgrade.Status{Order: "A-1", Stage: upgrade.Ended, End: upgrade.Cancelled, Approval: asked},
			nil, []string{"pproval", "APPROVAL", "starter approve"}},
		"scheduled": {upgrade.Status{Order: "A-1", Stage: upgrade.Scheduled, Wakes: &at},
			[]string{"Stage     scheduled: stands by until the renewal, " + clock(at)}, nil},
		"cancelled while scheduled": {upgrade.Status{Order: "A-1", Stage: upgrade.Ended, End: upgrade.Cancelled, Wakes: &at, Cancelling: &upgrade.Request{By: "ann"}},
			[]string{"ended: cancelled"}, []string{"stands by", "Cancelling"}},
		"ineligible": {upgrade.Status{Order: "A-1", Stage: upgrade.Ended, End: upgrade.Ineligible, Steps: []upgrade.StepStatus{{ID: "a", Words: "raise the seats", State: "pending"}}},
			[]string{"not begun"}, []string{"pending"}},
		"cancelling": {upgrade.Status{Order: "A-1", Stage: upgrade.Changing, Cancelling: &upgrade.Request{By: "ann", Reason: "ordered by mistake"}},
			[]string{"asked by ann: ordered by mistake"}, nil},
		"residue": {upgrade.Status{Order: "A-1", Stage: upgrade.Ended, End: upgrade.CompletedWithResidue, Residue: []upgrade.Residual{
			{Offer: "business-basic", Name: "Business Basic", Seats: 5, Until: at}, {Offer: "business-standard", Seats: 1, Until: at}}},
			[]string{"Residue   5 seats of Business Basic stay until " + clock(at), "1 seat of business-standard stays until " + clock(at)}, nil},
		"parked": {upgrade.Status{Order: "A-1", Stage: upgrade.Changing, Parked: parked},
			[]string{"starter errors no_agreement", "starter resolve A-1 -answer retry|undo"}, []string{"correlation"}},
		"parked by Microsoft": {upgrade.Status{Order: "A-1", Stage: upgrade.Changing, Parked: &known},
			[]string{"Microsoft's correlation id, for its support: 387dadc4"}, nil},
		"confirmation waited for": {upgrade.Status{Order: "A-1", Stage: upgrade.Confirming, Digest: "fedcba9876543210"},
			[]string{"starter confirm A-1 -digest fedcba9876543210"}, []string{"starter approve"}},
	} {
		said := printed(t, c.status)
		for _, says := range c.says {
			if !strings.Contains(said, says) {
				t.Errorf("%s lacks %q:\n%s", name, says, said)
			}
		}
		for _, lacks := range c.lacks {
			if strings.Contains(said, lacks) {
				t.Errorf("%s says %q:\n%s", name, lacks, said)
			}
		}
	}
}

// TestPrintResult: the end of a -watch names the seats that are paid for until the renewal.
func TestPrintResult(t *testing.T) {
	at := time.Date(2027, 10, 11, 21, 21, 56, 0, time.Local)
	var out bytes.Buffer
	r := upgrade.Result{Order: "A-1", End: upgrade.CompletedWithResidue, Residue: []upgrade.Residual{{Name: "Business Basic", Seats: 5, Until: at}}}
	if err := text(&out, func(t *table) { resultTable(t, r) }); err != nil || !strings.Contains(out.String(), "5 seats of Business Basic stay until "+clock(at)) {
		t.Errorf("%v\n%s", err, out.String())
	}
}
