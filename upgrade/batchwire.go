package upgrade

import "fmt"

// Names on the wire that belong to batches; see the contract in names.go.
const (
	// BatchWorkflow carries a batch: it plans every row, and then runs the pages. Input: a [BatchStart].
	BatchWorkflow = "UpgradeBatchWorkflow"
	// BatchPageWorkflow carries one page of it, whose children are upgrades. Input: a [BatchPageStart].
	BatchPageWorkflow = "UpgradeBatchPageWorkflow"
	// PlanBatchPageWorkflow plans the rows of one page, and changes nothing. Input: a [BatchPageStart].
	PlanBatchPageWorkflow = "PlanBatchPageWorkflow"
	// StoreBatchWorkflow puts a part of a batch's rows into the register. Input: a [BatchPartOf].
	StoreBatchWorkflow = "StoreBatchWorkflow"
	// ReadBatchWorkflow answers a batch and a page of its rows. Input: a [BatchAsked]; output: a [BatchAnswer].
	ReadBatchWorkflow = "ReadBatchWorkflow"
	// BatchIDPrefix stands before the batch id in its workflow id.
	BatchIDPrefix = "batch/"
)

// Updates and signals of batches. The query of BatchWorkflow is [QueryStatus], which answers a [BatchStatus].
const (
	UpdateStartBatch  = "start"  // a [StartBatch]
	UpdateCancelBatch = "cancel" // a [CancelBatch]
	UpdatePauseBatch  = "pause"  // a [Request]
	UpdateResumeBatch = "resume" // a [Request]
	UpdateBatchAgain  = "again"  // a [RunBatchAgain]
	// SignalRow goes from an upgrade to its page, where it begins or ceases to wait for people: a [RowStands].
	SignalRow = "row"
	// SignalPage goes from a page to its batch: a [PageStands].
	SignalPage = "page"
	// SignalSteer goes from a batch to its pages: a [PageSteer].
	SignalSteer = "steer"
)

// BatchStart is what a batch's workflow begins with.
type BatchStart struct {
	Batch string `json:"batch"`
	Hash  string `json:"hash"` // of the content that was uploaded
	// Again: the batch is over, and those of its rows that have not completed are to run again.
	Again *RunBatchAgain `json:"again,omitempty"`
}

// BatchPageStart names the rows of a page.
type BatchPageStart struct {
	Batch  string `json:"batch"`
	Page   int    `json:"page"`
	After  int    `json:"after"` // its rows are those after this number
	Last   int    `json:"last"`  // up to this one
	Again  bool   `json:"again,omitempty"`
	Rows   []int  `json:"rows,omitempty"`   // only these; none: all
	Taken  int    `json:"taken,omitempty"`  // places that upgrades of earlier pages have still
	Paused bool   `json:"paused,omitempty"` // begin nothing yet
}

// RowStands tells a page that one of its upgrades waits for people, or no longer does. Such a one takes no place of the window.
type RowStands struct {
	Order string `json:"order"`
	Aside bool   `json:"aside"`
}

// PageStands tells a batch how far a page is, once it has begun all its rows.
type PageStands struct {
	Page  int `json:"page"`
	Taken int `json:"taken"` // places of the window that its upgrades have
}

// PageSteer tells a page what has changed.
type PageSteer struct {
	Taken   int   `json:"taken"` // places that upgrades of earlier pages have
	Paused  bool  `json:"paused"`
	Cancel  []int `json:"cancel,omitempty"` // rows not to be begun
	All     bool  `json:"all,omitempty"`    // no row is to be begun any more
	Running bool  `json:"running,omitempty"`
}

// BatchStatus is the answer of a batch's query.
type BatchStatus struct {
	Batch     string     `json:"batch"`
	State     BatchState `json:"state"`
	Rows      int        `json:"rows"`
	Offenders int        `json:"offenders"` // rows whose plan says no
	Pages     int        `json:"pages"`     // begun in this run
	Open      int        `json:"open"`      // of them: not over
	Reasons   Problems   `json:"reasons,omitempty"`
}

// BatchResult is what a batch's execution completes with.
type BatchResult struct {
	Batch   string                `json:"batch"`
	State   BatchState            `json:"state"`
	Counts  map[BatchRowState]int `json:"counts,omitempty"`
	Reasons Problems              `json:"reasons,omitempty"`
}

// StartBatch is the word that a batch waits for when each of its rows has been planned.
type StartBatch struct {
	Request
	// LeaveOut begins without the rows that were refused, however many; without it a batch that has such rows is not begun.
	LeaveOut bool `json:"leaveOut,omitempty"`
}

// CancelBatch cancels what is pending, and what runs where that is said.
type CancelBatch struct {
	Request
	Rows    []int `json:"rows,omitempty"`    // only these; none: all
	Running bool  `json:"running,omitempty"` // also ask those that run to stop, which undoes what can be undone
}

// RunBatchAgain runs what has ended without having completed once more.
type RunBatchAgain struct {
	Request
	Rows []int `json:"rows,omitempty"` // only these; none: all
}

// BatchPartOf is a part of a batch on its way into the register.
type BatchPartOf struct {
	Batch Batch      `json:"batch"`
	Rows  []BatchRow `json:"rows"`
}

// BatchAsked asks for a batch and the rows after one.
type BatchAsked struct {
	Batch  string          `json:"batch"`
	Filter BatchLineFilter `json:"filter,omitzero"`
	After  int             `json:"after"`
	Limit  int             `json:"limit"` // 0: no rows
}

// BatchAnswer is the answer.
type BatchAnswer struct {
	View  BatchView   `json:"view,omitzero"`
	None  bool        `json:"none,omitempty"` // there is no such batch: an answer, and no failure for whoever watches workflows
	Lines []BatchLine `json:"lines,omitempty"`
}

// BatchCheck is what planning a row has shown.
type BatchCheck struct {
	Number   int      `json:"row"`
	Customer string   `json:"customer,omitempty"`
	Headline string   `json:"headline,omitempty"`
	Digest   string   `json:"digest,omitempty"`
	Reasons  Problems `json:"reasons,omitempty"` // none: it may be upgraded
}

// BatchOutcome is the end of a row that the register does not know from the upgrade itself.
type BatchOutcome struct {
	Number  int           `json:"row"`
	State   BatchRowState `json:"state"`
	Reasons Problems      `json:"reasons,omitempty"`
	// Unclaimed: it says nothing where an upgrade of the batch has claimed the row's order.
	Unclaimed bool `json:"unclaimed,omitempty"`
}

// BatchTodo is a row that a page has to begin.
type BatchTodo struct {
	Number int   `json:"row"`
	Order  Order `json:"order"` // with the attempt that is its turn
}

// checkRows bounds the rows that a message names.
func checkRows(ps *Problems, rows []int) {
	if len(rows) > MaxBatchRows {
		ps.Add("rows", "too_many", fmt.Sprintf("%d rows are named; a batch has at most %d", len(rows), MaxBatchRows), "leave rows out to mean all")
		return
	}
	for i, n := range rows {
		if n < 1 || n > MaxBatchRows {
			ps.Add(fmt.Sprintf("rows[%d]", i), "bad_row", fmt.Sprintf("%d is no row", n), "name rows by their numbers, from 1")
			return
		}
	}
}
