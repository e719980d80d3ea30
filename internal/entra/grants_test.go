package entra

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"uplift/upgrade"
)

// shelf is a Store.
type shelf struct {
	mu     sync.Mutex
	tokens map[string]upgrade.Tokens
	saves  int
	fail   error
}

func (s *shelf) key(upgradeID string, invitation int) string {
	return fmt.Sprint(upgradeID, "/", invitation)
}

func (s *shelf) Tokens(_ context.Context, upgradeID string, invitation int) (upgrade.Tokens, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tokens[s.key(upgradeID, invitation)]
	if !ok {
		return t, &upgrade.Error{Kind: upgrade.NotFound, Code: "no_tokens"}
	}
	return t, nil
}

func (s *shelf) SaveTokens(_ context.Context, upgradeID string, invitation int, t upgrade.Tokens) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	s.saves++
	s.tokens[s.key(upgradeID, invitation)] = t
	return nil
}

func delegated(up string) upgrade.Grant {
	return upgrade.Grant{Kind: upgrade.GrantDelegated, Tenant: contoso, Upgrade: up, Invitation: 1}
}

func TestGrants(t *testing.T) {
	f := newFake(t, tokens("renewed", `,"refresh_token":"r2"`))
	store := &shelf{tokens: map[string]upgrade.Tokens{"1#1/1": {Access: "old", Refresh: "r1", ID: "id", ExpiresAt: f.now.Add(10 * time.Minute), Scopes: []string{"User.Read"}}}}
	g := NewGrants(f.client(nil), store)
	if got, err := g.Token(context.Background(), delegated("1#1")); err != nil || got != "old" || f.count() != 0 {
		t.Errorf("%v, %v", got.Reveal(), err)
	}
	f.advance(8*time.Minute + time.Second) // less than two minutes are left
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if got, err := g.Token(context.Background(), delegated("1#1")); err != nil || got != "renewed" {
				t.Errorf("%v, %v", got.Reveal(), err)
			}
		})
	}
	all.Wait()
	kept := store.tokens["1#1/1"]
	if f.count() != 1 || store.saves != 1 || kept.Refresh != "r2" || kept.Access != "renewed" || kept.ID != "id" {
		t.Errorf("%d requests, %d saves, kept %+v", f.count(), store.saves, kept)
	}
}

func TestGrantsRefuse(t *testing.T) {
	f := newFake(t, refusal(400, "invalid_grant", 50173))
	store := &shelf{tokens: map[string]upgrade.Tokens{
		"dead/1": {Access: "a", Refresh: "r", ExpiresAt: f.now},
		"bare/1": {Access: "a", ExpiresAt: f.now},
	}}
	g := NewGrants(f.client(nil), store)
	for up, code := range map[string]string{"nobody": "no_token", "bare": "no_token", "dead": "AADSTS50173"} {
		if _, err := g.Token(context.Background(), delegated(up)); upgrade.KindOf(err) != upgrade.GrantLost || upgrade.CodeOf(err) != code {
			t.Errorf("%s: %v", up, err)
		}
	}
	if _, err := g.Token(context.Background(), upgrade.Grant{Kind: "gdap"}); upgrade.KindOf(err) != upgrade.Invalid {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, turn := range g.turns {
		turn <- struct{}{}
	}
	if _, err := g.Token(ctx, delegated("dead")); upgrade.KindOf(err) != upgrade.Transient {
		t.Errorf("%v", err)
	}
}

// TestRotationIsStoredBeforeUse: a token whose successor cannot be stored is not given out.
func TestRotationIsStoredBeforeUse(t *testing.T) {
	f := newFake(t, tokens("renewed", `,"refresh_token":"r2"`))
	store := &shelf{fail: errors.New("disk full"), tokens: map[string]upgrade.Tokens{"1/1": {Refresh: "r1"}}}
	if got, err := NewGrants(f.client(nil), store).Token(context.Background(), delegated("1")); err == nil || got != "" {
		t.Errorf("%v, %v", got.Reveal(), err)
	}
}

// TestAnotherProcessWasFaster: our refresh token was refused since another process has rotated it meanwhile.
func TestAnotherProcessWasFaster(t *testing.T) {
	f := newFake(t, refusal(400, "invalid_grant", 70008))
	inner := &shelf{tokens: map[string]upgrade.Tokens{"1/1": {Refresh: "r1"}}}
	store := &racing{shelf: inner, next: upgrade.Tokens{Access: "theirs", Refresh: "r2", ExpiresAt: f.now.Add(time.Hour)}}
	if got, err := NewGrants(f.client(nil), store).Token(context.Background(), delegated("1")); err != nil || got != "theirs" {
		t.Errorf("%v, %v", got.Reveal(), err)
	}
}

// racing answers the first read with what it has and the second with what the other process stored.
type racing struct {
	*shelf
	next  upgrade.Tokens
	reads int
}

func (r *racing) Tokens(ctx context.Context, upgradeID string, invitation int) (upgrade.Tokens, error) {
	if r.reads++; r.reads > 1 {
		return r.next, nil
	}
	return r.shelf.Tokens(ctx, upgradeID, invitation)
}

func TestApplicationGrant(t *testing.T) {
	f := newFake(t, tokens("app", ""))
	got, err := NewGrants(f.client(nil), nil).Token(context.Background(), upgrade.Grant{Kind: upgrade.GrantApplication, Tenant: contoso})
	if err != nil || got != "app" || f.form(0).Get("scope") != "https://graph.microsoft.com/.default" {
		t.Errorf("%v, %v, %v", got.Reveal(), err, f.form(0))
	}
}
