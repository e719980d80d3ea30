package access

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Problem is an answer of RFC 9457 for who is not let into the API. Its codes are part of the contract.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Code   string `json:"code"`
	// challenge is RFC 6750's error; empty: none is named, since no token was shown.
	challenge string
}

// The reasons for which the API lets nobody in.
func noToken() Problem {
	return Problem{Status: http.StatusUnauthorized, Code: "no_token", Title: "No bearer token was sent",
		Detail: "Send Authorization: Bearer, with an access token of the configured issuer for this API. Cookies do not open the API."}
}

func badToken(code, detail string) Problem {
	return Problem{Status: http.StatusUnauthorized, Code: code, Title: "The bearer token was not accepted", Detail: detail, challenge: "invalid_token"}
}

func roleMissing(roles []Role) Problem {
	var names []string
	for _, r := range roles {
		names = append(names, string(r))
	}
	return Problem{Status: http.StatusForbidden, Code: "role_missing", Title: "The token's roles do not open this",
		Detail: "One of these roles is needed: " + strings.Join(names, ", ") + ".", challenge: "insufficient_scope"}
}

// maxToken bounds a bearer token.
const maxToken = 16 << 10

// bearer is the way into the API: a token of the issuer, for this API, with one of the route's roles. What a browser sends by
// itself opens nothing.
func (g *Guard) bearer(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, refused := g.caller(r)
		if refused == nil && !who.Has(route.Rule.Roles...) {
			p := roleMissing(route.Rule.Roles)
			refused = &p
		}
		if refused != nil {
			g.refuseCall(w, r, *refused, who)
			return
		}
		route.Handler.ServeHTTP(w, r.WithContext(With(r.Context(), who)))
	})
}

// caller is who a request to the API comes from.
func (g *Guard) caller(r *http.Request) (Who, *Problem) {
	if g.Local() {
		return g.localCaller(r)
	}
	token, ok := bearerToken(r)
	if !ok {
		p := noToken()
		return Who{}, &p
	}
	who, err := g.tokenWho(r, token)
	var expired *oidc.TokenExpiredError
	var p Problem
	switch {
	case err == nil:
		return who, nil
	case errors.Is(err, errAway):
		p = Problem{Status: http.StatusServiceUnavailable, Code: "issuer_unreachable", Title: "Tokens cannot be verified now",
			Detail: "The identity provider cannot be reached. Try again in a moment."}
	case errors.As(err, &expired):
		p = badToken("token_expired", "It has expired: get a new one.")
	default:
		p = badToken("token_invalid", "It is not an access token of the configured issuer, for this API, that is good now.")
	}
	g.Log.Warn("a bearer token was not accepted", "code", p.Code, "error", short(err), "path", r.URL.Path, "address", g.Address(r))
	if p.Status == http.StatusUnauthorized && !g.failures.Allow(g.Address(r), g.Now()) {
		p = Problem{Status: http.StatusTooManyRequests, Code: "too_many_failures", Title: "Too many tokens that were not accepted", Detail: "Wait half a minute."}
	}
	return Who{}, &p
}

// localCaller lets programs of this machine in, and no web page that a browser on it shows.
func (g *Guard) localCaller(r *http.Request) (Who, *Problem) {
	if !fromThisMachine(r) || !looksOnly(r) && g.origin.Check(r) != nil {
		return Who{}, &Problem{Status: http.StatusForbidden, Code: "this_machine_only", Title: "Open to this machine only",
			Detail: "No identity provider is configured, so the API answers programs on the machine that it runs on, without a proxy between."}
	}
	return localWho(), nil
}

func bearerToken(r *http.Request) (string, bool) {
	sent := r.Header.Values("Authorization")
	if len(sent) != 1 {
		return "", false
	}
	scheme, token, found := strings.Cut(sent[0], " ")
	token = strings.TrimSpace(token)
	return token, found && strings.EqualFold(scheme, "Bearer") && token != "" && len(token) <= maxToken
}

// tokenWho verifies a token. An id token, which some browser was given, is no access token, though it is for the same audience:
// it alone carries a nonce.
func (g *Guard) tokenWho(r *http.Request, token string) (Who, error) {
	found, err := g.issuer.get(r.Context())
	if err != nil {
		return Who{}, err
	}
	verified, err := g.issuer.verify(r.Context(), found, token, g.Audience)
	if err != nil {
		return Who{}, err
	}
	if verified.Nonce != "" {
		return Who{}, errors.New("it is an id token")
	}
	var c claims
	if err := verified.Claims(&c); err != nil {
		return Who{}, err
	}
	who := g.who(c)
	if who.Subject == "" {
		return Who{}, errors.New("it names nobody")
	}
	return who, nil
}

// refuseCall answers with problem details, and says by WWW-Authenticate how to be let in.
func (g *Guard) refuseCall(w http.ResponseWriter, r *http.Request, p Problem, who Who) {
	g.Log.Warn("a call was refused", "code", p.Code, "status", p.Status, "method", r.Method, "path", r.URL.Path, "by", who.By(), "address", g.Address(r))
	p.Type = "about:blank"
	if p.Status == http.StatusUnauthorized || p.challenge != "" {
		challenge := `Bearer realm="uplift"`
		if p.challenge != "" {
			challenge += `, error=` + strconv.Quote(p.challenge)
		}
		w.Header().Set("WWW-Authenticate", challenge)
	}
	if p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "30")
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}
