package provider

import (
	"time"

	"uplift/catalog"
	"uplift/upgrade"
)

// batchesPage is the list of batches.
type batchesPage struct {
	Rows  []upgrade.BatchView
	Plans map[string]string // names by id
	All   bool              // also those that are over
	Now   time.Time
	Next  string
}

// batches lists batches, those that are not over unless all are asked for.
func (p *provider) batches(q *request) (answer, error) {
	values := q.URL.Query()
	data := batchesPage{All: values.Get("show") == "all", Plans: p.planNames(), Now: p.Now()}
	var next string
	var err error
	if data.Rows, next, err = p.Desk.Batches(q.Context(), q.who, upgrade.BatchFilter{Open: !data.All}, values.Get("cursor"), pageSize); err != nil {
		return answer{}, err
	}
	data.Next = nextPage(q.URL, next)
	return answer{template: "batches", title: "Bulk upgrades", section: "/batches", data: data}, nil
}

// planNames are the names of the catalogue's plans by id.
func (p *provider) planNames() map[string]string {
	names := map[string]string{}
	for _, plan := range p.Catalog.Plans() {
		names[string(plan.ID)] = plan.Name
	}
	return names
}

func (p *provider) planName(id string) string {
	if plan, ok := p.Catalog.Plan(catalog.PlanID(id)); ok {
		return plan.Name
	}
	return id
}

// batchStates are the states of rows in the order of a life, and the words for them.
var batchStates = []struct {
	State upgrade.BatchRowState
	Words string
}{
	{upgrade.RowPending, "Pending"}, {upgrade.RowWaiting, "Waiting for consent"}, {upgrade.RowRunning, "Running"}, {upgrade.RowCompleted, "Completed"},
	{upgrade.RowFailed, "Failed"}, {upgrade.RowRefused, "Refused"}, {upgrade.RowCancelled, "Cancelled"},
}

// rowStateWords says how far a row is.
func rowStateWords(s upgrade.BatchRowState) string {
	for _, one := range batchStates {
		if one.State == s {
			return one.Words
		}
	}
	return string(s)
}

// batchStateWords says where a batch stands.
func batchStateWords(s upgrade.BatchState) string {
	words := map[upgrade.BatchState]string{
		upgrade.BatchUploading: "Being stored", upgrade.BatchPlanning: "Planning each row", upgrade.BatchConfirming: "Waiting for your word", upgrade.BatchScheduled: "Waiting for its time",
		upgrade.BatchRunning: "Running", upgrade.BatchPaused: "Paused", upgrade.BatchRefused: "Refused", upgrade.BatchCancelled: "Cancelled", upgrade.BatchEnded: "Ended",
	}[s]
	if words == "" {
		return string(s)
	}
	return words
}

// countWords is how many rows are how far, such as: 3 completed, 1 failed.
func countWords(counts map[upgrade.BatchRowState]int) string {
	words := ""
	for _, one := range batchStates {
		if n := counts[one.State]; n > 0 {
			if words != "" {
				words += ", "
			}
			words += plainNumber(n) + " " + lower(one.Words)
		}
	}
	return words
}
