package upgrade

import (
	"encoding/json"
	"time"
)

// Order is one upgrade of one customer, as billing places it. Its id is the idempotency key.
type Order struct {
	ID            string         `json:"order"`
	Tenant        string         `json:"tenant"`            // the customer's tenant id
	Target        Target         `json:"target"`            // absolute totals, never increments
	Sources       []string       `json:"sources,omitempty"` // subscription ids; none: the one that fits
	Purchase      *Purchase      `json:"purchase,omitempty"`
	Licenses      Licenses       `json:"licenses"`
	Administrator *Administrator `json:"administrator,omitempty"`
	Consent       ConsentWay     `json:"consent"`
	Finish        Finish         `json:"finish"`
	NotBefore     *time.Time     `json:"notBefore,omitempty"`
	NotAfter      *time.Time     `json:"notAfter,omitempty"`
	Priority      Priority       `json:"priority"`
	Residue       Residue        `json:"residue"`
	WhenBusy      WhenBusy       `json:"whenBusy,omitempty"`      // another upgrade is changing the customer
	Market        string         `json:"market,omitempty"`        // ISO 3166-1 alpha-2; empty: the customer's country
	UsageLocation string         `json:"usageLocation,omitempty"` // for users who lack one; empty: the tenant's own country
	OnUserFailure UserFailure    `json:"onUserFailure"`
	Reseller      string         `json:"reseller,omitempty"`
	Beside        bool           `json:"beside,omitempty"` // new commerce: let Microsoft decide about services held already
	Batch         string         `json:"batch,omitempty"`
	PlacedBy      string         `json:"placedBy,omitempty"` // who placed it: the one who may not approve it
	Attempt       int            `json:"attempt,omitempty"`  // 2 and up: a further attempt at an order that ended; see starter retry
}

// Target is a plan with a number of licensed users, or totals per offer; never both.
type Target struct {
	Plan   string  `json:"plan,omitempty"`
	Seats  int     `json:"seats,omitempty"` // of the plan
	Totals []Total `json:"totals,omitempty"`
}

// Total is an offer and the number of seats that the customer ends with.
type Total struct {
	Offer string `json:"offer"`
	Seats int    `json:"seats"`
}

// Purchase overrides the source's term and billing where something is bought.
type Purchase struct {
	Term         string `json:"term,omitempty"`         // P1M, P1Y, P3Y
	BillingCycle string `json:"billingCycle,omitempty"` // monthly, annual
	AutoRenew    *bool  `json:"autoRenew,omitempty"`
}

// Who says whose licences are moved.
type Who string

// The choices.
const (
	Holders Who = "holders" // everybody who holds the source
	Listed  Who = "users"   // the users of the list
	Grouped Who = "group"   // the members of a group
	FromCSV Who = "file"    // an uploaded list
	Nobody  Who = "nobody"
)

// Licenses says who gets licences.
type Licenses struct {
	Who   Who      `json:"who"`
	Users []string `json:"users,omitempty"` // user principal names or object ids, at most MaxInlineUsers
	Group string   `json:"group,omitempty"`
	File  string   `json:"file,omitempty"`
}

// MaxInlineUsers is how many users an order may name itself.
const MaxInlineUsers = 1000

// Administrator is whom the invitation goes to.
type Administrator struct {
	Mail     string `json:"mail"`
	Name     string `json:"name,omitempty"`
	Language string `json:"language"` // BCP 47, "en" unless said
}

// ConsentWay is how the customer's consent is had.
type ConsentWay string

// The ways.
const (
	ByMail     ConsentWay = "mail"               // invite by mail
	ByLink     ConsentWay = "link"               // invite by a link that an operator copies
	ByExisting ConsentWay = "existing"           // application consent given earlier
	ByGDAP     ConsentWay = "gdap"               // granular delegated admin privileges
	ByPartner  ConsentWay = "partner_preconsent" // partner pre-consent
)

// Finish says who has the last word before the change.
type Finish string

// The choices.
const (
	FinishAutomatic Finish = "automatic"
	FinishConfirm   Finish = "confirm" // an operator confirms, and may change, the number of seats
)

// Priority orders upgrades that wait for a turn.
type Priority string

// The priorities.
const (
	Urgent Priority = "urgent"
	Normal Priority = "normal"
	Bulk   Priority = "bulk"
)

// Key is the priority as Temporal counts: 1 is first, 5 last, and 3 is what everything else has.
func (p Priority) Key() int {
	switch p {
	case Urgent:
		return 1
	case Bulk:
		return 5
	}
	return 3
}

// Residue says what to do with seats that Microsoft does not let us give back today.
type Residue string

// The choices.
const (
	RefuseResidue    Residue = "refuse"
	ResidueAtRenewal Residue = "at-renewal"
)

// WhenBusy says what to do while another upgrade has the customer.
type WhenBusy string

// The choices. An order that waits says nothing, so that orders of before mean the same.
const (
	WaitWhenBusy   WhenBusy = ""
	RefuseWhenBusy WhenBusy = "refuse"
)

// UserFailure says what happens when single users fail.
type UserFailure struct {
	Action string  `json:"action"`          // "report" or "undo"
	Share  float64 `json:"share,omitempty"` // undo when more than this share of the users fails, 0 to 1
}

// ReportUsers and UndoUsers are the actions of UserFailure.
const (
	ReportUsers = "report"
	UndoUsers   = "undo"
)

// Canonical is the order in one fixed form: the same order, however it was written, gives the same bytes.
func (o Order) Canonical() []byte {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err) // an Order holds nothing that cannot be marshalled
	}
	return b
}

// Hash identifies the order's content: two starts with one id and one hash are the same order. Which attempt it is does
// not count.
func (o Order) Hash() string {
	o.Attempt = 0
	return hash(o.Canonical())
}

// Invites tells whether an administrator is to be asked.
func (o Order) Invites() bool { return o.Consent == ByMail || o.Consent == ByLink }
