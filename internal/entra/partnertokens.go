package entra

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"uplift/upgrade"
)

// refreshPartner redeems the partner's refresh token. The old one is in the answer where Entra sends no new one.
func (c *Client) refreshPartner(ctx context.Context, tenant string, refresh upgrade.Secret, scope string) (upgrade.Tokens, error) {
	tokens, err := c.partnerTokens(ctx, tenant, url.Values{"grant_type": {grantRefresh}, "refresh_token": {refresh.Reveal()},
		"scope": {strings.Join(slices.Concat([]string{"openid", "profile", "offline_access"}, strings.Fields(scope)), " ")}})
	if err != nil {
		return tokens, c.partnerLoss(tenant, err)
	}
	if tokens.Refresh == "" {
		tokens.Refresh = refresh
	}
	return tokens, nil
}

// partnerTokens asks with our credential, as the secure application model does, and without where the redirect URI of the
// sign-in was registered for a public client (700025). Neither answer spends a code or a token. What was learnt is
// remembered, and unlearnt when the registration is changed (7000218).
func (c *Client) partnerTokens(ctx context.Context, tenant string, form url.Values) (upgrade.Tokens, error) {
	show := !c.credential.none() && !c.partnerPublic.Load()
	tokens, err := c.token(ctx, onRefresh, tenant, form, show)
	switch code := upgrade.CodeOf(err); {
	case code == "AADSTS700025" && show, code == "AADSTS7000218" && !show && !c.credential.none():
		c.partnerPublic.Store(show)
		return c.token(ctx, onRefresh, tenant, form, !show)
	}
	return tokens, err
}

// deadSignIn are the numbers that, in whatever tenant they are heard, say that the person must sign in again: revoked,
// expired, or in want of a second factor. Others that are heard in a customer's tenant are about that tenant.
func deadSignIn(code string) bool {
	return slices.Contains([]string{
		"AADSTS50173", "AADSTS70008", "AADSTS70043", "AADSTS700082", "AADSTS700084", "AADSTS70000", "AADSTS50057", "AADSTS50053",
		"AADSTS50072", "AADSTS50074", "AADSTS50076", "AADSTS50078", "AADSTS50079", "AADSTS700020", "AADSTS50058",
		"invalid_grant", "interaction_required", "login_required", codeNoToken,
	}, code)
}

// partnerLoss words a refusal of the partner's refresh token.
func (c *Client) partnerLoss(tenant string, err error) error {
	if upgrade.KindOf(err) != upgrade.GrantLost {
		return err
	}
	code := upgrade.CodeOf(err)
	if tenant != c.partnerTenant && !deadSignIn(code) {
		return err
	}
	return &upgrade.Error{Kind: upgrade.Act, Code: codePartnerSignInLost, Err: err,
		Message: "the sign-in of the partner's user has died (" + code + "): " + remedySignIn}
}
