package workflows

import (
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// upgradeRun carries one upgrade.
type upgradeRun struct {
	order   upgrade.Order
	policy  upgrade.Policy
	plan    upgrade.Plan
	agreed  string // material of the plan that stands agreed: the invitation's, or the confirmed one
	checked *upgrade.StageTime
	looked  time.Time // when Partner Center was last asked what a plan is made of
	said    bool      // what it said then has served no check yet
	begun   bool      // the change has begun, or is about to
	given   *upgrade.TurnGiven
	grant   *upgrade.Grant
	ahead   *lookout // at the first step

	status  upgrade.Status
	claims  []upgrade.Consent // consent signals that wait to be verified
	died    *upgrade.Problem  // why the administrator is asked again
	revoked *upgrade.Request
	auth    authentication
	confirm *upgrade.Confirm
	answer  *upgrade.Resolve
	cancel  *upgrade.Request
	stop    workflow.CancelFunc // interrupts what may be interrupted
	resumes string              // the attempt whose change broke off, and whose plan this one goes on with
	undoing bool                // that attempt broke off in its undoing, which this one finishes
	undos   []undo
	// untouched names the steps of which no request was ever sent, so that there is nothing to undo.
	untouched map[string]bool
	undone    []string
	became    map[string]string // the subscriptions that steps have made, by step
	kept      map[string]int    // seats that could not be given back, by subscription
	skipped   upgrade.Problems  // what an operator left out
	observe   bool              // nothing is written at Microsoft
	// unrecorded counts what people said and the register has not taken yet.
	unrecorded int
	// callbacks tells that billing is told of this upgrade; untold are the facts that are not handed over yet, of facts in all.
	callbacks bool
	untold    []activities.TellBillingInput
	facts     int
	// shown are the search attributes as they are, or will be once what is unshown is set.
	shown   map[string]string
	unshown []temporal.SearchAttributeUpdate
	// plans counts how often one was made, and counted is how many users hold each of the plan's offers.
	plans   int
	held    []upgrade.Holding // when the plan was last checked
	counted map[string]int
	urgency urgency
	batch   inBatch
}

// UpgradeCustomerWorkflow carries one order through, from the claim to the last mail. Any client may start it with the
// order as JSON; it trusts nothing of its start. Every end completes the execution with a result; it fails only for a
// defect of ours.
func UpgradeCustomerWorkflow(ctx workflow.Context, order converter.RawValue) (upgrade.Result, error) {
	u := &upgradeRun{untouched: map[string]bool{}, became: map[string]string{}, kept: map[string]int{}, shown: map[string]string{}, policy: upgrade.DefaultPolicy()} // until the claim returns the worker's
	u.urgency = urgency{level: ordinary}
	ctx = withUrgency(ctx, &u.urgency)
	if err := u.setup(ctx); err != nil {
		return upgrade.Result{}, err
	}
	// A raw cancellation is one more way to say "cancel"; what is under way is never torn off.
	detached, _ := workflow.NewDisconnectedContext(ctx)
	workflow.Go(detached, func(watching workflow.Context) {
		ctx.Done().Receive(watching, nil)
		u.askCancel(watching, upgrade.Request{By: "temporal", Reason: "the execution was cancelled"})
	})
	result, err := u.run(detached, order)
	if err != nil {
		return upgrade.Result{}, err
	}
	return result, workflow.Await(detached, func() bool { return workflow.AllHandlersFinished(detached) && u.unrecorded == 0 && len(u.untold) == 0 })
}

// setup registers every query, signal and update before anything else can happen.
func (u *upgradeRun) setup(ctx workflow.Context) error {
	u.status.WorkflowID = workflow.GetInfo(ctx).WorkflowExecution.ID
	u.enter(ctx, upgrade.Planning)
	if err := workflow.SetQueryHandler(ctx, upgrade.QueryStatus, func() (upgrade.Status, error) { return u.status, nil }); err != nil {
		return err
	}
	if err := workflow.SetQueryHandler(ctx, upgrade.QueryPlan, func() (upgrade.Plan, error) { return u.plan, nil }); err != nil {
		return err
	}
	u.showAttributes(ctx)
	u.receiveSignals(ctx)
	u.receiveTurns(ctx)
	return u.setUpdates(ctx)
}

// run claims the order, tells the story, and sees to its end whatever that is.
func (u *upgradeRun) run(ctx workflow.Context, order converter.RawValue) (upgrade.Result, error) {
	err := u.claim(ctx, order)
	if err == nil {
		err = u.story(ctx)
	}
	u.status.Wakes = nil // whatever has ended the story, nothing stands by any longer
	u.lookNoMore()
	end, err := u.endOf(err)
	if err != nil {
		return upgrade.Result{}, err
	}
	if end.end == upgrade.Duplicate || end.end == upgrade.RefusedOrder || u.status.Upgrade == "" {
		return u.close(ctx, end), nil // the order is not ours: nobody is written to, nothing is recorded
	}
	if len(u.undos) > 0 && end.undo {
		end = u.undoAll(ctx, end)
	}
	u.leaveTurn(ctx)
	u.stopFollowing()
	u.takeStockAfter(ctx)
	u.enter(ctx, upgrade.Notifying)
	// Recorded before the mails: no order stays open, and no token alive, because a mail server does not answer.
	mustNote(ctx, "Record the end and destroy the tokens", a.RecordEnd, activities.RecordEndInput{Upgrade: u.status.Upgrade, Result: u.result(ctx, end)})
	u.tellEnd(ctx, end)
	u.notify(ctx, end)
	return u.close(ctx, end), nil
}

// story is an upgrade that goes well. Whatever ends it otherwise comes back as an ending.
func (u *upgradeRun) story(ctx workflow.Context) error {
	if err := u.makePlan(ctx); err != nil {
		return err
	}
	for ready := false; !ready; {
		if err := u.obtainConsent(ctx); err != nil {
			return err
		}
		var err error
		if u.resumes != "" {
			break // it was checked and agreed to before the change broke off
		}
		if ready, err = u.getReady(ctx); err != nil { // not ready: the grant has died, ask again
			return err
		}
	}
	if err := u.change(ctx); err != nil {
		return err
	}
	if err := u.sleepUntilRenewal(ctx); err != nil {
		return err
	}
	if err := u.assign(ctx); err != nil {
		return err
	}
	if err := u.settle(ctx); err != nil {
		return err
	}
	if u.mayStop() { // a cancel that was accepted in the last moment
		return u.cancelled()
	}
	return nil
}
