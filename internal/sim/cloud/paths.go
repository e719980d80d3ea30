package cloud

import "slices"

// Part numbers that the tables name.
const (
	AppsForBusiness   = "O365_BUSINESS"
	AppsForEnterprise = "OFFICESUBSCRIPTION"
	BusinessBasic     = "O365_BUSINESS_ESSENTIALS"
	BusinessStandard  = "O365_BUSINESS_PREMIUM"
	BusinessPremium   = "SPB"
	Office365E1       = "STANDARDPACK"
	Office365E3       = "ENTERPRISEPACK"
	Office365E5       = "ENTERPRISEPREMIUM"
	Microsoft365E3    = "SPE_E3"
	Microsoft365E5    = "SPE_E5"
	TeamsPhone        = "MCOEV"

	// The editions that Microsoft's table of upgrades names for India. It nowhere lists their identifiers: these are
	// invented for this simulator.
	AppsForBusinessIndia  = "O365_BUSINESS_INDIA"
	BusinessBasicIndia    = "O365_BUSINESS_ESSENTIALS_INDIA"
	BusinessStandardIndia = "O365_BUSINESS_PREMIUM_INDIA"
)

// upgrades is what transitionEligibilities offers here, source by source. The
// truth is Microsoft's per subscription; this follows the pages "upgrade paths"
// and what distributors list for new commerce.
func upgrades(part string) []string {
	switch part {
	case AppsForBusiness:
		return []string{BusinessStandard, BusinessPremium, AppsForEnterprise, Office365E3, Office365E5}
	case AppsForEnterprise:
		return []string{Office365E3, Office365E5, Microsoft365E3, Microsoft365E5}
	case BusinessBasic:
		return []string{BusinessStandard, BusinessPremium, Office365E1, Office365E3, Office365E5}
	case BusinessStandard:
		return []string{BusinessPremium, Office365E3, Office365E5, Microsoft365E3}
	case BusinessPremium:
		return []string{Microsoft365E3, Microsoft365E5}
	case Office365E1:
		return []string{Office365E3, Office365E5, Microsoft365E3, Microsoft365E5}
	case Office365E3:
		return []string{Office365E5, Microsoft365E3, Microsoft365E5}
	case Office365E5:
		return []string{Microsoft365E5}
	case Microsoft365E3:
		return []string{Microsoft365E5}
	case AppsForBusinessIndia, BusinessBasicIndia:
		return []string{BusinessStandardIndia}
	case "Microsoft_365_Business_Basic_(no Teams)":
		return []string{"MICROSOFT_365_BUSINESS_STANDARD_NO_TEAMS", "Microsoft_365_ Business_ Premium_(no Teams)"}
	case "MICROSOFT_365_BUSINESS_STANDARD_NO_TEAMS":
		return []string{"Microsoft_365_ Business_ Premium_(no Teams)"}
	default:
		return nil
	}
}

// legacyUpgrades is Microsoft's classic table for traditional subscriptions.
func legacyUpgrades(part string) []string {
	switch part {
	case AppsForBusiness:
		return []string{BusinessPremium, AppsForEnterprise, Office365E3, Office365E5}
	case AppsForBusinessIndia, BusinessBasicIndia:
		return []string{BusinessStandardIndia} // note 1 of the table: and not Business Standard
	case BusinessBasic:
		return []string{BusinessStandard, Office365E1, Office365E3, Office365E5}
	case BusinessStandard:
		return []string{Office365E3, Office365E5}
	default:
		return nil
	}
}

// scheduled is what a subscription may become at renewal: upwards, and back.
func scheduled(part string) []string {
	out := slices.Clone(upgrades(part))
	for _, o := range offers() {
		if slices.Contains(upgrades(o.PartNumber), part) && !slices.Contains(out, o.PartNumber) {
			out = append(out, o.PartNumber)
		}
	}
	return out
}

func offersOf(parts []string) []*Offer {
	var out []*Offer
	for _, part := range parts {
		if o, ok := OfferByPart(part); ok {
			out = append(out, o)
		}
	}
	return out
}

// UpgradeTargets lists the offers that transitions of an offer may lead to.
func UpgradeTargets(part string) []*Offer { return offersOf(upgrades(part)) }
