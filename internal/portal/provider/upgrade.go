package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"html/template"
	"time"

	"uplift/internal/plandoc"
	"uplift/internal/portal/desk"
	"uplift/upgrade"
)

// upgradePage is one upgrade.
type upgradePage struct {
	desk.Dossier
	Stages   []stageShown
	Document template.HTML // of the plan, where it has to be read before a word is given
	UI       string        // the execution in the Temporal UI
	Undone   []string
	Again    bool   // the order may be run again
	Link     string // of the invitation, once it was asked for
	Now      time.Time
}

// stageShown is a stage and how long it took.
type stageShown struct {
	Stage upgrade.Stage
	At    time.Time
	Took  time.Duration
	Here  bool
}

// upgrade shows one upgrade, and follows it.
func (p *provider) upgrade(q *request) (answer, error) { return p.show(q, "") }

func (p *provider) show(q *request, link string) (answer, error) {
	d, err := p.Desk.Dossier(q.Context(), q.who, q.order())
	if err != nil {
		return answer{}, err
	}
	s := d.Status
	data := upgradePage{Dossier: d, Stages: stagesOf(s, p.Now()), Link: link, Now: p.Now()}
	if p.TemporalUI != nil {
		data.UI = p.TemporalUI(s.WorkflowID, "")
	}
	if d.Recorded != nil && d.Recorded.Result != nil {
		data.Undone = d.Recorded.Result.Undone
	}
	data.Again = s.Stage == upgrade.Ended && (s.End == "" || s.End.ChangedNothing())
	if d.Plan != nil && (s.Stage == upgrade.Confirming || s.Approval != nil && s.Approval.By == "") {
		if data.Document, err = p.templates.plans.Fragment(plandoc.Of(*d.Plan).Without("confirm")); err != nil {
			return answer{}, err
		}
	}
	a := answer{template: "upgrade", title: "Upgrade " + q.order(), section: "/upgrades", data: data, version: versionOf(s)}
	if s.Stage != upgrade.Ended && link == "" {
		a.follow = q.URL.Path
	}
	return a, nil
}

// stagesOf lists the stages that an upgrade went through.
func stagesOf(s upgrade.Status, now time.Time) []stageShown {
	var out []stageShown
	for i, one := range s.Stages {
		shown := stageShown{Stage: one.Stage, At: one.At, Here: i == len(s.Stages)-1 && s.Stage != upgrade.Ended}
		switch {
		case i < len(s.Stages)-1:
			shown.Took = s.Stages[i+1].At.Sub(one.At)
		case shown.Here:
			shown.Took = now.Sub(one.At)
		}
		out = append(out, shown)
	}
	return out
}

// versionOf changes when what the page shows has changed.
func versionOf(s upgrade.Status) string {
	data, err := json.Marshal(s)
	if err != nil {
		return string(s.Stage)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// planPage shows the plan document, to be read or printed.
func (p *provider) planPage(q *request) (answer, error) {
	plan, err := p.Desk.Plan(q.Context(), q.who, q.order())
	if err != nil {
		return answer{}, err
	}
	document, err := p.templates.plans.Fragment(plandoc.Of(plan).Without("confirm"))
	return answer{template: "plan_document", title: "Plan of order " + q.order(), section: "/upgrades",
		data: map[string]any{"Order": q.order(), "Plan": plan, "Document": document}}, err
}
