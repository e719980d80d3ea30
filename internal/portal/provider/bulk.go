package provider

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"

	"uplift/catalog"
	"uplift/upgrade"
)

// bulkDraft is a batch that is being put together. It is kept after each step as it was typed, right or wrong.
type bulkDraft struct {
	Input upgrade.BatchInput `json:"input"`
	// File is the name of the uploaded file that the rows are from; empty: they are ticked.
	File string `json:"file,omitempty"`
	// Named tells that target and consent were answered: before that nothing is said to be wrong with them.
	Named bool `json:"named,omitempty"`
}

// bulkPrefix begins the ids of these drafts, so that none is taken for a single order's.
const bulkPrefix = "b-"

// bulkPage is what every step sees.
type bulkPage struct {
	ID       string
	Draft    bulkDraft
	Steps    []step
	Problems upgrade.Problems
	Plans    []catalog.Plan
	Source   string // the plans' names
	Target   string
	More     any // the step's own
}

// loadBulk reads the draft that the address names. Everybody has their own.
func (p *provider) loadBulk(q *request) (string, bulkDraft, error) {
	id := q.PathValue("id")
	gone := &upgrade.Error{Kind: upgrade.NotFound, Code: "no_draft", Message: "there is no such batch being put together: it was placed or discarded, or it is somebody else's"}
	if !strings.HasPrefix(id, bulkPrefix) {
		return id, bulkDraft{}, gone
	}
	data, err := p.Drafts.Draft(q.Context(), q.who.Subject, id)
	if err != nil {
		if upgrade.KindOf(err) == upgrade.NotFound {
			err = gone
		}
		return id, bulkDraft{}, err
	}
	var d bulkDraft
	if err := json.Unmarshal(data, &d); err != nil {
		return id, bulkDraft{}, fmt.Errorf("a draft cannot be read: %w", err)
	}
	return id, d, nil
}

func (p *provider) saveBulk(q *request, id string, d bulkDraft) error {
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return p.Drafts.SaveDraft(q.Context(), q.who.Subject, id, data, p.Now())
}

// bulkStep shows a step.
func (p *provider) bulkStep(id, here string, d bulkDraft, problems upgrade.Problems, more any) answer {
	data := bulkPage{ID: id, Draft: d, Problems: problems, Plans: p.Catalog.Plans(), Source: p.planName(d.Input.Source), Target: p.planName(d.Input.Each.Target.Plan), More: more}
	for _, s := range []struct {
		path, name string
		open       bool
	}{{"source", "Source plan", true}, {"rows", "Subscriptions", id != ""}, {"target", "Target", len(d.Input.Rows) > 0}, {"check", "Check", len(d.Input.Rows) > 0 && d.Named}} {
		one := step{Name: s.name, Here: s.path == here}
		if s.open && id != "" {
			one.Path = bulkPath(id, s.path)
		}
		data.Steps = append(data.Steps, one)
	}
	return answer{template: "bulk_" + here, title: "Upgrade many customers", section: "/batches", data: data}
}

func bulkPath(id, step string) string { return "/bulk/" + id + "/" + step }

// newBulk is the first step of a new batch, and bulkSource the same again.
func (p *provider) newBulk(*request) (answer, error) {
	return p.bulkStep("", "source", bulkDraft{}, nil, nil), nil
}

func (p *provider) bulkSource(q *request) (answer, error) {
	id, d, err := p.loadBulk(q)
	return p.bulkStep(id, "source", d, nil, nil), err
}

// beginBulk takes the source plan of a new batch, and says of the rest what most batches say.
func (p *provider) beginBulk(q *request) (answer, error) {
	source, err := p.sourceOf(q)
	if err != nil {
		return answer{}, err
	}
	id := bulkPrefix + strings.ToLower(rand.Text()[:12])
	d := bulkDraft{Input: upgrade.BatchInput{
		ID: "B-" + p.Now().UTC().Format("20060102") + "-" + rand.Text()[:6], Source: source, Offenders: upgrade.RefuseAll, Finish: upgrade.FinishConfirm,
		Each: upgrade.Order{Consent: upgrade.ByExisting, Finish: upgrade.FinishAutomatic, Priority: upgrade.Bulk, Residue: upgrade.RefuseResidue,
			Licenses: upgrade.Licenses{Who: upgrade.Holders}, OnUserFailure: upgrade.UserFailure{Action: upgrade.ReportUsers}},
	}}
	return seeOther(bulkPath(id, "rows")), p.saveBulk(q, id, d)
}

// takeSource takes another source plan. What was ticked was on the one before.
func (p *provider) takeSource(q *request) (answer, error) {
	id, d, err := p.loadBulk(q)
	if err != nil {
		return answer{}, err
	}
	source, err := p.sourceOf(q)
	if err != nil {
		return answer{}, err
	}
	if source != d.Input.Source {
		d.Input.Source, d.Input.Rows, d.File = source, nil, ""
	}
	return seeOther(bulkPath(id, "rows")), p.saveBulk(q, id, d)
}

func (p *provider) sourceOf(q *request) (string, error) {
	source := q.text("source")
	if _, ok := p.Catalog.Plan(catalog.PlanID(source)); !ok {
		return "", &upgrade.Error{Kind: upgrade.Invalid, Code: "unknown_plan", Message: "choose the plan that the subscriptions are on"}
	}
	return source, nil
}

func (p *provider) discardBulk(q *request) (answer, error) {
	if err := p.Drafts.DeleteDraft(q.Context(), q.who.Subject, q.PathValue("id")); err != nil {
		return answer{}, err
	}
	return saying("/batches", "What was put together is discarded. Nothing was started."), nil
}
