package provider

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"uplift/internal/plandoc"
	"uplift/upgrade"
)

// draft is an order that is being written. It is kept after each step as it was typed, right or wrong.
type draft struct {
	Order    upgrade.Order `json:"order"`
	Customer string        `json:"customer"` // its name
	// Taken are the steps that were answered: only of those it is said what is wrong.
	Taken []string `json:"taken,omitempty"`
}

// wizardSteps are the steps after the customer, by the last part of their address, with the fields of the order that each asks.
var wizardSteps = []struct {
	path, name string
	fields     []string
}{
	{"consent", "Consent", []string{"consent", "administrator"}},
	{"target", "Licences", []string{"target", "order", "purchase", "residue", "market", "notBefore", "notAfter", "priority", "finish"}},
	{"licences", "Users", []string{"licenses", "usageLocation", "onUserFailure"}},
	{"plan", "Plan", nil},
}

// step is an entry of the wizard's list of steps.
type step struct {
	Name, Path string
	Here       bool
}

// wizardPage is what every step sees.
type wizardPage struct {
	ID       string
	Draft    draft
	Steps    []step
	Problems upgrade.Problems // of this step, once it was answered
	More     any              // the step's own
}

// load reads the draft that the address names. Everybody has their own.
func (p *provider) load(q *request) (string, draft, error) {
	id := q.PathValue("id")
	data, err := p.Drafts.Draft(q.Context(), q.who.Subject, id)
	if err != nil || strings.HasPrefix(id, bulkPrefix) {
		if err == nil || upgrade.KindOf(err) == upgrade.NotFound {
			err = &upgrade.Error{Kind: upgrade.NotFound, Code: "no_draft", Message: "there is no such order being written: it was sent or discarded, or it is somebody else's"}
		}
		return id, draft{}, err
	}
	var d draft
	if err := json.Unmarshal(data, &d); err != nil {
		return id, draft{}, fmt.Errorf("a draft cannot be read: %w", err)
	}
	return id, d, nil
}

func (p *provider) save(q *request, id string, d draft) error {
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return p.Drafts.SaveDraft(q.Context(), q.who.Subject, id, data, p.Now())
}

// stepPage shows a step.
func (p *provider) stepPage(q *request, path string, more func(draft) (any, error)) (answer, error) {
	id, d, err := p.load(q)
	if err != nil {
		return answer{}, err
	}
	data := wizardPage{ID: id, Draft: d, Steps: stepsOf(id, path, d)}
	if slices.Contains(d.Taken, path) {
		data.Problems = wrong(d, path)
	}
	if more != nil {
		if data.More, err = more(d); err != nil {
			return answer{}, err
		}
	}
	title := "Upgrade " + d.Customer
	return answer{template: "new_" + path, title: title, section: "/upgrades", data: data}, nil
}

// stepsOf lists the steps. What was not come to yet has no address.
func stepsOf(id, here string, d draft) []step {
	steps := []step{{Name: "Customer", Path: "/new/" + id + "/customer", Here: here == "customer"}}
	open := true
	for _, s := range wizardSteps {
		one := step{Name: s.name, Here: s.path == here}
		if open {
			one.Path = "/new/" + id + "/" + s.path
		}
		open = open && slices.Contains(d.Taken, s.path) && len(wrong(d, s.path)) == 0
		steps = append(steps, one)
	}
	return steps
}

// wrong is what is wrong with a step's part of the order.
func wrong(d draft, path string) upgrade.Problems {
	var mine upgrade.Problems
	for _, s := range wizardSteps {
		if s.path != path {
			continue
		}
		for _, problem := range check(d) {
			root, _, _ := strings.Cut(problem.Path, ".")
			root, _, _ = strings.Cut(root, "[")
			if slices.Contains(s.fields, root) {
				mine = append(mine, problem)
			}
		}
	}
	return mine
}

