package entra

import (
	"context"
	"strings"
	"sync"
	"time"

	"uplift/upgrade"
)

// Our codes for the sign-in of the partner's own user.
const (
	codeNoPartnerSignIn   = "no_partner_sign_in"
	codePartnerSignInLost = "partner_sign_in_lost"
)

// remedySignIn ends every sentence about a sign-in that is missing or dead.
const remedySignIn = "run `starter partner sign-in`"

// PartnerStore keeps the sign-in of the partner's own user. PartnerToken is Kind NotFound when there is none. A save with
// an earlier signedInAt than the stored one changes nothing.
type PartnerStore interface {
	SavePartnerToken(ctx context.Context, t upgrade.Tokens, who upgrade.Identity, signedInAt time.Time) error
	PartnerToken(ctx context.Context) (tokens upgrade.Tokens, signedInAt, refreshedAt time.Time, who upgrade.Identity, err error)
}

// PartnerUser gives access tokens by which the partner's own user acts: in Partner Center ("app+user") and, where the
// customer granted delegated administration (GDAP), in the customer's tenant. All come from one refresh token, which
// `starter partner sign-in` put into the register. It is safe for use by many goroutines.
type PartnerUser struct {
	client *Client
	store  PartnerStore
	turn   chan struct{} // the lock of one seat of the one refresh token

	mu     sync.Mutex
	access map[[2]string]userAccess // by tenant and scope

	// dead is the refresh token that Entra refused at home, until when that is believed, and how it was said. It belongs to
	// whoever has the turn.
	dead struct {
		refresh upgrade.Secret
		until   time.Time
		err     error
	}
}

// believeDead is how long a dead sign-in is not tried again: every upgrade would ask, and Entra punishes requests that are
// all alike (50196).
const believeDead = time.Minute

// userAccess is an access token in memory.
type userAccess struct {
	token   upgrade.Secret
	expires time.Time
}

// NewPartnerUser makes a PartnerUser over a client, whose PartnerTenant is set, and a store.
func NewPartnerUser(c *Client, store PartnerStore) *PartnerUser {
	return &PartnerUser{client: c, store: store, turn: make(chan struct{}, 1), access: map[[2]string]userAccess{}}
}

// PartnerCenter returns the access token for Partner Center.
func (p *PartnerUser) PartnerCenter(ctx context.Context) (upgrade.Secret, error) {
	return p.Token(ctx, p.client.partnerTenant, p.client.PartnerScope())
}

// Graph returns the access token for Microsoft Graph in a customer's tenant, with every delegated permission that was
// consented to there. An empty tenant is the partner's own.
func (p *PartnerUser) Graph(ctx context.Context, tenant string) (upgrade.Secret, error) {
	if tenant == "" {
		tenant = p.client.partnerTenant
	}
	return p.Token(ctx, tenant, p.client.graph+"/.default")
}

// Access obtains a new token for a customer's tenant, not one from memory, which would not know of a consent or a role given
// just now. It tells as whom, with which delegated permissions and with which directory roles the partner's user acts there.
// RolesSaid is false where the token does not speak of roles, which then means nothing. Errors are as those of Token.
//
// The claims are read without verifying the token, as ApplicationRoles does and for the same reasons: they say what to
// expect, and Graph is who decides.
func (p *PartnerUser) Access(ctx context.Context, tenant string) (who upgrade.Identity, permissions []string, err error) {
	p.Forget(tenant)
	token, err := p.Graph(ctx, tenant)
	if err != nil {
		return who, nil, err
	}
	var claims struct {
		Tenant   string    `json:"tid"`
		ObjectID string    `json:"oid"`
		Name     string    `json:"name"`
		Scopes   string    `json:"scp"`
		Roles    *[]string `json:"wids"`
	}
	if !payload(token, &claims) {
		return who, nil, &upgrade.Error{Kind: upgrade.Unknown, Code: "opaque_token", Message: "the permissions in the partner's token for the tenant cannot be read"}
	}
	if claims.Tenant != "" && claims.Tenant != tenant {
		return who, nil, &upgrade.Error{Kind: upgrade.Refused, Code: codeWrongTenant, Message: "the partner's token is of another tenant"}
	}
	who = upgrade.Identity{Tenant: tenant, ObjectID: claims.ObjectID, Name: claims.Name}
	if claims.Roles != nil && len(*claims.Roles) > 0 {
		who.Roles, who.RolesSaid = *claims.Roles, true
	}
	return who, strings.Fields(claims.Scopes), nil
}

// PartnerScope is what a token for Partner Center is asked for.
func (c *Client) PartnerScope() string { return c.partnerResource + "/user_impersonation" }

