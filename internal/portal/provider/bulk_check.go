package provider

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"uplift/upgrade"
)

// bulkTargetStep asks what all become, and how.
func (p *provider) bulkTargetStep(q *request) (answer, error) {
	id, d, err := p.loadBulk(q)
	if err != nil {
		return answer{}, err
	}
	if len(d.Input.Rows) == 0 {
		return seeOther(bulkPath(id, "rows")), nil
	}
	var problems upgrade.Problems
	if d.Named {
		problems = ofTarget(wrongWith(d))
	}
	return p.bulkStep(id, "target", d, problems, nil), nil
}

// wrongWith is what is wrong with a batch, by its own rules.
func wrongWith(d bulkDraft) upgrade.Problems {
	_, _, problems := upgrade.MakeBatch(d.Input)
	return problems
}

// ofTarget are the problems that the target's step can mend; the others are the rows'.
func ofTarget(problems upgrade.Problems) upgrade.Problems {
	return slices.DeleteFunc(slices.Clone(problems), func(one upgrade.Problem) bool {
		return strings.HasPrefix(one.Path, "rows") || one.Path == "" // that there are more
	})
}

// takeBulkTarget takes the form as it was typed.
func (p *provider) takeBulkTarget(q *request) (answer, error) {
	id, d, err := p.loadBulk(q)
	if err != nil {
		return answer{}, err
	}
	d.Named = true
	in := &d.Input
	in.ID, in.Offenders, in.StartAt = q.text("batch"), upgrade.Offenders(q.text("offenders")), nil
	in.Each.Target.Plan = q.text("plan")
	in.Each.Consent, in.Each.Residue = upgrade.ConsentWay(q.text("consent")), upgrade.Residue(q.text("residue"))
	in.Each.Licenses = upgrade.Licenses{Who: upgrade.Who(q.text("who"))}
	in.Each.UsageLocation = strings.ToUpper(q.text("usageLocation"))
	later := q.text("when") == "at"
	if later {
		in.StartAt = at(q.text("startAt"))
	}
	if err := p.saveBulk(q, id, d); err != nil {
		return answer{}, err
	}
	if later && in.StartAt == nil {
		return answer{to: bulkPath(id, "target"), said: &said{Bad: true, Words: "Give the day and the time at which it begins."}}, nil
	}
	if len(ofTarget(wrongWith(d))) > 0 {
		return seeOther(bulkPath(id, "target")), nil
	}
	return seeOther(bulkPath(id, "check")), nil
}

// bulkCheck is a page of the rows that would be placed.
type bulkCheck struct {
	Rows     []checkedRow
	First    string
	Next     string
	Invites  bool // mails or links go out
	NoMail   bool // rows lack an address, which a file could say
	Customer int  // how many customers there are
}

// checkedRow is a row as it would be placed, beside what the inventory knows of it.
type checkedRow struct {
	upgrade.BatchRow
	Customer string
	Line     *planLine // nil: the inventory does not know it
}

// bulkCheckStep shows what would be placed, a page of rows at a time, and what is wrong with it.
func (p *provider) bulkCheckStep(q *request) (answer, error) {
	id, d, err := p.loadBulk(q)
	if err != nil {
		return answer{}, err
	}
	if len(d.Input.Rows) == 0 || !d.Named || len(ofTarget(wrongWith(d))) > 0 {
		return seeOther(bulkPath(id, "target")), nil
	}
	after := min(max(number(or(q.URL.Query().Get("after"), "0")), 0), len(d.Input.Rows))
	some := d.Input.Rows[after:min(after+rowsAtOnce, len(d.Input.Rows))]
	problems := wrongWith(d)
	data := bulkCheck{Invites: d.Input.Each.Invites(), NoMail: problems.Has("no_administrator")}
	if data.Rows, err = p.checked(q, d, some, after); err != nil {
		return answer{}, err
	}
	if after > 0 {
		data.First = bulkPath(id, "check")
	}
	if next := after + len(some); next < len(d.Input.Rows) {
		data.Next = bulkPath(id, "check") + query("after", plainNumber(next))
	}
	tenants := map[string]bool{}
	for _, r := range d.Input.Rows {
		tenants[strings.ToLower(r.Tenant)] = true
	}
	data.Customer = len(tenants)
	return p.bulkStep(id, "check", d, problems, data), nil
}

// checked puts beside rows what the inventory knows of them.
func (p *provider) checked(q *request, d bulkDraft, some []upgrade.BatchRow, after int) ([]checkedRow, error) {
	tenants := []string{}
	for _, r := range some {
		tenants = append(tenants, strings.ToLower(r.Tenant))
	}
	known, _, err := p.Desk.Customers(q.Context(), q.who, upgrade.InventoryFilter{Tenants: tenants}, "", len(tenants))
	if err != nil {
		return nil, err
	}
	lines, names := linesOn(known, d.Input.Source), map[string]string{}
	for _, row := range known {
		names[row.Tenant] = row.Name
	}
	out := make([]checkedRow, len(some))
	for i, r := range some {
		r.Number, r.Tenant = after+i+1, strings.ToLower(r.Tenant)
		out[i] = checkedRow{BatchRow: r, Customer: names[r.Tenant]}
		fits := slices.DeleteFunc(slices.Clone(lines), func(l planLine) bool {
			return l.Tenant != r.Tenant || r.Subscription != "" && !strings.EqualFold(l.Subscription, r.Subscription)
		})
		if len(fits) == 1 {
			out[i].Line = &fits[0]
		}
	}
	return out, nil
}

// sendBulk places the batch. Pressed twice it is the same batch.
func (p *provider) sendBulk(q *request) (answer, error) {
	id, d, err := p.loadBulk(q)
	if err != nil {
		return answer{}, err
	}
	patient(q.w)
	text, err := json.Marshal(d.Input)
	if err != nil {
		return answer{}, err
	}
	started, err := p.Desk.PlaceBatch(q.Context(), q.who, text)
	if err != nil {
		return answer{to: bulkPath(id, "check"), said: saidOf(err)}, nil
	}
	if err := p.Drafts.DeleteDraft(q.Context(), q.who.Subject, id); err != nil {
		p.Log.Warn("a draft could not be deleted", "error", err.Error())
	}
	p.Log.Info("a batch was placed", "batch", started.Batch, "rows", len(d.Input.Rows), "by", q.who.By())
	words := fmt.Sprintf("The batch is placed. Its %s are being planned; nothing is changed by that.", plural(len(d.Input.Rows), "row"))
	if len(d.Input.Rows) == 1 {
		words = "The batch is placed. Its row is being planned; nothing is changed by that."
	}
	if started.Existing {
		words = "This batch was placed before; here it is."
	}
	return saying("/batches/"+started.Batch, words), nil
}
