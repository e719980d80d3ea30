package upgrade

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Bounds of a batch.
const (
	// MaxBatchRows is how many upgrades one batch has at most.
	MaxBatchRows = 10_000
	// BatchPart is how many rows go to the register in one message.
	BatchPart = 500
	// BatchPage is how many upgrades one page of a batch carries: a page is a workflow of its own, with a history that ends.
	BatchPage = 250
	// MaxBatch bounds the JSON of a whole batch, in bytes.
	MaxBatch = 8 << 20
)

// Batch is many upgrades to one plan, ordered together. Its id is the idempotency key. Each row becomes an order of its own.
type Batch struct {
	ID string `json:"batch"`
	// Source is the plan that the subscriptions are on; it finds a row's subscription where the row does not name one.
	Source string `json:"source,omitempty"`
	// Each is what the orders have in common: everything of an order but what rows say.
	Each      Order      `json:"each"`
	Offenders Offenders  `json:"offenders"`
	Finish    Finish     `json:"finish"` // of the batch: confirm waits for a word when every row has been planned
	StartAt   *time.Time `json:"startAt,omitempty"`
	PlacedBy  string     `json:"placedBy,omitempty"`
	Reseller  string     `json:"reseller,omitempty"`
	Rows      int        `json:"rows"` // how many there are
	Hash      string     `json:"hash"` // of the whole content, rows included
}

// Offenders says what becomes of a batch in which rows are refused.
type Offenders string

// The choices.
const (
	RefuseAll Offenders = "refuse"    // nothing is upgraded
	LeaveOut  Offenders = "leave-out" // the others are
)

// BatchRow is one upgrade of a batch.
type BatchRow struct {
	Number       int    `json:"row"`             // from 1, in the order that was given
	Order        string `json:"order,omitempty"` // the order id; empty: made of the batch's id and the row's number
	Tenant       string `json:"tenant"`
	Subscription string `json:"subscription,omitempty"` // empty: the one that is on the source plan
	// Seats is the absolute total; 0: as many as the subscription has now.
	Seats         int            `json:"seats,omitempty"`
	Administrator *Administrator `json:"administrator,omitempty"`
}

// OrderOf is the order that a row stands for.
func (b Batch) OrderOf(r BatchRow) Order {
	o := b.Each
	o.ID, o.Tenant, o.Batch, o.PlacedBy, o.Reseller = r.Order, r.Tenant, b.ID, b.PlacedBy, b.Reseller
	o.Target.Seats = r.Seats
	if r.Subscription != "" {
		o.Sources = []string{r.Subscription}
	}
	if r.Administrator != nil {
		o.Administrator = r.Administrator
	}
	return o
}

// BatchRowID is the order id of a row that names none.
func BatchRowID(batch string, row int) string { return fmt.Sprintf("%s-%05d", batch, row) }

// BatchID is the workflow id of a batch.
func BatchID(batch string) string { return BatchIDPrefix + batch }

// BatchPageID is the workflow id of one page of one run of a batch.
func BatchPageID(batch, run string, page int) string {
	return fmt.Sprintf("%s%s/%s/page-%d", BatchIDPrefix, batch, run, page)
}

// IsBatchPage tells whether a workflow id is that of a page.
func IsBatchPage(workflowID string) bool {
	return strings.HasPrefix(workflowID, BatchIDPrefix) && strings.Contains(workflowID, "/page-")
}

// BatchState is where a batch stands.
type BatchState string

// The states, in the order of the story.
const (
	BatchUploading  BatchState = "uploading"  // its rows are on their way into the register
	BatchPlanning   BatchState = "planning"   // each row is planned, and nobody is asked or changed
	BatchConfirming BatchState = "confirming" // waits for a word: start, or cancel
	BatchScheduled  BatchState = "scheduled"  // waits for its time
	BatchRunning    BatchState = "running"
	BatchPaused     BatchState = "paused" // what runs goes on; nothing more is begun
	BatchRefused    BatchState = "refused"
	BatchCancelled  BatchState = "cancelled" // before anything was begun
	BatchEnded      BatchState = "ended"     // every row has ended, and says how
)

// Over tells whether nothing more happens by itself.
func (s BatchState) Over() bool {
	return s == BatchRefused || s == BatchCancelled || s == BatchEnded
}

// BatchRowState is what people see of a row.
type BatchRowState string

// The states of a row.
const (
	RowPending   BatchRowState = "pending"
	RowRefused   BatchRowState = "refused"   // its plan says no; it is not begun
	RowWaiting   BatchRowState = "waiting"   // for the customer's consent
	RowRunning   BatchRowState = "running"   // see the stage
	RowCompleted BatchRowState = "completed" // also with exceptions, or with seats until a date
	RowFailed    BatchRowState = "failed"    // every other end
	RowCancelled BatchRowState = "cancelled"
)

// BatchLine is a row and what has become of it.
type BatchLine struct {
	BatchRow
	State    BatchRowState `json:"state"`
	Stage    Stage         `json:"stage,omitempty"` // while it runs
	End      End           `json:"end,omitempty"`
	Customer string        `json:"customer,omitempty"`
	Headline string        `json:"headline,omitempty"` // of the plan
	Digest   string        `json:"digest,omitempty"`   // of the plan that was made for the whole batch
	Reasons  Problems      `json:"reasons,omitempty"`
	Upgrade  string        `json:"upgrade,omitempty"` // order#attempt
	Workflow string        `json:"workflowId,omitempty"`
	Operator bool          `json:"needsOperator,omitempty"`
	Before   []Holding     `json:"before,omitempty"`
	After    []Holding     `json:"after,omitempty"`
	BeganAt  time.Time     `json:"beganAt,omitzero"`
	EndedAt  time.Time     `json:"endedAt,omitzero"`
}

// BatchView is a batch and how far it is.
type BatchView struct {
	Batch
	State BatchState `json:"state"`
	// Counts are the rows by state. Those that wait for consent count as running where Temporal was not asked.
	Counts  map[BatchRowState]int `json:"counts"`
	MadeAt  time.Time             `json:"madeAt"`
	EndedAt time.Time             `json:"endedAt,omitzero"`
}

// BatchLineFilter narrows the rows of a batch; its zero value lets everything through.
type BatchLineFilter struct {
	State  BatchRowState // RowWaiting and RowRunning are the same here: the register does not know the stage
	Search string        // part of the order id, the customer's name or the tenant, in any case
}

// BatchFilter narrows a list of batches; its zero value lets everything through.
type BatchFilter struct {
	Reseller string // on whose behalf
	Open     bool   // only what is not over
}

// BatchStarted says what placing a batch led to.
type BatchStarted struct {
	Batch      string `json:"batch"`
	WorkflowID string `json:"workflowId"`
	Existing   bool   `json:"existing"` // the same batch was placed before; nothing was started
}

// BatchHash identifies a batch's content: two of one id and one hash are the same.
func BatchHash(b Batch, rows []BatchRow) string {
	b.Hash, b.Rows = "", len(rows)
	content, err := json.Marshal(struct {
		Batch Batch      `json:"batch"`
		Rows  []BatchRow `json:"rows"`
	}{b, rows})
	if err != nil {
		panic(err) // a Batch holds nothing that cannot be marshalled
	}
	return hash(content)
}
