package upgrade_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"uplift/upgrade"
)

const (
	aTenant       = "5c000000-0000-4000-8000-000000000001"
	aSubscription = "5d000000-0000-4000-8000-000000000001"
)

// batchJSON is a batch with one row, of which a test changes a part.
func batchJSON(change func(map[string]any)) []byte {
	b := map[string]any{"batch": "spring", "source": "hosted-essentials", "each": map[string]any{"target": map[string]any{"plan": "hosted-pro"}, "consent": "existing"},
		"rows": []any{map[string]any{"tenant": aTenant, "seats": 5}}}
	if change != nil {
		change(b)
	}
	text, err := json.Marshal(b)
	if err != nil {
		panic(err)
	}
	return text
}

func TestParseBatch(t *testing.T) {
	b, rows, ps := upgrade.ParseBatch(batchJSON(nil))
	if len(ps) > 0 || b.Rows != 1 || len(rows) != 1 || b.Offenders != upgrade.RefuseAll || b.Finish != upgrade.FinishAutomatic || b.Each.Priority != upgrade.Bulk {
		t.Fatalf("%v %+v", ps, b)
	}
	o := b.OrderOf(rows[0])
	if ps := o.Check(); len(ps) > 0 || o.ID != "spring-00001" || o.Batch != "spring" || o.Target.Seats != 5 || o.Target.Plan != "hosted-pro" || o.Consent != upgrade.ByExisting {
		t.Errorf("%v %s", ps, o.Canonical())
	}
	again, _, _ := upgrade.ParseBatch([]byte(strings.Replace(string(batchJSON(nil)), `{`, "{\n ", 1)))
	if again.Hash != b.Hash {
		t.Error("the same batch, written in another way, is another one")
	}
	if other, _, _ := upgrade.ParseBatch([]byte(strings.Replace(string(batchJSON(nil)), `"seats":5`, `"seats":6`, 1))); other.Hash == b.Hash {
		t.Error("another number of seats is the same batch")
	}
	row := func(change map[string]any) func(map[string]any) {
		return func(b map[string]any) {
			one := map[string]any{"tenant": aTenant, "seats": 5}
			for k, v := range change {
				one[k] = v
			}
			b["rows"] = []any{one}
		}
	}
	each := func(name string, v any) func(map[string]any) {
		return func(b map[string]any) { b["each"].(map[string]any)[name] = v }
	}
	for name, c := range map[string]struct {
		change func(map[string]any)
		at     string // place and code of the only problem
	}{
		"an id with a blank":          {func(b map[string]any) { b["batch"] = "spring 2027" }, "batch bad_batch_id"},
		"no rows":                     {func(b map[string]any) { b["rows"] = []any{} }, "rows no_rows"},
		"an unknown field of a row":   {row(map[string]any{"colour": "red"}), "rows[0].colour unknown_field"},
		"a tenant that is none":       {row(map[string]any{"tenant": "contoso"}), "rows[0].tenant bad_tenant"},
		"a subscription that is none": {row(map[string]any{"subscription": "x"}), "rows[0].subscription bad_subscription"},
		"seats below nothing":         {row(map[string]any{"seats": -1}), "rows[0].seats negative_seats"},
		"a mail that is none":         {row(map[string]any{"administrator": map[string]any{"mail": "ada"}}), "rows[0].administrator.mail bad_mail"},
		"no mail for an invitation":   {each("consent", "mail"), "rows[0].administrator no_administrator"},
		"no plan":                     {each("target", map[string]any{}), "each.target no_plan"},
		"totals":                      {each("target", map[string]any{"totals": []any{map[string]any{"offer": "business-premium", "seats": 3}}}), "each.target no_plan"},
		"a tenant for all":            {each("tenant", aTenant), "each.tenant said_by_rows"},
		"listed users":                {each("licenses", map[string]any{"who": "group", "group": "Sales"}), "each.licenses.who not_for_batches"},
		"a market that is none":       {each("market", "Germany"), "each.market bad_country"},
		"an unknown choice":           {func(b map[string]any) { b["offenders"] = "ignore" }, "offenders unknown_value"},
		"one subscription twice": {func(b map[string]any) {
			b["rows"] = []any{map[string]any{"tenant": aTenant, "seats": 5}, map[string]any{"tenant": strings.ToUpper(aTenant), "seats": 6}}
		}, "rows[1] duplicate_row"},
		"one order twice": {func(b map[string]any) {
			b["rows"] = []any{map[string]any{"tenant": aTenant, "order": "A"}, map[string]any{"tenant": strings.Replace(aTenant, "1", "2", 1), "order": "A"}}
		}, "rows[1].order duplicate_order"},
	} {
		_, _, ps := upgrade.ParseBatch(batchJSON(c.change))
		var got []string
		for _, p := range ps {
			got = append(got, p.Path+" "+p.Code)
			if p.Remedy == "" {
				t.Errorf("%s: no remedy: %v", name, p)
			}
		}
		if len(got) != 1 || got[0] != c.at {
			t.Errorf("%s: %q, not %q", name, got, c.at)
		}
	}
}

