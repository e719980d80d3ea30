package service

import (
	"context"
	"strings"
	"testing"

	"uplift/internal/seal"
	"uplift/upgrade"
)

// TestLinks: what stands in a mail names the workflow, the attempt and the invitation, and shows none of them.
func TestLinks(t *testing.T) {
	l := links{"https://upgrades.example.com", seal.NewLinks(seal.Dev("link"))}
	link, err := l.Link("upgrade/A-1", "A-1#2", 3)
	if err != nil {
		t.Fatal(err)
	}
	token, ok := strings.CutPrefix(link.Reveal(), "https://upgrades.example.com/consent/")
	if !ok || strings.Contains(token, "A-1") || strings.ContainsAny(token, "/?#%") {
		t.Fatalf("the link is %s", link.Reveal())
	}
	workflowID, upgradeID, invitation, err := l.Parse(token)
	if workflowID != "upgrade/A-1" || upgradeID != "A-1#2" || invitation != 3 || err != nil {
		t.Errorf("it names %s, %s, %d, %v", workflowID, upgradeID, invitation, err)
	}
	if _, _, _, err := l.Parse(token[:len(token)-1]); upgrade.CodeOf(err) != "bad_link" {
		t.Errorf("a link that was cut short is read: %v", err)
	}
}

// TestResource: tokens are asked for the API that is configured, in every national cloud; an API on this machine plays the
// worldwide one.
func TestResource(t *testing.T) {
	for api, want := range map[string]string{
		"https://graph.microsoft.com/v1.0":                    "https://graph.microsoft.com",
		"https://graph.microsoft.us/v1.0":                     "https://graph.microsoft.us",
		"https://partner.partnercenterapi.microsoftonline.cn": "https://partner.partnercenterapi.microsoftonline.cn",
		"http://127.0.0.1:9002/v1.0":                          "",
	} {
		if got := resource(api); got != want {
			t.Errorf("%s: %q, not %q", api, got, want)
		}
	}
}

// TestUserToken: without a sign-in, or with a dead one, the application's own token stands in; other trouble is told.
func TestUserToken(t *testing.T) {
	for code, want := range map[string]string{"": "user", "no_partner_sign_in": "application", "partner_sign_in_lost": "application", "AADSTS90033": ""} {
		token := userToken(func(context.Context) (upgrade.Secret, error) {
			if code == "" {
				return "user", nil
			}
			return "", &upgrade.Error{Kind: upgrade.Act, Code: code}
		}, func(context.Context) (upgrade.Secret, error) { return "application", nil })
		if got, err := token(context.Background()); got.Reveal() != want || (want == "") != (err != nil) {
			t.Errorf("%q: %q, %v", code, got.Reveal(), err)
		}
	}
}
