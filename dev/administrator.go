package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"uplift/dev/internal/signin"
	"uplift/internal/sim"
	"uplift/internal/sim/mailbox"
)

// administrator plays a customer's administrator: reads the mail, opens the page, types the code at Microsoft's page and
// signs in, by HTTP as a browser without scripts would.
type administrator struct {
	mail     string
	password string
	box      *mailbox.Mailbox
	say      func(format string, args ...any)
	browser  *signin.Browser
}

// consent goes all the way from the mail to the accepted sign-in.
func (a *administrator) consent(ctx context.Context) error {
	link, err := a.invitation(ctx)
	if err != nil {
		return err
	}
	a.say("%s reads the mail and opens the link", a.mail)
	if _, err := a.browser.Get(ctx, link); err != nil {
		return err
	}
	return a.browser.Consent(ctx, link, a.mail, a.password, func(code string) {
		a.say("the page shows the code %s; the administrator signs in at Microsoft", code)
	})
}

// invitation waits for the mail.
func (a *administrator) invitation(ctx context.Context) (string, error) {
	for {
		for _, m := range slices.Backward(a.box.Messages()) { // the newest invitation; earlier links are void
			if link := signin.Link(m.Text); link != "" && strings.Contains(fmt.Sprint(m.To), a.mail) {
				return link, nil
			}
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("no invitation came for %s: %w", a.mail, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func newAdministrator(mail string, box *mailbox.Mailbox, say func(string, ...any)) *administrator {
	return &administrator{mail: mail, password: sim.DemoPassword, box: box, say: say, browser: signin.New(30 * time.Second)}
}
