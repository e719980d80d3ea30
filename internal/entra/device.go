package entra

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"uplift/upgrade"
)

const (
	grantDevice  = "urn:ietf:params:oauth:grant-type:device_code"
	grantRefresh = "refresh_token"
)

// StartDeviceCode asks for a code for the tenant's administrator. Scopes are Graph permissions, by short or by full name;
// those that make an id token and a refresh token are added.
func (c *Client) StartDeviceCode(ctx context.Context, tenant string, scopes []string) (upgrade.PendingCode, error) {
	if err := checkTenant(tenant); err != nil {
		return upgrade.PendingCode{}, err
	}
	config := oauth2.Config{
		ClientID: c.clientID,
		Scopes:   c.signInScopes(scopes),
		Endpoint: oauth2.Endpoint{DeviceAuthURL: c.base + "/" + tenant + "/oauth2/v2.0/devicecode"},
	}
	bound, id := c.begin(ctx)
	answer, err := config.DeviceAuth(bound)
	if err != nil {
		return upgrade.PendingCode{}, classify(onDevice, err, id)
	}
	return c.pending(answer, id)
}

// pending checks what the consent page will show: the address is one that a person is told to open.
func (c *Client) pending(a *oauth2.DeviceAuthResponse, id string) (upgrade.PendingCode, error) {
	address, err := url.Parse(a.VerificationURI)
	if err != nil || !safe(address) || a.DeviceCode == "" || a.UserCode == "" || len(a.UserCode) > 64 {
		return upgrade.PendingCode{}, &upgrade.Error{Kind: upgrade.Unknown, Code: codeBadReply, Message: "Entra's device code cannot be used", Correlation: id}
	}
	code := upgrade.PendingCode{
		DeviceCode:      upgrade.Secret(a.DeviceCode),
		UserCode:        a.UserCode,
		VerificationURI: a.VerificationURI,
		Interval:        time.Duration(a.Interval) * time.Second,
		ExpiresAt:       c.now().Add(15 * time.Minute), // v2-oauth2-device-code's figure, where none is given
	}
	if code.Interval <= 0 {
		code.Interval = 5 * time.Second // RFC 8628 section 3.2
	}
	if !a.Expiry.IsZero() {
		code.ExpiresAt = c.now().Add(time.Until(a.Expiry).Round(time.Second)) // oauth2 counts on its own clock
	}
	return code, nil
}

// RedeemDeviceCode asks once. Kind Waiting: nobody has signed in yet; Refused: this code is over, with the code
// authorization_declined, expired_token or an AADSTS number. An answer that is lost spends the code: the next one is then
// Refused, and a new code is the remedy.
func (c *Client) RedeemDeviceCode(ctx context.Context, tenant string, code upgrade.Secret) (upgrade.Tokens, error) {
	if err := checkTenant(tenant); err != nil {
		return upgrade.Tokens{}, err
	}
	return c.userTokens(ctx, onDevice, tenant, url.Values{"grant_type": {grantDevice}, "device_code": {code.Reveal()}})
}

// Refresh renews delegated tokens. Without scopes it asks for everything that was consented to. Where Entra sends no new
// refresh token the old one is in the answer. Kind GrantLost: the administrator would have to sign in again.
func (c *Client) Refresh(ctx context.Context, tenant string, refresh upgrade.Secret, scopes []string) (upgrade.Tokens, error) {
	if err := checkTenant(tenant); err != nil {
		return upgrade.Tokens{}, err
	}
	if refresh == "" {
		return upgrade.Tokens{}, &upgrade.Error{Kind: upgrade.GrantLost, Code: codeNoToken, Message: "there is no refresh token"}
	}
	if len(scopes) == 0 {
		scopes = []string{c.graph + "/.default"}
	}
	tokens, err := c.userTokens(ctx, onRefresh, tenant, url.Values{"grant_type": {grantRefresh},
		"refresh_token": {refresh.Reveal()}, "scope": {strings.Join(c.signInScopes(scopes), " ")}})
	if err == nil && tokens.Refresh == "" {
		tokens.Refresh = refresh
	}
	return tokens, err
}

// userTokens asks as a public client, which the device flow's page prescribes, and shows our credential only when Entra
// demands one (AADSTS7000218). That demand does not spend the code. What was learnt is remembered, and unlearnt when the
// registration is changed back (700025).
func (c *Client) userTokens(ctx context.Context, u use, tenant string, form url.Values) (upgrade.Tokens, error) {
	show := c.confidential.Load()
	tokens, err := c.token(ctx, u, tenant, form, show)
	switch upgrade.CodeOf(err) {
	case "AADSTS7000218":
		if show || c.credential.none() {
			return tokens, err
		}
	case "AADSTS700025":
		if !show {
			return tokens, err
		}
	default:
		return tokens, err
	}
	c.confidential.Store(!show)
	return c.token(ctx, u, tenant, form, !show)
}

// token is every call of the token endpoint. clientcredentials is oauth2's way to post any form there once; its
// Config.DeviceAccessToken would wait and poll by itself.
func (c *Client) token(ctx context.Context, u use, tenant string, form url.Values, prove bool) (upgrade.Tokens, error) {
	config := clientcredentials.Config{
		ClientID:       c.clientID,
		TokenURL:       c.tokenURL(tenant),
		AuthStyle:      oauth2.AuthStyleInParams,
		EndpointParams: url.Values{},
	}
	for name, values := range form {
		config.EndpointParams[name] = values
	}
	if prove {
		secret, err := c.credential.add(config.EndpointParams, c.clientID, config.TokenURL, c.now())
		if err != nil {
			return upgrade.Tokens{}, err
		}
		config.ClientSecret = secret
	}
	bound, id := c.begin(ctx)
	asked := c.now()
	answer, err := config.Token(bound)
	if err != nil {
		return upgrade.Tokens{}, classify(u, err, id)
	}
	return read(answer, asked), nil
}

// read takes the tokens from an answer. The expiry is counted on our clock from before the request, so it errs early.
func read(t *oauth2.Token, asked time.Time) upgrade.Tokens {
	id, _ := t.Extra("id_token").(string)
	scope, _ := t.Extra("scope").(string)
	out := upgrade.Tokens{
		Access:    upgrade.Secret(t.AccessToken),
		Refresh:   upgrade.Secret(t.RefreshToken),
		ID:        upgrade.Secret(id),
		ExpiresAt: asked.Add(time.Hour), // where Entra says nothing
		Scopes:    strings.Fields(scope),
	}
	if !t.Expiry.IsZero() {
		out.ExpiresAt = asked.Add(time.Until(t.Expiry).Round(time.Second))
	}
	return out
}

// signInScopes writes Graph's address before short names and adds what the sign-in itself needs.
func (c *Client) signInScopes(scopes []string) []string {
	out := []string{"openid", "profile", "offline_access"}
	for _, s := range scopes {
		if !strings.Contains(s, "://") && !slices.Contains([]string{"openid", "profile", "offline_access", "email"}, s) {
			s = c.graph + "/" + s
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
