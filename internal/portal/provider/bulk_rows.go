package provider

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

// bulkRows is a page of the subscriptions that are on the source plan, or fit it.
type bulkRows struct {
	Search string
	Lines  []bulkLine
	Next   string // the cursor of the next page; empty: there is none
	Action string // where the ticks are sent: this very page
}

// bulkLine is a subscription that can be ticked.
type bulkLine struct {
	planLine
	Key    string
	Ticked bool
}

// keyOf names a subscription of a customer in a form.
func keyOf(tenant, subscription string) string { return tenant + "/" + subscription }

// bulkRowsStep shows what can be ticked. What is ticked on one page stays so on the others.
func (p *provider) bulkRowsStep(q *request) (answer, error) {
	id, d, err := p.loadBulk(q)
	if err != nil {
		return answer{}, err
	}
	return p.showBulkRows(q, id, d, nil)
}

func (p *provider) showBulkRows(q *request, id string, d bulkDraft, problems upgrade.Problems) (answer, error) {
	values := q.URL.Query()
	data := bulkRows{Search: values.Get("q"), Action: q.URL.RequestURI()}
	if q.Method == http.MethodPost { // the answer to an upload
		data.Action = bulkPath(id, "rows")
	}
	rows, next, err := p.Desk.Customers(q.Context(), q.who, upgrade.InventoryFilter{Plan: d.Input.Source, Search: data.Search}, values.Get("cursor"), pageSize)
	if err != nil {
		return answer{}, err
	}
	ticked := map[string]bool{}
	for _, r := range d.Input.Rows {
		ticked[keyOf(r.Tenant, r.Subscription)] = d.File == ""
	}
	for _, line := range linesOn(rows, d.Input.Source) {
		key := keyOf(line.Tenant, line.Subscription)
		data.Lines = append(data.Lines, bulkLine{planLine: line, Key: key, Ticked: ticked[key]})
	}
	data.Next = next
	return p.bulkStep(id, "rows", d, problems, data), nil
}

// linesOn are the subscriptions of customers that are on a plan, or fit it while none is recorded.
func linesOn(rows []upgrade.InventoryRow, plan string) []planLine {
	var lines []planLine
	for _, customer := range rows {
		for _, line := range customer.Subscriptions {
			inferred := line.Plan == "" && slices.Contains(line.Inferred, plan)
			if line.Plan == plan || inferred {
				lines = append(lines, planLine{Tenant: customer.Tenant, Customer: customer.Name, InventoryLine: line, Recorded: !inferred})
			}
		}
	}
	return lines
}

// takeBulkRows keeps the ticks of a page and goes where the pressed button leads.
func (p *provider) takeBulkRows(q *request) (answer, error) {
	id, d, err := p.loadBulk(q)
	if err != nil {
		return answer{}, err
	}
	if err := p.tick(q, &d); err != nil {
		return answer{}, err
	}
	to := bulkPath(id, "rows")
	switch press := q.text("go"); {
	case press == "all":
		if err := p.tickAll(q, &d, q.text("q")); err != nil {
			return answer{}, err
		}
		to += query("q", q.text("q"))
	case press == "none":
		d.Input.Rows, d.File = nil, ""
	case press == "search":
		to += query("q", q.text("q"))
	case strings.HasPrefix(press, "page:"):
		to += query("q", q.URL.Query().Get("q"), "cursor", strings.TrimPrefix(press, "page:"))
	case len(d.Input.Rows) == 0:
		return answer{to: to, said: &said{Bad: true, Words: "Tick at least one subscription, or upload a file."}}, nil
	default:
		to = bulkPath(id, "target")
	}
	return seeOther(to), p.saveBulk(q, id, d)
}

