package entra

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// adminConsentV2 is GET /{tenant}/v2.0/adminconsent (page "v2-admin-consent").
// Application permissions come by /.default only; common is refused.
func (s *Server) adminConsentV2(w http.ResponseWriter, r *http.Request) {
	in, p := s.newInteraction(r, flowAdminConsent, false)
	if p == nil && (in.authority.segment == authCommon || in.authority.segment == authConsumers) {
		p = problemOf(9001023, "invalid_request")
	}
	if p == nil {
		in.ask, p = parseScope(r.URL.Query().Get("scope"))
	}
	if p != nil {
		s.showProblem(w, p)
		return
	}
	in.wanted = s.wanted(in.app.ClientID, in.ask)
	if in.ask.dflt {
		_, application := s.registered(in.app.ClientID)
		in.application = forResource(application, in.ask.resource)
	}
	s.store.putInteraction(in)
	s.showSignIn(w, in, nil)
}

// adminConsentV1 is GET /{tenant}/adminconsent: all that is registered, on
// common too, and an address below a registered one is enough.
func (s *Server) adminConsentV1(w http.ResponseWriter, r *http.Request) {
	in, p := s.newInteraction(r, flowAdminConsent, true)
	if p != nil {
		s.showProblem(w, p)
		return
	}
	in.v1 = true
	in.wanted, in.application = s.registered(in.app.ClientID)
	s.store.putInteraction(in)
	s.showSignIn(w, in, nil)
}

// mayConsent says whether a person may grant what is asked: application
// permissions need a Global or Privileged Role Administrator, delegated ones
// that are restricted an Application Administrator at least. General knowledge,
// not from a page.
func mayConsent(person Person, application bool) bool {
	able := []string{RoleGlobalAdministrator, RolePrivilegedRoleAdministrator}
	if !application {
		able = append(able, RoleApplicationAdministrator, RoleCloudApplicationAdministrator)
	}
	return slices.ContainsFunc(person.Roles, func(role string) bool { return slices.Contains(able, role) })
}

// finishAdminConsent sends the browser back after Accept, unless that is what
// the fault takes away.
func (s *Server) finishAdminConsent(w http.ResponseWriter, r *http.Request, in interaction) {
	if s.state.Fault(FaultConsentRedirectLost, in.person.TenantID) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusOK)
		return
	}
	answer := url.Values{"admin_consent": {"True"}, "tenant": {in.person.TenantID}}
	if !in.v1 {
		answer.Set("scope", in.grantedText())
	}
	in.back(w, r, answer)
}

// refuseAdminConsent sends the browser back after Cancel. The second generation
// says admin_consent=True here too, so that a client must test error first; the
// first one returns no state.
func (s *Server) refuseAdminConsent(w http.ResponseWriter, r *http.Request, in interaction) {
	if in.v1 {
		in.state = ""
		in.back(w, r, url.Values{"error": {"permission_denied"}, "error_description": {"The admin canceled the request"}})
		return
	}
	in.back(w, r, url.Values{
		"admin_consent":     {"True"},
		"error":             {"consent_required"},
		"error_description": {problemOf(65004, "").sentence()},
	})
}

// grantedText lists what was granted, with the resource's address.
func (in interaction) grantedText() string {
	if in.ask.dflt {
		return in.ask.resource + "/.default"
	}
	names := make([]string, 0, len(in.wanted))
	for _, name := range in.wanted {
		names = append(names, in.ask.resource+"/"+name)
	}
	return strings.Join(names, " ")
}

// isBelow says whether uri has the registered address and further path segments.
func isBelow(registered, uri string) bool {
	base, err := url.Parse(registered)
	if err != nil {
		return false
	}
	got, err := url.Parse(uri)
	if err != nil || got.User != nil || slices.Contains(strings.Split(got.Path, "/"), "..") {
		return false
	}
	return got.Scheme == base.Scheme && got.Host == base.Host &&
		strings.HasPrefix(got.Path, strings.TrimRight(base.Path, "/")+"/")
}
