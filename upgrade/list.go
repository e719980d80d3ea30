package upgrade

import "time"

// ListFilter narrows a list of upgrades; its zero value lets everything through.
type ListFilter struct {
	Stage         Stage
	Tenant        string   // the customer's
	Tenants       []string // only these customers', at most MaxListTenants; nil: everybody's, empty: nobody's
	Offer         string   // source or target
	Order         string
	Batch         string
	Reseller      string // on whose behalf
	NeedsOperator bool   // only what waits for an operator
	Open          bool   // only what has not ended
}

// MaxListTenants is how many customers a filter may name, so that the query stays within Temporal's bounds.
const MaxListTenants = 200

// ListRow is one upgrade as Temporal's visibility store shows it. It lags the upgrade by a moment.
type ListRow struct {
	WorkflowID      string     `json:"workflowId"`
	RunID           string     `json:"runId"`
	Order           string     `json:"order,omitempty"`
	Tenant          string     `json:"tenant,omitempty"`
	Source          string     `json:"source,omitempty"`
	Target          string     `json:"target,omitempty"`
	Batch           string     `json:"batch,omitempty"`
	Reseller        string     `json:"reseller,omitempty"`
	Stage           Stage      `json:"stage,omitempty"`
	NeedsOperator   bool       `json:"needsOperator,omitempty"`
	ConsentDeadline *time.Time `json:"consentDeadline,omitempty"`
	End             End        `json:"end,omitempty"`
	Execution       string     `json:"execution"` // Temporal's word: running, completed, failed, ...
	StartedAt       time.Time  `json:"startedAt"`
	ClosedAt        *time.Time `json:"closedAt,omitempty"`
}

// Started says what a start led to.
type Started struct {
	Order      string `json:"order"`
	WorkflowID string `json:"workflowId"`
	RunID      string `json:"runId"`
	Attempt    int    `json:"attempt"`
	Existing   bool   `json:"existing"` // the same order was running already; nothing was started
}

// Recorded is one attempt at an order as the register keeps it, also when Temporal has forgotten it.
type Recorded struct {
	Upgrade    string    `json:"upgrade"` // order#attempt
	OrderID    string    `json:"order"`
	Attempt    int       `json:"attempt"`
	Tenant     string    `json:"tenant"`
	Customer   string    `json:"customer,omitempty"` // its name, as the plan has it
	Headline   string    `json:"headline,omitempty"` // of the plan
	Reseller   string    `json:"reseller,omitempty"`
	WorkflowID string    `json:"workflowId"`
	End        End       `json:"end,omitempty"` // empty while it runs
	ClaimedAt  time.Time `json:"claimedAt"`
	EndedAt    time.Time `json:"endedAt,omitzero"`
	Hash       string    `json:"-"` // of the order's content, also when the order itself need not be kept any longer
	Order      *Order    `json:"-"` // of a single one, not of a list
	Result     *Result   `json:"-"` // likewise, once it has ended
}

// RecordedFilter narrows what the register lists; its zero value lets everything through.
type RecordedFilter struct {
	Tenant   string
	Tenants  []string // only these customers'; nil: everybody's, empty: nobody's
	OrderID  string
	Reseller string // on whose behalf
	End      End
	Ended    bool   // only what has ended
	Search   string // part of the order id or of the customer's name, in any case
}
