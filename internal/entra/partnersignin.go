package entra

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"net/url"
	"slices"

	"golang.org/x/oauth2"

	"uplift/upgrade"
)

// PartnerSignIn is one visit of the partner's user to Microsoft's sign-in page: authorization code with PKCE, after
// v2-oauth2-auth-code-flow.
type PartnerSignIn struct {
	client   *Client
	redirect string
	state    string
	nonce    string
	verifier string
}

// NewPartnerSignIn begins a visit. redirect is an address registered for the application, character for character. Kind
// Invalid: the address or the client's settings cannot work.
func (c *Client) NewPartnerSignIn(redirect string) (*PartnerSignIn, error) {
	if c.partnerTenant == "" {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "no_partner_tenant", Message: "the provider's own tenant is not configured"}
	}
	if u, err := url.Parse(redirect); err != nil || u.Host == "" || u.Fragment != "" || u.User != nil || !safe(u) {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_redirect", Message: "the redirect address is no https address, nor one of this machine"}
	}
	return &PartnerSignIn{client: c, redirect: redirect, state: rand.Text(), nonce: rand.Text(), verifier: oauth2.GenerateVerifier()}, nil
}

// URL is what the person opens in a browser.
func (s *PartnerSignIn) URL() string {
	config := oauth2.Config{
		ClientID: s.client.clientID, RedirectURL: s.redirect,
		Endpoint: oauth2.Endpoint{AuthURL: s.client.base + "/" + s.client.partnerTenant + "/oauth2/v2.0/authorize"},
		Scopes:   []string{"openid", "profile", "offline_access", s.client.PartnerScope()},
	}
	return config.AuthCodeURL(s.state, oauth2.S256ChallengeOption(s.verifier), oauth2.SetAuthURLParam("nonce", s.nonce),
		oauth2.SetAuthURLParam("response_mode", "query"), oauth2.SetAuthURLParam("prompt", "select_account"))
}

// Mine tells whether an answer belongs to this visit: anybody may call the address that the browser is sent to.
func (s *PartnerSignIn) Mine(answer url.Values) bool {
	return subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(s.state)) == 1
}

// Finish takes the query of the address to which the browser was sent, and returns the tokens and the person: a member of
// the partner's own tenant, signed in with a second factor, which Partner Center demands of every app+user call since
// 2026-04-01. Kind Refused says why a sign-in does not do: not_this_visit, access_denied, wrong_tenant, guest_user,
// no_second_factor, no_refresh_token.
func (s *PartnerSignIn) Finish(ctx context.Context, answer url.Values) (upgrade.Tokens, upgrade.Identity, error) {
	code := answer.Get("code")
	switch {
	case !s.Mine(answer):
		return upgrade.Tokens{}, upgrade.Identity{}, refused("not_this_visit", "the address does not belong to this sign-in: its state is another one's")
	case answer.Get("error") != "":
		return upgrade.Tokens{}, upgrade.Identity{}, sentBack(answer)
	case code == "":
		return upgrade.Tokens{}, upgrade.Identity{}, refused("no_code", "the address carries no code")
	}
	tokens, err := s.client.partnerTokens(ctx, s.client.partnerTenant, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {s.redirect}, "code_verifier": {s.verifier},
		"scope": {"openid profile offline_access " + s.client.PartnerScope()},
	})
	if err != nil {
		return upgrade.Tokens{}, upgrade.Identity{}, s.explain(err)
	}
	who, err := s.person(ctx, tokens)
	if err != nil {
		return upgrade.Tokens{}, upgrade.Identity{}, err
	}
	return tokens, who, nil
}

// explain makes a refusal of the code one of this visit: there is no grant yet that could be lost.
func (s *PartnerSignIn) explain(err error) error {
	if upgrade.KindOf(err) == upgrade.GrantLost {
		return &upgrade.Error{Kind: upgrade.Refused, Code: upgrade.CodeOf(err), Message: "Microsoft does not take the sign-in", Err: err}
	}
	return err
}

// person verifies who signed in, and how.
func (s *PartnerSignIn) person(ctx context.Context, tokens upgrade.Tokens) (upgrade.Identity, error) {
	who, err := s.client.Identify(ctx, s.client.partnerTenant, tokens.ID)
	if err != nil {
		return who, err
	}
	var claims struct {
		Nonce string `json:"nonce"`
	}
	switch {
	case !payload(tokens.ID, &claims) || subtle.ConstantTimeCompare([]byte(claims.Nonce), []byte(s.nonce)) != 1:
		return who, refused(codeBadToken, "the id token was made for another sign-in")
	case who.Guest:
		return who, refused("guest_user", "a guest signed in; Partner Center takes members of the provider's own tenant only")
	case tokens.Refresh == "":
		return who, refused("no_refresh_token", "Microsoft gave no refresh token; the permission offline_access is missing")
	}
	if said, has := SecondFactor(tokens.ID); said {
		return who, mfa(has)
	}
	_, has := SecondFactor(tokens.Access)
	return who, mfa(has)
}

func mfa(has bool) error {
	if has {
		return nil
	}
	return refused("no_second_factor", "the sign-in was without a second factor (MFA), and Partner Center takes no other since 2026-04-01: "+
		"have the account enrol in MFA, require it by Conditional Access, and sign in again")
}

// SecondFactor tells whether a token speaks of how its person signed in (claim amr), and whether a second factor was part
// of it. The token is not verified: it came from Entra itself over TLS. Microsoft writes amr into tokens for Partner
// Center; an id token has it where the registration asks for it.
func SecondFactor(token upgrade.Secret) (said, has bool) {
	var claims struct {
		Methods *[]string `json:"amr"`
	}
	if !payload(token, &claims) || claims.Methods == nil {
		return false, false
	}
	return true, slices.Contains(*claims.Methods, "mfa")
}
