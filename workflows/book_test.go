package workflows_test

import (
	"strings"
	"testing"
	"time"

	"uplift/upgrade"
)

// A parked upgrade says what the error book says of the code: the operator's remedy and Microsoft's page; and when it is
// given up, each reader gets sentences of their own.
func TestParkedSaysWhatTheBookSays(t *testing.T) {
	t.Parallel()
	l, _ := parking(t)
	var parked *upgrade.Parked
	l.after(time.Hour, func() {
		parked = l.status().Parked
		l.update(upgrade.UpdateResolve, object{"answer": "undo", "by": "Olga"})
	})
	r := l.run()
	l.ends(r, upgrade.FailedUndone)
	if parked == nil || !strings.Contains(parked.Remedy, "credit line") || !strings.HasPrefix(parked.Page, "https://learn.microsoft.com/") {
		t.Fatalf("parked with %+v", parked)
	}
	if len(r.Reasons) != 1 {
		t.Fatalf("the reasons: %+v", r.Reasons)
	}
	why := r.Reasons[0]
	if why.Code != "800023" || why.Remedy != parked.Remedy || why.Customer == "" || !strings.Contains(why.Billing, "credit") {
		t.Errorf("the reason: %+v", why)
	}
	letters := l.world.Letters(upgrade.LetterCouldNot)
	if len(letters) != 2 {
		t.Fatalf("%d letters", len(letters))
	}
	for _, letter := range letters {
		read := letter.Reasons[0]
		if letter.To == "admin@contoso.example" {
			if read.Message != why.Customer || read.Remedy != "" || read.Customer != "" || read.Billing != "" {
				t.Errorf("the customer reads %+v", read)
			}
		} else if read.Message != why.Message || read.Remedy != why.Remedy {
			t.Errorf("the operator reads %+v", read)
		}
	}
}

// A code that is not in the book parks with the remedy of its kind, and the customer reads no code.
func TestUnknownCodeParks(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.resize(10, 15)
	l.signsIn()
	l.world.Fail("Commerce.SetSeats", 1, &upgrade.Error{Kind: upgrade.Unknown, Code: "8675309", Message: "an answer that no page describes"})
	var parked *upgrade.Parked
	l.after(time.Hour, func() {
		parked = l.status().Parked
		l.update(upgrade.UpdateResolve, object{"answer": "abandon", "by": "Olga"})
	})
	r := l.run()
	l.ends(r, upgrade.Abandoned)
	if parked == nil || parked.Code != "8675309" || parked.Remedy != "Find out what Microsoft means by the code, then retry." || parked.Page != "" {
		t.Fatalf("parked with %+v", parked)
	}
	for _, letter := range l.world.Letters(upgrade.LetterCouldNot) {
		for _, read := range letter.Reasons {
			if letter.To == "admin@contoso.example" && (strings.Contains(read.Message, "no page") || strings.Contains(read.Message, "left as it is") || read.Remedy != "") {
				t.Errorf("the customer reads %+v", read)
			}
		}
	}
	l.seats(id, "business-basic", 10)
}

// What speaks against a plan reaches the customer in words of their own.
func TestIneligibleInTheCustomersWords(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	l.signsIn()
	l.when(upgrade.Checking, func() { l.customer.AgreementAccepted = false })
	r := l.run()
	l.ends(r, upgrade.Ineligible, "agreement_missing")
	why := r.Reasons[0]
	if why.Customer == "" || why.Billing == "" || why.Remedy == "" {
		t.Fatalf("the reason: %+v", why)
	}
	for _, letter := range l.world.Letters(upgrade.LetterCouldNot) {
		if letter.To == "admin@contoso.example" && letter.Reasons[0].Message != why.Customer {
			t.Errorf("the customer reads %+v", letter.Reasons)
		}
	}
}
