package desk_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

// batch is one that a person would place for some customers.
func batch(id string, tenants ...string) []byte {
	in := upgrade.BatchInput{ID: id, Source: "business-basic", Each: upgrade.Order{Consent: upgrade.ByExisting, Target: upgrade.Target{Plan: "business-premium"}, Licenses: upgrade.Licenses{Who: upgrade.Holders}}}
	for _, tenant := range tenants {
		in.Rows = append(in.Rows, upgrade.BatchRow{Tenant: tenant})
	}
	b, _ := json.Marshal(in)
	return b
}

// TestPlaceBatchOnce: the same batch is the same, whoever places it; another content under its id is a conflict before anything is
// stored.
func TestPlaceBatchOnce(t *testing.T) {
	l := newLab()
	anna, berta := person("Anna", access.Operator), person("Berta", access.Operator)
	if _, err := l.PlaceBatch(t.Context(), anna, batch("spring", ownTenant, harborTenant)); err != nil {
		t.Fatal(err)
	}
	placed := l.temporal.batch
	if placed.PlacedBy != "Anna" || placed.Hash == "" || len(l.temporal.batchRows) != 2 || l.temporal.batchRows[1].Number != 2 {
		t.Errorf("%+v, %+v", placed, l.temporal.batchRows)
	}
	if len(l.books.audit) != 1 || l.books.audit[0].What != "batch_placed" || l.books.audit[0].About != "spring" || l.books.audit[0].By != "Anna" {
		t.Errorf("written down: %+v", l.books.audit)
	}
	l.books.batches["spring"] = upgrade.BatchView{Batch: placed, State: upgrade.BatchRunning}
	calls := len(l.temporal.calls)
	if again, err := l.PlaceBatch(t.Context(), berta, batch("spring", ownTenant, harborTenant)); err != nil || !again.Existing || again.WorkflowID != "batch/spring" {
		t.Errorf("the same again: %+v, %v", again, err)
	}
	if _, err := l.PlaceBatch(t.Context(), berta, batch("spring", ownTenant)); upgrade.KindOf(err) != upgrade.Conflict || upgrade.CodeOf(err) != "other_batch" {
		t.Errorf("another content: %v", err)
	}
	if len(l.temporal.calls) != calls || len(l.books.audit) != 1 {
		t.Errorf("%v, %+v", l.temporal.calls, l.books.audit)
	}
	// What was never uploaded to its end is placed again, and gives way to another content; not to another reseller's.
	l.books.batches["spring"] = upgrade.BatchView{Batch: placed, State: upgrade.BatchUploading}
	for _, content := range [][]byte{batch("spring", ownTenant, harborTenant), batch("spring", ownTenant)} {
		if again, err := l.PlaceBatch(t.Context(), berta, content); err != nil || again.Existing {
			t.Errorf("half an upload: %+v, %v", again, err)
		}
	}
	if _, err := l.PlaceBatch(t.Context(), resellers("Rosa", "harbor-it"), batch("spring", harborTenant)); upgrade.CodeOf(err) != "other_batch" {
		t.Errorf("over somebody else's: %v", err)
	}
}

// TestWhoseBatch: a reseller's batch is of its own customers, and names the reseller; a bad one is told every problem.
func TestWhoseBatch(t *testing.T) {
	l, rosa := newLab(), resellers("Rosa", "harbor-it")
	if _, err := l.PlaceBatch(t.Context(), rosa, batch("spring", harborTenant)); err != nil {
		t.Fatal(err)
	}
	b := l.temporal.batch
	if b.Reseller != "harbor-it" || b.Each.Reseller != "harbor-it" || b.PlacedBy != "Rosa" || b.OrderOf(l.temporal.batchRows[0]).Reseller != "harbor-it" {
		t.Errorf("%+v", b)
	}
	if _, err := l.PlaceBatch(t.Context(), person("Olga", access.Operator), []byte(strings.Replace(string(batch("spring", harborTenant)), "{", `{"reseller":"harbor-it",`, 1))); err != nil || l.temporal.batch.Hash != b.Hash {
		t.Errorf("an operator on the reseller's behalf: %+v, %v", l.temporal.batch, err)
	}
	calls := len(l.temporal.calls)
	_, err := l.PlaceBatch(t.Context(), rosa, batch("summer", harborTenant, ownTenant, quaysideTenant))
	if upgrade.KindOf(err) != upgrade.NotFound || !strings.Contains(problemsOf(err), "rows[1].tenant") || !strings.Contains(problemsOf(err), "rows[2].tenant") || strings.Contains(problemsOf(err), "rows[0]") {
		t.Errorf("others' customers: %v: %s", err, problemsOf(err))
	}
	_, err = l.PlaceBatch(t.Context(), rosa, []byte(strings.Replace(string(batch("summer", harborTenant)), "{", `{"reseller":"quayside",`, 1)))
	if upgrade.KindOf(err) != upgrade.Invalid || !strings.Contains(problemsOf(err), "other_reseller") {
		t.Errorf("another reseller's name: %v", err)
	}
	_, err = l.PlaceBatch(t.Context(), rosa, []byte(`{"batch":"no good","rows":[]}`))
	if upgrade.KindOf(err) != upgrade.Invalid || !strings.Contains(problemsOf(err), "bad_batch_id") || !strings.Contains(problemsOf(err), "no_rows") {
		t.Errorf("a bad one: %v: %s", err, problemsOf(err))
	}
	if len(l.temporal.calls) != calls {
		t.Errorf("%v", l.temporal.calls)
	}
}

