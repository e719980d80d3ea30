package upgrade

import (
	"encoding/json"
	"slices"
	"time"
)

// Work is a kind of work, in the order of preference.
type Work string

// The kinds of work.
const (
	Resize     Work = "resize"
	Transit    Work = "transition"
	Replace    Work = "replace"
	AtRenewal  Work = "at_renewal"
	AssignOnly Work = "assign" // no subscription changes, users do
)

// Plan is the plan document: what will happen, why, what cannot be undone, and every reason why not. It is made from
// what Microsoft and the catalogue say at one moment and recorded, so that a replay reads the same.
type Plan struct {
	Order       string        `json:"order"`
	Tenant      string        `json:"tenant"`
	Customer    Customer      `json:"customer"`
	MadeAt      time.Time     `json:"madeAt"`
	Catalog     string        `json:"catalog"`             // digest of the catalogue that was used
	Source      string        `json:"source,omitempty"`    // offer that users come from; empty where none is left
	Target      string        `json:"target"`              // offer that users end with
	SourceSKU   string        `json:"sourceSku,omitempty"` // Entra id
	TargetSKU   string        `json:"targetSku"`
	PlanID      string        `json:"planId,omitempty"` // the provider's plan, where the order names one
	Headline    string        `json:"headline"`         // "Business Basic ×20 → Business Premium ×25"
	Lines       []PlanLine    `json:"lines"`
	Steps       []Step        `json:"steps"`
	Why         []string      `json:"why,omitempty"` // why these kinds of work
	Licenses    LicensePlan   `json:"licenses"`
	Gains       []string      `json:"gains,omitempty"`  // services that users gain
	Losses      []string      `json:"losses,omitempty"` // services that users lose
	Renewal     []LostRenewal `json:"renewal,omitempty"`
	Undo        UndoPlan      `json:"undo"`
	Permissions []string      `json:"permissions"`       // the smallest set that this plan needs in the tenant
	Unknown     []string      `json:"unknown,omitempty"` // what cannot be seen before consent
	Reasons     Problems      `json:"reasons,omitempty"` // every reason why not; none: it may go ahead
	Notes       []string      `json:"notes,omitempty"`
	Digest      string        `json:"digest"`
}

// PlanLine is one subscription, now and then.
type PlanLine struct {
	Subscription string `json:"subscription,omitempty"`
	Offer        string `json:"offer"` // catalogue id, or the vendor's name for what we do not know
	Name         string `json:"name"`
	Now          int    `json:"now"`
	Then         int    `json:"then"`
	Term         string `json:"term,omitempty"`
	BillingCycle string `json:"billingCycle,omitempty"`
	ThenOffer    string `json:"thenOffer,omitempty"` // where the same subscription ends as another offer
	Touched      bool   `json:"touched"`
}

// Step is one change of a subscription.
type Step struct {
	ID           string         `json:"id"` // stable within the plan; names the idempotency key
	Work         Work           `json:"work"`
	Subscription string         `json:"subscription"`
	Offer        string         `json:"offer"`             // before
	ToOffer      string         `json:"toOffer,omitempty"` // after a transition
	ProductSKU   string         `json:"productSku"`        // before
	ToProductSKU string         `json:"toProductSku,omitempty"`
	SKU          string         `json:"sku"`             // Entra id, before
	ToSKU        string         `json:"toSku,omitempty"` // Entra id, after a transition
	From         int            `json:"from"`
	To           int            `json:"to"`
	Transition   TransitionType `json:"transition,omitempty"`
	CatalogItem  string         `json:"catalogItem,omitempty"` // PRODUCT:SKU:AVAILABILITY of the transition's target
	Words        string         `json:"words"`
}

// Reversible tells whether the step has an undo.
func (s Step) Reversible() bool { return s.Work != Transit }

// HoldsAfter is the offer that the subscription is, after the step.
func (s Step) HoldsAfter() (offer, productSKU, sku string) {
	if s.Work == Transit {
		return s.ToOffer, s.ToProductSKU, s.ToSKU
	}
	return s.Offer, s.ProductSKU, s.SKU
}

// LicensePlan says what happens to users.
type LicensePlan struct {
	Who           Who      `json:"who"`
	Users         []string `json:"users,omitempty"`     // of the order
	Holders       int      `json:"holders"`             // who hold the source, as far as known
	Known         bool     `json:"known"`               // whether the directory could be read
	Remove        string   `json:"remove,omitempty"`    // Entra id of the licence that users give up
	Add           string   `json:"add,omitempty"`       // Entra id of the licence that users receive
	Location      string   `json:"location,omitempty"`  // usage location for users who lack one
	UndoShare     float64  `json:"undoShare,omitempty"` // undo when more than this share of the users fails; 0: report only
	UndoOnFailure bool     `json:"undoOnFailure,omitempty"`
}

// Moves tells whether users have to be touched at all.
func (l LicensePlan) Moves() bool { return l.Who != Nobody && l.Add != "" }

// LostRenewal is a scheduled renewal change that a step deletes.
type LostRenewal struct {
	Subscription string          `json:"subscription"`
	Change       ScheduledChange `json:"change"`
	Restorable   bool            `json:"restorable"` // it still means something for the product held afterwards
}

// UndoPlan says what could be given back, and until when.
type UndoPlan struct {
	Until         *time.Time `json:"until,omitempty"`         // until when every seat change could be undone
	NoReturnAfter string     `json:"noReturnAfter,omitempty"` // id of the step after which nothing can be undone
	Words         string     `json:"words"`
}

// Eligible tells whether nothing speaks against the plan.
func (p Plan) Eligible() bool { return len(p.Reasons) == 0 }

// Material identifies the part of the plan that a person would want to be asked about again: seats, offers, who loses
// what. What Microsoft rotates (availability ids) or decides by itself (who moves the licences) is not part of it.
func (p Plan) Material() string {
	type change struct {
		ID, Subscription, Offer, ToOffer string
		From, To                         int
	}
	var changes []change
	for _, s := range p.Steps {
		changes = append(changes, change{s.ID, s.Subscription, s.Offer, s.ToOffer, s.From, s.To})
	}
	renewal := slices.Clone(p.Renewal)
	for i := range renewal {
		renewal[i].Change.AvailabilityID = ""
	}
	b, err := json.Marshal(struct {
		Order, Tenant string
		Changes       []change
		Losses        []string
		Who           Who
		Renewal       []LostRenewal
	}{p.Order, p.Tenant, changes, p.Losses, p.Licenses.Who, renewal})
	if err != nil {
		panic(err) // a Plan holds nothing that cannot be marshalled
	}
	return hash(b)
}

// Seal stamps the plan with its digest, by which a person confirms what was read.
func (p *Plan) Seal() { p.Digest = p.Material()[:16] }
