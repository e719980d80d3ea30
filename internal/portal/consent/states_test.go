package consent_test

import (
	"strings"
	"testing"

	"uplift/upgrade"
)

func TestEachStateHasItsPage(t *testing.T) {
	ended := func(e upgrade.End) func(*upgrade.Status) {
		return func(s *upgrade.Status) { s.Stage, s.End = upgrade.Ended, e }
	}
	at := func(stage upgrade.Stage) func(*upgrade.Status) {
		return func(s *upgrade.Status) { s.Stage = stage }
	}
	for name, c := range map[string]struct {
		change func(*upgrade.Status)
		code   int
		texts  []string
	}{
		"offer": {func(*upgrade.Status) {}, 200, []string{"Example Cloud asks for your consent", "Contoso &lt;GmbH&gt;", "Business Basic ×20",
			"Intune", "Nobody loses a service", "Moves users from the old licence", "Something.New", "Start authentication", ">Decline<", `data-state="offer"`}},
		"code": {func(s *upgrade.Status) { s.Invitation.Code = code() }, 200, []string{">ABCD-1234</output>", `href="https://login.example/device"`,
			`datetime="2026-11-23T12:15:00Z"`, "Copy the code", "Decline instead", `data-left="900"`, "23 November 2026, 12:15 UTC", `http-equiv="refresh"`, "Waiting for you"}},
		"code gone": {func(s *upgrade.Status) { s.Invitation.Code = code(); s.Invitation.Code.ExpiresAt = now }, 200, []string{"Start authentication"}},
		"no link": {func(s *upgrade.Status) {
			s.Invitation.Code = code()
			s.Invitation.Code.VerificationURI = "javascript:alert(1)"
		}, 200, []string{"javascript:alert(1)</span>"}},
		"refused": {func(s *upgrade.Status) {
			s.Invitation.Refused = &upgrade.Problem{Code: "wrong_tenant", Message: "raw words", Remedy: "raw remedy"}
		}, 200, []string{"could not be accepted", "does not belong to Contoso", "Sign in with an administrator account of", "Start authentication"}},
		"refused, unknown": {func(s *upgrade.Status) {
			s.Invitation.Refused = &upgrade.Problem{Code: "AADSTS1", Message: "raw words", Remedy: "raw remedy"}
		}, 200, []string{"raw words", "raw remedy"}},
		"preparing":  {func(s *upgrade.Status) { s.Stage, s.Invitation = upgrade.Planning, nil }, 200, []string{"being prepared"}},
		"verifying":  {at(upgrade.Consented), 200, []string{"You are signed in", `aria-current="step"`}},
		"verified":   {at(upgrade.Checking), 200, []string{"your consent is verified", "close this window"}},
		"confirming": {at(upgrade.Confirming), 200, []string{"your consent is verified"}},
		"queued":     {at(upgrade.Queued), 200, []string{"your consent is verified"}},
		"scheduled":  {at(upgrade.Scheduled), 200, []string{"the change is scheduled"}},
		"changing":   {at(upgrade.Changing), 200, []string{"being changed"}},
		"assigning":  {at(upgrade.Assigning), 200, []string{"being changed"}},
		"undoing":    {at(upgrade.Undoing), 200, []string{"being undone"}},
		"notifying":  {at(upgrade.Notifying), 200, []string{"Nearly done"}},
		"parked":     {func(s *upgrade.Status) { s.Stage, s.Parked = upgrade.Changing, &upgrade.Parked{} }, 200, []string{"stands still until Example Cloud"}},
		"completed":  {ended(upgrade.Completed), 200, []string{"The upgrade is complete"}},
		"residue":    {ended(upgrade.CompletedWithResidue), 200, []string{"old seats stay"}},
		"exceptions": {ended(upgrade.CompletedWithExceptions), 200, []string{"some users could not be moved"}},
		"declined":   {ended(upgrade.Declined), 200, []string{"You declined"}},
		"expired":    {ended(upgrade.Expired), 410, []string{"has expired"}},
		"past":       {func(s *upgrade.Status) { s.Invitation.Deadline = now }, 410, []string{"has expired"}},
		"cancelled":  {ended(upgrade.Cancelled), 200, []string{"was cancelled"}},
		"revoked": {func(s *upgrade.Status) {
			s.Stage, s.End, s.Reasons = upgrade.Ended, upgrade.Cancelled, upgrade.Problems{{Code: "revoked", Message: "by Olga"}}
		}, 410, []string{"was withdrawn", "made this link void"}},
		"refused, without a remedy": {func(s *upgrade.Status) {
			s.Invitation.Refused = &upgrade.Problem{Code: "AADSTS2", Message: "raw words"}
		}, 200, []string{"raw words", "tell Example Cloud what this page says"}},
		"undone":       {ended(upgrade.FailedUndone), 200, []string{"could not be finished"}},
		"abandoned":    {ended(upgrade.Abandoned), 200, []string{"was given up"}},
		"duplicate":    {ended(upgrade.Duplicate), 200, []string{"has ended"}},
		"without end":  {ended(""), 200, []string{"has ended"}},
		"void":         {func(s *upgrade.Status) { s.Invitation.Number = 3 }, 410, []string{"no longer valid"}},
		"from nowhere": {func(s *upgrade.Status) { s.Invitation.Number = 1 }, 410, []string{"no longer valid"}},
		"ineligible": {func(s *upgrade.Status) {
			s.Stage, s.End, s.Reasons = upgrade.Ended, upgrade.Ineligible, upgrade.Problems{{Message: "The agreement is missing.", Remedy: "Sign it."}}
		}, 200, []string{"not possible as ordered", "The agreement is missing.", "Sign it."}},
		"ineligible, in the customer's words": {func(s *upgrade.Status) {
			s.Stage, s.End = upgrade.Ended, upgrade.Ineligible
			s.Reasons = upgrade.Problems{{Message: "13605 of Partner Center", Remedy: "POST it.", Customer: "You have not signed yet.", Billing: "Invoice nothing."}}
		}, 200, []string{"You have not signed yet."}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			c.change(&w.status)
			rec := w.get(target)
			if rec.Code != c.code {
				t.Errorf("%d, want %d", rec.Code, c.code)
			}
			for _, jargon := range []string{"13605", "POST it", "Invoice"} {
				if strings.Contains(rec.Body.String(), jargon) {
					t.Errorf("the page says %q", jargon)
				}
			}
			contains(t, rec.Body.String(), append(c.texts, "<title>", `lang="en"`, "help@example.com")...)
			if w.asked() || !w.ids["somebody's own id"] || len(w.ids) != 1 {
				t.Errorf("asked of %v", w.ids)
			}
		})
	}
}

