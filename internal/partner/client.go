package partner

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"uplift/upgrade"
)

// Options configure a Client.
type Options struct {
	// BaseURL is the service with its version, such as https://api.partnercenter.microsoft.com/v1. Required.
	BaseURL string
	// Token returns a token for Partner Center, app-only or app+user; it caches as it sees fit. Required.
	Token func(ctx context.Context) (upgrade.Secret, error)
	// Forget is told that the service refused a token, before Token is asked again, once. May be nil.
	Forget func(ctx context.Context, refused upgrade.Secret)
	// UserToken returns a token of the provider's own user, for the calls that are not open to an application alone. nil:
	// they are tried with Token, and answered by 900329.
	UserToken func(ctx context.Context) (upgrade.Secret, error)
	// ForgetUser is to UserToken what Forget is to Token. May be nil.
	ForgetUser func(ctx context.Context, refused upgrade.Secret)
	// Application is our application's id, and DisplayName what a customer's administrator reads of it, both for Preconsent
	// only. They may be empty.
	Application, DisplayName string
	// HTTP sends the requests; nil is a client with a time-out of a minute. Redirects are never followed, since
	// they would carry the token to another place.
	HTTP *http.Client
	// Now is the clock by which a cancellation window without blocks counts as open; nil is time.Now.
	Now func() time.Time
	// Wall is the clock by which Retry-After counts, which is the system's also where Now is a simulated Microsoft's; nil is
	// time.Now.
	Wall func() time.Time
	// Locale is the language of Microsoft's descriptions; empty is en-US.
	Locale string
	// NotReady is how long to stay away from a subscription that is "not ready to be updated" (800082); one with an
	// operation pending (900278) is left alone five times as long. Zero is two minutes.
	NotReady time.Duration
	// AcceptedFor bounds how long a write that was answered by 202 is watched before the call returns; zero is five
	// seconds, less than zero is not at all. The caller waits for the provisioning in any case.
	AcceptedFor time.Duration
}

// Client is a client of Partner Center. It is safe for concurrent use.
type Client struct {
	base        *url.URL
	token       func(ctx context.Context) (upgrade.Secret, error)
	forget      func(ctx context.Context, refused upgrade.Secret)
	userToken   func(ctx context.Context) (upgrade.Secret, error)
	forgetUser  func(ctx context.Context, refused upgrade.Secret)
	application string
	displayName string
	http        *http.Client
	now         func() time.Time
	locale      string
	notReady    time.Duration
	acceptedFor time.Duration
	sleep       func(ctx context.Context, d time.Duration) error
	hold        *hold // of the partner, and so of every copy of the client
}

// New returns a client. It does no I/O.
func New(o Options) (*Client, error) {
	base, err := url.Parse(strings.TrimSuffix(o.BaseURL, "/"))
	if err != nil {
		return nil, fmt.Errorf("partner: base URL: %w", err)
	}
	if base.Scheme != "https" && base.Scheme != "http" || base.Host == "" {
		return nil, fmt.Errorf("partner: base URL %q is not an http or https address", o.BaseURL)
	}
	if o.Token == nil {
		return nil, errors.New("partner: Options.Token is missing")
	}
	c := &Client{
		base: base, token: o.Token, forget: o.Forget, userToken: o.UserToken, forgetUser: o.ForgetUser, application: o.Application, displayName: o.DisplayName, now: o.Now, locale: o.Locale,
		notReady: o.NotReady, acceptedFor: o.AcceptedFor, sleep: sleep,
		hold: &hold{clock: o.Wall},
	}
	if c.hold.clock == nil {
		c.hold.clock = time.Now
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.locale == "" {
		c.locale = "en-US"
	}
	if c.notReady == 0 {
		c.notReady = 2 * time.Minute
	}
	if c.acceptedFor == 0 {
		c.acceptedFor = 5 * time.Second
	}
	client := http.Client{Timeout: time.Minute}
	if o.HTTP != nil {
		client = *o.HTTP
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.http = &client
	return c, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
