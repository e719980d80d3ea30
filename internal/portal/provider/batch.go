package provider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"uplift/internal/plandoc"
	"uplift/internal/portal/access"
	"uplift/internal/portal/desk"
	"uplift/upgrade"
)

// rowsAtOnce is a page of a batch's rows.
const rowsAtOnce = 50

// batchShown is what a batch's page shows of it; the version of the page is made of it.
type batchShown struct {
	View  upgrade.BatchView
	Lines []upgrade.BatchLine
	Next  int // where the next page of rows begins; 0: there is none
}

// batchPage is one batch and a page of its rows.
type batchPage struct {
	batchShown
	Filter upgrade.BatchLineFilter
	After  int
	Sums   *desk.BatchSums // while it waits for a word, and where it was refused
	Source string          // the plans' names
	Target string
	Tabs   []batchTab
	First  string // the addresses of the first page and the next one, where there are others
	More   string
	UI     string
	Now    time.Time
}

// batchTab shows the rows that are so far.
type batchTab struct {
	Words, Path string
	Rows        int
	Here        bool
}

// Begun tells whether rows are begun, or may be, without a further word.
func (b batchPage) Begun() bool {
	return b.View.State == upgrade.BatchScheduled || b.View.State == upgrade.BatchRunning || b.View.State == upgrade.BatchPaused
}

// Fit is how many rows may be upgraded, of a batch that waits for a word.
func (b batchPage) Fit() int { return b.View.Counts[upgrade.RowPending] }

// Count is how many rows are so far.
func (b batchPage) Count(s string) int { return b.View.Counts[upgrade.BatchRowState(s)] }

// Again tells whether rows can be run again: those that have failed, all together, and by name those that somebody cancelled or left
// out, too.
func (b batchPage) Again() bool {
	return (b.Begun() || b.View.State.Over()) && b.Count("failed")+b.Count("cancelled")+b.Count("refused") > 0
}

// Tickable tells whether anything can be said to single rows.
func (b batchPage) Tickable() bool {
	return len(b.Lines) > 0 && (!b.View.State.Over() || b.Again())
}

// shownOf reads what the address asks for.
func (p *provider) shownOf(ctx context.Context, who access.Who, id string, values url.Values) (out batchShown, f upgrade.BatchLineFilter, after int, err error) {
	f = upgrade.BatchLineFilter{State: upgrade.BatchRowState(values.Get("state")), Search: values.Get("q")}
	after = max(number(or(values.Get("after"), "0")), 0)
	if out.View, err = p.Desk.Batch(ctx, who, id); err != nil {
		return out, f, after, err
	}
	out.Lines, out.Next, err = p.Desk.BatchLines(ctx, who, id, f, after, rowsAtOnce)
	return out, f, after, err
}

// batch shows a batch, and follows it.
func (p *provider) batch(q *request) (answer, error) {
	id := q.PathValue("id")
	data := batchPage{Now: p.Now()}
	var err error
	if data.batchShown, data.Filter, data.After, err = p.shownOf(q.Context(), q.who, id, q.URL.Query()); err != nil {
		return answer{}, err
	}
	data.Source, data.Target = p.planName(data.View.Source), p.planName(data.View.Each.Target.Plan)
	if s := data.View.State; s == upgrade.BatchConfirming || s == upgrade.BatchRefused {
		sums, err := p.Desk.BatchSums(q.Context(), q.who, id)
		if err != nil {
			return answer{}, err
		}
		data.Sums = &sums
	}
	here := "/batches/" + url.PathEscape(id)
	data.tabs(here)
	if data.Next > 0 {
		data.More = data.at(here, data.Next)
	}
	if data.After > 0 {
		data.First = data.at(here, 0)
	}
	if p.TemporalUI != nil {
		data.UI = p.TemporalUI(upgrade.BatchID(id), "")
	}
	a := answer{template: "batch", title: "Batch " + id, section: "/batches", data: data, version: data.version()}
	if !data.View.State.Over() {
		a.follow = q.URL.RequestURI()
	}
	return a, nil
}

// tabs are the ways to narrow the rows: those that there are rows of.
func (b *batchPage) tabs(here string) {
	b.Tabs = []batchTab{{Words: "All", Path: here, Rows: b.View.Rows, Here: b.Filter.State == ""}}
	for _, one := range batchStates {
		if n := b.View.Counts[one.State]; n > 0 || b.Filter.State == one.State {
			b.Tabs = append(b.Tabs, batchTab{Words: one.Words, Path: here + "?state=" + string(one.State), Rows: n, Here: b.Filter.State == one.State})
		}
	}
}

// at is the address of a page of the rows as they are narrowed now.
func (b *batchPage) at(here string, after int) string {
	values := url.Values{}
	for name, value := range map[string]string{"state": string(b.Filter.State), "q": b.Filter.Search} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if after > 0 {
		values.Set("after", strconv.Itoa(after))
	}
	if len(values) == 0 {
		return here
	}
	return here + "?" + values.Encode()
}

// version changes when what the page shows has changed.
func (s batchShown) version() string {
	data, err := json.Marshal(s)
	if err != nil {
		return string(s.View.State)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// batchLive is the stream that a batch's open page follows, narrowed as the page is.
func (p *provider) batchLive(w http.ResponseWriter, r *http.Request) {
	who, _ := access.From(r.Context())
	p.stream(w, r, func() (version string, over bool, err error) {
		s, _, _, err := p.shownOf(r.Context(), who, r.PathValue("id"), r.URL.Query())
		return s.version(), s.View.State.Over(), err
	})
}

// batchCSV is the result as a file.
func (p *provider) batchCSV(w http.ResponseWriter, r *http.Request) {
	q := &request{Request: r, w: w}
	q.who, _ = access.From(r.Context())
	id := q.PathValue("id")
	if _, err := p.Desk.Batch(r.Context(), q.who, id); err != nil {
		p.refuse(q, err)
		return
	}
	patient(w)
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="batch-`+fileName(id)+`.csv"`)
	if err := p.Desk.BatchResult(r.Context(), q.who, id, w); err != nil { // the file is cut short, and must look so
		p.Log.Error("a batch's result could not be written to its end", "batch", id, "error", err.Error())
		panic(http.ErrAbortHandler)
	}
}

// patience is what the long answers may take: a batch has ten thousand rows.
const patience = 4 * time.Minute

// patient gives an answer longer than others have.
func patient(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(patience)) // a recorder in a test has none
}

// rowPlan shows the plan document of a row, as it would be made now.
func (p *provider) rowPlan(q *request) (answer, error) {
	id := q.PathValue("id")
	line, plan, err := p.Desk.BatchPlan(q.Context(), q.who, id, number(q.PathValue("row")))
	if err != nil {
		return answer{}, err
	}
	document, err := p.templates.plans.Fragment(plandoc.Of(plan).Without("confirm"))
	return answer{template: "batch_plan", title: "Plan of order " + line.Order, section: "/batches",
		data: map[string]any{"Batch": id, "Line": line, "Plan": plan, "Document": document}}, err
}
