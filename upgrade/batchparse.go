package upgrade

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// BatchInput is a batch as it is sent: the rows are part of it, and who places it is not.
type BatchInput struct {
	ID        string     `json:"batch"`
	Source    string     `json:"source,omitempty"` // the plan that the subscriptions are on
	Each      Order      `json:"each"`             // an order without its id, tenant, seats, sources and batch
	Offenders Offenders  `json:"offenders,omitempty"`
	Finish    Finish     `json:"finish,omitempty"`
	StartAt   *time.Time `json:"startAt,omitempty"`
	Reseller  string     `json:"reseller,omitempty"`
	Rows      []BatchRow `json:"rows"`
}

// ParseBatch reads a batch strictly and fills in what it may leave out. It finds every problem of form of every row, up to a
// bound of what is told; what only the register, the catalogue or Microsoft can know is found when the rows are planned.
func ParseBatch(data []byte) (Batch, []BatchRow, Problems) {
	var in BatchInput
	if ps := decodeStrict(data, &in, MaxBatch); len(ps) > 0 {
		return Batch{ID: in.ID}, nil, ps
	}
	return MakeBatch(in)
}

// MakeBatch is ParseBatch for what was put together here, such as on a page or from a CSV file.
func MakeBatch(in BatchInput) (Batch, []BatchRow, Problems) {
	b := Batch{ID: in.ID, Source: strings.ToLower(in.Source), Each: in.Each, Offenders: in.Offenders, Finish: in.Finish, StartAt: in.StartAt, Reseller: in.Reseller}
	orElse(&b.Offenders, RefuseAll)
	orElse(&b.Finish, FinishAutomatic)
	if b.StartAt != nil {
		at := b.StartAt.UTC()
		b.StartAt = &at
	}
	if b.Each.Priority == "" {
		b.Each.Priority = Bulk
	}
	b.Each.Reseller, b.Each.PlacedBy = b.Reseller, ""
	b.Each.normalize()
	rows := slices.Clone(in.Rows)
	for i := range rows {
		rows[i].normalize(b.ID, i+1)
	}
	b.Rows = len(rows)
	b.Hash = BatchHash(b, rows)
	return b, rows, checkBatch(b, rows)
}

func (r *BatchRow) normalize(batch string, number int) {
	r.Number = number
	r.Tenant, r.Subscription = strings.ToLower(strings.TrimSpace(r.Tenant)), strings.ToLower(strings.TrimSpace(r.Subscription))
	if r.Order = strings.TrimSpace(r.Order); r.Order == "" {
		r.Order = BatchRowID(batch, number)
	}
	if r.Administrator != nil {
		orElse(&r.Administrator.Language, "en")
	}
}

// maxBatchID leaves room for the number of a row in an order id.
const maxBatchID = 80

func checkBatch(b Batch, rows []BatchRow) Problems {
	var ps Problems
	if !orderIDForm.MatchString(b.ID) || len(b.ID) > maxBatchID {
		ps.Add("batch", "bad_batch_id", fmt.Sprintf("the batch id must have 1 to %d letters, digits, dots, colons, dashes or underscores, and begin with a letter or digit", maxBatchID), "give an id of your own, such as spring-2027")
	}
	oneOf(&ps, "offenders", b.Offenders, RefuseAll, LeaveOut)
	oneOf(&ps, "finish", b.Finish, FinishAutomatic, FinishConfirm)
	checkLength(&ps, "source", b.Source)
	checkLength(&ps, "reseller", b.Reseller)
	b.checkEach(&ps)
	switch {
	case len(rows) == 0:
		ps.Add("rows", "no_rows", "the batch has no rows", "give a row for each subscription")
	case len(rows) > MaxBatchRows:
		ps.Add("rows", "too_many", fmt.Sprintf("the batch has %d rows; at most %d fit", len(rows), MaxBatchRows), "make more batches of it")
	default:
		b.checkRows(&ps, rows)
	}
	return ps
}

// checkEach finds what an order's template must not say.
func (b Batch) checkEach(ps *Problems) {
	e := b.Each
	for _, no := range []struct {
		said  bool
		field string
	}{
		{e.ID != "", "order"}, {e.Tenant != "", "tenant"}, {len(e.Sources) > 0, "sources"}, {e.Batch != "", "batch"},
		{e.Attempt != 0, "attempt"}, {e.Target.Seats != 0, "target.seats"},
	} {
		if no.said {
			ps.Add("each."+no.field, "said_by_rows", "what the orders have in common does not say this: each row does", "move it into the rows")
		}
	}
	if e.Target.Plan == "" || len(e.Target.Totals) > 0 {
		ps.Add("each.target", "no_plan", "a batch upgrades to a plan", `give "target": {"plan": "…"}`)
	}
	if e.Licenses.Who != Holders && e.Licenses.Who != Nobody {
		ps.Add("each.licenses.who", "not_for_batches", fmt.Sprintf("a batch moves the licences of the present holders or of nobody, not of %q", e.Licenses.Who), `say "holders" or "nobody"; order single upgrades for the rest`)
	}
}

