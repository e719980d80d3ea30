package provider

import (
	"fmt"
	"strings"

	"uplift/upgrade"
)

// The words that are given to a batch. Each answers in the batch's own words what will happen now.

// batchSaid leads back to the page that the word was given on, with what the batch answered.
func batchSaid(q *request, r upgrade.Reply, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return saying(back(q), sentence(r.Message)), nil
}

func (p *provider) startBatch(q *request) (answer, error) {
	in := upgrade.StartBatch{LeaveOut: q.text("leaveOut") == "yes"}
	in.Reason = q.text("reason")
	r, err := p.Desk.StartBatch(q.Context(), q.who, q.PathValue("id"), in)
	return batchSaid(q, r, err)
}

// cancelBatch cancels all rows, or those that are ticked. None ticked is not all.
func (p *provider) cancelBatch(q *request) (answer, error) {
	in := upgrade.CancelBatch{Running: q.text("running") == "yes"}
	in.Reason = q.text("reason")
	var err error
	if in.Rows, err = rowsMeant(q); err != nil {
		return answer{}, err
	}
	r, err := p.Desk.CancelBatch(q.Context(), q.who, q.PathValue("id"), in)
	return batchSaid(q, r, err)
}

func (p *provider) pauseBatch(q *request) (answer, error) {
	r, err := p.Desk.PauseBatch(q.Context(), q.who, q.PathValue("id"), q.text("reason"))
	return batchSaid(q, r, err)
}

func (p *provider) resumeBatch(q *request) (answer, error) {
	r, err := p.Desk.ResumeBatch(q.Context(), q.who, q.PathValue("id"), q.text("reason"))
	return batchSaid(q, r, err)
}

func (p *provider) batchAgain(q *request) (answer, error) {
	in := upgrade.RunBatchAgain{}
	in.Reason = q.text("reason")
	var err error
	if in.Rows, err = rowsMeant(q); err != nil {
		return answer{}, err
	}
	r, err := p.Desk.RunBatchAgain(q.Context(), q.who, q.PathValue("id"), in)
	return batchSaid(q, r, err)
}

// rowsMeant are the rows that a form means: none is all, which a form must say.
func rowsMeant(q *request) ([]int, error) {
	if q.text("which") == "all" {
		return nil, nil
	}
	var rows []int
	for _, s := range q.texts("row") {
		n := number(strings.TrimSpace(s))
		if n < 1 || n > upgrade.MaxBatchRows {
			return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_row", Message: fmt.Sprintf("there is no row %.20q; open the page again", s)}
		}
		rows = append(rows, n)
	}
	if len(rows) == 0 {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "no_rows", Message: "no row is ticked"}
	}
	return rows, nil
}
