package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

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
	browser  *http.Client
}

var (
	linkInMail = regexp.MustCompile(`https?://\S+/consent/\S+`)
	codeOnPage = regexp.MustCompile(`(?s)<output id="code"[^>]*>([^<]+)</output>`)
	linkOnPage = regexp.MustCompile(`id="signin" href="([^"]+)"`)
	formOnPage = regexp.MustCompile(`(?s)<form method="post" action="([^"]+)"`)
	hidden     = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
)

// consent goes all the way from the mail to the accepted sign-in.
func (a *administrator) consent(ctx context.Context) error {
	link, err := a.invitation(ctx)
	if err != nil {
		return err
	}
	a.say("%s reads the mail and opens the link", a.mail)
	if _, err := a.get(ctx, link); err != nil {
		return err
	}
	page, err := a.post(ctx, link+"/start", url.Values{})
	if err != nil {
		return err
	}
	code, signIn := codeOnPage.FindStringSubmatch(page), linkOnPage.FindStringSubmatch(page)
	if code == nil || signIn == nil {
		return errors.New("the consent page shows no code")
	}
	a.say("the page shows the code %s; the administrator signs in at Microsoft", strings.TrimSpace(code[1]))
	return a.signIn(ctx, html.UnescapeString(signIn[1]), html.UnescapeString(strings.TrimSpace(code[1])))
}

// invitation waits for the mail.
func (a *administrator) invitation(ctx context.Context) (string, error) {
	for {
		for _, m := range slices.Backward(a.box.Messages()) { // the newest invitation; earlier links are void
			if link := linkInMail.FindString(m.Text); link != "" && strings.Contains(fmt.Sprint(m.To), a.mail) {
				return strings.TrimRight(link, ">.,"), nil
			}
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("no invitation came for %s: %w", a.mail, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// signIn types the code, the name and the password, and accepts.
func (a *administrator) signIn(ctx context.Context, address, code string) error {
	page, err := a.get(ctx, address)
	if err != nil {
		return err
	}
	for _, fields := range []url.Values{
		{"code": {code}, "action": {"next"}},
		{"username": {a.mail}, "password": {a.password}, "action": {"signin"}},
		{"action": {"accept"}},
	} {
		if page, err = a.submit(ctx, address, page, fields); err != nil {
			return err
		}
	}
	if !strings.Contains(page, `id="done"`) {
		return fmt.Errorf("the sign-in did not end well: %s", page)
	}
	return nil
}

// submit fills in the form of a page, with its hidden fields.
func (a *administrator) submit(ctx context.Context, address, page string, fields url.Values) (string, error) {
	form := formOnPage.FindStringSubmatch(page)
	if form == nil {
		return "", fmt.Errorf("no form on the page %s", page)
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

func newAdministrator(mail string, box *mailbox.Mailbox, say func(string, ...any)) *administrator {
	return &administrator{mail: mail, password: sim.DemoPassword, box: box, say: say, browser: &http.Client{Timeout: 30 * time.Second}}
}
