package activities_test

import (
	"encoding/json"
	"testing"

	"uplift/activities"
	"uplift/upgrade"
)

// TestLettersWithThePlan: who is asked, and who decides or looks back, reads the plan of the register; nobody reads one in a
// letter about another digest.
func TestLettersWithThePlan(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind     upgrade.LetterKind
		operator bool
		digest   string
		plan     bool
	}{
		"invitation":                {upgrade.LetterInvitation, false, "", true},
		"reminder":                  {upgrade.LetterReminder, false, "", true},
		"link to hand on":           {upgrade.LetterLink, true, "", false},
		"reminder to the operator":  {upgrade.LetterReminder, true, "", false},
		"confirm":                   {upgrade.LetterConfirm, true, "d-1", true},
		"confirm an older plan":     {upgrade.LetterConfirm, true, "d-0", false},
		"approve":                   {upgrade.LetterApprove, true, "d-1", true},
		"parked":                    {upgrade.LetterParked, true, "", true},
		"done":                      {upgrade.LetterDone, false, "", false},
		"done, to the operator":     {upgrade.LetterDone, true, "", true},
		"could not, to an operator": {upgrade.LetterCouldNot, true, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _, acts, _, _ := lab(t)
			send := func(id string) upgrade.Letter {
				t.Helper()
				_, err := acts.SendLetter(t.Context(), activities.SendLetterInput{Upgrade: attempt, Operator: c.operator, Letter: upgrade.Letter{
					Kind: c.kind, ID: id, To: "ada@contoso.example", Digest: c.digest, Plan: &upgrade.Plan{Headline: "of somebody else"},
				}})
				if err != nil {
					t.Fatal(err)
				}
				all := w.Letters("")
				return all[len(all)-1]
			}
			if l := send("1"); l.Plan != nil {
				t.Errorf("no plan is recorded, and the letter has %+v", l.Plan)
			}
			if err := acts.Register.SavePlan(t.Context(), attempt, upgrade.Plan{Headline: "Basic ×20 → ×25", Digest: "d-1"}); err != nil {
				t.Fatal(err)
			}
			if l := send("2"); (l.Plan != nil) != c.plan || c.plan && l.Plan.Headline != "Basic ×20 → ×25" {
				t.Errorf("the letter has %+v", l.Plan)
			}
		})
	}
}

// TestStorePrices: nothing is stored of a list in which something is wrong.
func TestStorePrices(t *testing.T) {
	t.Parallel()
	_, _, acts, _, _ := lab(t)
	good := upgrade.Price{Offer: "business-basic", Term: "P1Y", BillingCycle: "monthly", Currency: "EUR", Minor: 560}
	bad := good
	bad.Offer = "no-such-offer"
	input := func(list ...upgrade.Price) activities.StorePricesInput {
		b, err := json.Marshal(upgrade.PriceList{Prices: list})
		if err != nil {
			t.Fatal(err)
		}
		return activities.StorePricesInput{List: b, At: acts.Now()}
	}
	for _, in := range []activities.StorePricesInput{input(good, bad), input(), {List: []byte(`{"price":[]}`), At: acts.Now()}} {
		out, err := acts.StorePrices(t.Context(), in)
		if err != nil || len(out.Problems) == 0 {
			t.Errorf("%+v, %v", out, err)
		}
	}
	if read, err := acts.ReadPrices(t.Context(), activities.ReadPricesInput{}); err != nil || len(read.Prices) != 0 {
		t.Errorf("%+v, %v", read, err)
	}
	out, err := acts.StorePrices(t.Context(), input(good))
	if err != nil || len(out.Problems) > 0 || out.Rows != 1 {
		t.Errorf("%+v, %v", out, err)
	}
	if read, err := acts.ReadPrices(t.Context(), activities.ReadPricesInput{Market: "DE"}); err != nil || len(read.Prices) != 1 || read.Prices[0] != good {
		t.Errorf("%+v, %v", read, err)
	}
}
