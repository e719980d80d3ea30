package catalog

import (
	"slices"
	"strings"
)

// OfferID names an offer in our words: a slug such as "business-basic". It is what orders, price lists and operators
// use; it never changes, whatever Microsoft renames.
type OfferID string

// Family groups offers that are upgraded within or from one another.
type Family string

// The families of offers.
const (
	Business          Family = "business"
	Apps              Family = "apps"
	Office365E        Family = "office-365-e"
	Microsoft365E     Family = "microsoft-365-e"
	TeamsPhone        Family = "teams-phone"
	TeamsEssentials   Family = "teams-essentials"
	Teams             Family = "teams"
	AudioConferencing Family = "audio-conferencing"
)

var families = []Family{Business, Apps, Office365E, Microsoft365E, TeamsPhone, TeamsEssentials, Teams, AudioConferencing}

// Edition says in what an offer differs from the offer of the same name.
type Edition string

// The editions. Regular is what nearly everybody holds.
const (
	Regular    Edition = ""
	NoTeams    Edition = "no-teams"     // sold since April 2024, everywhere
	EEANoTeams Edition = "eea-no-teams" // sold since October 2023 in the European Economic Area and Switzerland
	India      Edition = "india"
	Prepaid    Edition = "prepaid" // the SMB_… twins of the business suites
	NoAudio    Edition = "no-audio-conferencing"
	Volume     Edition = "volume" // with a high minimum of seats
)

var editions = []Edition{Regular, NoTeams, EEANoTeams, India, Prepaid, NoAudio, Volume}

// Trust says how well the weakest fact of an entry is known. What is not Microsoft's own word is looked up at
// Microsoft before money depends on it.
type Trust string

// The degrees of trust.
const (
	Microsoft  Trust = "microsoft"   // in a Microsoft page, sample, SDK or metadata file
	ThirdParty Trust = "third-party" // in a distributor's price list or a tool's source only
	Unverified Trust = "unverified"  // an assumption, or not known at all
)

var trusts = []Trust{Microsoft, ThirdParty, Unverified}

// Offer is a Microsoft product as it is sold: a SKU.
type Offer struct {
	ID            OfferID `json:"id"`
	Name          string  `json:"name"`
	SKUPartNumber string  `json:"skuPartNumber,omitempty"` // may contain blanks; empty when not known
	SKUID         string  `json:"skuId,omitempty"`         // Entra's GUID in lower case; empty when not known
	// ProductSKU is Partner Center's "product:sku", such as "CFQ7TTC0LH18:0001"; empty when not known. Availability
	// ids, its third part, rotate and are read fresh for every purchase.
	ProductSKU string `json:"productSku,omitempty"`
	// OtherProductSKUs lead to the same offer, for example in Microsoft's older samples.
	OtherProductSKUs []string `json:"otherProductSkus,omitempty"`
	Family           Family   `json:"family"`
	Edition          Edition  `json:"edition,omitempty"`
	MinSeats         int      `json:"minSeats,omitempty"` // 0: none
	MaxSeats         int      `json:"maxSeats,omitempty"` // 0: none
	Markets          []string `json:"markets,omitempty"`  // ISO 3166-1 alpha-2; empty: everywhere
	ExcludedMarkets  []string `json:"excludedMarkets,omitempty"`
	// ServicePlans are sorted by name. They are empty only while the SKU is not known.
	ServicePlans []ServicePlan `json:"servicePlans,omitempty"`
	// AddOn offers are no use alone. The user needs one of the plans in Requires from another licence, if any stand there.
	AddOn    bool          `json:"addOn,omitempty"`
	Requires []ServicePlan `json:"requires,omitempty"`
	Verified Trust         `json:"verified"`
	Source   string        `json:"source"` // where the facts come from, in words
}

// Known tells whether the offer's SKU is known. It is not for the India editions: their SKU is read at run time from
// Partner Center (provisioningId) or from the tenant's subscribedSkus, and given to [Catalog.With].
func (o Offer) Known() bool { return o.SKUID != "" }

// WithoutTeams tells whether the offer is an edition without Teams, which needs Teams Enterprise or Teams EEA beside it
// before any telephony.
func (o Offer) WithoutTeams() bool { return o.Edition == NoTeams || o.Edition == EEANoTeams }

// SoldIn tells whether the offer is sold in a market, an ISO code. An empty market asks nothing and is answered true.
func (o Offer) SoldIn(market string) bool { return inMarket(market, o.Markets, o.ExcludedMarkets) }

// Allows tells whether a total of seats is within the offer's minimum and maximum. Zero seats are no seats at all and
// always allowed.
func (o Offer) Allows(seats int) bool {
	return seats == 0 || seats >= max(o.MinSeats, 1) && (o.MaxSeats == 0 || seats <= o.MaxSeats)
}

// Has tells whether the offer contains the service plan with this id.
func (o Offer) Has(planID string) bool {
	return slices.ContainsFunc(o.ServicePlans, func(p ServicePlan) bool { return strings.EqualFold(p.ID, planID) })
}

// PlanIDs are the ids of the offer's service plans, in the order of ServicePlans.
func (o Offer) PlanIDs() []string {
	ids := make([]string, len(o.ServicePlans))
	for i, p := range o.ServicePlans {
		ids[i] = p.ID
	}
	return ids
}

func (o Offer) clone() Offer {
	o.OtherProductSKUs = slices.Clone(o.OtherProductSKUs)
	o.Markets = slices.Clone(o.Markets)
	o.ExcludedMarkets = slices.Clone(o.ExcludedMarkets)
	o.ServicePlans = slices.Clone(o.ServicePlans)
	o.Requires = slices.Clone(o.Requires)
	return o
}

// Class says what a service plan is to a user.
type Class string

// The classes of service plans. A tenant's own word (appliesTo in subscribedSkus) goes before ours.
const (
	// UserService is assigned to users, who notice when they have it and when they lose it.
	UserService Class = "user"
	// Foundation is infrastructure that comes with many SKUs at once, or applies to the company and not to users:
	// to hold it twice is no conflict.
	Foundation Class = "foundation"
	// Retired services still stand in the SKUs but do nothing.
	Retired Class = "retired"
)

var classes = []Class{UserService, Foundation, Retired}

// ServicePlan is one service inside an offer. The same plan, with the same id, may stand in many offers.
type ServicePlan struct {
	ID       string `json:"id"`       // GUID in lower case
	Name     string `json:"name"`     // Microsoft's, such as EXCHANGE_S_STANDARD
	Friendly string `json:"friendly"` // for people, such as "Exchange Online (Plan 1)"
	Class    Class  `json:"class"`
}

// UserAssignable tells whether the plan counts as a service that is added to a user.
func (p ServicePlan) UserAssignable() bool { return p.Class == UserService }