func TestParseBatchOfMany(t *testing.T) {
	var in upgrade.BatchInput
	in.ID, in.Each.Target.Plan, in.Each.Consent = "many", "hosted-pro", upgrade.ByExisting
	for i := range upgrade.MaxBatchRows {
		in.Rows = append(in.Rows, upgrade.BatchRow{Tenant: fmt.Sprintf("5c000000-0000-4000-8000-%012d", i), Subscription: fmt.Sprintf("5d000000-0000-4000-8000-%012d", i), Seats: 10})
	}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if b, rows, ps := upgrade.ParseBatch(text); len(ps) > 0 || len(rows) != upgrade.MaxBatchRows || b.Rows != len(rows) {
		t.Errorf("%d rows, %v", len(rows), ps)
	}
	in.Rows = append(in.Rows, upgrade.BatchRow{Tenant: aTenant})
	if _, _, ps := upgrade.MakeBatch(in); !ps.Has("too_many") {
		t.Errorf("one row too many: %v", ps)
	}
}

func TestParseBatchCSV(t *testing.T) {
	for name, c := range map[string]struct{ text, want, problem string }{
		"all columns": {"\ufefftenant,subscription,seats,order,mail,name,language\n" + aTenant + "," + aSubscription + ",7,A-1,ada@contoso.example,Ada,de\n",
			"[" + aTenant + " " + aSubscription + " 7 A-1 &{ada@contoso.example Ada de}]", ""},
		"only tenants":                 {"Tenant\n" + aTenant + "\n\n", "[" + aTenant + "  0  <nil>]", ""},
		"semicolons":                   {"tenant;seats\n" + aTenant + ";7\n", "[" + aTenant + "  7  <nil>]", ""},
		"our own result":               {strings.Join(upgrade.BatchCSVHeading, ",") + "\n1,A-1," + aTenant + ",Contoso," + aSubscription + ",7,failed,,declined,d,A-1#1,why,what,,,,,,,\n", "[" + aTenant + " " + aSubscription + " 7 A-1 <nil>]", ""},
		"nothing":                      {"", "", "bad_csv"},
		"no rows":                      {"tenant,seats\n", "", "no_rows"},
		"no tenant":                    {"seats\n7\n", "", "no_tenant_column"},
		"an unknown column":            {"tenant,colour\n" + aTenant + ",red\n", "", "unknown_column"},
		"a column twice":               {"tenant,seats,seats\n", "", "duplicate_column"},
		"seats that are none":          {"tenant,seats\n" + aTenant + ",many\n", "", "bad_field"},
		"more fields than the heading": {"tenant\n" + aTenant + ",7\n", "", "too_many_fields"},
		"an open quote":                {"tenant\n\"" + aTenant + "\n", "", "bad_csv"},
	} {
		rows, ps := upgrade.ParseBatchCSV(strings.NewReader(c.text))
		got := ""
		for _, r := range rows {
			got += fmt.Sprintf("[%s %s %d %s %v]", r.Tenant, r.Subscription, r.Seats, r.Order, r.Administrator)
		}
		if c.problem != "" && !ps.Has(c.problem) || c.problem == "" && (len(ps) > 0 || got != c.want) {
			t.Errorf("%s: %s %v", name, got, ps)
		}
	}
}