// Token returns an access token for the scope (scopes of one resource, separated by blanks) in a tenant: the partner's
// own, or a customer's. It is kept in memory until a minute before it expires. A rotated refresh token is in the store
// before the access token is given out, so that a crash loses none.
//
// Kind Act, code no_partner_sign_in: nobody has signed in yet; code partner_sign_in_lost: the sign-in has died. Kind
// GrantLost, with Entra's number: the sign-in is good, and the customer's tenant does not let it in: the application was
// not consented to there, or the customer has granted no delegated administration.
func (p *PartnerUser) Token(ctx context.Context, tenant, scope string) (upgrade.Secret, error) {
	if err := checkTenant(tenant); err != nil {
		return "", err
	}
	if p.client.partnerTenant == "" {
		return "", &upgrade.Error{Kind: upgrade.Act, Code: "no_partner_tenant", Message: "the provider's own tenant is not configured"}
	}
	if token, ok := p.kept(tenant, scope); ok {
		return token, nil
	}
	leave, err := p.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	if token, ok := p.kept(tenant, scope); ok {
		return token, nil // whoever was before us asked for the same
	}
	return p.redeem(ctx, tenant, scope)
}

// Renew redeems the refresh token whatever is in memory, so that it does not die of disuse.
func (p *PartnerUser) Renew(ctx context.Context) error {
	leave, err := p.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	_, err = p.redeem(ctx, p.client.partnerTenant, p.client.PartnerScope())
	return err
}

// SignedIn tells when the person signed in, and when the refresh token was last used. Kind Act, code no_partner_sign_in:
// nobody has.
func (p *PartnerUser) SignedIn(ctx context.Context) (at, used time.Time, err error) {
	_, at, used, _, err = p.store.PartnerToken(ctx)
	if upgrade.KindOf(err) == upgrade.NotFound && err != nil {
		err = noSignIn()
	}
	return at, used, err
}

func noSignIn() error {
	return &upgrade.Error{Kind: upgrade.Act, Code: codeNoPartnerSignIn, Message: "no user of the partner has signed in: " + remedySignIn}
}

// Forget drops the access tokens of a tenant: after a consent they lack the new permissions, and after a 401 they are no
// good.
func (p *PartnerUser) Forget(tenant string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key := range p.access {
		if key[0] == tenant {
			delete(p.access, key)
		}
	}
}

func (p *PartnerUser) kept(tenant, scope string) (upgrade.Secret, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a, ok := p.access[[2]string{tenant, scope}]
	return a.token, ok && p.client.now().Add(early).Before(a.expires)
}

func (p *PartnerUser) keep(tenant, scope string, t upgrade.Tokens) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.access) >= maxCached {
		clear(p.access)
	}
	p.access[[2]string{tenant, scope}] = userAccess{t.Access, t.ExpiresAt}
}

// enter waits for the turn to redeem. The refresh token is one, so its rotations take turns.
func (p *PartnerUser) enter(ctx context.Context) (leave func(), err error) {
	select {
	case p.turn <- struct{}{}:
		return func() { <-p.turn }, nil
	case <-ctx.Done():
		return nil, &upgrade.Error{Kind: upgrade.Transient, Code: "entra_unreachable", Message: "the partner's sign-in is being renewed", Err: ctx.Err()}
	}
}

// redeem asks for new tokens. Another process may do so at the same time: Entra lets a refresh token be used again, and
// the one who is refused looks whether the other has stored a newer one.
func (p *PartnerUser) redeem(ctx context.Context, tenant, scope string) (upgrade.Secret, error) {
	stored, signedIn, who, err := p.load(ctx)
	if err != nil {
		return "", err
	}
	if stored.Refresh == p.dead.refresh && p.client.now().Before(p.dead.until) {
		return "", p.dead.err
	}
	renewed, err := p.client.refreshPartner(ctx, tenant, stored.Refresh, scope)
	if upgrade.CodeOf(err) == codePartnerSignInLost {
		if tenant == p.client.partnerTenant {
			p.dead.refresh, p.dead.until, p.dead.err = stored.Refresh, p.client.now().Add(believeDead), err
		}
		newer, at, person, loadErr := p.load(ctx)
		if loadErr != nil || newer.Refresh == stored.Refresh {
			return "", err
		}
		stored, signedIn, who = newer, at, person
		renewed, err = p.client.refreshPartner(ctx, tenant, stored.Refresh, scope)
	}
	if err != nil {
		return "", err
	}
	next := upgrade.Tokens{Refresh: renewed.Refresh, ExpiresAt: renewed.ExpiresAt, Scopes: stored.Scopes}
	saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second) // the old refresh token may be spent
	defer cancel()
	if err := p.store.SavePartnerToken(saving, next, who, signedIn); err != nil {
		return "", err
	}
	p.keep(tenant, scope, renewed)
	return renewed.Access, nil
}

func (p *PartnerUser) load(ctx context.Context) (t upgrade.Tokens, signedIn time.Time, who upgrade.Identity, err error) {
	t, signedIn, _, who, err = p.store.PartnerToken(ctx)
	if upgrade.KindOf(err) == upgrade.NotFound && err != nil || err == nil && t.Refresh == "" {
		err = noSignIn()
	}
	return t, signedIn, who, err
}
