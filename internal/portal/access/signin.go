package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"uplift/internal/portal/web"
)

// The addresses of the sign-in.
const (
	SignInPath   = "/signin"
	CallbackPath = "/signin/callback" // below the public address: a redirect URI that is registered at the issuer
	SignOutPath  = "/signout"         // a post, with the form's token
	signedOut    = "/signedout"
)

// visitLife is how long the identity provider's pages may take.
const visitLife = 15 * time.Minute

// visit is a sign-in under way. It lives in the browser, sealed: so any process may go on with it, and an answer that belongs to
// another browser's visit is none.
type visit struct {
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"` // PKCE
	To       string    `json:"to"`
	Until    time.Time `json:"until"`
}

// Routes are those of the sign-in. There are none where nobody can sign in.
func (g *Guard) Routes() []Route {
	if g == nil || g.Local() {
		return nil
	}
	open := Rule{Door: Public}
	return []Route{
		{Pattern: "GET " + SignInPath, Rule: open, Handler: g.limited(g.signIn)},
		{Pattern: "GET " + CallbackPath, Rule: open, Handler: g.limited(g.callback)},
		{Pattern: "GET " + signedOut, Rule: open, Handler: http.HandlerFunc(g.showSignedOut)},
		{Pattern: "POST " + SignOutPath, Rule: Rule{Door: Pages, Roles: Roles()}, Handler: http.HandlerFunc(g.signOut)},
	}
}

// limited counts sign-ins by address.
func (g *Guard) limited(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.signIns.Allow(g.Address(r), g.Now()) {
			w.Header().Set("Retry-After", "30")
			g.refuse(w, r, http.StatusTooManyRequests, stateTooMany, "")
			return
		}
		next(w, r)
	})
}

func (g *Guard) visitCookie() web.Cookie {
	return web.Cookie{Name: g.prefix() + "uplift_signin", Context: "portal-signin", Path: "/", Secure: g.Secure, Life: visitLife, Sealer: g.Sealer}
}

// signIn leads to the identity provider, or, where somebody is signed in already, to where they wanted to go.
func (g *Guard) signIn(w http.ResponseWriter, r *http.Request) {
	to := g.localPath(r.URL.Query().Get("to"))
	other := r.URL.Query().Get("other") != ""
	if _, ok := g.sessionOf(r); ok && !other {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	if home := g.publicSignIn(r, to); home != "" {
		http.Redirect(w, r, home, http.StatusSeeOther)
		return
	}
	found, err := g.issuer.get(r.Context())
	if err != nil {
		g.trouble(w, r, to, err)
		return
	}
	v := visit{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), To: to, Until: g.Now().Add(visitLife)}
	if err := g.visitCookie().Put(w, v); err != nil {
		g.trouble(w, r, to, err)
		return
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(v.Nonce), oauth2.S256ChallengeOption(v.Verifier)}
	if other {
		options = append(options, oauth2.SetAuthURLParam("prompt", "select_account"))
	}
	http.Redirect(w, r, g.issuer.oauth(found).AuthCodeURL(v.State, options...), http.StatusSeeOther)
}

// publicSignIn is the sign-in at our public address, where somebody came by another one, such as localhost: the identity provider
// sends browsers to the public one, which does not get the other's cookies. It is tried once, since a proxy may change the host.
func (g *Guard) publicSignIn(r *http.Request, to string) string {
	public, err := url.Parse(g.RedirectURL)
	if err != nil || public.Host == "" || public.Host == r.Host || r.URL.Query().Get("here") != "" {
		return ""
	}
	query := url.Values{"to": {to}, "here": {"1"}}
	if r.URL.Query().Get("other") != "" {
		query.Set("other", "1")
	}
	return (&url.URL{Scheme: public.Scheme, Host: public.Host, Path: strings.TrimSuffix(public.Path, CallbackPath) + SignInPath, RawQuery: query.Encode()}).String()
}

// callback is where the identity provider sends the browser back. Anybody may call it: what does not belong to a visit of this
// browser, or came before, signs nobody in.
func (g *Guard) callback(w http.ResponseWriter, r *http.Request) {
	v, ok := g.visitOf(r)
	if !ok {
		if _, in := g.sessionOf(r); in { // the answer of a second tab, or the button "back"
			http.Redirect(w, r, g.Home, http.StatusSeeOther)
			return
		}
		g.refuse(w, r, http.StatusBadRequest, stateStray, "")
		return
	}
	g.visitCookie().Drop(w)
	answer := r.URL.Query()
	if said := answer.Get("error"); said != "" {
		g.Log.Warn("the identity provider refused a sign-in", "code", word(said), "address", g.Address(r))
		g.show(w, r, http.StatusForbidden, view{State: stateRefused, Code: word(said), To: v.To})
		return
	}
	c, err := g.redeem(r.Context(), v, answer.Get("code"))
	switch {
	case errors.Is(err, errAway):
		g.trouble(w, r, v.To, err)
	case err != nil:
		g.Log.Warn("a sign-in was not believed", "error", short(err), "address", g.Address(r))
		g.show(w, r, http.StatusForbidden, view{State: stateDisbelieved, To: v.To})
	default:
		g.enter(w, r, v, g.who(c))
	}
}

