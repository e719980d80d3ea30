package entra

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"time"

	"uplift/upgrade"
)

const (
	// early is how long before its expiry an app-only token is no longer given out.
	early = time.Minute
	// maxCached bounds the tokens that are kept, in memory only.
	maxCached = 2000
)

// appTokens keeps the application's own tokens by tenant and scope.
type appTokens struct {
	mu   sync.Mutex
	list map[[2]string]*appToken
}

// appToken is one of them. turn is a lock of one seat that a cancelled caller can leave: single flight.
type appToken struct {
	turn    chan struct{}
	access  upgrade.Secret
	expires time.Time
}

// slot finds or makes the place of a token.
func (a *appTokens) slot(tenant, scope string) *appToken {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.list == nil || len(a.list) >= maxCached {
		a.list = map[[2]string]*appToken{} // those in use go on; the rest is asked for again
	}
	key := [2]string{tenant, scope}
	if a.list[key] == nil {
		a.list[key] = &appToken{turn: make(chan struct{}, 1)}
	}
	return a.list[key]
}

// AppToken returns the application's own token in a tenant, from memory until a minute before it expires. Callers at the
// same time share one request. Kind GrantLost: nobody consented there, or the consent has not spread yet.
func (c *Client) AppToken(ctx context.Context, tenant, scope string) (upgrade.Secret, time.Time, error) {
	return c.appToken(ctx, tenant, scope, false)
}

func (c *Client) appToken(ctx context.Context, tenant, scope string, fresh bool) (upgrade.Secret, time.Time, error) {
	if err := checkTenant(tenant); err != nil {
		return "", time.Time{}, err
	}
	if c.credential.none() {
		return "", time.Time{}, &upgrade.Error{Kind: upgrade.Act, Code: "no_client_credential",
			Message: "the application has neither a client secret nor a certificate, so it cannot ask for a token of its own"}
	}
	slot := c.apps.slot(tenant, scope)
	select {
	case slot.turn <- struct{}{}:
		defer func() { <-slot.turn }()
	case <-ctx.Done():
		return "", time.Time{}, &upgrade.Error{Kind: upgrade.Transient, Code: "entra_unreachable", Message: "Entra did not answer in time", Err: ctx.Err()}
	}
	if !fresh && slot.access != "" && c.now().Add(early).Before(slot.expires) {
		return slot.access, slot.expires, nil
	}
	u := onApplication
	if tenant == c.partnerTenant {
		u = onPartner
	}
	tokens, err := c.token(ctx, u, tenant, url.Values{"grant_type": {"client_credentials"}, "scope": {scope}}, true)
	if err != nil {
		slot.access = ""
		return "", time.Time{}, err
	}
	slot.access, slot.expires = tokens.Access, tokens.ExpiresAt
	return slot.access, slot.expires, nil
}

// Forget drops the tokens kept of a tenant: after a consent they lack the new permissions until they expire, and after a
// 401 they are no good.
func (c *Client) Forget(tenant string) {
	c.apps.mu.Lock()
	defer c.apps.mu.Unlock()
	for key := range c.apps.list {
		if key[0] == tenant {
			delete(c.apps.list, key)
		}
	}
}

// PartnerToken returns the application's own token for Partner Center.
func (c *Client) PartnerToken(ctx context.Context) (upgrade.Secret, error) {
	if c.partnerTenant == "" {
		return "", &upgrade.Error{Kind: upgrade.Act, Code: "no_partner_tenant", Message: "the provider's own tenant is not configured"}
	}
	access, _, err := c.AppToken(ctx, c.partnerTenant, c.partnerResource+"/.default")
	return access, err
}

// GraphToken returns the application's own token for Microsoft Graph in a tenant.
func (c *Client) GraphToken(ctx context.Context, tenant string) (upgrade.Secret, error) {
	access, _, err := c.AppToken(ctx, tenant, c.graph+"/.default")
	return access, err
}

// ApplicationRoles asks for a new app-only token of the tenant and returns the permissions in it. A token in memory would
// not know of a consent just given. Kind GrantLost: nobody consented there; code no_roles, where Entra gives a token with
// no permission in it.
//
// The roles claim is read without verifying the token, which is meant for Graph and not for us. That is enough here: it
// came from Entra itself over TLS, and Graph is who decides when we use it. It says what to expect, and proves nothing
// that somebody else hands us.
func (c *Client) ApplicationRoles(ctx context.Context, tenant string) ([]string, error) {
	access, _, err := c.appToken(ctx, tenant, c.graph+"/.default", true)
	if err != nil {
		return nil, err
	}
	var claims struct {
		Tenant string   `json:"tid"`
		Roles  []string `json:"roles"`
	}
	if !payload(access, &claims) {
		return nil, &upgrade.Error{Kind: upgrade.Unknown, Code: "opaque_token", Message: "the permissions in the application's token cannot be read"}
	}
	switch {
	case claims.Tenant != "" && claims.Tenant != tenant:
		return nil, &upgrade.Error{Kind: upgrade.Refused, Code: codeWrongTenant, Message: "the application's token is of another tenant"}
	case len(claims.Roles) == 0:
		return nil, &upgrade.Error{Kind: upgrade.GrantLost, Code: codeNoRoles, Message: "nobody in the tenant has consented to the application's permissions"}
	}
	return claims.Roles, nil
}

// payload decodes a JWT's claims without verifying it.
func payload(token upgrade.Secret, claims any) bool {
	parts := strings.Split(token.Reveal(), ".")
	if len(parts) != 3 {
		return false
	}
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	return err == nil && json.Unmarshal(data, claims) == nil
}
