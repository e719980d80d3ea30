package consent

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"uplift/internal/portal/web"
	"uplift/upgrade"
)

// AdminPages are Microsoft's pages for an administrator who consents in the browser: a sign-in, which tells who it is, and the
// consent for the whole organisation. Both send the browser to /consent/callback.
type AdminPages interface {
	Origin() string
	SignInURL(tenant, state, nonce, verifier string) (string, error)
	// SignedIn tells who signed in. Kind Refused says why a sign-in does not do.
	SignedIn(ctx context.Context, tenant, nonce, verifier string, answer url.Values) (upgrade.Identity, error)
	ConsentURL(tenant, state string) (string, error)
	// Consented reads the consent page's answer, which proves nothing.
	Consented(answer url.Values) error
}

// CallbackPath is where Microsoft sends an administrator's browser, below the public address: a redirect URI of the app
// registration.
const CallbackPath = "/consent/callback"

const (
	visitCookie  = "uplift_visit"
	visitContext = "consent-visit"
	// visitLife is how long Microsoft's pages may take, of each of the two.
	visitLife = 30 * time.Minute
)

// visit is an administrator's way through Microsoft's pages, of one invitation. It lives in the browser, sealed: so any
// process may go on with it, and nobody else's browser can.
type visit struct {
	Link       string    `json:"link"` // the token of the invitation's link
	State      string    `json:"state"`
	Nonce      string    `json:"nonce,omitempty"`
	Verifier   string    `json:"verifier,omitempty"` // PKCE; empty at the consent page
	Name       string    `json:"name,omitempty"`     // who signed in
	Until      time.Time `json:"until"`
	Consenting bool      `json:"consenting,omitempty"` // signed in, and sent to the consent page
}