// visitOf is the browser's visit, where the answer bears its state, for the first time: in this process. In another one a replay
// gains nothing, since a code is redeemed once.
func (g *Guard) visitOf(r *http.Request) (v visit, ok bool) {
	if !g.visitCookie().Get(r, &v) {
		return v, false
	}
	now := g.Now()
	if v.State == "" || subtle.ConstantTimeCompare([]byte(v.State), []byte(r.URL.Query().Get("state"))) != 1 || !now.Before(v.Until) {
		return v, false
	}
	return v, g.spent.First(v.State, v.Until, now)
}

// redeem makes the code into an id token, and reads it once it is proved to be of the issuer, for us and of this visit. The
// tokens go nowhere: who it is, is all that is wanted.
func (g *Guard) redeem(ctx context.Context, v visit, code string) (claims, error) {
	if code == "" {
		return nil, errors.New("the answer carries no code")
	}
	found, err := g.issuer.get(ctx)
	if err != nil {
		return nil, err
	}
	tokens, err := g.issuer.oauth(found).Exchange(oidc.ClientContext(ctx, g.issuer.client), code, oauth2.VerifierOption(v.Verifier))
	if err != nil {
		return nil, exchangeError(err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	if raw == "" {
		return nil, errors.New("the identity provider gave no id token")
	}
	token, err := g.issuer.verify(ctx, found, raw, g.ClientID)
	if err != nil {
		return nil, err
	}
	if v.Nonce == "" || subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(v.Nonce)) != 1 {
		return nil, errors.New("the id token was made for another sign-in")
	}
	var c claims
	return c, token.Claims(&c)
}

// exchangeError says why a code was not redeemed, without the answer's text, which may quote what was sent.
func exchangeError(err error) error {
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) || answer.Response == nil || answer.Response.StatusCode >= 500 {
		return errAway
	}
	return errors.New("the identity provider did not redeem the code: " + word(answer.ErrorCode))
}

// enter begins a session for who has a role here.
func (g *Guard) enter(w http.ResponseWriter, r *http.Request, v visit, who Who) {
	if len(who.Roles) == 0 || who.Subject == "" {
		g.Log.Warn("who signed in has no role here", "subject", who.Subject, "address", g.Address(r))
		g.show(w, r, http.StatusForbidden, view{State: stateNoRole, Name: who.By(), To: v.To})
		return
	}
	if old, ok := g.sessionOf(r); ok {
		g.end(old)
	}
	if err := g.sessionCookie().Put(w, newSession(who, g.Now())); err != nil {
		g.trouble(w, r, v.To, err)
		return
	}
	g.Log.Info("signed in", "subject", who.Subject, "roles", who.Roles, "reseller", who.Reseller, "address", g.Address(r))
	http.Redirect(w, r, v.To, http.StatusSeeOther)
}

// signOut ends the session here. Whoever is signed in at the identity provider stays so there.
func (g *Guard) signOut(w http.ResponseWriter, r *http.Request) {
	s := sessionFrom(r.Context())
	g.end(s)
	g.sessionCookie().Drop(w)
	g.Log.Info("signed out", "subject", s.Subject, "address", g.Address(r))
	http.Redirect(w, r, signedOut, http.StatusSeeOther)
}

func (g *Guard) showSignedOut(w http.ResponseWriter, r *http.Request) {
	g.show(w, r, http.StatusOK, view{State: stateSignedOut})
}

func (g *Guard) trouble(w http.ResponseWriter, r *http.Request, to string, err error) {
	g.Log.Error("nobody can sign in", "error", short(err))
	w.Header().Set("Retry-After", "10")
	g.show(w, r, http.StatusServiceUnavailable, view{State: stateAway, To: to})
}

// maxPath bounds an address to return to, which has to fit into a cookie.
const maxPath = 1500

// localPath is a path on this site to which a sign-in may lead, and Home for everything else: what a browser could take for
// another site's address, and the sign-in itself.
func (g *Guard) localPath(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil, len(s) > maxPath, u.Scheme != "", u.Host != "", u.User != nil, u.Opaque != "":
	case !strings.HasPrefix(s, "/"), strings.HasPrefix(s, "//"), strings.HasPrefix(u.Path, "//"):
	case strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c == '\\' || c == 0x7f }), strings.ContainsAny(u.Path, "\\\r\n\t"):
	case strings.HasPrefix(u.Path, "/sign"):
	default:
		return s
	}
	return g.Home
}

// word lets through what may be a code, and nothing else that a stranger can write into an address.
func word(s string) string {
	ok := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
	}
	if s == "" || len(s) > 40 || strings.ContainsFunc(s, func(c rune) bool { return !ok(c) }) {
		return "unknown"
	}
	return s
}

// short is an error for the log: the library's words on a token, which quote none of its signature or of a code.
func short(err error) string {
	s := strings.Join(strings.Fields(err.Error()), " ")
	if len(s) > 300 {
		s = s[:300]
	}
	return s
}

// Reach tells whether the issuer can be reached; a program says so when it starts, and starts all the same.
func (g *Guard) Reach(ctx context.Context) error {
	if g.Local() {
		return nil
	}
	_, err := g.issuer.get(ctx)
	return err
}
