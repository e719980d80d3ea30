package activitiestest

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"uplift/upgrade"
)

// Register is what outlives Temporal, in memory. It passes the conformance test of the real one.
type Register struct{ w *World }

type orderRow struct{ attempts []*upgradeRow }

func (o *orderRow) last() *upgradeRow { return o.attempts[len(o.attempts)-1] }

type upgradeRow struct {
	id, workflow, run, hash string
	attempt                 int
	batch                   string
	plan                    *upgrade.Plan
	end                     upgrade.End
	result                  upgrade.Result
	codes                   map[int]upgrade.PendingCode
	tokens                  map[int]upgrade.Tokens
	evidence                map[int]upgrade.Evidence
	snapshots               map[string]upgrade.Snapshot
	reports                 map[string]upgrade.UserReport
	journal                 map[string]string
	answers                 []upgrade.OperatorAnswer
	callbacks               []upgrade.Callback
	facts                   map[string]int // numbers of callbacks
	deliveries              []upgrade.Delivery
}

func newRow() *upgradeRow {
	return &upgradeRow{
		codes: map[int]upgrade.PendingCode{}, tokens: map[int]upgrade.Tokens{}, evidence: map[int]upgrade.Evidence{},
		snapshots: map[string]upgrade.Snapshot{}, reports: map[string]upgrade.UserReport{}, journal: map[string]string{}, facts: map[string]int{},
	}
}

func (r *upgradeRow) answer(outcome upgrade.ClaimOutcome) upgrade.Claim {
	return upgrade.Claim{Outcome: outcome, Upgrade: r.id, Attempt: r.attempt, Holder: r.workflow, HolderRun: r.run, HolderEnd: r.end}
}

// Claim implements activities.Register, as every method here does.
func (r Register) Claim(_ context.Context, q upgrade.ClaimRequest, abandoned bool) (out upgrade.Claim, err error) {
	end, err := r.w.begin("Register.Claim")
	if err != nil {
		return out, err
	}
	defer end(&err)
	if q.Order.ID == "" || q.WorkflowID == "" || q.FirstRun == "" {
		return out, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_claim", Message: "a claim names an order, a workflow and its first run"}
	}
	asked, hash := max(q.Order.Attempt, 1), q.Order.Hash()
	order := r.w.orders[q.Order.ID]
	if order == nil {
		if asked != 1 {
			return upgrade.Claim{Outcome: upgrade.ClaimRefused}, nil
		}
		if reasons := r.w.mayNot(q.Order, q.At); len(reasons) > 0 {
			return upgrade.Claim{Outcome: upgrade.ClaimRefused, Reasons: reasons}, nil
		}
		return r.w.grant(q, 1), nil
	}
	last := order.last()
	for i := len(order.attempts) - 1; i >= 0; i-- {
		own := order.attempts[i]
		switch {
		case own.workflow != q.WorkflowID || own.run != q.FirstRun:
			continue
		case own != last:
			return last.answer(upgrade.ClaimDuplicate), nil
		case own.end.ChangedNothing():
			own.end = ""
		}
		claim := r.w.granted(q.Order.ID, own)
		claim.HolderEnd = ""
		return claim, nil
	}
	switch {
	case last.hash != hash:
		return last.answer(upgrade.ClaimRefused), nil
	case asked == last.attempt+1 && (last.end.ChangedNothing() || last.end == "" && abandoned):
		if reasons := r.w.mayNot(q.Order, q.At); len(reasons) > 0 && !order.brokeOff() {
			return upgrade.Claim{Outcome: upgrade.ClaimRefused, Reasons: reasons}, nil
		}
		return r.w.grant(q, asked), nil
	}
	return last.answer(upgrade.ClaimDuplicate), nil
}

// grant records an attempt; the world is locked.
func (w *World) grant(q upgrade.ClaimRequest, attempt int) upgrade.Claim {
	row := newRow()
	row.id, row.attempt, row.workflow, row.run, row.hash, row.batch = fmt.Sprintf("%s#%d", q.Order.ID, attempt), attempt, q.WorkflowID, q.FirstRun, q.Order.Hash(), q.Order.Batch
	order := w.orders[q.Order.ID]
	if order == nil {
		order = &orderRow{}
		w.orders[q.Order.ID] = order
	}
	for _, before := range order.attempts { // one that broke off has destroyed nothing
		clear(before.codes)
		clear(before.tokens)
	}
	order.attempts = append(order.attempts, row)
	w.upgrades[row.id] = row
	claim := w.granted(q.Order.ID, row)
	if claim.Resumes != "" {
		// The holder broke off in mid-work: what was before, it alone knew.
		row.snapshots = maps.Clone(order.attempts[len(order.attempts)-2].snapshots)
	}
	return claim
}

// granted is the claim with the newest plan of an earlier attempt.
func (w *World) granted(order string, own *upgradeRow) upgrade.Claim {
	claim := own.answer(upgrade.ClaimGranted)
	for _, row := range w.orders[order].attempts {
		if row.attempt < own.attempt && row.plan != nil {
			claim.Plan = row.plan
		}
		switch {
		case row.attempt >= own.attempt:
		case row.end != "":
			claim.Resumes, claim.Undoing = "", false
		case claim.Resumes == "" && row.sent():
			claim.Resumes, claim.Undoing = row.id, row.undoes()
		}
	}
	return claim
}

// sent tells whether the attempt has noted a request.
func (r *upgradeRow) sent() bool {
	for step := range r.journal {
		if strings.Contains(step, "/sent-") {
			return true
		}
	}
	return false
}

// undoes tells whether the attempt has noted a request of its undo.
func (r *upgradeRow) undoes() bool {
	for step := range r.journal {
		if strings.HasPrefix(step, "undo-") && strings.Contains(step, "/sent-") {
			return true
		}
	}
	return false
}

// SavePlan keeps the latest plan.
func (r Register) SavePlan(_ context.Context, id string, p upgrade.Plan) error {
	return r.row("Register.SavePlan", id, func(row *upgradeRow) error {
		row.plan = &p
		return nil
	})
}

// RecordEnd writes the end down.
func (r Register) RecordEnd(_ context.Context, id string, result upgrade.Result) error {
	return r.row("Register.RecordEnd", id, func(row *upgradeRow) error {
		switch result.End {
		case "", upgrade.Duplicate, upgrade.RefusedOrder:
			return &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_end", Message: "this is no end of a claimed upgrade"}
		}
		row.end, row.result = result.End, result
		delete(r.w.facts, id)
		clear(row.codes) // also what came since the tokens were destroyed
		clear(row.tokens)
		return nil
	})
}

// row runs one write on the row of an upgrade.
func (r Register) row(method, id string, do func(*upgradeRow) error) (err error) {
	end, err := r.w.begin(method)
	if err != nil {
		return err
	}
	defer end(&err)
	row := r.w.upgrades[id]
	if row == nil {
		return notFound("upgrade")
	}
	return do(row)
}

// Membership is which plan and offer a subscription was last known to be on.
type Membership struct {
	Plan, Offer string
	At          time.Time
}

// SaveMembership keeps the newest word.
func (r Register) SaveMembership(_ context.Context, _, subscription, plan, offer string, at time.Time) (err error) {
	end, err := r.w.begin("Register.SaveMembership")
	if err != nil {
		return err
	}
	defer end(&err)
	if have, ok := r.w.members[subscription]; !ok || !have.At.After(at) {
		r.w.members[subscription] = Membership{Plan: plan, Offer: offer, At: at}
	}
	return nil
}
