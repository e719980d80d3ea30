package partner

import (
	"context"
	"encoding/json"
	"net/http"

	"uplift/upgrade"
)

// legacyUpgrade is one entry of a traditional subscription's upgrades. What is posted to carry it out is the entry itself, so
// that it is kept as it came.
// https://learn.microsoft.com/en-us/partner-center/developer/subscription-upgrade-resources
type legacyUpgrade struct {
	Offer struct {
		ID   text `json:"id"`
		Name text `json:"name"`
	} `json:"targetOffer"`
	Type     word            `json:"upgradeType"` // a word, or the SDK's number
	Eligible bool            `json:"isEligible"`
	Quantity count           `json:"quantity"`
	Errors   []transitionErr `json:"upgradeErrors"`
}

// transfers tells whether the entry's best way moves the licences, too.
func (u legacyUpgrade) transfers() bool {
	return u.Type == "upgrade_with_license_transfer" || u.Type == "2"
}

// LegacyUpgrades lists what a traditional subscription may become by the call that is for those alone. The call wants a token
// with a user; without one it is Kind Act, code 900329.
func (c *Client) LegacyUpgrades(ctx context.Context, tenant, subscription string) ([]upgrade.TransitionTarget, error) {
	path, err := subscriptionPath(tenant, subscription, "upgrades")
	if err != nil {
		return nil, err
	}
	all, err := collect[legacyUpgrade](ctx, c.withUser(), path)
	if err != nil {
		return nil, err
	}
	out := make([]upgrade.TransitionTarget, len(all))
	for i, u := range all {
		why := legacyReasons(u.Errors)
		out[i] = upgrade.TransitionTarget{
			CatalogItem: string(u.Offer.ID), Title: string(u.Offer.Name), Seats: int(u.Quantity), Legacy: true,
			Types: []upgrade.TransitionChoice{{Type: upgrade.TransitionOnly, Eligible: u.Eligible, Reasons: why}},
		}
		if u.transfers() {
			out[i].Types = append(out[i].Types, upgrade.TransitionChoice{Type: upgrade.TransitionWithLicenses, Eligible: u.Eligible, Reasons: why})
		}
	}
	return out, nil
}

// StartLegacyUpgrade carries one of the listed upgrades out, all seats at once, and answers the id of the new subscription. It
// cannot be undone.
func (c *Client) StartLegacyUpgrade(ctx context.Context, id upgrade.WriteID, tenant, subscription, targetOffer string, transfer bool) (string, error) {
	if id.Request == "" {
		return "", invalid("no_write_id", "a write needs an id")
	}
	path, err := subscriptionPath(tenant, subscription, "upgrades")
	if err != nil {
		return "", err
	}
	user := c.withUser()
	all, err := collect[map[string]any](ctx, user, path)
	if err != nil {
		return "", err
	}
	for _, entry := range all {
		offer, _ := entry["targetOffer"].(map[string]any)
		if offer["id"] != targetOffer {
			continue
		}
		if !transfer {
			entry["upgradeType"] = "upgrade_only"
		}
		return user.postUpgrade(ctx, id, path, entry)
	}
	return "", &upgrade.Error{Kind: upgrade.Refused, Code: "microsoft_not_listed", Message: "Partner Center no longer lists this upgrade for the subscription"}
}

func (c *Client) postUpgrade(ctx context.Context, id upgrade.WriteID, path string, entry map[string]any) (string, error) {
	out, err := c.do(ctx, call{method: http.MethodPost, path: path, body: entry, id: id})
	if err != nil {
		return "", err
	}
	var result struct {
		Target text            `json:"targetSubscriptionId"`
		Errors []transitionErr `json:"upgradeErrors"`
	}
	if json.Unmarshal(out.body, &result) != nil {
		return "", unreadable(id, "Partner Center's reply to the upgrade cannot be read")
	}
	if len(result.Errors) > 0 {
		return "", &upgrade.Error{Kind: upgrade.Refused, Code: "transition_failed", Message: legacyReasons(result.Errors).Error(), Correlation: id.Correlation}
	}
	if result.Target == "" {
		return "", unreadable(id, "Partner Center accepted the upgrade with a reply that names no subscription")
	}
	return string(result.Target), nil
}

// withUser is the client with the provider's user token, for the calls that want one; the client itself, where there is none.
func (c *Client) withUser() *Client {
	if c.userToken == nil {
		return c
	}
	user := *c
	user.token, user.forget = c.userToken, c.forgetUser
	return &user
}