// query is the part of an address after its path, of pairs that have a value.
func query(pairs ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

// tick takes the ticks of the page that was sent, and leaves those of other pages alone. The first tick puts ticks in a file's place.
func (p *provider) tick(q *request, d *bulkDraft) error {
	shown, chosen := q.texts("shown"), slices.Clone(q.texts("tick"))
	if d.File != "" {
		if len(chosen) == 0 {
			return nil
		}
		d.Input.Rows, d.File = nil, ""
	}
	d.Input.Rows = slices.DeleteFunc(d.Input.Rows, func(r upgrade.BatchRow) bool {
		key := keyOf(r.Tenant, r.Subscription)
		if !slices.Contains(shown, key) {
			return false
		}
		before := len(chosen)
		chosen = slices.DeleteFunc(chosen, func(one string) bool { return one == key })
		return len(chosen) == before // not ticked any more
	})
	if len(chosen) == 0 {
		return nil
	}
	tenants := []string{}
	for _, key := range chosen {
		tenant, _, _ := strings.Cut(key, "/")
		tenants = append(tenants, tenant)
	}
	rows, _, err := p.Desk.Customers(q.Context(), q.who, upgrade.InventoryFilter{Tenants: tenants}, "", len(tenants)) // which narrows them to what may be seen
	if err != nil {
		return err
	}
	for _, line := range linesOn(rows, d.Input.Source) {
		if slices.Contains(chosen, keyOf(line.Tenant, line.Subscription)) {
			d.Input.Rows = append(d.Input.Rows, upgrade.BatchRow{Tenant: line.Tenant, Subscription: line.Subscription})
		}
	}
	return tooMany(d)
}

func tooMany(d *bulkDraft) error {
	if len(d.Input.Rows) > upgrade.MaxBatchRows {
		return &upgrade.Error{Kind: upgrade.Invalid, Code: "too_many", Message: fmt.Sprintf("a batch has at most %d subscriptions; search for a part of them, and make more batches", upgrade.MaxBatchRows)}
	}
	return nil
}

// inventoryAtOnce is how many customers are read at a time where all are ticked.
const inventoryAtOnce = 500

// tickAll ticks everything on the plan that fits the search.
func (p *provider) tickAll(q *request, d *bulkDraft, search string) error {
	ticked := map[string]bool{}
	for _, r := range d.Input.Rows {
		ticked[keyOf(r.Tenant, r.Subscription)] = true
	}
	if d.File != "" {
		d.Input.Rows, d.File, ticked = nil, "", map[string]bool{}
	}
	for cursor := ""; ; {
		rows, next, err := p.Desk.Customers(q.Context(), q.who, upgrade.InventoryFilter{Plan: d.Input.Source, Search: search}, cursor, inventoryAtOnce)
		if err != nil {
			return err
		}
		for _, line := range linesOn(rows, d.Input.Source) {
			if !ticked[keyOf(line.Tenant, line.Subscription)] {
				d.Input.Rows = append(d.Input.Rows, upgrade.BatchRow{Tenant: line.Tenant, Subscription: line.Subscription})
			}
		}
		if err := tooMany(d); err != nil || next == "" {
			return err
		}
		cursor = next
	}
}

// uploadBulk takes the rows of a file, or nothing of it.
func (p *provider) uploadBulk(q *request) (answer, error) {
	id, d, err := p.loadBulk(q)
	if err != nil {
		return answer{}, err
	}
	file, header, err := q.FormFile("list")
	if err != nil {
		return answer{to: bulkPath(id, "rows"), said: &said{Bad: true, Words: "No file was chosen."}}, nil
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		return answer{}, badFile()
	}
	rows, problems := upgrade.ParseBatchCSV(bytes.NewReader(data))
	if len(problems) > 0 {
		a, err := p.showBulkRows(q, id, d, problems)
		a.code = http.StatusUnprocessableEntity
		return a, err
	}
	d.Input.Rows, d.File = rows, header.Filename
	if err := p.saveBulk(q, id, d); err != nil {
		return answer{}, err
	}
	return saying(bulkPath(id, "target"), fmt.Sprintf("%s read from %s.", plural(len(rows), "row"), d.File)), nil
}

// uploadColumns are the headings of the template, and of what is taken along.
var uploadColumns = []string{"tenant", "subscription", "seats", "mail", "name", "language", "order"}

// bulkTemplate is a file to fill in.
func (p *provider) bulkTemplate(w http.ResponseWriter, _ *http.Request) {
	writeRows(w, "batch-template.csv", nil)
}

// bulkRowsCSV is what is chosen so far, to be filled in with seats and addresses, and uploaded again.
func (p *provider) bulkRowsCSV(w http.ResponseWriter, r *http.Request) {
	q := &request{Request: r, w: w}
	q.who, _ = access.From(r.Context())
	_, d, err := p.loadBulk(q)
	if err != nil {
		p.refuse(q, err)
		return
	}
	writeRows(w, "batch-"+fileName(d.Input.ID)+".csv", d.Input.Rows)
}

func writeRows(w http.ResponseWriter, name string, rows []upgrade.BatchRow) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	out := csv.NewWriter(w)
	_ = out.Write(uploadColumns)
	for _, r := range rows {
		var a upgrade.Administrator
		if r.Administrator != nil {
			a = *r.Administrator
		}
		seats := ""
		if r.Seats > 0 {
			seats = strconv.Itoa(r.Seats)
		}
		cells := []string{r.Tenant, r.Subscription, seats, a.Mail, a.Name, a.Language, r.Order}
		for i := range cells {
			cells[i] = upgrade.DefuseCell(cells[i])
		}
		_ = out.Write(cells)
	}
	out.Flush()
}