// checkRows finds the problems of the rows. What all of them share is told of the first alone.
func (b Batch) checkRows(ps *Problems, rows []BatchRow) {
	common := map[string]bool{}
	b.eachRow(ps, rows, func(i int, field string) string {
		if field == "" {
			return fmt.Sprintf("rows[%d]", i)
		}
		return fmt.Sprintf("rows[%d].%s", i, field)
	}, func(p Problem) {
		if !common[p.Path+p.Code] && !ps.hasAt("each."+p.Path) {
			common[p.Path+p.Code] = true
			ps.Add("each."+p.Path, p.Code, p.Message, p.Remedy)
		}
	})
	ps.more()
}

// eachRow finds the problems of each row, at its place in what was sent, of a field or of the whole. What a row does not say itself goes
// to shared.
func (b Batch) eachRow(ps *Problems, rows []BatchRow, place func(i int, field string) string, shared func(Problem)) {
	orders, subscriptions := map[string]string{}, map[string]string{}
	for i, r := range rows {
		at := place(i, "")
		o := b.OrderOf(r)
		if o.Target.Seats == 0 {
			o.Target.Seats = 1 // as many as there are
		}
		for _, p := range o.Check() {
			switch {
			case p.Code == "seats_without_plan", p.Path == "order" && ps.Has("bad_batch_id"): // these follow from what is told already
			case strings.HasPrefix(p.Path, "administrator") && r.Administrator != nil, p.Path == "order", p.Path == "tenant", strings.HasPrefix(p.Path, "sources"), p.Path == "target.seats", p.Code == "no_administrator":
				ps.Add(place(i, rowField(p.Path)), p.Code, p.Message, p.Remedy)
			default:
				shared(p)
			}
		}
		if first := orders[r.Order]; first != "" {
			ps.Add(place(i, "order"), "duplicate_order", first+" has the same order id", "give each row an id of its own, or none")
		}
		orders[r.Order] = at
		same := r.Tenant + "/" + r.Subscription
		if first := subscriptions[same]; first != "" {
			ps.Add(at, "duplicate_row", first+" is about the same subscription of the same customer", "keep one of them; name the subscriptions where a customer has several")
		}
		subscriptions[same] = at
		if ps.full() {
			return
		}
	}
}

// hasAt tells whether there is a problem of a place.
func (p Problems) hasAt(path string) bool {
	return slices.ContainsFunc(p, func(one Problem) bool { return one.Path == path })
}

// rowField names an order's field as rows do.
func rowField(path string) string {
	switch {
	case strings.HasPrefix(path, "sources"):
		return "subscription"
	case path == "target.seats":
		return "seats"
	}
	return path
}

// batchColumns are the headings of a batch's CSV, each with the field that it fills.
var batchColumns = map[string]func(r *BatchRow, value string) error{
	"tenant":       func(r *BatchRow, v string) error { r.Tenant = v; return nil },
	"subscription": func(r *BatchRow, v string) error { r.Subscription = v; return nil },
	"order":        func(r *BatchRow, v string) error { r.Order = v; return nil },
	"seats": func(r *BatchRow, v string) (err error) {
		if v != "" {
			r.Seats, err = strconv.Atoi(v)
		}
		return err
	},
	"mail":     func(r *BatchRow, v string) error { r.admin().Mail = v; return nil },
	"name":     func(r *BatchRow, v string) error { r.admin().Name = v; return nil },
	"language": func(r *BatchRow, v string) error { r.admin().Language = v; return nil },
}

func (r *BatchRow) admin() *Administrator {
	if r.Administrator == nil {
		r.Administrator = &Administrator{}
	}
	return r.Administrator
}

// ignoredColumns stand in our own result, which is to be read back as it is.
var ignoredColumns = []string{"row", "customer", "state", "stage", "end", "plan", "upgrade", "reasons", "remedy", "began", "ended", "before", "after"}

