// Package graph is the simulated Microsoft Graph v1.0: the directory calls that
// an upgrade of licences needs, on top of the state of package cloud.
//
// It checks the bearer token, the permission that each call needs, and for a
// signed-in user the directory role as well (page "permissions reference").
// Everything else of Graph answers 404.
package graph

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/entra"
	"uplift/internal/sim/front"
)

// Audience is what a token must be for.
const Audience = "https://graph.microsoft.com"

// Options configure a Server.
type Options struct {
	// State is required.
	State *cloud.Cloud
	// Verify checks a bearer token, given without the word Bearer. Required.
	Verify func(ctx context.Context, bearer string) (entra.Token, error)
	// Latency is how long each request takes, and each part of a batch besides, one after another, in virtual time. Zero is as
	// fast as it goes.
	Latency time.Duration
	// Log may be nil.
	Log *slog.Logger
}

// Server answers under /v1.0.
type Server struct {
	state   *cloud.Cloud
	verify  func(ctx context.Context, bearer string) (entra.Token, error)
	door    front.Door
	latency time.Duration
	plans   sync.Map // of a user, as JSON, by the licences
}

// New makes a Server.
func New(o Options) *Server {
	s := &Server{state: o.State, verify: o.Verify, latency: o.Latency}
	s.door = front.Door{State: o.State, Failure: failure, Refusal: refused, Log: o.Log}
	return s
}

// call is one request, or one part of a batch.
type call struct {
	method string
	path   []string
	args   []string // what the route's braces stand for
	query  url.Values
	header http.Header
	body   []byte
	token  entra.Token
	origin cloud.Origin
	base   string // for nextLink
	ctx    context.Context
	ready  time.Time // when the answer may be there; virtual
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/v1.0")
	client := r.Header.Get("client-request-id")
	if client == "" {
		client = uuid.NewString()
	}
	o := cloud.Origin{Method: r.Method, Path: rest, ClientRequestID: client}
	w.Header().Set("Date", s.state.Now().UTC().Format(http.TimeFormat)) // virtual, like every time in the bodies
	w.Header().Set("request-id", uuid.NewString())
	w.Header().Set("client-request-id", client)
	w.Header().Set("x-ms-ags-diagnostic", `{"ServerInfo":{"DataCenter":"Simulated","Slice":"E","Ring":"1","ScaleUnit":"000","RoleInstance":"SIM"}}`)
	if !ok {
		front.Write(w, refusal(&cloud.Refusal{Status: 404, Code: "BadRequest", Text: "Invalid version."}, o))
		return
	}
	token, refused := s.authenticate(r)
	if refused != nil {
		w.Header().Set("WWW-Authenticate", `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"`)
		front.Write(w, refusal(refused, o))
		return
	}
	o.Tenant, o.ClientID, o.UserID = token.Tenant, token.ClientID, token.ObjectID
	body, err := front.Read(r)
	if err != nil {
		front.Write(w, refusal(&cloud.Refusal{Status: 400, Code: "BadRequest", Text: "Unable to read the request payload."}, o))
		return
	}
	c := call{method: r.Method, path: front.Segments(rest), query: r.URL.Query(), header: r.Header, body: body,
		token: token, origin: o, base: "http://" + r.Host + "/v1.0", ctx: r.Context(), ready: s.state.Now().Add(s.latency)}
	if s.latency > 0 && s.state.SleepUntil(c.ctx, c.ready) != nil {
		return // whoever asked is gone
	}
	s.door.Serve(w, r, o, func() cloud.Reply { return s.do(c) })
}

