package main

import (
	"strings"
	"testing"

	"uplift/dev/internal/browser"
	"uplift/internal/sim"
	"uplift/upgrade"
)

// TestPagesOfConsent opens the pages that an administrator meets, from the mail to the end, at the width of a desk and of a
// telephone: each keeps the rules of accessibility, and none writes an error to the console. The sign-in pages and the mailbox are
// the simulator's, and kept to the same.
func TestPagesOfConsent(t *testing.T) {
	all, connection := launch(t)
	ctx := patient(t)
	var last string
	begin := func(id string, seats int) (*play, string) {
		t.Helper()
		o := strings.Replace(order(id, sim.WoodgroveTenant, "business-basic", seats, sim.WoodgroveAdmin), "{", `{"finish":"confirm",`, 1)
		started, err := placeOrder(ctx, connection, scenario{order: o})
		if err != nil {
			t.Fatal(err)
		}
		p := &play{all: all, upgrades: connection.Upgrades, client: connection.Client, id: started.WorkflowID, run: started}
		if err := p.invited(ctx); err != nil {
			t.Fatal(err)
		}
		for before := last; last == before; { // the mail of this order, and not of the one before
			if last, err = p.administrator(sim.WoodgroveAdmin).invitation(ctx); err != nil {
				t.Fatal(err)
			}
		}
		return p, last
	}
	look := func(b *browser.Browser, name string) {
		t.Helper()
		b.Page("consent/"+name, 1280, 390)
		b.Axe(name)
	}
	window := browser.New(t)
	mailbox := all.cloud.URLs().Mailbox
	window.Open(mailbox)
	window.Wait("No mail yet")
	look(window, "mailbox-empty")

	_, declined := begin("PAGES-1", 8)
	window.Reload()
	look(window, "mailbox")
	window.Open(declined)
	look(window, "offer")
	window.Press("Decline")
	window.Wait("Decline the upgrade?")
	look(window, "declining")
	window.Fill("Why? (optional; the provider will read it)", "not this year")
	window.Press("Decline the upgrade")
	window.Wait("You declined")
	look(window, "declined")

	// The administrator's browser shows the code, another one of theirs signs in.
	p, link := begin("PAGES-2", 9)
	window.Open(link)
	window.Press("Start authentication")
	window.Wait("Copy this code:")
	look(window, "code")
	code := window.Text("#code")
	microsoft := window.Another()
	microsoft.Open(window.Link("Sign in at Microsoft"))
	look(microsoft, "microsoft-code")
	microsoft.Fill("Enter the code displayed on your app or device", code)
	microsoft.Press("Next")
	microsoft.Wait("User name")
	look(microsoft, "microsoft-signin")
	microsoft.Fill("User name", sim.WoodgroveAdmin)
	microsoft.Fill("Password", sim.DemoPassword)
	microsoft.Press("Sign in")
	microsoft.Wait("This app would like to")
	look(microsoft, "microsoft-permissions")
	microsoft.Press("Accept")
	microsoft.Wait("You have signed in")
	look(microsoft, "microsoft-done")
	window.Wait("Thank you: your consent is verified")
	look(window, "verified")

	plan, err := p.upgrades.PlanOf(ctx, p.id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.upgrades.Confirm(ctx, p.id, upgrade.Confirm{Digest: plan.Digest, Request: upgrade.Request{By: "Olga"}}); err != nil {
		t.Fatal(err)
	}
	window.Wait("The upgrade is complete")
	look(window, "completed")

	// A link that a newer one has replaced, and one that is none.
	p, link = begin("PAGES-3", 10)
	if _, err := p.upgrades.Resend(ctx, p.id, upgrade.Request{By: "helpdesk"}); err != nil {
		t.Fatal(err)
	}
	window.Allow("Failed to load resource: the server responded with a status of 4") // Chromium says so of pages, too
	for name, page := range map[string][2]string{"void": {link, "This link is no longer valid"}, "forged": {link + "x", "This link is not valid"}} {
		window.Open(page[0])
		window.Wait(page[1])
		look(window, name)
	}
	window.Open(mailbox)
	window.Press("Done: Microsoft 365 of Woodgrove Cafe")
	window.Wait("Message-ID")
	look(window, "mailbox-message")
}
