package upgrade

import (
	"encoding/json"
	"slices"
	"time"
)

// Work is a kind of work, in the order of preference.
type Work string

// The kinds of work. Replace is carried out by two kinds of step, Buy and Release.
const (
	Resize     Work = "resize"     // the same offer, another total
	Transit    Work = "transition" // Microsoft moves seats to another offer; it cannot be undone
	Replace    Work = "replace"    // buy the target, move the users, release the source
	Buy        Work = "buy"        // step of a replacement, or of a purchase alone
	Release    Work = "release"    // step of a replacement: give back what is not needed any more
	AtRenewal  Work = "at_renewal" // a change that is scheduled for the renewal
	AssignOnly Work = "assign"     // no subscription changes, users do
)

// Kind is the kind of work that a step is part of.
func (w Work) Kind() Work {
	if w == Buy || w == Release {
		return Replace
	}
	return w
}

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
	Kinds       []Work        `json:"kinds,omitempty"`  // the kinds of work, in the order of the steps, each once
	Lines       []PlanLine    `json:"lines"`
	Steps       []Step        `json:"steps"`
	Why         []string      `json:"why,omitempty"` // why these kinds of work
	Licenses    LicensePlan   `json:"licenses"`
	Gains       []string      `json:"gains,omitempty"`  // services that users gain
	Losses      []string      `json:"losses,omitempty"` // services that users lose
	Renewal     []LostRenewal `json:"renewal,omitempty"`
	Residue     []Residual    `json:"residue,omitempty"`  // seats that stay until the renewal, as this plan announces
	Cost        *Cost         `json:"cost,omitempty"`     // an estimate, where the provider's price list knows the offers
	Approval    string        `json:"approval,omitempty"` // why a second person has to approve; empty: nobody has to
	Undo        UndoPlan      `json:"undo"`
	Permissions []string      `json:"permissions"`       // the smallest set that this plan needs in the tenant
	Unknown     []string      `json:"unknown,omitempty"` // what cannot be seen before consent
	Reasons     Problems      `json:"reasons,omitempty"` // every reason why not; none: it may go ahead
	Notes       []string      `json:"notes,omitempty"`
	Digest      string        `json:"digest"`
	Offers      []PlanOffer   `json:"offers,omitempty"`   // the names of what the plan speaks of
	Terms       []TermEnd     `json:"terms,omitempty"`    // when what it touches renews
	Reseller    string        `json:"reseller,omitempty"` // on whose behalf
}

// PlanOffer is the name of an offer that the plan speaks of.
type PlanOffer struct {
	Offer string `json:"offer"`         // catalogue id
	SKU   string `json:"sku,omitempty"` // Entra id
	Name  string `json:"name"`
}

// TermEnd is when the term of a subscription ends, and whether it renews then, if nothing changes.
type TermEnd struct {
	Subscription string    `json:"subscription"`
	At           time.Time `json:"at"`
	Renews       bool      `json:"renews"`
}

// NameOf is the name of an offer, given by its catalogue id or its Entra id; what the plan does not know keeps its id.
func (p Plan) NameOf(id string) string {
	for _, o := range p.Offers {
		if id != "" && (o.Offer == id || o.SKU == id) {
			return o.Name
		}
	}
	for _, l := range p.Lines {
		if l.Offer == id && l.Name != "" {
			return l.Name
		}
	}
	return id
}

// PlanLine is one subscription, now and then.
type PlanLine struct {
	Subscription string `json:"subscription,omitempty"` // empty: one that Step makes
	Step         string `json:"step,omitempty"`         // the step that makes the subscription
	Offer        string `json:"offer"`                  // catalogue id, or the vendor's name for what we do not know
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
	Subscription string         `json:"subscription"`      // empty: the one that a purchase makes, or that the step Of has made
	Of           string         `json:"of,omitempty"`      // the step that makes the subscription which this one changes
	Offer        string         `json:"offer"`             // before; of a purchase, what is bought
	ToOffer      string         `json:"toOffer,omitempty"` // after a transition, or after the renewal
	ProductSKU   string         `json:"productSku"`        // before
	ToProductSKU string         `json:"toProductSku,omitempty"`
	SKU          string         `json:"sku"`                    // Entra id, before
	ToSKU        string         `json:"toSku,omitempty"`        // Entra id, after a transition or after the renewal
	From         int            `json:"from"`                   // seats of the subscription before the step
	To           int            `json:"to"`                     // seats after it, of the subscription that holds them then
	Moved        int            `json:"moved,omitempty"`        // transition: seats that move, where they are not all; 0: all
	Into         string         `json:"into,omitempty"`         // transition: the existing subscription that the seats move into
	Legacy       bool           `json:"legacy,omitempty"`       // transition: by the call for traditional subscriptions
	Transition   TransitionType `json:"transition,omitempty"`   // who moves the licences
	CatalogItem  string         `json:"catalogItem,omitempty"`  // PRODUCT:SKU:AVAILABILITY of a transition's or a renewal's target
	Term         string         `json:"term,omitempty"`         // of a purchase
	BillingCycle string         `json:"billingCycle,omitempty"` // of a purchase
	AutoRenew    bool           `json:"autoRenew,omitempty"`    // of a purchase; at the renewal, whether there is one
	Was          *RenewalState  `json:"was,omitempty"`          // at the renewal: what the change replaces
	Date         *time.Time     `json:"date,omitempty"`         // at the renewal: when it takes effect
	After        bool           `json:"after,omitempty"`        // carried out after the users have moved
	Words        string         `json:"words"`
}

