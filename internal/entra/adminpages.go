package entra

import (
	"cmp"
	"context"
	"crypto/subtle"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"uplift/upgrade"
)

// AdminPages leads a customer's administrator through Microsoft's own pages: the sign-in, by authorization code with PKCE, and
// then the consent for the whole organisation. The redirect of the second names nobody and can be forged, hence the first; and
// neither is the proof of a consent, which is a token that the tenant then gives our application.
type AdminPages struct {
	client   *Client
	redirect string
}

// NewAdminPages makes AdminPages. redirect is an address registered for the application, character for character. Kind
// Invalid: it cannot work.
func NewAdminPages(c *Client, redirect string) (*AdminPages, error) {
	if u, err := url.Parse(redirect); err != nil || u.Host == "" || u.Fragment != "" || u.User != nil || !safe(u) {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_redirect", Message: "the redirect address is no https address, nor one of this machine"}
	}
	return &AdminPages{client: c, redirect: redirect}, nil
}

// Origin is where Microsoft's pages are.
func (p *AdminPages) Origin() string {
	u, err := url.Parse(p.client.base)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// SignInURL is Microsoft's sign-in page at the invited tenant's own authority.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
func (p *AdminPages) SignInURL(tenant, state, nonce, verifier string) (string, error) {
	if err := checkTenant(tenant); err != nil {
		return "", err
	}
	config := oauth2.Config{
		ClientID: p.client.clientID, RedirectURL: p.redirect,
		Endpoint: oauth2.Endpoint{AuthURL: p.client.base + "/" + tenant + "/oauth2/v2.0/authorize"},
		Scopes:   []string{"openid", "profile"},
	}
	return config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("nonce", nonce),
		oauth2.SetAuthURLParam("response_mode", "query"), oauth2.SetAuthURLParam("prompt", "select_account")), nil
}

// SignedIn takes the query with which Microsoft sent the browser back from the sign-in, and tells who signed in. Kind Refused
// says why a sign-in does not do: access_denied, wrong_tenant, bad_id_token, or an AADSTS number.
func (p *AdminPages) SignedIn(ctx context.Context, tenant, nonce, verifier string, answer url.Values) (upgrade.Identity, error) {
	if answer.Get("error") != "" {
		return upgrade.Identity{}, sentBack(answer)
	}
	code := answer.Get("code")
	if code == "" {
		return upgrade.Identity{}, refused("no_code", "the address carries no code")
	}
	if err := checkTenant(tenant); err != nil {
		return upgrade.Identity{}, err
	}
	tokens, err := p.client.token(ctx, onDevice, tenant, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {p.redirect}, "code_verifier": {verifier}, "scope": {"openid profile"},
	}, !p.client.credential.none())
	if err != nil {
		return upgrade.Identity{}, err
	}
	who, err := p.client.Identify(ctx, tenant, tokens.ID)
	if err != nil {
		return who, err
	}
	var claims struct {
		Nonce string `json:"nonce"`
	}
	if !payload(tokens.ID, &claims) || subtle.ConstantTimeCompare([]byte(claims.Nonce), []byte(nonce)) != 1 {
		return upgrade.Identity{}, refused(codeBadToken, "the id token was made for another sign-in")
	}
	return who, nil
}

// ConsentURL is Microsoft's page that consents for the whole organisation to all that the application's registration lists:
// permissions of the application itself are to be had in this way only.
// https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
func (p *AdminPages) ConsentURL(tenant, state string) (string, error) {
	if err := checkTenant(tenant); err != nil {
		return "", err
	}
	return p.client.base + "/" + tenant + "/v2.0/adminconsent?" + url.Values{
		"client_id": {p.client.clientID}, "scope": {p.client.graph + "/.default"}, "redirect_uri": {p.redirect}, "state": {state},
	}.Encode(), nil
}

// Consented reads the query with which Microsoft sent the browser back from the consent page. A refusal carries
// admin_consent=True as well, so that the error is looked at first. That it is nil proves nothing: anybody can call the address.
func (p *AdminPages) Consented(answer url.Values) error {
	switch {
	case answer.Get("error") != "":
		return sentBack(answer)
	case !strings.EqualFold(answer.Get("admin_consent"), "true"):
		return refused("no_answer", "the address carries no answer of Microsoft's")
	}
	return nil
}

// sentBack words the error with which Microsoft sent the browser back; "access_denied" where the person said no. The
// description is read for its number only, which says more than the word: a policy's refusal is an access_denied, too.
func sentBack(answer url.Values) error {
	e := envelope{Error: answer.Get("error"), Description: answer.Get("error_description")}
	n, _ := e.number()
	says := "Microsoft sent the browser back without a sign-in"
	if r, ok := meaning(e.Error, n); ok {
		says = r.Message
	}
	name := cmp.Or(code(e.Error, n), codeBadReply) // what is no word of Microsoft's has no code
	if r, ok := number(n); ok && n != 65004 {
		name, says = r.Code, r.Message
	}
	if n == 65004 || n == 0 && (e.Error == "access_denied" || e.Error == "permission_denied") {
		name = "access_denied"
	}
	return refused(name, says)
}