// ParseBatchCSV reads the rows of a batch: comma- or semicolon-separated UTF-8 with a heading of tenant, and any of subscription,
// seats, order, mail, name and language. Every line that cannot be read, and all that is wrong with a row by itself, is told of at once.
func ParseBatchCSV(r io.Reader) ([]BatchRow, Problems) {
	var ps Problems
	data, err := io.ReadAll(io.LimitReader(r, MaxBatch+1))
	if err != nil {
		ps.Add("", "unreadable_file", err.Error(), "send the file again")
		return nil, ps
	}
	if len(data) > MaxBatch {
		ps.Add("", "too_large", fmt.Sprintf("the file has more than %d bytes", MaxBatch), "leave out the columns that are not read, or make more batches of it")
		return nil, ps
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord, in.TrimLeadingSpace = -1, true
	if heading, _, _ := strings.Cut(text, "\n"); strings.Count(heading, ";") > strings.Count(heading, ",") {
		in.Comma = ';'
	}
	heading, err := in.Read()
	if err != nil {
		ps.Add("line 1", "bad_csv", "the file has no heading", "begin with the line: tenant,subscription,seats,mail")
		return nil, ps
	}
	fill := columnsOf(heading, &ps)
	if len(ps) > 0 {
		return nil, ps
	}
	var rows []BatchRow
	var lines []int
	for !ps.full() {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			ps.Add("", "bad_csv", err.Error(), "save the file as comma-separated UTF-8")
			break
		}
		line, _ := in.FieldPos(0)
		if strings.TrimSpace(strings.Join(record, "")) == "" {
			continue
		}
		rows, lines = append(rows, rowOf(record, fill, fmt.Sprintf("line %d", line), &ps)), append(lines, line)
		if len(rows) > MaxBatchRows {
			ps.Add(fmt.Sprintf("line %d", line), "too_many", fmt.Sprintf("a batch has at most %d rows", MaxBatchRows), "make more batches of it")
			break
		}
	}
	checkLines(&ps, rows, lines)
	if len(rows) == 0 && len(ps) == 0 {
		ps.Add("", "no_rows", "the file has no rows", "give a line for each subscription")
	}
	return rows, ps
}

// checkLines finds what is wrong with rows whatever the rest of their batch says.
func checkLines(ps *Problems, rows []BatchRow, lines []int) {
	neutral := Batch{ID: "any", Each: Order{Target: Target{Plan: "any"}, Consent: ByExisting}}
	neutral.Each.normalize()
	normal := slices.Clone(rows)
	for i := range normal {
		if r := &normal[i]; r.Administrator != nil {
			admin := *r.Administrator
			r.Administrator = &admin
		}
		normal[i].normalize(neutral.ID, i+1)
	}
	neutral.eachRow(ps, normal, func(i int, field string) string {
		if field == "" {
			return fmt.Sprintf("line %d", lines[i])
		}
		return fmt.Sprintf("line %d, %s", lines[i], strings.TrimPrefix(field, "administrator."))
	}, func(Problem) {})
	ps.more()
}

// column is what a column of the file fills.
type column struct {
	name string
	set  func(r *BatchRow, value string) error
}

func columnsOf(heading []string, ps *Problems) []column {
	fill := make([]column, len(heading))
	seen := map[string]bool{}
	for i, name := range heading {
		name = strings.ToLower(strings.TrimSpace(name))
		set, known := batchColumns[name]
		switch {
		case seen[name]:
			ps.Add("line 1", "duplicate_column", fmt.Sprintf("the column %q stands twice", name), "keep one of them")
		case !known && !slices.Contains(ignoredColumns, name):
			ps.Add("line 1", "unknown_column", fmt.Sprintf("there is no column %q", shorten(name, 40)), "columns are tenant, subscription, seats, order, mail, name and language")
		}
		seen[name], fill[i] = true, column{name, set}
	}
	if !seen["tenant"] {
		ps.Add("line 1", "no_tenant_column", "no column is called tenant", "begin the file with a heading such as: tenant,subscription,seats,mail")
	}
	return fill
}

func rowOf(record []string, fill []column, at string, ps *Problems) BatchRow {
	var r BatchRow
	for i, value := range record {
		switch {
		case i >= len(fill):
			ps.Add(at, "too_many_fields", "the line has more fields than the heading", "put a text that has a comma into quotes")
			return r
		case fill[i].set == nil:
			continue
		}
		if err := fill[i].set(&r, armCell(strings.TrimSpace(value))); err != nil {
			ps.Add(at, "bad_field", fmt.Sprintf("%q is no value of the column %s", shorten(value, 40), fill[i].name), "give a number without signs or spaces")
		}
	}
	if a := r.Administrator; a != nil && *a == (Administrator{}) {
		r.Administrator = nil // the columns are there, and this line has nothing in them
	}
	return r
}

// DefuseCell keeps a spreadsheet from taking a text for a formula.
// https://owasp.org/www-community/attacks/CSV_Injection
func DefuseCell(s string) string {
	if s != "" && strings.ContainsRune(formulaSigns, rune(s[0])) {
		return "'" + s
	}
	return s
}

// armCell is a cell as it was before it was defused.
func armCell(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune(formulaSigns, rune(s[1])) {
		return s[1:]
	}
	return s
}

const formulaSigns = "=+-@\t\r"
