// Package partner is the simulated Partner Center REST API under /v1: customers,
// subscriptions, transitions, the catalogue and orders, on top of the state of
// package cloud.
//
// It checks the bearer token: of the partner's own tenant, for the right
// audience, and with a signed-in user's second factor where there is a user.
// Calls that Microsoft allows to app+user tokens only refuse an application
// (403, 900329). MS-RequestId makes a write idempotent.
package partner

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/entra"
	"uplift/internal/sim/front"
)

// Audience is what a token must be for.
const Audience = "https://api.partnercenter.microsoft.com"

// Options configure a Server.
type Options struct {
	// State is required.
	State *cloud.Cloud
	// Verify checks a bearer token, given without the word Bearer. Required.
	Verify func(ctx context.Context, bearer string) (entra.Token, error)
	// Log may be nil.
	Log *slog.Logger
}

// Server answers under /v1.
type Server struct {
	state  *cloud.Cloud
	verify func(ctx context.Context, bearer string) (entra.Token, error)
	door   front.Door
}

// New makes a Server.
func New(o Options) *Server {
	s := &Server{state: o.State, verify: o.Verify}
	s.door = front.Door{State: o.State, Failure: s.failure, Refusal: s.refused, Finish: s.finish, Log: o.Log}
	return s
}

// call is one request.
type call struct {
	method string
	args   []string // what the route's braces stand for
	r      *http.Request
	body   []byte
	token  entra.Token
	origin cloud.Origin
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/v1")
	path := front.Segments(rest)
	o := cloud.Origin{Method: r.Method, Path: rest, RequestID: r.Header.Get("MS-RequestId"), CorrelationID: r.Header.Get("MS-CorrelationId")}
	if len(path) > 1 && strings.EqualFold(path[0], "customers") {
		o.Tenant = path[1]
	}
	s.headers(w, o)
	if !ok {
		front.Write(w, s.refusal(&cloud.Refusal{Status: 404, Code: "1000", Text: "Not found."}, o))
		return
	}
	token, refused := s.authenticate(r)
	if refused != nil {
		if refused.Status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", "OAuth realm=urn:cpsvc:cpid:"+s.state.Partner())
		}
		front.Write(w, s.refusal(refused, o))
		return
	}
	if r.Header.Get("ValidateMfa") == "true" && token.ObjectID != "" {
		w.Header().Set("isMfaCompliant", map[bool]string{true: "true", false: "false"}[slices.Contains(token.AMR, "mfa")])
	}
	o.ClientID, o.UserID = token.ClientID, token.ObjectID
	body, err := front.Read(r)
	if err != nil {
		front.Write(w, s.refusal(invalid("The body cannot be read."), o))
		return
	}
	c := call{method: r.Method, r: r, body: body, token: token, origin: o}
	s.door.Serve(w, r, o, func() cloud.Reply { return s.once(c, path) })
}

func (s *Server) headers(w http.ResponseWriter, o cloud.Origin) {
	echo := func(name, sent string) {
		if sent == "" {
			sent = uuid.NewString()
		}
		w.Header().Set(name, sent)
	}
	w.Header().Set("Date", s.state.Now().UTC().Format(http.TimeFormat)) // virtual, like every time in the bodies
	echo("MS-RequestId", o.RequestID)
	echo("MS-CorrelationId", o.CorrelationID)
	w.Header().Set("MS-CV", "simulated.0")
	w.Header().Set("MS-ServerId", "SIM01")
}

// once makes a write happen once per MS-RequestId.
func (s *Server) once(c call, path []string) cloud.Reply {
	key := ""
	if c.method != http.MethodGet && c.origin.RequestID != "" {
		key = c.origin.RequestID + " " + c.method + " " + strings.ToLower(strings.Join(path, "/"))
	}
	reply, replayed := s.state.Once(key, func() cloud.Reply { return s.do(c, path) })
	if replayed {
		s.state.Note(cloud.RequestReplayed, c.origin.Path, c.origin.RequestID, c.origin)
	}
	return reply
}

// authenticate is what Partner Center asks of every token.
func (s *Server) authenticate(r *http.Request) (entra.Token, *cloud.Refusal) {
	kind, bearer, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "bearer") || bearer == "" {
		return entra.Token{}, &cloud.Refusal{Status: 401, Code: "800001", Text: "The partner token is missing in the request context."}
	}
	token, err := s.verify(r.Context(), strings.TrimSpace(bearer))
	switch {
	case err != nil:
		return token, &cloud.Refusal{Status: 401, Code: "400", Text: "Access denied. The token is invalid or has expired."}
	case token.Audience == "https://graph.windows.net":
		return token, &cloud.Refusal{Status: 401, Code: "900420", Text: "The token audience is no longer supported."}
	case token.Audience != Audience:
		return token, &cloud.Refusal{Status: 401, Code: "400", Text: "Access denied. The token has another audience."}
	case !token.Expires.IsZero() && !s.state.Now().Before(token.Expires):
		return token, &cloud.Refusal{Status: 401, Code: "400", Text: "Access denied. The token has expired."}
	case !strings.EqualFold(token.Tenant, s.state.Partner()):
		return token, &cloud.Refusal{Status: 403, Code: "2032", Text: "Access denied."}
	case token.ObjectID == "":
		return token, nil
	case !slices.Contains(token.AMR, "mfa"):
		return token, &cloud.Refusal{Status: 403, Code: "900309", Text: "Multi-factor authentication is required."}
	}
	if u, r := s.state.User(token.Tenant, token.ObjectID); r != nil || u.Disabled || !u.AdminAgent {
		return token, &cloud.Refusal{Status: 403, Code: "900150", Text: "The role of the user lacks the rights."}
	}
	return token, nil
}

// do finds the route and runs it.
func (s *Server) do(c call, path []string) cloud.Reply {
	for _, rt := range s.routes() {
		args, ok := front.Match(rt.pattern, path)
		if !ok || rt.method != c.method {
			continue
		}
		c.args = args
		if rt.userOnly && c.token.ObjectID == "" {
			return s.refusal(&cloud.Refusal{Status: 403, Code: "900329", Text: "The resource does not support app-only access."}, c.origin)
		}
		if rt.metered {
			if share, left := s.state.Spend("partner/"+c.token.Tenant, 1, requestsPerMinute, minute); share > 1 {
				return s.failure(http.StatusTooManyRequests, left, c.origin)
			}
		}
		v, status, r := rt.run(c)
		if r != nil {
			return s.refusal(r, c.origin)
		}
		if ready, isReply := v.(cloud.Reply); isReply {
			return ready
		}
		return front.JSON(status, v)
	}
	return s.refusal(&cloud.Refusal{Status: 404, Code: "1000", Text: "Not found."}, c.origin)
}
