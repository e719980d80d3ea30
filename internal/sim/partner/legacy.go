package partner

import "uplift/internal/sim/cloud"

// upgrades lists the traditional upgrades of a subscription.
func (s *Server) upgrades(c call) (any, int, *cloud.Refusal) {
	paths, r := s.state.LegacyUpgrades(c.args[0], c.args[1])
	if r != nil {
		return nil, 0, r
	}
	items := []any{}
	for _, p := range paths {
		items = append(items, map[string]any{
			"targetOffer": map[string]any{"id": p.Offer.LegacyID(), "name": p.Offer.Name, "minimumQuantity": p.Offer.MinSeats,
				"maximumQuantity": p.Offer.MaxSeats, "attributes": kind("Offer")},
			"upgradeType": "upgrade_with_license_transfer", "isEligible": len(p.Errors) == 0, "quantity": p.Quantity,
			"upgradeErrors": transitionErrors(p.Errors), "attributes": kind("Upgrade"),
		})
	}
	return collection(items, "/customers/"+c.args[0]+"/subscriptions/"+c.args[1]+"/upgrades"), 200, nil
}

// upgrade takes an item of that list back and carries it out.
func (s *Server) upgrade(c call) (any, int, *cloud.Refusal) {
	var in struct {
		Target struct {
			ID string `json:"id"`
		} `json:"targetOffer"`
		Type any `json:"upgradeType"` // a name, or the SDK's number
	}
	if r := decode(c, &in); r != nil {
		return nil, 0, r
	}
	transfer := in.Type == "upgrade_with_license_transfer" || in.Type == "UpgradeWithLicenseTransfer" || in.Type == float64(2)
	target, failed, r := s.state.UpgradeLegacy(c.args[0], c.args[1], in.Target.ID, transfer, c.origin)
	if r != nil {
		return nil, 0, r
	}
	kindName := "upgrade_only"
	if transfer {
		kindName = "upgrade_with_license_transfer"
	}
	licenceErrors := []any{}
	for _, f := range failed {
		licenceErrors = append(licenceErrors, map[string]any{"userObjectId": f.UserID, "name": f.Name, "email": f.UPN,
			"errors": []any{map[string]any{"code": 12, "description": "The license could not be reassigned."}}})
	}
	return map[string]any{"sourceSubscriptionId": c.args[1], "targetSubscriptionId": target, "upgradeType": kindName,
		"upgradeErrors": []any{}, "licenseErrors": licenceErrors, "attributes": kind("UpgradeResult")}, 200, nil
}
