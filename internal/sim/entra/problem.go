package entra

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// problem is an answer that is not a success: a row of the table of AADSTS
// numbers together with the OAuth error it travels under.
type problem struct {
	Status int
	Error  string
	// Code is the AADSTS number; 0 leaves it out, as for RFC 8628's slow_down.
	Code       int
	Text       string
	SubError   string
	RetryAfter int
	// HTML answers with a page instead of JSON; Drop closes the connection.
	HTML, Drop bool
	// RetryDate writes RetryAfter as a date; Hang never answers.
	RetryDate, Hang bool
}

// text returns the sentence of a number. Microsoft promises none of these, so
// a client that reads them is wrong.
func text(code int) string {
	sentences := map[int]string{
		50011:   "The redirect URI specified in the request does not match the redirect URIs configured for the application.",
		50020:   "User account from another identity provider does not exist in the tenant and cannot access the application. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different account.",
		50034:   "The user account does not exist in the directory.",
		50057:   "The user account is disabled.",
		50058:   "A silent sign-in request was sent but no user is signed in.",
		50076:   "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.",
		50126:   "Error validating credentials due to invalid username or password.",
		50134:   "Wrong data center has been used for this request.",
		50173:   "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.",
		50196:   "The server terminated an operation because it encountered a client request loop. Please contact your app vendor.",
		53003:   "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
		54005:   "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
		65001:   "The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.",
		65004:   "User declined to consent to access the app.",
		70000:   "The provided value for the grant is not valid.",
		70008:   "The provided authorization code or refresh token has expired or been revoked.",
		70011:   "The provided value for the input parameter 'scope' is not valid.",
		70016:   "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
		70018:   "Invalid verification code. The device code is not recognised or was already used.",
		70019:   "Verification code expired. Start a new device authorization request.",
		90002:   "Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
		90014:   "A required field is missing from the request.",
		90033:   "A transient error has occurred. Please try again.",
		90055:   "Server is terminating the request because the tenant is sending too many requests.",
		90094:   "Admin consent is required for the permissions requested by this application.",
		90099:   "The application has not been authorized in the tenant. Applications must be authorized to access the customer tenant before partner delegated administrators can use them.",
		90119:   "The user code is null, empty or not valid.",
		90120:   "The request was already authorized or declined.",
		500011:  "The resource principal was not found in the tenant.",
		500112:  "The reply address does not match the reply address provided when requesting the authorization code.",
		501481:  "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
		650051:  "The service principal name is already present for the tenant.",
		700016:  "The application was not found in the directory. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.",
		700021:  "Client assertion application identifier doesn't match 'client_id' parameter.",
		700023:  "Client assertion audience claim does not match the Realm issuer.",
		700024:  "Client assertion is not within its valid time range.",
		700025:  "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
		700027:  "Client assertion failed signature validation.",
		700082:  "The refresh token has expired due to inactivity.",
		900023:  "The specified tenant identifier is neither a valid DNS name, nor a valid external domain.",
		7000215: "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.",
		7000218: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
		7000222: "The provided client secret keys for the app are expired. Create new keys for the app.",
		9001023: "The grant type is not supported over the /common or /consumers endpoints. Please use the tenant-specific endpoint.",
	}
	return sentences[code]
}

// problemOf makes the problem of an AADSTS number. invalid_client is a 401, the
// rest 400.
func problemOf(code int, oauthError string) *problem {
	status := http.StatusBadRequest
	if oauthError == "invalid_client" {
		status = http.StatusUnauthorized
	}
	return &problem{Status: status, Error: oauthError, Code: code, Text: text(code)}
}

// transient is the passing trouble a client should simply repeat.
func transient() *problem {
	p := problemOf(90033, "temporarily_unavailable")
	p.Status = http.StatusServiceUnavailable
	return p
}

// throttled asks for a pause.
func throttled() *problem {
	p := problemOf(90055, "temporarily_unavailable")
	p.Status, p.RetryAfter = http.StatusTooManyRequests, 10
	return p
}

// throttledDate asks for the pause by a date.
func throttledDate() *problem {
	p := throttled()
	p.RetryDate = true
	return p
}

// patience is how long a request that hangs is held, in real time.
const patience = time.Minute

// sub sets the suberror.
func (p *problem) sub(suberror string) *problem {
	p.SubError = suberror
	return p
}

// because appends what is special to this request.
func (p *problem) because(detail string) *problem {
	p.Text += " " + detail
	return p
}

// sentence is the number and the text, as pages and redirects show it.
func (p *problem) sentence() string {
	if p.Code == 0 {
		return p.Text
	}
	return fmt.Sprintf("AADSTS%d: %s", p.Code, p.Text)
}

// envelope is the body of a token error (page "v2-oauth2-client-creds-grant-flow",
// error response).
type envelope struct {
	Error            string `json:"error"`
	ErrorDescription string `json:"error_description"`
	ErrorCodes       []int  `json:"error_codes,omitempty"`
	Timestamp        string `json:"timestamp"`
	TraceID          string `json:"trace_id"`
	CorrelationID    string `json:"correlation_id"`
	ErrorURI         string `json:"error_uri,omitempty"`
	SubError         string `json:"suberror,omitempty"`
}

// fail writes the problem in the form that the endpoint's clients expect.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, p *problem) {
	s.log.Info("refused", "path", r.URL.Path, "status", p.Status, "error", p.Error, "aadsts", p.Code)
	switch {
	case p.Hang:
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-r.Context().Done():
		case <-timer.C:
		}
		panic(http.ErrAbortHandler)
	case p.Drop:
		panic(http.ErrAbortHandler)
	case p.HTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(p.Status)
		_, _ = w.Write([]byte("<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"))
	default:
		s.failJSON(w, r, p)
	}
}

func (s *Server) failJSON(w http.ResponseWriter, r *http.Request, p *problem) {
	trace, correlation := uuid.NewString(), r.Header.Get("client-request-id")
	if correlation == "" {
		correlation = uuid.NewString()
	}
	stamp := s.state.Now().UTC().Format(stampLayout)
	body := envelope{
		Error:            p.Error,
		ErrorDescription: fmt.Sprintf("%s Trace ID: %s Correlation ID: %s Timestamp: %s", p.sentence(), trace, correlation, stamp),
		Timestamp:        stamp,
		TraceID:          trace,
		CorrelationID:    correlation,
		SubError:         p.SubError,
	}
	if p.Code != 0 {
		body.ErrorCodes = []int{p.Code}
		body.ErrorURI = fmt.Sprintf("https://login.microsoftonline.com/error?code=%d", p.Code)
	}
	switch {
	case p.RetryDate:
		w.Header().Set("Retry-After", s.state.Now().Add(time.Duration(p.RetryAfter)*time.Second).UTC().Format(http.TimeFormat))
	case p.RetryAfter > 0:
		w.Header().Set("Retry-After", fmt.Sprint(p.RetryAfter))
	}
	writeJSON(w, p.Status, body)
}

// stampLayout is how the envelope writes a time.
const stampLayout = "2006-01-02 15:04:05Z"

// writeJSON writes a body that no cache may keep.
func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store, no-cache")
	w.Header().Set("x-ms-request-id", uuid.NewString())
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