// TestThePlanIsShown: what concerns the customer, and nothing of what is between the provider's people.
func TestThePlanIsShown(t *testing.T) {
	w := newWorld()
	w.plan.Losses = []string{"Kaizala"}
	body := w.get(target).Body.String()
	contains(t, body, "Users lose", "Kaizala", "Business &lt;Basic&gt;", "one year", "until 7 December 2026", "Microsoft&#39;s sign-in shows them too")
	for _, kept := range []string{"0123456789abcdef", "EUR", "a note between operators", "style=", "s-1"} {
		if strings.Contains(body, kept) {
			t.Errorf("the page shows %q:\n%s", kept, body)
		}
	}
	w.status.Stage = upgrade.Checking
	if body := w.get(target).Body.String(); strings.Contains(body, "Kaizala") {
		t.Errorf("who has answered is shown the plan again:\n%s", body)
	}
}

// TestNoPlanNoQuestion: nobody is asked to agree to what cannot be shown.
func TestNoPlanNoQuestion(t *testing.T) {
	w := newWorld()
	w.planErr = &upgrade.Error{Kind: upgrade.Transient, Code: "no_worker"}
	rec := w.get(target)
	if rec.Code != 503 || strings.Contains(rec.Body.String(), "Start authentication") {
		t.Errorf("%d\n%s", rec.Code, rec.Body)
	}
}

func TestNoPageLinksToAScript(t *testing.T) {
	w := newWorld()
	w.status.Invitation.Code = code()
	w.status.Invitation.Code.VerificationURI = "javascript:alert(1)"
	if strings.Contains(w.get(target).Body.String(), `href="javascript`) {
		t.Error("the page links to a script")
	}
}

func TestAVoidLinkShowsNothingOfTheUpgrade(t *testing.T) {
	w := newWorld()
	w.status.Invitation.Number = 3
	if body := w.get(target).Body.String(); strings.Contains(body, "Contoso") || strings.Contains(body, "Premium") {
		t.Error(body)
	}
}
