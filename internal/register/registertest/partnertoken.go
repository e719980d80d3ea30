package registertest

import (
	"context"
	"testing"
	"time"

	"uplift/upgrade"
)

// PartnerTokenConformance runs what a keeper of the partner's token must do. The register that open makes takes now for
// its clock.
func PartnerTokenConformance(t *testing.T, open func(t *testing.T, now func() time.Time) PartnerTokens) {
	clock := at
	r := open(t, func() time.Time { return clock })
	ctx := context.Background()
	k := &kit{T: t, ctx: ctx}
	_, _, _, _, err := r.PartnerToken(ctx)
	k.kind(err, upgrade.NotFound)

	agent := upgrade.Identity{Tenant: "t", ObjectID: "o", Name: "Älex Agent", Roles: []string{"role"}, RolesSaid: true}
	other := upgrade.Identity{Tenant: "t", ObjectID: "o2"}
	first := upgrade.Tokens{Refresh: "r1", ExpiresAt: at.Add(time.Hour), Scopes: []string{"user_impersonation"}}
	rotated, late, newer := first, first, first
	rotated.Refresh, late.Refresh, newer.Refresh = "r2", "r3", "r4"
	for _, step := range []struct {
		name       string
		after      time.Duration // since the first sign-in
		tokens     upgrade.Tokens
		who        upgrade.Identity
		signedIn   time.Time
		want       upgrade.Tokens
		wantWho    upgrade.Identity
		wantSigned time.Time
		wantFresh  time.Duration
	}{
		{"a sign-in", 0, first, agent, at, first, agent, at, 0},
		{"its repeat", 0, first, agent, at, first, agent, at, 0},
		{"a renewal", time.Hour, rotated, agent, at, rotated, agent, at, time.Hour},
		{"another person signs in", 2 * time.Hour, newer, other, at.Add(2 * time.Hour), newer, other, at.Add(2 * time.Hour), 2 * time.Hour},
		{"the earlier sign-in is renewed late", 3 * time.Hour, late, agent, at, newer, other, at.Add(2 * time.Hour), 2 * time.Hour},
	} {
		clock = at.Add(step.after)
		k.ok(r.SavePartnerToken(ctx, step.tokens, step.who, step.signedIn))
		tokens, signedIn, refreshed, who, err := r.PartnerToken(ctx)
		k.ok(err)
		t.Log(step.name)
		k.same(tokens, step.want)
		k.same(who, step.wantWho)
		k.same(signedIn, step.wantSigned)
		k.same(refreshed, at.Add(step.wantFresh))
	}
}
