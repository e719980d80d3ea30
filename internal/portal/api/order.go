package api

import "time"

// order is an order as the document describes it. What is sent is read by upgrade.ParseOrder alone, which knows rules that no schema
// can say; a test holds that the two have the same fields.
type order struct {
	Order         string              `json:"order" pattern:"^[A-Za-z0-9][A-Za-z0-9._:-]*$" maxLength:"100" example:"A-1001" doc:"Your order id, and the idempotency key: the same order under the same id is one upgrade, however often it is placed."`
	Tenant        string              `json:"tenant" format:"uuid" example:"0c000000-0000-4000-8000-000000000001" doc:"The customer's tenant id."`
	Target        orderTarget         `json:"target" doc:"What the customer ends with: a plan and its seats, or totals of offers. Seats are totals and never increments."`
	Sources       []string            `json:"sources,omitempty" maxItems:"100" doc:"Subscription ids that are to become the target. Left out: the one that fits; where several fit the order is refused with the candidates."`
	Purchase      *orderPurchase      `json:"purchase,omitempty" doc:"Term and billing of what is bought. Left out: the source's; without a source a year, billed monthly, renewed."`
	Licenses      *orderLicenses      `json:"licenses,omitempty" doc:"Who gets licences. Left out: everybody who holds the source."`
	Administrator *orderAdministrator `json:"administrator,omitempty" doc:"Whom the invitation goes to. Needed with consent mail."`
	Consent       string              `json:"consent,omitempty" enum:"mail,link,existing,gdap,partner_preconsent" default:"mail" doc:"How the customer's consent is had: an invitation by mail, a link that you pass on, the application's consent given earlier, granular delegated administration, or the partner's pre-consent."`
	Finish        string              `json:"finish,omitempty" enum:"automatic,confirm" default:"automatic" doc:"Whether it goes on by itself after the consent, or after somebody confirms the plan by its digest."`
	NotBefore     *time.Time          `json:"notBefore,omitempty" doc:"Nothing changes before this time."`
	NotAfter      *time.Time          `json:"notAfter,omitempty" doc:"An upgrade that has not begun its change by then ends cancelled. It lies after notBefore."`
	Priority      string              `json:"priority,omitempty" enum:"urgent,normal,bulk" default:"normal" doc:"Who goes first among those that wait for a turn."`
	Residue       string              `json:"residue,omitempty" enum:"refuse,at-renewal" default:"refuse" doc:"Seats that Microsoft does not take back before the renewal: refuse the order, or keep them until then."`
	WhenBusy      string              `json:"whenBusy,omitempty" enum:"wait,refuse" default:"wait" doc:"While another upgrade is changing the same customer: wait for it, or refuse the order."`
	Market        string              `json:"market,omitempty" pattern:"^[A-Za-z]{2}$" doc:"Country, ISO 3166-1. Left out: the customer's."`
	UsageLocation string              `json:"usageLocation,omitempty" pattern:"^[A-Za-z]{2}$" doc:"Country for users who have none. Left out: the tenant's own."`
	OnUserFailure *orderUserFailure   `json:"onUserFailure,omitempty" doc:"What happens when single users fail."`
	Reseller      string              `json:"reseller,omitempty" maxLength:"200" doc:"Whose customer it is."`
	Beside        bool                `json:"beside,omitempty" doc:"The target may be held from another channel already; Microsoft's answer decides."`
	Batch         string              `json:"batch,omitempty" maxLength:"200" doc:"A label to list by."`
}

type orderTarget struct {
	Plan   string       `json:"plan,omitempty" example:"business-premium" doc:"A plan's id, of /v1/catalog. Together with seats, and not with totals."`
	Seats  int          `json:"seats,omitempty" minimum:"1" maximum:"100000" doc:"Seats of the plan's licence, and of what the plan bundles."`
	Totals []orderTotal `json:"totals,omitempty" minItems:"1" maxItems:"20" doc:"Offers and their totals, each once. Offers that are not named stay as they are."`
}

type orderTotal struct {
	Offer string `json:"offer" example:"business-basic" doc:"An offer's id, of /v1/catalog."`
	Seats int    `json:"seats" minimum:"0" maximum:"100000" doc:"The total that the customer ends with; 0: none."`
}

type orderPurchase struct {
	Term         string `json:"term,omitempty" enum:"P1M,P1Y,P3Y" doc:"The term, as ISO 8601 writes it."`
	BillingCycle string `json:"billingCycle,omitempty" enum:"monthly,annual,triennial" doc:"How often Microsoft bills."`
	AutoRenew    *bool  `json:"autoRenew,omitempty" doc:"Whether it renews."`
}

type orderLicenses struct {
	Who   string   `json:"who" enum:"holders,users,group,file,nobody" default:"holders" doc:"holders of the source, users of the list, members of a group, users of an uploaded file, or nobody."`
	Users []string `json:"users,omitempty" maxItems:"1000" doc:"With who users: user principal names or object ids, each once."`
	Group string   `json:"group,omitempty" doc:"With who group: the group, by object id or display name."`
	File  string   `json:"file,omitempty" doc:"With who file: the name of the uploaded list."`
}

type orderAdministrator struct {
	Mail     string `json:"mail" format:"email" doc:"One plain address."`
	Name     string `json:"name,omitempty" maxLength:"200" doc:"For the salutation."`
	Language string `json:"language,omitempty" default:"en" doc:"A language tag (BCP 47)."`
}

type orderUserFailure struct {
	Action string  `json:"action" enum:"report,undo" default:"report" doc:"Finish and list who failed, or undo."`
	Share  float64 `json:"share,omitempty" minimum:"0" maximum:"1" doc:"With undo: undo when more than this share of the users fails."`
}
