package main

import (
	"context"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"time"

	"uplift/dev/internal/signin"
	"uplift/internal/sim"
	"uplift/internal/sim/mailbox"
	"uplift/upgrade"
)

// What an administrator does about an invitation.
const (
	nobody     = "nobody is asked"
	prompt     = "signs in at once"
	later      = "signs in days later"
	declines   = "declines on the page"
	silent     = "says nothing"
	helpdesk   = "has the help desk sign in first"
	stranger   = "has somebody of another tenant sign in first"
	wrong      = "never signs in with the right account"
	leaves     = "starts, leaves, and comes back"
	signalsNo  = "declines by signal"
	mostEvents = 40 // tries at one sign-in
)

// chooses is what an administrator does, most of them what is asked.
func chooses(dice *rand.Rand) string {
	all := []string{prompt, prompt, prompt, prompt, prompt, prompt, prompt, later, later, later, declines, silent, helpdesk, stranger, wrong, leaves, signalsNo}
	return all[dice.IntN(len(all))]
}

// administrator reads the mails about one order, opens the page, and signs in at Microsoft, by HTTP as a browser without scripts.
type administrator struct {
	order   string
	mail    string
	letters func() []mailbox.Message
	browser *signin.Browser
	tell    func(string, ...any)
}

func newAdministrator(order, mail string, letters func() []mailbox.Message) *administrator {
	return &administrator{order: order, mail: mail, letters: letters, browser: signin.New(20 * time.Second)}
}

// answer does about an invitation what the person does. Nothing works at the first try when everything is killed now and
// then: who means to answer tries again, until the upgrade is no longer waiting.
func (a *administrator) answer(ctx context.Context, dice *rand.Rand, what string, waiting func() bool, signal func(upgrade.Consent)) {
	link := a.invitation(ctx)
	if link == "" {
		return
	}
	switch what {
	case silent, nobody:
		return
	case later:
		sleep(ctx, time.Duration(between(dice, 4000, 40000))*time.Millisecond)
	case declines:
		a.until(ctx, waiting, func(link string) error {
			_, err := a.browser.Post(ctx, link+"/decline", url.Values{"reason": {"not this year"}})
			return err
		})
		return
	case signalsNo:
		signal(upgrade.Consent{Decision: upgrade.DeclinedDecision, By: a.mail, Reason: "not this year"})
		return
	case helpdesk, wrong:
		_ = a.consent(ctx, link, strings.Replace(a.mail, "admin@", "helpdesk@", 1))
		sleep(ctx, 3*time.Second)
	case stranger:
		_ = a.consent(ctx, link, sim.ContosoAdmin)
		sleep(ctx, 3*time.Second)
	case leaves:
		_, _ = a.browser.Post(ctx, link+"/start", url.Values{})
		sleep(ctx, time.Duration(between(dice, 2000, 12000))*time.Millisecond)
	default:
		sleep(ctx, time.Duration(dice.IntN(1500))*time.Millisecond)
	}
	if what == wrong {
		return
	}
	a.until(ctx, waiting, func(link string) error { return a.consent(ctx, link, a.mail) })
}

// until tries with the newest link for as long as the upgrade waits.
func (a *administrator) until(ctx context.Context, waiting func() bool, try func(link string) error) {
	for range mostEvents {
		link := a.newest()
		if ctx.Err() != nil || !waiting() || link == "" {
			return
		}
		if err := try(link); err == nil {
			sleep(ctx, 4*time.Second)
		} else {
			a.tell("%s for %s: %v", a.mail, a.order, err)
		}
		sleep(ctx, time.Second)
	}
}

// invitation waits for the mail.
func (a *administrator) invitation(ctx context.Context) string {
	for ctx.Err() == nil {
		if link := a.newest(); link != "" {
			return link
		}
		sleep(ctx, 400*time.Millisecond)
	}
	return ""
}

// newest is the link of the last invitation: earlier ones may be void.
func (a *administrator) newest() string {
	for _, m := range slices.Backward(a.letters()) {
		if !slices.Contains(m.To, a.mail) || !strings.Contains(m.Text, a.order) {
			continue
		}
		if link := signin.Link(m.Text); link != "" {
			return link
		}
	}
	return ""
}

// consent goes from the link to the accepted sign-in.
func (a *administrator) consent(ctx context.Context, link, account string) error {
	return a.browser.Consent(ctx, link, account, sim.DemoPassword, nil)
}