// Whatever is wrong with a line by itself, or with two of them, is told by its number, all at once.
func TestParseBatchCSVTellsEveryLine(t *testing.T) {
	_, ps := upgrade.ParseBatchCSV(strings.NewReader("tenant,subscription,seats,mail,order\n\n" +
		aTenant + ",,7,ada@contoso.example,A\n" +
		aTenant + ",,8,ada@contoso.example,A\n" +
		"contoso,x,-1,ada,B\n" +
		strings.Replace(aTenant, "1", "2", 1) + ",,many,,C\n"))
	var got []string
	for _, p := range ps {
		got = append(got, p.Path+" "+p.Code)
		if p.Remedy == "" {
			t.Errorf("no remedy: %v", p)
		}
	}
	slices.Sort(got)
	want := []string{"line 4 duplicate_row", "line 4, order duplicate_order", "line 5, mail bad_mail", "line 5, seats negative_seats", "line 5, subscription bad_subscription", "line 5, tenant bad_tenant", "line 6 bad_field"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
	if i := slices.IndexFunc(ps, func(p upgrade.Problem) bool { return p.Code == "duplicate_row" }); i >= 0 && !strings.HasPrefix(ps[i].Message, "line 3 is about the same subscription") {
		t.Errorf("%q does not name the other line", ps[i].Message)
	}
}

// The result can be read back as the rows of another batch, and holds nothing that a spreadsheet would run.
func TestBatchCSVRoundTrip(t *testing.T) {
	admin := &upgrade.Administrator{Mail: "a@contoso.example", Name: "+Ada", Language: "en"}
	line := upgrade.BatchLine{BatchRow: upgrade.BatchRow{Number: 1, Order: "A-1", Tenant: aTenant, Seats: 7, Administrator: admin}, State: upgrade.RowFailed, End: upgrade.Declined,
		Customer: "=cmd|' /C calc'!A0", Reasons: upgrade.Problems{{Code: "x", Message: "no, \"thanks\"", Remedy: "ask\nagain"}}}
	var b bytes.Buffer
	b.WriteString(strings.Join(upgrade.BatchCSVHeading, ",") + "\n")
	if err := upgrade.WriteBatchCSV(&b, []upgrade.BatchLine{line}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), ",=") || strings.Contains(b.String(), ",+") {
		t.Errorf("a formula stands in it: %s", b.String())
	}
	rows, ps := upgrade.ParseBatchCSV(&b)
	if len(ps) > 0 || len(rows) != 1 || rows[0].Tenant != aTenant || rows[0].Seats != 7 || rows[0].Order != "A-1" || *rows[0].Administrator != *admin {
		t.Errorf("it reads as %+v, %v", rows, ps)
	}
}

// FuzzParseBatch: whatever comes is refused in words, or becomes orders that are each in order.
func FuzzParseBatch(f *testing.F) {
	f.Add(batchJSON(nil))
	f.Add(batchJSON(func(b map[string]any) { b["startAt"] = "2027-01-01T00:00:00Z"; b["finish"] = "confirm" }))
	f.Add([]byte(`{"batch":"","each":{"order":"x"},"rows":[{},{"administrator":{}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, rows, ps := upgrade.ParseBatch(data)
		said(t, ps)
		if len(ps) > 0 {
			return
		}
		for _, r := range rows {
			o := b.OrderOf(r)
			if o.Target.Seats == 0 {
				o.Target.Seats = 1
			}
			if ps := o.Check(); len(ps) > 0 {
				t.Errorf("row %d of an accepted batch: %v", r.Number, ps)
			}
		}
	})
}

// FuzzParseBatchCSV: whatever comes is refused in words, or is rows.
func FuzzParseBatchCSV(f *testing.F) {
	f.Add([]byte("tenant,seats\n" + aTenant + ",7\n"))
	f.Add([]byte("tenant;mail\n\"a\"\";b\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, ps := upgrade.ParseBatchCSV(bytes.NewReader(data))
		said(t, ps)
		if len(ps) == 0 && len(rows) == 0 || len(rows) > upgrade.MaxBatchRows+1 {
			t.Errorf("%d rows, %v", len(rows), ps)
		}
	})
}
