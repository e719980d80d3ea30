package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

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

var (
	linkInMail = regexp.MustCompile(`https?://\S+/consent/\S+`)
	codeOnPage = regexp.MustCompile(`(?s)<output id="code"[^>]*>([^<]+)</output>`)
	linkOnPage = regexp.MustCompile(`id="signin" href="([^"]+)"`)
	formOnPage = regexp.MustCompile(`(?s)<form method="post" action="([^"]+)"`)
	hidden     = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
)

// administrator reads the mails about one order, opens the page, and signs in at Microsoft, by HTTP as a browser without scripts.
type administrator struct {
	order   string
	mail    string
	letters func() []mailbox.Message
	browser *http.Client
	tell    func(string, ...any)
}

func newAdministrator(order, mail string, letters func() []mailbox.Message) *administrator {
	return &administrator{order: order, mail: mail, letters: letters, browser: &http.Client{Timeout: 20 * time.Second}}
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
			_, err := a.post(ctx, link+"/decline", url.Values{"reason": {"not this year"}})
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
		_, _ = a.post(ctx, link+"/start", url.Values{})
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
		if link := linkInMail.FindString(m.Text); link != "" {
			return strings.TrimRight(link, ">.,")
		}
	}
	return ""
}

// consent goes from the link to the accepted sign-in.
func (a *administrator) consent(ctx context.Context, link, account string) error {
	page, err := a.post(ctx, link+"/start", url.Values{})
	if err != nil {
		return err
	}
	code, signIn := codeOnPage.FindStringSubmatch(page), linkOnPage.FindStringSubmatch(page)
	if code == nil || signIn == nil {
		return errors.New("the consent page shows no code")
	}
	return a.signIn(ctx, html.UnescapeString(signIn[1]), html.UnescapeString(strings.TrimSpace(code[1])), account)
}

// signIn types the code, the name and the password, and accepts.
func (a *administrator) signIn(ctx context.Context, address, code, account string) error {
	page, err := a.get(ctx, address)
	if err != nil {
		return err
	}
	for _, fields := range []url.Values{
		{"code": {code}, "action": {"next"}},
		{"username": {account}, "password": {sim.DemoPassword}, "action": {"signin"}},
		{"action": {"accept"}},
	} {
		if page, err = a.submit(ctx, address, page, fields); err != nil {
			return err
		}
	}
	if !strings.Contains(page, `id="done"`) {
		return errors.New("the sign-in did not end well")
	}
	return nil
}

// submit fills in the form of a page, with its hidden fields.
func (a *administrator) submit(ctx context.Context, address, page string, fields url.Values) (string, error) {
	form := formOnPage.FindStringSubmatch(page)
	if form == nil {
		return "", errors.New("no form on the page")
	}
	for _, h := range hidden.FindAllStringSubmatch(page, -1) {
		fields.Set(h[1], html.UnescapeString(h[2]))
	}
	base, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	target, err := base.Parse(html.UnescapeString(form[1]))
	if err != nil {
		return "", err
	}
	return a.post(ctx, target.String(), fields)
}

func (a *administrator) get(ctx context.Context, address string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	return a.do(r)
}

func (a *administrator) post(ctx context.Context, address string, fields url.Values) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(fields.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return a.do(r)
}

func (a *administrator) do(r *http.Request) (string, error) {
	reply, err := a.browser.Do(r)
	if err != nil {
		return "", err
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(io.LimitReader(reply.Body, 1<<20))
	if err != nil {
		return "", err
	}
	if reply.StatusCode >= 400 {
		return "", fmt.Errorf("%s answered %s", r.URL.Host, reply.Status)
	}
	return string(body), nil
}
