package web

import "net/http"

// Policy lets a page load our own style and script and nothing else from anywhere, nobody frame it, and its forms go to us
// only. Where a form's redirect leads elsewhere, browsers hold it to that too: see [AllowForms].
const Policy = loads + "; form-action 'self'"

const loads = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'"

const policyHeader = "Content-Security-Policy"

// AllowForms lets the forms of this answer's page be redirected to one more origin.
func AllowForms(w http.ResponseWriter, origin string) {
	w.Header().Set(policyHeader, loads+"; form-action 'self' "+origin)
}

// Headers sets the headers that every answer has.
func Headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set(policyHeader, Policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
