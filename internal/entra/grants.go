package entra

import (
	"context"
	"fmt"
	"hash/maphash"
	"time"

	"uplift/upgrade"
)

// Store keeps delegated tokens. Tokens is Kind NotFound when there are none.
type Store interface {
	Tokens(ctx context.Context, upgradeID string, invitation int) (upgrade.Tokens, error)
	SaveTokens(ctx context.Context, upgradeID string, invitation int, t upgrade.Tokens) error
}

// refreshEarly is how long before its expiry a delegated token is renewed.
const refreshEarly = 2 * time.Minute

// Grants gives the access token for a grant. It is safe for use by many goroutines.
type Grants struct {
	client *Client
	store  Store
	seed   maphash.Seed
	turns  [64]chan struct{} // locks of one seat each; an upgrade's is found by its hash

	partner *PartnerUser // nil: no grant by the partner's own user
}

// NewGrants makes Grants over a client and a store.
func NewGrants(c *Client, store Store) *Grants {
	g := &Grants{client: c, store: store, seed: maphash.MakeSeed()}
	for i := range g.turns {
		g.turns[i] = make(chan struct{}, 1)
	}
	return g
}

// WithPartner lets the partner's own user act where a grant says so. It is called before the first Token.
func (g *Grants) WithPartner(p *PartnerUser) *Grants {
	g.partner = p
	return g
}

// Token returns the access token for Microsoft Graph by which a grant acts. A delegated one is renewed two minutes before
// it expires; the renewed tokens are in the store before anybody uses them, so that a crash loses no rotated refresh
// token. Kind GrantLost: the grant has died; code no_token, where the store has none.
//
// Renewals of one upgrade take turns in this process. Two processes may renew at once: Entra lets a refresh token be used
// again, and the one who is refused looks whether the other has stored a newer one.
func (g *Grants) Token(ctx context.Context, grant upgrade.Grant) (upgrade.Secret, error) {
	switch grant.Kind {
	case upgrade.GrantApplication:
		return g.client.GraphToken(ctx, grant.Tenant)
	case upgrade.GrantDelegated:
		return g.delegated(ctx, grant)
	case upgrade.GrantPartner:
		if g.partner != nil {
			return g.partner.Graph(ctx, grant.Tenant)
		}
	}
	return "", &upgrade.Error{Kind: upgrade.Invalid, Code: "unknown_grant", Message: "the kind of grant is not known"}
}

// Forget is told that Graph refused a token before its time, so that the next Token is a new one. What cannot be forgotten
// now is renewed when it expires.
func (g *Grants) Forget(ctx context.Context, grant upgrade.Grant, refused upgrade.Secret) {
	if grant.Kind == upgrade.GrantApplication {
		g.client.Forget(grant.Tenant)
		return
	}
	if grant.Kind == upgrade.GrantPartner {
		if g.partner != nil {
			g.partner.Forget(grant.Tenant)
		}
		return
	}
	leave, err := g.enter(ctx, grant)
	if err != nil {
		return
	}
	defer leave()
	tokens, err := g.load(ctx, grant)
	if err != nil || tokens.Access != refused {
		return // somebody has renewed it meanwhile
	}
	tokens.ExpiresAt = g.client.now()
	_ = g.store.SaveTokens(ctx, grant.Upgrade, grant.Invitation, tokens)
}

func (g *Grants) delegated(ctx context.Context, grant upgrade.Grant) (upgrade.Secret, error) {
	leave, err := g.enter(ctx, grant)
	if err != nil {
		return "", err
	}
	defer leave()
	tokens, err := g.load(ctx, grant)
	if err != nil {
		return "", err
	}
	if g.fresh(tokens) {
		return tokens.Access, nil
	}
	renewed, err := g.client.Refresh(ctx, grant.Tenant, tokens.Refresh, tokens.Scopes)
	if upgrade.KindOf(err) == upgrade.GrantLost {
		if other, loadErr := g.load(ctx, grant); loadErr == nil && other.Refresh != tokens.Refresh && g.fresh(other) {
			return other.Access, nil
		}
	}
	if err != nil {
		return "", err
	}
	if renewed.ID == "" {
		renewed.ID = tokens.ID
	}
	saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second) // the old refresh token may be spent
	defer cancel()
	if err := g.store.SaveTokens(saving, grant.Upgrade, grant.Invitation, renewed); err != nil {
		return "", err
	}
	return renewed.Access, nil
}

// enter waits for the turn to renew the tokens of an upgrade.
func (g *Grants) enter(ctx context.Context, grant upgrade.Grant) (leave func(), err error) {
	turn := g.turns[maphash.String(g.seed, fmt.Sprintf("%s/%d", grant.Upgrade, grant.Invitation))%uint64(len(g.turns))]
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, &upgrade.Error{Kind: upgrade.Transient, Code: "entra_unreachable", Message: "the grant's token is being renewed", Err: ctx.Err()}
	}
}

func (g *Grants) fresh(t upgrade.Tokens) bool {
	return t.Access != "" && g.client.now().Add(refreshEarly).Before(t.ExpiresAt)
}

func (g *Grants) load(ctx context.Context, grant upgrade.Grant) (upgrade.Tokens, error) {
	tokens, err := g.store.Tokens(ctx, grant.Upgrade, grant.Invitation)
	if upgrade.KindOf(err) == upgrade.NotFound && err != nil {
		return tokens, &upgrade.Error{Kind: upgrade.GrantLost, Code: codeNoToken, Message: "the administrator's sign-in is no longer in the register"}
	}
	return tokens, err
}
