package access

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/time/rate"
)

const (
	// issuerPatience bounds one request to the issuer.
	issuerPatience = 10 * time.Second
	// issuerRest is how long nobody asks an issuer again that could not be reached.
	issuerRest = 3 * time.Second
	// issuerMost bounds what is read of one answer.
	issuerMost = 1 << 20
)

// errAway says that the issuer could not be reached, so that nothing is known of a token or a code.
var errAway = errors.New("the identity provider cannot be reached")

// issuer is the identity provider, found when it is first needed: this program starts without it, and works once it is there.
type issuer struct {
	Options
	client *http.Client

	mu     sync.Mutex
	found  *discovered
	failed error
	tried  time.Time
}

// discovered is what the issuer says of itself.
type discovered struct {
	endpoint oauth2.Endpoint
	keys     *keySet
	algs     []string
}

func newIssuer(o Options) *issuer {
	client := http.Client{Timeout: issuerPatience}
	if o.Client != nil {
		client = *o.Client
	}
	client.Transport = &bounded{next: orDefault(client.Transport), limit: rate.NewLimiter(5, 30)}
	return &issuer{Options: o, client: &client}
}

func orDefault(t http.RoundTripper) http.RoundTripper {
	if t == nil {
		return http.DefaultTransport
	}
	return t
}

// get is the issuer, discovered once; of several who ask at a time one does, and the others wait for it.
func (i *issuer) get(ctx context.Context) (*discovered, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.found != nil {
		return i.found, nil
	}
	if i.failed != nil && time.Since(i.tried) < issuerRest {
		return nil, i.failed
	}
	// A visitor who leaves must not spoil it for the others who wait.
	ctx, cancel := context.WithTimeout(oidc.ClientContext(context.WithoutCancel(ctx), i.client), issuerPatience)
	defer cancel()
	found, err := i.discover(ctx)
	if err != nil {
		i.failed, i.tried = fmt.Errorf("%w: %w", errAway, err), time.Now()
		return nil, i.failed
	}
	i.found = found
	return found, nil
}

// discover reads the issuer's metadata. That its issuer is ours, character for character, is checked by the library.
// https://openid.net/specs/openid-connect-discovery-1_0.html
func (i *issuer) discover(ctx context.Context) (*discovered, error) {
	provider, err := oidc.NewProvider(ctx, i.Issuer)
	if err != nil {
		return nil, err
	}
	var says struct {
		Keys string   `json:"jwks_uri"`
		Algs []string `json:"id_token_signing_alg_values_supported"`
	}
	if err := provider.Claims(&says); err != nil {
		return nil, err
	}
	remote := oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), i.client), says.Keys)
	return &discovered{endpoint: provider.Endpoint(), keys: &keySet{remote}, algs: asymmetric(says.Algs)}, nil
}

// asymmetric are the ways to sign that a token may have: never "none", and none of those whose key we would share.
func asymmetric(said []string) []string {
	known := []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}
	algs := slices.DeleteFunc(slices.Clone(said), func(a string) bool { return !slices.Contains(known, a) })
	if len(algs) == 0 {
		return []string{oidc.RS256}
	}
	return algs
}

// oauth is the client of the authorization code flow.
func (i *issuer) oauth(d *discovered) *oauth2.Config {
	return &oauth2.Config{ClientID: i.ClientID, ClientSecret: i.ClientSecret.Reveal(), Endpoint: d.endpoint, RedirectURL: i.RedirectURL,
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}
}

// verify reads a token: signed by the issuer, for an audience, not too old. errAway says that the issuer's keys could not be
// had.
func (i *issuer) verify(ctx context.Context, d *discovered, token, audience string) (*oidc.IDToken, error) {
	away := false
	ctx = context.WithValue(oidc.ClientContext(ctx, i.client), awayKey{}, &away)
	v := oidc.NewVerifier(i.Issuer, d.keys, &oidc.Config{ClientID: audience, SupportedSigningAlgs: d.algs, Now: i.TokenNow})
	verified, err := v.Verify(ctx, token)
	if err != nil && away {
		return nil, fmt.Errorf("%w: %w", errAway, err)
	}
	return verified, err
}

type awayKey struct{}

// keySet is the issuer's keys, which are fetched again when one is not known: so a rotation is followed. It tells a token that
// no key fits from keys that could not be had, which the library words alike.
type keySet struct{ remote *oidc.RemoteKeySet }

// VerifySignature implements oidc.KeySet.
func (k *keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	payload, err := k.remote.VerifySignature(ctx, token)
	if away, ok := ctx.Value(awayKey{}).(*bool); ok && errors.Unwrap(err) != nil {
		*away = true
	}
	return payload, err
}

// bounded reads no answer without an end, and asks the issuer no more often than sign-ins and rotations need: whoever sends
// tokens with made-up signatures makes us look for keys.
type bounded struct {
	next  http.RoundTripper
	limit *rate.Limiter
}

// RoundTrip implements http.RoundTripper.
func (b *bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet && !b.limit.Allow() {
		return nil, errors.New("the identity provider is asked too often")
	}
	answer, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(answer.Body, issuerMost), answer.Body}
	return answer, nil
}
