package upgrade

import "time"

// Status is the answer of the query "status": what an operator, the consent page and billing read.
type Status struct {
	Order       string          `json:"order"`
	Upgrade     string          `json:"upgrade,omitempty"` // order#attempt, the register's key
	WorkflowID  string          `json:"workflowId"`
	Tenant      string          `json:"tenant,omitempty"`
	Customer    string          `json:"customer,omitempty"`
	Headline    string          `json:"headline,omitempty"`
	Stage       Stage           `json:"stage"`
	End         End             `json:"end,omitempty"`
	First       string          `json:"first,omitempty"`    // duplicate and refused: the workflow that holds the order
	FirstRun    string          `json:"firstRun,omitempty"` // and its first run
	Reasons     Problems        `json:"reasons,omitempty"`
	Parked      *Parked         `json:"parked,omitempty"`
	Invitation  *Invitation     `json:"invitation,omitempty"`
	Evidence    *Evidence       `json:"evidence,omitempty"`
	Digest      string          `json:"digest,omitempty"` // of the present plan
	Gains       []string        `json:"gains,omitempty"`
	Losses      []string        `json:"losses,omitempty"`
	Permissions []string        `json:"permissions,omitempty"`
	Undo        string          `json:"undo,omitempty"` // what of the plan can be undone, and until when
	Steps       []StepStatus    `json:"steps,omitempty"`
	Users       UserCounts      `json:"users"`
	NoReturn    bool            `json:"noReturn,omitempty"`   // past the point of no return
	Cancelling  *Request        `json:"cancelling,omitempty"` // a cancel that is being carried out
	Stages      []StageTime     `json:"stages"`
	Ignored     []IgnoredSignal `json:"ignored,omitempty"`
	Before      []Holding       `json:"before,omitempty"`
	After       []Holding       `json:"after,omitempty"`
	Residue     []Residual      `json:"residue,omitempty"`  // seats that stay until a renewal
	Wakes       *time.Time      `json:"wakes,omitempty"`    // scheduled: when the upgrade goes on
	Approval    *Approval       `json:"approval,omitempty"` // a second person's word that is waited for, or was given
	Turn        Turn            `json:"turn,omitzero"`      // what it has, and what it waits for
	Reseller    string          `json:"reseller,omitempty"` // on whose behalf
}

// Approval is the word of a second person that the provider's guard asks for.
type Approval struct {
	Why    string    `json:"why"`
	Digest string    `json:"digest"` // of the plan that it is about
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// Invitation is where the asking of the administrator stands. It carries neither link nor device code.
type Invitation struct {
	Number    int       `json:"number"`
	SentAt    time.Time `json:"sentAt"`
	Deadline  time.Time `json:"deadline"`
	Reminders int       `json:"reminders"`
	// RemindedAt is when the last of them was sent; zero: none was.
	RemindedAt time.Time       `json:"remindedAt,omitzero"`
	Started    bool            `json:"started"`           // authentication was started
	Refused    *Problem        `json:"refused,omitempty"` // why the last claim was not believed
	Unsent     *Problem        `json:"unsent,omitempty"`  // why the last mail could not be sent
	Code       *Authentication `json:"code,omitempty"`    // the code that is waiting to be typed, while it is good
}

// StageTime says when a stage was entered.
type StageTime struct {
	Stage Stage     `json:"stage"`
	At    time.Time `json:"at"`
}

// StepStatus is one step of the plan and how far it is.
type StepStatus struct {
	ID    string    `json:"id"`
	Words string    `json:"words"`
	State string    `json:"state"` // pending, running, done, failed, undone, skipped
	At    time.Time `json:"at,omitzero"`
}

// Parked is what a parked upgrade waits with.
type Parked struct {
	Step        string    `json:"step"`
	Reason      string    `json:"reason"`
	Code        string    `json:"code,omitempty"`
	Correlation string    `json:"correlation,omitempty"`
	Remedy      string    `json:"remedy,omitempty"`
	Page        string    `json:"page,omitempty"` // where Microsoft describes the code
	Answers     []Answer  `json:"answers"`
	Since       time.Time `json:"since"`
}

// IgnoredSignal is a signal that changed nothing, and why.
type IgnoredSignal struct {
	Signal  string    `json:"signal"`
	At      time.Time `json:"at"`
	Reasons Problems  `json:"reasons"`
}

// UserCounts counts users by what became of them.
type UserCounts struct {
	Photographed int `json:"photographed"`
	Moved        int `json:"moved"`
	Unchanged    int `json:"unchanged"`
	Failed       int `json:"failed"`
	Restored     int `json:"restored"`
}

// Holding is what a tenant holds of one offer.
type Holding struct {
	Offer        string `json:"offer"`
	Name         string `json:"name"`
	Subscription string `json:"subscription,omitempty"`
	Seats        int    `json:"seats"`
	Users        int    `json:"users"` // -1: not known
}

// Result is what an upgrade's execution completes with.
type Result struct {
	Order    string     `json:"order,omitempty"`
	Upgrade  string     `json:"upgrade,omitempty"`
	End      End        `json:"end"`
	Reasons  Problems   `json:"reasons,omitempty"`
	First    string     `json:"first,omitempty"`    // duplicate and refused: the workflow that holds the order
	FirstRun string     `json:"firstRun,omitempty"` // and its first run
	Before   []Holding  `json:"before,omitempty"`
	After    []Holding  `json:"after,omitempty"`
	Users    UserCounts `json:"users"`
	Undone   []string   `json:"undone,omitempty"`
	Plan     string     `json:"plan,omitempty"`    // digest of the plan that was carried out
	Residue  []Residual `json:"residue,omitempty"` // seats that stay until a renewal
	EndedAt  time.Time  `json:"endedAt"`
}
