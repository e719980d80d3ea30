package entra

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"uplift/upgrade"
)

const (
	// keepKeys is how long a tenant's discovery document is believed. Its signing keys are fetched again whenever a
	// token names one that is not known.
	keepKeys = 24 * time.Hour
	// maxTenants bounds how many are kept.
	maxTenants = 1000
)

// tenantKeys is what verifies a tenant's id tokens.
type tenantKeys struct {
	keys  oidc.KeySet
	until time.Time
}

// idClaims are those that we read: id-token-claims-reference. wids is nil where the token does not speak of roles.
type idClaims struct {
	Tenant   string    `json:"tid"`
	ObjectID string    `json:"oid"`
	Name     string    `json:"name"`
	Roles    *[]string `json:"wids"`
	Provider string    `json:"idp"`
	Account  any       `json:"acct"` // optional claim: 0 for a member, 1 for a guest
}

// Identify verifies an id token of the tenant: signature, issuer, audience, expiry on our clock, tenant. Kind Refused, code
// wrong_tenant, where another tenant issued it, personal_account, token_expired or bad_id_token.
func (c *Client) Identify(ctx context.Context, tenant string, idToken upgrade.Secret) (upgrade.Identity, error) {
	if err := checkTenant(tenant); err != nil {
		return upgrade.Identity{}, err
	}
	// What the token says of its tenant, before anything is verified, can only make us refuse; it gives the right reason.
	var said idClaims
	if !payload(idToken, &said) {
		return upgrade.Identity{}, refused(codeBadToken, "the id token cannot be read")
	}
	switch {
	case said.Tenant == personalTenant:
		return upgrade.Identity{}, refused(codePersonal, "a personal Microsoft account signed in; it belongs to no company")
	case said.Tenant != tenant:
		return upgrade.Identity{}, refused(codeWrongTenant, "somebody of another tenant signed in")
	}
	bound, id := c.begin(ctx)
	token, err := c.verify(bound, tenant, idToken, id)
	if err != nil {
		return upgrade.Identity{}, err
	}
	var claims idClaims
	if err := token.Claims(&claims); err != nil || claims.Tenant != tenant || claims.ObjectID == "" {
		return upgrade.Identity{}, refused(codeBadToken, "the id token does not say who signed in; the scope profile may be missing")
	}
	return claims.identity(), nil
}

func refused(code, message string) error {
	return &upgrade.Error{Kind: upgrade.Refused, Code: code, Message: message}
}

func (c idClaims) identity() upgrade.Identity {
	who := upgrade.Identity{Tenant: c.Tenant, ObjectID: c.ObjectID, Name: c.Name, Guest: c.guest()}
	if c.Roles != nil {
		who.Roles, who.RolesSaid = *c.Roles, true
	}
	return who
}

// guest tells whether somebody else vouches for the person: idp is there only where it differs from the issuer, and names
// another tenant, or a service such as live.com or mail. The optional claim acct, where the registration asks for it, says
// it outright. A guest who is a member of the tenant by type cannot be told from a member.
func (c idClaims) guest() bool {
	switch c.Account {
	case float64(1), "1":
		return true
	}
	return c.Provider != "" && !strings.Contains(strings.ToLower(c.Provider), c.Tenant)
}

// verify lets go-oidc verify, and tells trouble in fetching keys from a bad token.
func (c *Client) verify(ctx context.Context, tenant string, idToken upgrade.Secret, id string) (*oidc.IDToken, error) {
	keys, err := c.keysOf(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	seen := &witness{KeySet: keys}
	verifier := oidc.NewVerifier(c.issuer(tenant), seen, &oidc.Config{ClientID: c.clientID, Now: c.now})
	token, err := verifier.Verify(ctx, idToken.Reveal())
	if err == nil {
		return token, nil
	}
	if e, ok := fromTransport(seen.err, id); ok {
		return nil, e
	}
	var expired *oidc.TokenExpiredError
	if errors.As(err, &expired) {
		return nil, refused("token_expired", "the sign-in is too old to be believed")
	}
	return nil, refused(codeBadToken, "the id token is not what Entra issues for us: its signature, issuer or audience is wrong")
}

// witness keeps the key set's own error, which go-oidc flattens into text.
type witness struct {
	oidc.KeySet
	err error
}

// VerifySignature implements oidc.KeySet.
func (w *witness) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	data, err := w.KeySet.VerifySignature(ctx, token)
	w.err = err
	return data, err
}

// keysOf reads the tenant's discovery document, whose issuer must be the one that we expect.
func (c *Client) keysOf(ctx context.Context, tenant, id string) (oidc.KeySet, error) {
	now := c.now()
	c.keysMu.Lock()
	kept, ok := c.keys[tenant]
	c.keysMu.Unlock()
	if ok && now.Before(kept.until) {
		return kept.keys, nil
	}
	provider, err := oidc.NewProvider(ctx, c.issuer(tenant))
	var document struct {
		Keys string `json:"jwks_uri"`
	}
	if err == nil {
		err = provider.Claims(&document)
	}
	if err != nil {
		if e, ok := fromTransport(err, id); ok {
			return nil, e
		}
		return nil, &upgrade.Error{Kind: upgrade.Act, Code: "bad_discovery", Message: "Entra's discovery document is not the tenant's; is the address of Entra right?", Correlation: id}
	}
	// The key set outlives this call, so it must not be bound to the call's context.
	lasting, _ := c.begin(context.WithoutCancel(ctx))
	kept = tenantKeys{keys: oidc.NewRemoteKeySet(lasting, document.Keys), until: now.Add(keepKeys)}
	c.keysMu.Lock()
	defer c.keysMu.Unlock()
	if len(c.keys) >= maxTenants {
		clear(c.keys)
	}
	c.keys[tenant] = kept
	return kept.keys, nil
}