// check reads the draft as the order that it would be.
func check(d draft) upgrade.Problems {
	_, problems := upgrade.ParseOrder(d.Order.Canonical())
	return problems
}

// take keeps what a step was answered, and goes to the next one, or back where something is wrong with it.
func (p *provider) take(q *request, path string, read func(*request, *draft) error) (answer, error) {
	id, d, err := p.load(q)
	if err != nil {
		return answer{}, err
	}
	if err := read(q, &d); err != nil {
		return answer{}, err
	}
	if !slices.Contains(d.Taken, path) {
		d.Taken = append(d.Taken, path)
	}
	if err := p.save(q, id, d); err != nil {
		return answer{}, err
	}
	if len(wrong(d, path)) > 0 {
		return seeOther("/new/" + id + "/" + path), nil
	}
	next := slices.IndexFunc(wizardSteps, func(s struct {
		path, name string
		fields     []string
	}) bool {
		return s.path == path
	}) + 1
	return seeOther("/new/" + id + "/" + wizardSteps[next].path), nil
}

// begin makes a draft for a customer, with what most orders say.
func (p *provider) begin(q *request, tenant, name string) (answer, error) {
	id := strings.ToLower(rand.Text()[:12])
	d := draft{Customer: name, Order: upgrade.Order{
		ID: "P-" + p.Now().UTC().Format("20060102") + "-" + rand.Text()[:6], Tenant: tenant, Consent: upgrade.ByMail, Finish: upgrade.FinishAutomatic,
		Priority: upgrade.Normal, Residue: upgrade.RefuseResidue, Licenses: upgrade.Licenses{Who: upgrade.Holders},
		OnUserFailure: upgrade.UserFailure{Action: upgrade.ReportUsers},
	}}
	if err := p.save(q, id, d); err != nil {
		return answer{}, err
	}
	return seeOther("/new/" + id + "/consent"), nil
}

// planStep makes the plan document of the order as it stands; nothing is changed by that.
func (p *provider) planStep(q *request) (answer, error) {
	id, d, err := p.load(q)
	if err != nil {
		return answer{}, err
	}
	for _, s := range wizardSteps {
		if len(s.fields) > 0 && (!slices.Contains(d.Taken, s.path) || len(wrong(d, s.path)) > 0) {
			return seeOther("/new/" + id + "/" + s.path), nil
		}
	}
	return p.stepPage(q, "plan", func(d draft) (any, error) {
		plan, err := p.Desk.DryRun(q.Context(), q.who, d.Order.Canonical())
		if err != nil {
			return nil, err
		}
		document, err := p.templates.plans.Fragment(plandoc.Of(plan).Without("confirm"))
		return planShown{Plan: plan, Document: document}, err
	})
}

// send places the order. Pressed twice it is the same order, and leads to the same upgrade.
func (p *provider) send(q *request) (answer, error) {
	id, d, err := p.load(q)
	if err != nil {
		return answer{}, err
	}
	started, err := p.Desk.Place(q.Context(), q.who, d.Order.Canonical())
	if err != nil {
		return answer{to: "/new/" + id + "/plan", said: saidOf(err)}, nil
	}
	if err := p.Drafts.DeleteDraft(q.Context(), q.who.Subject, id); err != nil {
		p.Log.Warn("a draft could not be deleted", "error", err.Error())
	}
	p.Log.Info("an order was placed", "order", started.Order, "workflow", started.WorkflowID, "by", q.who.By())
	words := "The order is placed."
	if started.Existing {
		words = "This order was placed before; here it is."
	}
	return saying("/upgrades/"+started.Order, words), nil
}

func (p *provider) discard(q *request) (answer, error) {
	if err := p.Drafts.DeleteDraft(q.Context(), q.who.Subject, q.PathValue("id")); err != nil {
		return answer{}, err
	}
	return saying("/upgrades", "What was written of the order is discarded. Nothing was started."), nil
}
