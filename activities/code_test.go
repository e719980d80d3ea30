package activities_test

import (
	"context"
	"testing"
	"time"

	"uplift/activities"
	"uplift/upgrade"
)

// renewing is an authority at which a code is refused just after a newer one was obtained.
type renewing struct {
	activities.Authority
	renew func()
}

func (r renewing) RedeemDeviceCode(context.Context, string, upgrade.Secret) (upgrade.Tokens, error) {
	r.renew()
	return upgrade.Tokens{}, &upgrade.Error{Kind: upgrade.Refused, Code: "expired_token", Message: "too late"}
}

// Whoever still follows an older code leaves a newer one in the register as it is, and brings back none that was destroyed.
func TestOlderCodeLeavesTheNewerOne(t *testing.T) {
	t.Parallel()
	_, _, acts, _, _ := lab(t)
	ctx := t.Context()
	older := upgrade.PendingCode{DeviceCode: "older", UserCode: "OLD", Interval: time.Millisecond, ExpiresAt: acts.Now().Add(time.Minute)}
	newer := upgrade.PendingCode{DeviceCode: "newer", UserCode: "NEW", Interval: time.Millisecond, ExpiresAt: acts.Now().Add(time.Hour)}
	in := activities.AwaitSignInInput{Upgrade: attempt, Tenant: tenant, Invitation: 1}
	plain := acts.Authority
	for name, renew := range map[string]func() error{
		"kept":      func() error { return nil },
		"renewed":   func() error { return acts.Register.SaveCode(ctx, attempt, 1, newer) },
		"destroyed": func() error { return acts.Register.DestroyTokens(ctx, attempt) },
	} {
		if err := acts.Register.SaveCode(ctx, attempt, 1, older); err != nil {
			t.Fatal(err)
		}
		acts.Authority = renewing{Authority: plain, renew: func() {
			if err := renew(); err != nil {
				t.Error(err)
			}
		}}
		out, err := acts.AwaitSignIn(ctx, in)
		if err != nil || out.SignedIn || out.Problem == nil || out.Problem.Code != "expired_token" {
			t.Errorf("%s: the sign-in ended %+v, %v", name, out, err)
		}
		code, err := acts.Register.Code(ctx, attempt, 1)
		switch {
		case name == "destroyed":
			if upgrade.KindOf(err) != upgrade.NotFound {
				t.Errorf("a destroyed code is there again: %v, %v", code.UserCode, err)
			}
		case name == "renewed" && (code.UserCode != "NEW" || !code.ExpiresAt.Equal(newer.ExpiresAt)):
			t.Errorf("the newer code became %s until %s", code.UserCode, code.ExpiresAt)
		case name == "kept" && (code.UserCode != "OLD" || code.ExpiresAt.After(acts.Now())):
			t.Errorf("the dead code %s is good until %s", code.UserCode, code.ExpiresAt)
		}
	}
}