// RenewalState is what was to happen at a subscription's renewal.
type RenewalState struct {
	AutoRenew bool             `json:"autoRenew"`
	Scheduled *ScheduledChange `json:"scheduled,omitempty"`
}

// Reversible tells whether the step has an undo: a transition and a cancelled subscription have none.
func (s Step) Reversible() bool { return s.Work != Transit && (s.Work != Release || s.To > 0) }

// Partial tells whether a transition leaves seats behind, or moves them into another subscription: the seats end in
// another subscription than the source.
func (s Step) Partial() bool { return s.Work == Transit && (s.Moved > 0 || s.Into != "" || s.Legacy) }

// Moving is how many seats a transition moves.
func (s Step) Moving() int {
	if s.Moved > 0 {
		return s.Moved
	}
	return s.From
}

// HoldsAfter is the offer that the step's seats are of, after it.
func (s Step) HoldsAfter() (offer, productSKU, sku string) {
	if s.Work == Transit || s.Work == AtRenewal && s.ToOffer != "" {
		return s.ToOffer, s.ToProductSKU, s.ToSKU
	}
	return s.Offer, s.ProductSKU, s.SKU
}

// Residual is a number of seats that Microsoft does not let us give back today.
type Residual struct {
	Subscription string    `json:"subscription"`
	Offer        string    `json:"offer"`
	Name         string    `json:"name"`
	Seats        int       `json:"seats"` // beyond what the order ends with
	Until        time.Time `json:"until"` // the renewal that ends them
}

// LicensePlan says what happens to users.
type LicensePlan struct {
	Who           Who         `json:"who"`
	Users         []string    `json:"users,omitempty"`     // of the order
	Group         string      `json:"group,omitempty"`     // of the order: whose members
	File          string      `json:"file,omitempty"`      // of the order: the uploaded list
	Holders       int         `json:"holders"`             // who hold the source, as far as known
	Known         bool        `json:"known"`               // whether the directory could be read
	Remove        []string    `json:"remove,omitempty"`    // Entra ids of the licences that users give up
	Add           []string    `json:"add,omitempty"`       // Entra ids of the licences that users receive; the first takes the place of what they give up
	Ends          bool        `json:"ends,omitempty"`      // what is given up ends, so that nobody may keep it
	Seats         int         `json:"seats,omitempty"`     // how many users can receive one; 0: as many as there are free seats
	Location      string      `json:"location,omitempty"`  // usage location for users who lack one
	UndoShare     float64     `json:"undoShare,omitempty"` // undo when more than this share of the users fails; 0: report only
	UndoOnFailure bool        `json:"undoOnFailure,omitempty"`
	Groups        []GroupMove `json:"groups,omitempty"` // licences that are moved on a group, since users hold them through it
}

// Moves tells whether users have to be touched at all.
func (l LicensePlan) Moves() bool { return l.Who != Nobody && len(l.Add) > 0 }

// Main is the licence that takes the place of what users give up, or "".
func (l LicensePlan) Main() string {
	if len(l.Add) == 0 {
		return ""
	}
	return l.Add[0]
}

// GroupMove is a group whose licence moves for all of its members at once.
type GroupMove struct {
	Group   string `json:"group"`   // object id
	SKU     string `json:"sku"`     // Entra id of the licence that the group gives up
	Members int    `json:"members"` // who hold it through the group
}

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
		ID, Subscription, Offer, ToOffer, Into string
		From, To, Moved                        int
	}
	var changes []change
	for _, s := range p.Steps {
		changes = append(changes, change{s.ID, s.Subscription, s.Offer, s.ToOffer, s.Into, s.From, s.To, s.Moved})
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
		Residue       []Residual
		Cost          *Cost
	}{p.Order, p.Tenant, changes, p.Losses, p.Licenses.Who, renewal, p.Residue, p.Cost})
	if err != nil {
		panic(err) // a Plan holds nothing that cannot be marshalled
	}
	return hash(b)
}

// Seal stamps the plan with its digest, by which a person confirms what was read.
func (p *Plan) Seal() { p.Digest = p.Material()[:16] }
