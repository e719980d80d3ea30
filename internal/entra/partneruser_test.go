package entra

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"uplift/upgrade"
)

// drawer is a PartnerStore.
type drawer struct {
	mu       sync.Mutex
	tokens   upgrade.Tokens
	signedIn time.Time
	saves    int
	reads    int
	fail     error
	next     *upgrade.Tokens // what another process stores between our first read and the second
}

func (d *drawer) SavePartnerToken(_ context.Context, t upgrade.Tokens, _ upgrade.Identity, at time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		return d.fail
	}
	d.saves++
	d.tokens, d.signedIn = t, at
	return nil
}

func (d *drawer) PartnerToken(context.Context) (upgrade.Tokens, time.Time, time.Time, upgrade.Identity, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reads++; d.reads > 1 && d.next != nil {
		d.tokens = *d.next
	}
	if d.tokens.Refresh == "" {
		return upgrade.Tokens{}, time.Time{}, time.Time{}, upgrade.Identity{}, &upgrade.Error{Kind: upgrade.NotFound, Code: "no_partner_token"}
	}
	return d.tokens, d.signedIn, d.signedIn, upgrade.Identity{ObjectID: "o"}, nil
}

func stored(refresh upgrade.Secret) *drawer {
	return &drawer{tokens: upgrade.Tokens{Refresh: refresh}, signedIn: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
}

func TestPartnerUser(t *testing.T) {
	f := newFake(t, tokens("center", `,"refresh_token":"r2"`), tokens("graph", ""), tokens("again", ""))
	d := stored("r1")
	p := NewPartnerUser(f.client(nil), d)
	ctx := context.Background()
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if got, err := p.PartnerCenter(ctx); err != nil || got != "center" {
				t.Errorf("%v, %v", got.Reveal(), err)
			}
		})
	}
	all.Wait()
	first := f.form(0)
	if f.count() != 1 || d.saves != 1 || d.tokens.Refresh != "r2" || !d.signedIn.Equal(stored("").signedIn) {
		t.Errorf("%d requests, %d saves, kept %v", f.count(), d.saves, d.tokens.Refresh.Reveal())
	}
	if first.Get(":path") != "/"+provider+"/oauth2/v2.0/token" || first.Get("refresh_token") != "r1" || first.Get("client_secret") != "the-secret" ||
		!strings.Contains(first.Get("scope"), "https://api.partnercenter.microsoft.com/user_impersonation") {
		t.Errorf("asked %v", first)
	}
	// The same refresh token opens a customer's tenant; what Entra does not rotate is kept.
	if got, err := p.Graph(ctx, contoso); err != nil || got != "graph" {
		t.Errorf("%v, %v", got.Reveal(), err)
	}
	if second := f.form(1); second.Get(":path") != "/"+contoso+"/oauth2/v2.0/token" || second.Get("refresh_token") != "r2" || d.tokens.Refresh != "r2" {
		t.Errorf("asked %v, kept %v", second, d.tokens.Refresh.Reveal())
	}
	if err := p.Renew(ctx); err != nil || f.count() != 3 {
		t.Errorf("renewed with %d requests: %v", f.count(), err)
	}
	p.Forget(contoso)
	f.advance(time.Minute)
	for _, tenant := range []string{contoso, provider} {
		if _, err := p.Graph(ctx, tenant); err != nil {
			t.Error(err)
		}
	}
	f.advance(58*time.Minute + time.Second) // less than a minute is left of the token for Partner Center
	if _, err := p.PartnerCenter(ctx); err != nil || f.count() != 6 {
		t.Errorf("%d requests, %v", f.count(), err)
	}
}

