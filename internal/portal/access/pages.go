package access

import (
	"errors"
	"net/http"
	"net/url"
)

// page is the way into a page: from whom, in which role, and, where something is to be changed, from a form of this session on
// a page of ours.
func (g *Guard) page(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !looksOnly(r) && g.origin.Check(r) != nil {
			g.refuse(w, r, http.StatusForbidden, stateForeign, "")
			return
		}
		s, who, ok := g.visitor(r)
		switch {
		case !ok:
			g.stranger(w, r)
			return
		case !who.Has(route.Rule.Roles...):
			g.told(r, http.StatusForbidden, stateRole, who.By())
			g.show(w, r, http.StatusForbidden, view{State: stateRole, Name: who.By(), Form: s.out()})
			return
		}
		if !looksOnly(r) {
			if status := readForm(w, r, route.MaxBody); status != 0 {
				g.refuse(w, r, status, stateForm, who.By())
				return
			}
			if !g.formOf(s, r.PostFormValue(FormField)) {
				g.refuse(w, r, http.StatusForbidden, stateForm, who.By())
				return
			}
		}
		make := g.localToken
		if !g.Local() {
			g.seen(w, r, s)
			make = s.token
		}
		ctx := withForms(withSession(With(r.Context(), who), s), make)
		route.Handler.ServeHTTP(w, r.WithContext(ctx))
	})
}

// visitor is who a browser's request comes from.
func (g *Guard) visitor(r *http.Request) (s session, who Who, ok bool) {
	if g.Local() {
		return s, localWho(), fromThisMachine(r)
	}
	s, ok = g.sessionOf(r)
	return s, s.who(), ok
}

func (g *Guard) formOf(s session, token string) bool {
	if g.Local() {
		return g.acceptsLocal(token)
	}
	return s.accepts(token)
}

// stranger answers who is not signed in: a visit is led to the sign-in and back; what a page fetches by itself, and what a form
// sent, is not, since it could not be repeated.
func (g *Guard) stranger(w http.ResponseWriter, r *http.Request) {
	if g.Local() {
		g.refuse(w, r, http.StatusForbidden, stateElsewhere, "")
		return
	}
	mode := r.Header.Get("Sec-Fetch-Mode")
	if looksOnly(r) && (mode == "" || mode == "navigate") {
		http.Redirect(w, r, SignInPath+"?"+url.Values{"to": {r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
		return
	}
	g.refuse(w, r, http.StatusUnauthorized, stateNoSession, "")
}

// refuse logs a refusal and says it on a page. The log has the path and no query.
func (g *Guard) refuse(w http.ResponseWriter, r *http.Request, status int, why state, by string) {
	g.told(r, status, why, by)
	g.show(w, r, status, view{State: why})
}

func (g *Guard) told(r *http.Request, status int, why state, by string) {
	g.Log.Warn("a request was refused", "why", string(why), "status", status, "method", r.Method, "path", r.URL.Path, "by", by, "address", g.Address(r))
}

func tooLarge(err error) bool {
	var large *http.MaxBytesError
	return errors.As(err, &large)
}