func (s *Server) authenticate(r *http.Request) (entra.Token, *cloud.Refusal) {
	kind, bearer, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "bearer") || bearer == "" {
		return entra.Token{}, &cloud.Refusal{Status: 401, Code: "InvalidAuthenticationToken", Text: "Access token is empty."}
	}
	token, err := s.verify(r.Context(), strings.TrimSpace(bearer))
	switch {
	case err != nil:
		return token, &cloud.Refusal{Status: 401, Code: "InvalidAuthenticationToken", Text: "Access token has expired or is not yet valid."}
	case token.Audience != Audience:
		return token, &cloud.Refusal{Status: 401, Code: "InvalidAuthenticationToken", Text: "Access token validation failure. Invalid audience."}
	case !token.Expires.IsZero() && !s.state.Now().Before(token.Expires):
		return token, &cloud.Refusal{Status: 401, Code: "InvalidAuthenticationToken", Text: "Lifetime validation failed, the token is expired."}
	}
	return token, nil
}

// do finds the route of a call, checks that it is allowed and paid for, and runs it.
func (s *Server) do(c call) cloud.Reply {
	known := false
	c.path = qualified(c.path)
	for _, rt := range s.routes() {
		args, ok := front.Match(rt.pattern, c.path)
		if !ok {
			continue
		}
		known = true
		if rt.method != c.method {
			continue
		}
		c.args = args
		if !s.allowed(c, rt) {
			return refusal(&cloud.Refusal{Status: 403, Code: "Authorization_RequestDenied", Text: "Insufficient privileges to complete the operation."}, c.origin)
		}
		header, throttled := s.meter(c, rt)
		if throttled {
			reply := failure(http.StatusTooManyRequests, s.state.Profile().Lags.RetryAfter, c.origin)
			mergeHeader(reply.Header, header)
			return reply
		}
		reply := rt.run(c)
		mergeHeader(reply.Header, header)
		return reply
	}
	if known {
		return refusal(&cloud.Refusal{Status: 405, Code: "Request_BadRequest", Text: "Specified HTTP method is not allowed for the request target."}, c.origin)
	}
	return refusal(&cloud.Refusal{Status: 404, Code: "BadRequest", Text: "Resource not found for the segment '" + strings.Join(c.path, "/") + "'."}, c.origin)
}

// qualified writes a type cast in its long form: the SDKs shorten the namespace.
func qualified(path []string) []string {
	out := slices.Clone(path)
	for i, segment := range out {
		if rest, short := strings.CutPrefix(segment, "graph."); short {
			out[i] = "microsoft.graph." + rest
		}
	}
	return out
}

func mergeHeader(to, from http.Header) {
	for k, v := range from {
		to[k] = v
	}
}

// refusal writes a refusal in Graph's envelope.
func refusal(r *cloud.Refusal, o cloud.Origin) cloud.Reply {
	return front.JSON(r.Status, map[string]any{"error": map[string]any{
		"code": r.Code, "message": r.Text,
		"innerError": map[string]any{"date": time.Now().UTC().Format("2006-01-02T15:04:05"), "request-id": uuid.NewString(),
			"client-request-id": o.ClientRequestID},
	}})
}

// failure renders what the service says without having worked.
func failure(status int, after time.Duration, o cloud.Origin) cloud.Reply {
	r := &cloud.Refusal{Status: status, Code: "UnknownError", Text: "An unexpected error occurred."}
	switch status {
	case http.StatusTooManyRequests:
		r.Code, r.Text = "TooManyRequests", "Too many requests."
	case http.StatusServiceUnavailable:
		r.Code, r.Text = "ServiceUnavailable", "The service is temporarily unavailable."
	}
	reply := refusal(r, o)
	front.RetryAfter(reply.Header, after)
	return reply
}

// refused renders what is refused for no reason of the state's own.
func refused(undocumented bool, o cloud.Origin) cloud.Reply {
	if undocumented {
		return refusal(&cloud.Refusal{Status: 400, Code: "Directory_NoSuchPage", Text: "The directory is not arranged for this."}, o)
	}
	return refusal(&cloud.Refusal{Status: 403, Code: "Authorization_RequestDenied", Text: "Insufficient privileges to complete the operation."}, o)
}

// decode reads a JSON body.
func decode(c call, into any) *cloud.Refusal {
	if err := json.Unmarshal(c.body, into); err != nil {
		return &cloud.Refusal{Status: 400, Code: "BadRequest", Text: "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."}
	}
	return nil
}