// What the user may do in a customer's tenant is read from a new token each time: one in memory knows of no new consent.
func TestPartnerUserAccess(t *testing.T) {
	token := func(claims string) string { return "h." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".s" }
	f := newFake(t,
		tokens(token(`{"tid":"`+contoso+`","oid":"o","name":"Pat","scp":"User.Read Organization.Read.All","wids":["role"]}`), ""),
		tokens(token(`{"tid":"`+contoso+`","oid":"o","scp":"User.Read","wids":[]}`), ""),
		tokens(token(`{"tid":"`+fabrikam+`"}`), ""), tokens("opaque", ""))
	p := NewPartnerUser(f.client(nil), stored("r1"))
	who, held, err := p.Access(context.Background(), contoso)
	if err != nil || who.Name != "Pat" || who.Tenant != contoso || !who.RolesSaid || len(who.Roles) != 1 || len(held) != 2 || held[1] != "Organization.Read.All" {
		t.Errorf("%+v, %v, %v", who, held, err)
	}
	if who, held, err = p.Access(context.Background(), contoso); err != nil || who.RolesSaid || len(held) != 1 {
		t.Errorf("a token that is silent about roles: %+v, %v, %v", who, held, err)
	}
	for _, want := range []string{"wrong_tenant", "opaque_token"} {
		if _, _, err = p.Access(context.Background(), contoso); upgrade.CodeOf(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	// The directory is asked by the same user.
	g := NewGrants(f.client(nil), nil)
	grant := upgrade.Grant{Kind: upgrade.GrantPartner, Tenant: contoso}
	if _, err := g.Token(context.Background(), grant); upgrade.CodeOf(err) != "unknown_grant" {
		t.Errorf("without a partner's user: %v", err)
	}
	if got, err := g.WithPartner(p).Token(context.Background(), grant); err != nil || got != "opaque" {
		t.Errorf("%v, %v", got.Reveal(), err)
	}
	before := f.count()
	g.Forget(context.Background(), grant, "opaque")
	if _, err := g.Token(context.Background(), grant); err != nil || f.count() != before+1 {
		t.Errorf("a refused token was given out again: %v", err)
	}
}

func TestPartnerUserRefused(t *testing.T) {
	for _, test := range []struct {
		name   string
		tenant string
		answer reply
		kind   upgrade.Kind
		code   string
	}{
		{"expired", provider, refusal(400, "invalid_grant", 700082), upgrade.Act, "partner_sign_in_lost"},
		{"revoked", provider, refusal(400, "invalid_grant", 50173), upgrade.Act, "partner_sign_in_lost"},
		{"no second factor", provider, refusal(400, "interaction_required", 50076), upgrade.Act, "partner_sign_in_lost"},
		{"blocked at home", provider, refusal(400, "interaction_required", 53003), upgrade.Act, "partner_sign_in_lost"},
		{"no number", provider, refusal(400, "invalid_grant", 0), upgrade.Act, "partner_sign_in_lost"},
		{"revoked, heard abroad", contoso, refusal(400, "invalid_grant", 50173), upgrade.Act, "partner_sign_in_lost"},
		{"no consent there", contoso, refusal(400, "invalid_grant", 65001), upgrade.GrantLost, "AADSTS65001"},
		{"no pre-consent there", contoso, refusal(400, "invalid_grant", 90099), upgrade.GrantLost, "AADSTS90099"},
		{"no delegated administration", contoso, refusal(400, "invalid_grant", 50020), upgrade.GrantLost, "AADSTS50020"},
		{"blocked there", contoso, refusal(400, "interaction_required", 53003), upgrade.GrantLost, "AADSTS53003"},
		{"wrong secret", provider, refusal(401, "invalid_client", 7000215), upgrade.Act, "AADSTS7000215"},
		{"passing trouble", provider, refusal(503, "temporarily_unavailable", 90033), upgrade.Transient, "AADSTS90033"},
	} {
		p := NewPartnerUser(newFake(t, test.answer).client(nil), stored("r1"))
		got, err := p.Token(context.Background(), test.tenant, "scope")
		if got != "" || err == nil || upgrade.KindOf(err) != test.kind || upgrade.CodeOf(err) != test.code {
			t.Errorf("%s: %v", test.name, err)
		}
		if err != nil && (strings.Contains(err.Error(), "leaky") || strings.Contains(err.Error(), "ada@")) {
			t.Errorf("%s: quotes Microsoft's answer: %v", test.name, err)
		}
		if test.code == "partner_sign_in_lost" && !strings.Contains(err.Error(), "starter partner sign-in") {
			t.Errorf("%s: no remedy: %v", test.name, err)
		}
	}
	p := NewPartnerUser(newFake(t, tokens("x", "")).client(nil), &drawer{})
	if _, err := p.PartnerCenter(context.Background()); upgrade.KindOf(err) != upgrade.Act || upgrade.CodeOf(err) != "no_partner_sign_in" {
		t.Errorf("nobody signed in: %v", err)
	}
	if _, err := p.Token(context.Background(), "common", "scope"); upgrade.KindOf(err) != upgrade.Invalid {
		t.Errorf("an authority for everybody: %v", err)
	}
}

// TestDeadSignInIsNotTriedAllTheTime: a minute passes before Entra is asked again, unless somebody signs in anew.
func TestDeadSignInIsNotTriedAllTheTime(t *testing.T) {
	f := newFake(t, refusal(400, "invalid_grant", 50173), refusal(400, "invalid_grant", 50173), tokens("new", ""))
	d := stored("r1")
	p := NewPartnerUser(f.client(nil), d)
	ask := func(want string, requests int) {
		t.Helper()
		if got, err := p.PartnerCenter(context.Background()); got.Reveal() != want || want == "" && upgrade.CodeOf(err) != "partner_sign_in_lost" || f.count() != requests {
			t.Errorf("%q, %v, after %d requests", got.Reveal(), err, f.count())
		}
	}
	ask("", 1)
	ask("", 1)
	f.advance(2 * time.Minute)
	ask("", 2)
	d.tokens.Refresh = "r2"
	ask("new", 3)
}

// TestPartnerRotationIsStoredBeforeUse: a token whose successor cannot be stored is not given out, nor kept.
func TestPartnerRotationIsStoredBeforeUse(t *testing.T) {
	f := newFake(t, tokens("renewed", `,"refresh_token":"r2"`))
	d := stored("r1")
	d.fail = errors.New("disk full")
	p := NewPartnerUser(f.client(nil), d)
	for range 2 {
		if got, err := p.PartnerCenter(context.Background()); err == nil || got != "" {
			t.Errorf("%v, %v", got.Reveal(), err)
		}
	}
}

// TestAnotherWorkerRenewed: ours was refused since another worker, or a person, has stored a newer one meanwhile.
func TestAnotherWorkerRenewed(t *testing.T) {
	f := newFake(t, refusal(400, "invalid_grant", 70008), tokens("theirs", ""))
	d := stored("r1")
	d.next = &upgrade.Tokens{Refresh: "r2"}
	if got, err := NewPartnerUser(f.client(nil), d).PartnerCenter(context.Background()); err != nil || got != "theirs" || f.form(1).Get("refresh_token") != "r2" {
		t.Errorf("%v, %v", got.Reveal(), err)
	}
}

// TestPartnerPublicClient: a redirect address that is registered for a public client wants no credential shown, and that
// is learnt once.
func TestPartnerPublicClient(t *testing.T) {
	f := newFake(t, refusal(401, "invalid_client", 700025), tokens("a", ""), tokens("b", ""))
	p := NewPartnerUser(f.client(nil), stored("r1"))
	for i, err := range []error{p.Renew(context.Background()), p.Renew(context.Background())} {
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	if f.count() != 3 || f.form(0).Get("client_secret") == "" || f.form(1).Has("client_secret") || f.form(2).Has("client_secret") {
		t.Errorf("%d requests: %v", f.count(), f.forms)
	}
}
