package entra

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"uplift/upgrade"
)

// Options configures a Client.
type Options struct {
	// BaseURL is the sign-in service; empty means https://login.microsoftonline.com. Plain http is for loopback only.
	BaseURL string
	// ClientID is our application. Required.
	ClientID string
	// ClientSecret or CertificatePEM prove that we are it; at most one of them. Without either, only device codes and
	// their refresh work, for an application that is registered as a public client.
	ClientSecret upgrade.Secret
	// CertificatePEM is a certificate and its RSA private key, as PEM blocks.
	CertificatePEM []byte
	// GraphScope is the resource of Microsoft Graph; empty means https://graph.microsoft.com. It stands before every
	// permission that is asked for by its short name.
	GraphScope string
	// PartnerTenant is the provider's own tenant. Without it PartnerToken does not work.
	PartnerTenant string
	// PartnerResource is Partner Center's; empty means https://api.partnercenter.microsoft.com.
	PartnerResource string
	// HTTP may be nil, for a client with a time-out of 30 seconds. Its redirects are not followed.
	HTTP *http.Client
	// Now may be nil, for time.Now.
	Now func() time.Time
}

// personalTenant is the tenant of personal Microsoft accounts: id-token-claims-reference, claim tid.
const personalTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

// Client talks to Entra. It is safe for use by many goroutines.
type Client struct {
	base            string
	clientID        string
	credential      credential
	graph           string
	partnerTenant   string
	partnerResource string
	http            *http.Client
	now             func() time.Time

	// confidential is set once Entra has said that it wants our credential in device flows too (AADSTS7000218).
	confidential atomic.Bool
	// partnerPublic is set once Entra has said that it wants none for the partner's own user (AADSTS700025).
	partnerPublic atomic.Bool
	apps          appTokens
	keysMu        sync.Mutex
	keys          map[string]tenantKeys
}

// New makes a Client without any I/O. All problems of the options are named at once, as Kind Invalid.
func New(o Options) (*Client, error) {
	var ps upgrade.Problems
	c := &Client{
		base:            checkURL(&ps, "BaseURL", o.BaseURL, "https://login.microsoftonline.com"),
		graph:           checkURL(&ps, "GraphScope", o.GraphScope, "https://graph.microsoft.com"),
		partnerResource: checkURL(&ps, "PartnerResource", o.PartnerResource, "https://api.partnercenter.microsoft.com"),
		clientID:        o.ClientID,
		partnerTenant:   strings.ToLower(o.PartnerTenant),
		now:             o.Now,
		keys:            map[string]tenantKeys{},
	}
	if o.ClientID == "" {
		ps.Add("ClientID", "no_client_id", "the application is not named", "give the application's client id")
	}
	if o.PartnerTenant != "" && !upgrade.IsGUID(c.partnerTenant) {
		ps.Add("PartnerTenant", "bad_tenant", "the partner's tenant must be a GUID", "take the Microsoft ID of the provider's own tenant")
	}
	c.credential = newCredential(&ps, o.ClientSecret, o.CertificatePEM)
	if c.now == nil {
		c.now = time.Now
	}
	c.http = wrap(o.HTTP)
	if err := ps.Err(); err != nil {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_entra_options", Message: "the settings for Microsoft Entra ID cannot work", Err: err}
	}
	return c, nil
}

// checkURL returns an address without its final slash.
func checkURL(ps *upgrade.Problems, path, address, otherwise string) string {
	if address == "" {
		return otherwise
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || !safe(u) {
		ps.Add(path, "bad_url", "the address is no https address, or plain http to another machine", "give an address such as "+otherwise)
	}
	return strings.TrimRight(address, "/")
}

// safe tells whether secrets may be sent there: https, or this machine.
func safe(u *url.URL) bool {
	if u.Scheme == "https" {
		return true
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	return u.Scheme == "http" && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// tokenURL is where a tenant's tokens come from.
func (c *Client) tokenURL(tenant string) string { return c.base + "/" + tenant + "/oauth2/v2.0/token" }

// issuer is the iss of a tenant's id tokens.
func (c *Client) issuer(tenant string) string { return c.base + "/" + tenant + "/v2.0" }

// checkTenant refuses what is no tenant's id: an authority such as common would let anybody sign in.
func checkTenant(tenant string) error {
	switch {
	case !upgrade.IsGUID(tenant):
		return &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_tenant", Message: "the tenant is not named by its id"}
	case tenant == personalTenant:
		return &upgrade.Error{Kind: upgrade.Refused, Code: codePersonal, Message: "personal Microsoft accounts belong to no company"}
	}
	return nil
}
