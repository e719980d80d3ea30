package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	kiota "github.com/microsoft/kiota-http-go"
	kiotajson "github.com/microsoft/kiota-serialization-json-go"
	core "github.com/microsoftgraph/msgraph-sdk-go-core"

	"uplift/upgrade"
)

// Options configure a Client.
type Options struct {
	// BaseURL is Graph with its version, such as https://graph.microsoft.com/v1.0. Required.
	BaseURL string
	// Token returns a token for Graph by which the grant may act; it caches as it sees fit. Required.
	Token func(ctx context.Context, g upgrade.Grant) (upgrade.Secret, error)
	// Forget is told that Graph refused a token, before Token is asked again, once. May be nil.
	Forget func(ctx context.Context, g upgrade.Grant, refused upgrade.Secret)
	// HTTP gives the transport and the time-out; nil is the SDK's transport and a minute. Redirects are never
	// followed.
	HTTP *http.Client
	// Pace is how many times faster than the clock Microsoft is, which only a simulated one is; zero is the clock's own.
	Pace float64
	// Now is Microsoft's clock where it is simulated; nil is the system's.
	Now func() time.Time
	// PageSize is how many holders a page has; zero is 100, Microsoft's maximum is 999.
	PageSize int
}

// Client is a client of Microsoft Graph. It is safe for concurrent use.
type Client struct {
	base     *url.URL
	adapter  abstractions.RequestAdapter
	token    func(ctx context.Context, g upgrade.Grant) (upgrade.Secret, error)
	forget   func(ctx context.Context, g upgrade.Grant, refused upgrade.Secret)
	timeout  time.Duration
	pageSize int32
	pacer    *pacer
}

// New returns a client. It does no I/O.
func New(o Options) (*Client, error) {
	base, err := url.Parse(strings.TrimSuffix(o.BaseURL, "/"))
	if err != nil {
		return nil, fmt.Errorf("graph: base URL: %w", err)
	}
	if base.Scheme != "https" && base.Scheme != "http" || base.Host == "" {
		return nil, fmt.Errorf("graph: base URL %q is not an http or https address", o.BaseURL)
	}
	if o.Token == nil {
		return nil, errors.New("graph: Options.Token is missing")
	}
	c := &Client{base: base, token: o.Token, forget: o.Forget, timeout: time.Minute, pageSize: 100, pacer: newPacer(o.Pace, o.Now)}
	if o.PageSize > 0 {
		c.pageSize = int32(min(o.PageSize, 999))
	}
	var parent http.RoundTripper
	if o.HTTP != nil {
		parent = o.HTTP.Transport
		if o.HTTP.Timeout > 0 {
			c.timeout = o.HTTP.Timeout
		}
	}
	if c.adapter, err = newAdapter(base, parent); err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	return c, nil
}

// newAdapter builds the SDK's request adapter over a pipeline without its retry handler. The JSON factories are
// given to it rather than registered, since the SDK's registries are globals.
func newAdapter(base *url.URL, parent http.RoundTripper) (abstractions.RequestAdapter, error) {
	if parent == nil {
		parent = kiota.GetDefaultTransport()
	}
	client := &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: kiota.NewCustomTransportWithParentTransport(keeper{parent},
			kiota.NewParametersNameDecodingHandler(),
			kiota.NewUrlReplaceHandler(true, documented)),
	}
	adapter, err := core.NewGraphRequestAdapterBaseWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(
		bearer{}, core.GraphClientOptions{}, kiotajson.NewJsonParseNodeFactory(), kiotajson.NewJsonSerializationWriterFactory(), client)
	if err != nil {
		return nil, err
	}
	adapter.SetBaseUrl(base.String())
	return adapter, nil
}

// documented gives the paths that the SDK abbreviates as Graph's pages have them.
var documented = map[string]string{
	"/users/" + me:         "/me",
	"/graph.directoryRole": "/microsoft.graph.directoryRole",
}

// bearer is the SDK's authentication provider: it puts the token of the exchange under way on the request.
type bearer struct{}

// AuthenticateRequest is the SDK's interface.
func (bearer) AuthenticateRequest(ctx context.Context, r *abstractions.RequestInformation, _ map[string]any) error {
	x := exchangeOf(ctx)
	if x == nil {
		return errors.New("graph: a request without an exchange")
	}
	r.Headers.Remove("Authorization")
	r.Headers.Add("Authorization", "Bearer "+x.token.Reveal())
	return nil
}

// paths are the SDK's path parameters of the root.
func (c *Client) paths() map[string]string {
	return map[string]string{"baseurl": c.base.String()}
}

// ownLink refuses a link that does not lead to Graph's own version and host: the token would follow it.
func (c *Client) ownLink(link string) error {
	u, err := url.Parse(link)
	if err != nil || u.User != nil || u.Scheme != c.base.Scheme || u.Host != c.base.Host || !strings.HasPrefix(u.Path, c.base.Path+"/") {
		return &upgrade.Error{Kind: upgrade.Unknown, Code: "foreign_link", Message: "Microsoft Graph's next page is not on its own host"}
	}
	return nil
}

func invalid(code, message string) *upgrade.Error {
	return &upgrade.Error{Kind: upgrade.Invalid, Code: code, Message: message}
}
