package entra

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"uplift/upgrade"
)

// The questions here are asked before there is any work: they change nothing and need no sign-in.

// Clock is Entra's own, as the answer's Date header shows it, exact to a second. Kind Refused: Entra does not know the
// partner's tenant.
func (c *Client) Clock(ctx context.Context) (time.Time, error) {
	resp, _, err := c.look(ctx, c.base+"/"+c.partnerTenant+"/v2.0/.well-known/openid-configuration")
	if err != nil {
		return time.Time{}, err
	}
	if resp.StatusCode >= http.StatusInternalServerError {
		return time.Time{}, &upgrade.Error{Kind: upgrade.Transient, Code: "entra_unreachable", Message: "Entra has a passing trouble"}
	}
	if resp.StatusCode != http.StatusOK {
		return time.Time{}, refused("unknown_tenant", "Entra does not know this tenant")
	}
	at, _ := http.ParseTime(resp.Header.Get("Date"))
	return at, nil
}

// authNumber finds the number on Entra's page, or in the address to which it redirects.
var authNumber = regexp.MustCompile(`AADSTS(\d{4,9})`)

// ProbeRedirect asks the sign-in page, without anybody to sign in (prompt=none), whether it would send a browser back to
// the address. sure is false where its answer says neither: Microsoft describes the redirect and the number 50011, but
// promises no form for the page. v2-oauth2-auth-code-flow, reference-error-codes.
func (c *Client) ProbeRedirect(ctx context.Context, redirect string) (registered, sure bool, err error) {
	query := url.Values{"client_id": {c.clientID}, "response_type": {"code"}, "redirect_uri": {redirect}, "response_mode": {"query"},
		"scope": {"openid"}, "prompt": {"none"}, "state": {"probe"}}
	resp, body, err := c.look(ctx, c.base+"/"+c.partnerTenant+"/oauth2/v2.0/authorize?"+query.Encode())
	if err != nil {
		return false, false, err
	}
	to := resp.Header.Get("Location")
	switch found := authNumber.FindStringSubmatch(body); {
	case resp.StatusCode >= 300 && resp.StatusCode < 400 && (to == redirect || strings.HasPrefix(to, redirect+"?")):
		return true, true, nil
	case found != nil && found[1] == "50011":
		return false, true, nil
	case found != nil && (found[1] == "700016" || found[1] == "700011"):
		return false, false, &upgrade.Error{Kind: upgrade.Act, Code: "AADSTS" + found[1], Message: "the application's id is not known in the partner's tenant"}
	}
	return false, false, nil
}

// look reads a page with nothing of ours in it, and follows no redirect.
func (c *Client) look(ctx context.Context, address string) (*http.Response, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, "", &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_url", Message: "the address of Entra cannot be used"}
	}
	resp, err := c.http.Do(req)
	var body []byte
	if err == nil {
		body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
		_ = resp.Body.Close()
	}
	if len(body) > maxBody {
		return nil, "", &upgrade.Error{Kind: upgrade.Unknown, Code: codeBadReply, Message: "Entra's answer has no end"}
	}
	if err != nil {
		return nil, "", &upgrade.Error{Kind: upgrade.Transient, Code: "entra_unreachable", Message: "Entra did not answer", Err: err}
	}
	return resp, string(body), nil
}

// RolesInToken reads the directory role template ids (wids) that a delegated access token carries. The token is not
// verified: it came from Entra itself over TLS. said is false where it does not speak of roles.
func RolesInToken(token upgrade.Secret) (roles []string, said bool) {
	var claims struct {
		Roles *[]string `json:"wids"`
	}
	if !payload(token, &claims) || claims.Roles == nil {
		return nil, false
	}
	return *claims.Roles, true
}