func problemsOf(err error) string {
	var all []string
	if e, ok := err.(*upgrade.Error); ok {
		if ps, ok := e.Err.(upgrade.Problems); ok {
			for _, p := range ps {
				all = append(all, p.Path+" "+p.Code)
			}
		}
	}
	return strings.Join(all, ", ")
}

// TestBatchesAreNarrowed: a reseller's people find their reseller's batches, nobody finds none.
func TestBatchesAreNarrowed(t *testing.T) {
	for name, c := range map[string]struct {
		who  access.Who
		want []string
	}{
		"operator": {person("Olga", access.Operator), []string{"harbor", "own", "quayside"}},
		"helpdesk": {person("Hilde", access.Helpdesk), []string{"harbor", "own", "quayside"}},
		"reseller": {resellers("Rosa", "harbor-it"), []string{"harbor"}},
		"unknown":  {resellers("Ulf", "unknown"), nil},
		"nameless": {resellers("Nemo", ""), nil},
		"nobody":   {access.Who{}, nil},
	} {
		list, _, err := newLab().Batches(t.Context(), c.who, upgrade.BatchFilter{}, "", 10)
		var got []string
		for _, v := range list {
			got = append(got, v.ID)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// TestBatchAsItStandsNow: counts and rows are merged with what Temporal alone knows, and a filter means what people see.
func TestBatchAsItStandsNow(t *testing.T) {
	l, hilde := newLab(), person("Hilde", access.Helpdesk)
	l.books.lines["own"] = []upgrade.BatchLine{
		{BatchRow: upgrade.BatchRow{Number: 1, Order: "wait-1", Tenant: ownTenant}, State: upgrade.RowRunning},
		{BatchRow: upgrade.BatchRow{Number: 2, Order: "run-2", Tenant: ownTenant}, State: upgrade.RowRunning},
		{BatchRow: upgrade.BatchRow{Number: 3, Order: "new-3", Tenant: ownTenant}, State: upgrade.RowPending},
	}
	v, err := l.Batch(t.Context(), hilde, "own")
	if err != nil || v.Counts[upgrade.RowWaiting] != 1 || v.Counts[upgrade.RowRunning] != 0 {
		t.Errorf("%+v, %v", v, err)
	}
	for state, want := range map[upgrade.BatchRowState]string{"": "[1 2 3] 0", upgrade.RowWaiting: "[1] 0", upgrade.RowRunning: "[2] 0", upgrade.RowPending: "[3] 0"} {
		lines, next, err := l.BatchLines(t.Context(), hilde, "own", upgrade.BatchLineFilter{State: state}, 0, 10)
		if got := fmt.Sprint(numbersOf(lines), next); err != nil || got != want {
			t.Errorf("%q: %s, %v", state, got, err)
		}
	}
	lines, next, err := l.BatchLines(t.Context(), hilde, "own", upgrade.BatchLineFilter{State: upgrade.RowRunning}, 0, 1)
	if err != nil || len(lines) != 0 || next != 1 {
		t.Errorf("a page of what only waits: %+v, %d, %v", lines, next, err)
	}
}

func numbersOf(lines []upgrade.BatchLine) []int {
	var n []int
	for _, l := range lines {
		n = append(n, l.Number)
	}
	return n
}

// TestBatchOfACustomerWhoMoved: a reseller sees no row of a customer that is another's by now, and steers no batch that has one.
func TestBatchOfACustomerWhoMoved(t *testing.T) {
	l, rosa := newLab(), resellers("Rosa", "harbor-it")
	l.books.lines["harbor"] = append(l.books.lines["harbor"], upgrade.BatchLine{BatchRow: upgrade.BatchRow{Number: 2, Order: "2", Tenant: quaysideTenant}, Customer: "Moved"})
	if lines, _, err := l.BatchLines(t.Context(), rosa, "harbor", upgrade.BatchLineFilter{}, 0, 10); err != nil || len(lines) != 1 {
		t.Errorf("%+v, %v", lines, err)
	}
	var file bytes.Buffer
	if err := l.BatchResult(t.Context(), rosa, "harbor", &file); err != nil || strings.Contains(file.String(), "Moved") {
		t.Errorf("%s, %v", &file, err)
	}
	if _, err := l.CancelBatch(t.Context(), rosa, "harbor", upgrade.CancelBatch{}); upgrade.KindOf(err) != upgrade.Refused || upgrade.CodeOf(err) != "other_customers" {
		t.Errorf("%v", err)
	}
	if _, err := l.CancelBatch(t.Context(), person("Olga", access.Operator), "harbor", upgrade.CancelBatch{Rows: []int{1, 2}}); err != nil || !slices.Equal(l.temporal.calls, []string{"cancel harbor by Olga"}) {
		t.Errorf("an operator: %v, %v", l.temporal.calls, err)
	}
	if n := len(l.books.audit); n != 1 || l.books.audit[0].What != "batch_cancelled" || l.books.audit[0].Detail != "rows [1 2]" {
		t.Errorf("written down: %+v", l.books.audit)
	}
}

// TestBatchResult: the result has a line for every row, is harmless in a spreadsheet, and can be uploaded again.
func TestBatchResult(t *testing.T) {
	l := newLab()
	const rows = 1203
	var lines []upgrade.BatchLine
	for i := range rows {
		lines = append(lines, upgrade.BatchLine{BatchRow: upgrade.BatchRow{Number: i + 1, Order: fmt.Sprintf("spring-%05d", i+1), Tenant: fmt.Sprintf("%08d-2222-3333-4444-555555555555", i+1), Seats: 5}, State: upgrade.RowCompleted, End: upgrade.Completed})
	}
	lines[0].Customer, lines[0].Reasons = "=HYPERLINK(\"http://evil\")", upgrade.Problems{{Code: "x", Message: "@it, went \"wrong\"", Remedy: "mend it"}, {Code: "y", Message: "twice"}}
	lines[0].Administrator = &upgrade.Administrator{Mail: "admin@contoso.example", Name: "+Ada", Language: "en"}
	lines[0].BeganAt, lines[0].Before = now, []upgrade.Holding{{Offer: "business-basic", Seats: 20, Users: 14}, {Offer: "teams-phone", Seats: 1, Users: -1}}
	lines[1].Seats = 0
	l.books.lines["own"] = lines
	var file bytes.Buffer
	if err := l.BatchResult(t.Context(), person("Olga", access.Operator), "own", &file); err != nil {
		t.Fatal(err)
	}
	if l.books.reads != 3 {
		t.Errorf("%d pages were read", l.books.reads)
	}
	table, err := csv.NewReader(bytes.NewReader(file.Bytes())).ReadAll()
	if err != nil || len(table) != rows+1 {
		t.Fatalf("%d lines, %v", len(table), err)
	}
	got := strings.Join(table[1], "|")
	if want := `1|spring-00001|00000001-2222-3333-4444-555555555555|'=HYPERLINK("http://evil")||5|completed||completed|||'@it, went "wrong" (x); twice (y)|mend it|2026-03-02T09:00:00Z||` +
		`business-basic 20; teams-phone 1||admin@contoso.example|'+Ada|en`; got != want {
		t.Errorf("the first line is\n%s\nnot\n%s", got, want)
	}
	read, problems := upgrade.ParseBatchCSV(&file)
	if len(problems) > 0 || len(read) != rows || read[0].Administrator.Name != "+Ada" || read[0].Seats != 5 || read[1].Seats != 0 || read[1].Administrator != nil || read[rows-1].Order != "spring-01203" {
		t.Errorf("read back: %d rows, %+v", len(read), problems)
	}
	if err := l.BatchResult(context.Background(), resellers("Rosa", "harbor-it"), "own", &file); upgrade.KindOf(err) != upgrade.NotFound || file.Len() > 0 {
		t.Errorf("to a stranger: %v, %d bytes", err, file.Len())
	}
}

// TestBatchSums: the rows are added up, and a reason is told once, with how many rows it is about.
func TestBatchSums(t *testing.T) {
	l, olga := newLab(), person("Olga", access.Operator)
	row := func(n int, state upgrade.BatchRowState, digest string, codes ...string) upgrade.BatchLine {
		one := upgrade.BatchLine{BatchRow: upgrade.BatchRow{Number: n, Tenant: ownTenant, Seats: 10}, State: state, Digest: digest}
		for _, c := range codes {
			one.Reasons = append(one.Reasons, upgrade.Problem{Code: c, Message: fmt.Sprintf("%s of row %d", c, n)})
		}
		return one
	}
	l.books.lines["own"] = []upgrade.BatchLine{row(1, upgrade.RowPending, "d"), row(2, upgrade.RowRefused, "d", "rare", "often", "often"), row(3, upgrade.RowRefused, "", "often"), row(4, upgrade.RowPending, ""), row(5, upgrade.RowPending, "d")}
	s, err := l.BatchSums(t.Context(), olga, "own")
	if err != nil || s.Fine != 2 || s.Seats != 20 || s.Refused != 2 || s.Unseen != 1 || len(s.Reasons) != 2 ||
		s.Reasons[0].Code != "often" || s.Reasons[0].Rows != 2 || s.Reasons[0].First != 2 || s.Reasons[1].Code != "rare" {
		t.Errorf("%+v, %v", s, err)
	}
	if _, _, err := l.BatchPlan(t.Context(), olga, "own", 6); upgrade.KindOf(err) != upgrade.NotFound {
		t.Errorf("the plan of a row that there is not: %v", err)
	}
	if line, p, err := l.BatchPlan(t.Context(), olga, "own", 5); err != nil || line.Number != 5 || p.Digest != "d" {
		t.Errorf("%+v %+v %v", line, p, err)
	}
}
