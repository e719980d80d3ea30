package upgrade

import "time"

// ClaimRequest claims an order for one workflow execution.
type ClaimRequest struct {
	Order      Order
	WorkflowID string
	FirstRun   string // first execution run id: a repeated step, a continue-as-new or a reset meets its own claim
	At         time.Time
}

// ClaimOutcome says whether the claim was granted.
type ClaimOutcome string

// The outcomes of a claim.
const (
	ClaimGranted   ClaimOutcome = "granted"
	ClaimDuplicate ClaimOutcome = "duplicate" // the same order is, or was, carried out by another workflow
	ClaimRefused   ClaimOutcome = "refused"   // the same order id with another content
)

// Claim is the register's answer.
type Claim struct {
	Outcome   ClaimOutcome
	Upgrade   string // order#attempt
	Attempt   int
	Holder    string // workflow id of the claim's holder, this one where granted
	HolderRun string
	HolderEnd End   // empty while it runs
	Plan      *Plan // recorded by an earlier attempt
	// Resumes names the earlier attempt whose change broke off without an end, under which its requests are noted: this
	// attempt goes on with its plan. Empty: there is nothing to go on with.
	Resumes string
	// Undoing: that attempt broke off while its change was undone, and requests of the undo are noted. This attempt finishes
	// the undo; the order is for the one after it.
	Undoing bool
	// Reasons are why a reseller's order was refused before it was claimed: nothing holds it, and it may be placed again.
	Reasons Problems
}

// PendingCode is a device code between its request and its redemption. The device code is a secret; the user code is
// what the administrator types.
type PendingCode struct {
	DeviceCode      Secret
	UserCode        string
	VerificationURI string
	Interval        time.Duration // between two polls
	ExpiresAt       time.Time
}

// Tokens are what a redeemed code or a refresh gives.
type Tokens struct {
	Access    Secret
	Refresh   Secret
	ID        Secret
	ExpiresAt time.Time // of the access token
	Scopes    []string
}

// Identity is a person as a verified id token names them.
type Identity struct {
	Tenant    string
	ObjectID  string
	Name      string
	Roles     []string // directory role template ids (wids)
	RolesSaid bool     // whether the token spoke of roles at all: absence is not "no administrator"
	Guest     bool
}

// OperatorAnswer is a person's word on an upgrade: who, when, what and why.
type OperatorAnswer struct {
	ID     string // the update's id, so that a repeat is recorded once
	What   string // confirm, cancel, resend, revoke, retry, undo, abandon
	By     string
	Reason string
	Step   string
	At     time.Time
}

// LetterKind names a mail.
type LetterKind string

// The mails.
const (
	LetterInvitation LetterKind = "invitation"
	LetterReminder   LetterKind = "reminder"
	LetterDone       LetterKind = "done"
	LetterCouldNot   LetterKind = "could_not"
	LetterParked     LetterKind = "parked"
	LetterSlow       LetterKind = "slow"    // provisioning takes long
	LetterConfirm    LetterKind = "confirm" // a plan waits for an operator's confirmation
	LetterApprove    LetterKind = "approve" // a plan waits for the approval of a second person
	LetterLink       LetterKind = "link"    // an operator receives the link to hand on
	// LetterPartnerSignIn is for the operator, about no upgrade: the sign-in of the partner's own user.
	LetterPartnerSignIn LetterKind = "partner_sign_in"
	// LetterCallbackFailed is for the engineer: a callback was given up. It can be replayed.
	LetterCallbackFailed LetterKind = "callback_failed"
	// LetterScheduled tells operator and administrator what is scheduled for a renewal, and when.
	LetterScheduled LetterKind = "scheduled"
	// LetterBatch tells the operator that a batch waits for a word, or is over.
	LetterBatch LetterKind = "batch"
)

// Letter is a mail to be written: the adapter knows the wording and the provider's name.
type Letter struct {
	Kind        LetterKind
	ID          string // the same at every attempt; the Message-ID is made of it
	To          string
	ToName      string
	Language    string
	Operator    bool // written for the operator, not for the customer's administrator
	Order       string
	WorkflowID  string
	Company     string
	Headline    string
	Link        Secret // of the consent page: a capability
	Deadline    time.Time
	Number      int // of the reminder
	End         End
	Reasons     Problems
	Before      []Holding
	After       []Holding
	Users       UserCounts
	Gains       []string
	Losses      []string
	Permissions []string
	Undo        string // what of the plan can be undone, and until when
	Parked      *Parked
	Digest      string
	Approval    string         // why a second person has to approve
	Residue     []Residual     // seats that stay until a renewal
	SignIn      *PartnerSignIn `json:",omitempty"` // of LetterPartnerSignIn
	Delivery    *Delivery      `json:",omitempty"` // of LetterCallbackFailed
	Wakes       *time.Time     `json:",omitempty"` // of LetterScheduled: the renewal's day
	Batch       *BatchSummary  `json:",omitempty"` // of LetterBatch; of the register likewise
	Plan        *Plan          `json:",omitempty"` // to be written out; of the register, so that no history repeats it
}

// Pruned counts what was deleted from the register because it need not be kept any longer.
type Pruned struct {
	Codes     int64 `json:"codes"`
	Tokens    int64 `json:"tokens"`
	Users     int64 `json:"users"`
	Documents int64 `json:"documents"`
	Evidence  int64 `json:"evidence"`
	Inventory int64 `json:"inventory,omitempty"` // customers whom Partner Center has not listed for long
}

// AuditEntry is something that a person did in the provider's pages or by the API, besides what upgrades themselves record
// of answers: who, when, what, and about whom.
type AuditEntry struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	What   string    `json:"what"`  // a stable word such as reseller_subscribed
	About  string    `json:"about"` // a tenant, a reseller, a plan or an upgrade
	Detail string    `json:"detail,omitempty"`
}