// admin begins a visit: the button that leads to Microsoft's sign-in.
func (p *site) admin(w http.ResponseWriter, r *http.Request, o opened) {
	s, v, ok := p.lookAt(w, r, o)
	if !ok {
		return
	}
	if !v.Answerable() || p.Admin == nil {
		http.Redirect(w, r, o.path(), http.StatusSeeOther)
		return
	}
	began := visit{Link: o.token, State: rand.Text(), Nonce: rand.Text(), Verifier: rand.Text() + rand.Text(), Until: p.Now().Add(visitLife)}
	address, err := p.Admin.SignInURL(s.Tenant, began.State, began.Nonce, began.Verifier)
	if err == nil {
		err = p.remember(w, began)
	}
	if err != nil {
		p.trouble(w, r, o, err)
		return
	}
	p.Log.Info("an administrator went to sign in at Microsoft", "link", tag(o.token), "workflow", o.workflowID)
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// callback is where Microsoft sends the browser back, from the sign-in and from the consent page. Anybody may call it: what
// does not belong to a visit of this browser, or came before, changes nothing.
func (p *site) callback(w http.ResponseWriter, r *http.Request) {
	v, ok := p.visitOf(r)
	if !ok {
		if !p.byAddress.Allow(p.Address(r), p.Now()) {
			w.Header().Set("Retry-After", "30")
			p.show(w, r, http.StatusTooManyRequests, view{State: stateTooMany})
			return
		}
		p.Log.Info("an answer of Microsoft's that belongs to no visit was shown")
		p.show(w, r, http.StatusBadRequest, view{State: stateStray})
		return
	}
	p.forget(w)
	workflowID, upgradeID, invitation, err := p.Links.Parse(v.Link)
	if err != nil {
		p.show(w, r, http.StatusNotFound, view{State: stateForged})
		return
	}
	o := opened{token: v.Link, workflowID: workflowID, upgradeID: upgradeID, invitation: invitation}
	s, shown, ok := p.lookAt(w, r, o)
	switch {
	case !ok:
	case !shown.Answerable() || p.Admin == nil:
		http.Redirect(w, r, o.path(), http.StatusSeeOther)
	case v.Consenting:
		p.consented(w, r, o, v, s.Tenant)
	default:
		p.signedIn(w, r, o, v, s.Tenant)
	}
}

// signedIn looks at who signed in, and sends an administrator on to the consent page.
func (p *site) signedIn(w http.ResponseWriter, r *http.Request, o opened, v visit, tenant string) {
	who, err := p.Admin.SignedIn(r.Context(), tenant, v.Nonce, v.Verifier, r.URL.Query())
	switch {
	case err != nil && !refused(err):
		p.trouble(w, r, o, err)
		return
	case err != nil:
		p.say(w, r, o, sayOf(upgrade.CodeOf(err)), upgrade.CodeOf(err))
		return
	case who.Tenant != tenant:
		p.say(w, r, o, "wrong_tenant", "wrong_tenant")
		return
	case who.Guest:
		p.say(w, r, o, "guest", "guest")
		return
	case who.RolesSaid && !p.mayConsent(who.Roles): // a token that is silent about roles proves nothing; Microsoft's page asks
		p.say(w, r, o, "role_missing", "role_missing")
		return
	}
	next := visit{Link: v.Link, State: rand.Text(), Name: who.Name, Until: p.Now().Add(visitLife), Consenting: true}
	address, err := p.Admin.ConsentURL(tenant, next.State)
	if err == nil {
		err = p.remember(w, next)
	}
	if err != nil {
		p.trouble(w, r, o, err)
		return
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// consented hands the claim on that somebody consented. The upgrade looks for its own proof; that the address names a tenant
// is no part of it, and another one than the invited is only told.
func (p *site) consented(w http.ResponseWriter, r *http.Request, o opened, v visit, tenant string) {
	answer := r.URL.Query()
	if err := p.Admin.Consented(answer); err != nil {
		p.say(w, r, o, sayOf(upgrade.CodeOf(err)), upgrade.CodeOf(err))
		return
	}
	if named := answer.Get("tenant"); named != "" && !strings.EqualFold(named, tenant) {
		p.say(w, r, o, "wrong_tenant", "wrong_tenant")
		return
	}
	err := p.Upgrades.Consent(r.Context(), o.workflowID, upgrade.Consent{
		Decision: upgrade.Granted, Method: upgrade.AdminConsent, By: reason(v.Name), Invitation: o.invitation,
	})
	if err != nil && !ended(err) {
		p.trouble(w, r, o, err)
		return
	}
	p.Log.Info("an administrator consented at Microsoft, by what the browser says", "link", tag(o.token), "workflow", o.workflowID)
	p.settle(r, o)
	http.Redirect(w, r, o.path(), http.StatusSeeOther)
}

// globalAdministrator is the role template that is always accepted.
const globalAdministrator = "62e90394-69f5-4237-9190-012177145e10"

func (p *site) mayConsent(roles []string) bool {
	return slices.ContainsFunc(roles, func(role string) bool {
		role = strings.ToLower(role)
		return role == globalAdministrator || slices.Contains(p.ConsentRoles, role)
	})
}

// said are the outcomes of a visit that the page can tell; each has its texts problem.NAME and remedy.NAME.
func said() []string {
	return []string{"authorization_declined", "sign_in_blocked", "wrong_tenant", "guest", "role_missing", "sign_in_failed"}
}

// sayOf chooses the words for a refusal of Microsoft's.
func sayOf(code string) string {
	switch code {
	case "access_denied", "authorization_declined", "AADSTS65004":
		return "authorization_declined"
	case "wrong_tenant", "AADSTS50020", "AADSTS50177", "AADSTS50034", "personal_account":
		return "wrong_tenant"
	case "AADSTS90094", "AADSTS90095", "AADSTS65001":
		return "role_missing"
	}
	if upgrade.BlockedByPolicy(code) {
		return "sign_in_blocked"
	}
	return "sign_in_failed"
}

// say sends the browser back to the invitation's page, which tells what became of the visit: an address with Microsoft's code
// in it is not to stay in the browser.
func (p *site) say(w http.ResponseWriter, r *http.Request, o opened, what, code string) {
	p.Log.Info("an administrator came back from Microsoft without a consent", "link", tag(o.token), "workflow", o.workflowID, "code", code)
	http.Redirect(w, r, o.path()+"?said="+what, http.StatusSeeOther)
}

// cookie keeps the visit at the address to which Microsoft sends the browser, and nowhere else.
func (p *site) cookie() web.Cookie {
	return web.Cookie{Name: visitCookie, Context: visitContext, Path: CallbackPath, Secure: p.Secure, Life: visitLife, Sealer: p.Sealer}
}

func (p *site) remember(w http.ResponseWriter, v visit) error { return p.cookie().Put(w, v) }

func (p *site) forget(w http.ResponseWriter) { p.cookie().Drop(w) }

// visitOf is the browser's visit, where the answer bears its state, for the first time: in this process. In another one a replay
// gains nothing: a code is redeemed once, and a claim twice made is a claim.
func (p *site) visitOf(r *http.Request) (v visit, ok bool) {
	if !p.cookie().Get(r, &v) {
		return v, false
	}
	now := p.Now()
	if v.State == "" || subtle.ConstantTimeCompare([]byte(v.State), []byte(r.URL.Query().Get("state"))) != 1 || !now.Before(v.Until) {
		return v, false
	}
	return v, p.spent.First(v.State, v.Until, now)
}
