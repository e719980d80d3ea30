package workflows

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// batchPage carries one page of a batch.
type batchPage struct {
	in     upgrade.BatchPageStart
	recipe upgrade.Policy
	rows   []*pageRow
	slots  int // of the installation, as the gate said last; before it has said so, none
	begun  bool
	// taken are the places of the window that other pages' upgrades have; all: no row is to be begun any more.
	taken  int
	paused bool
	all    bool
}

// pageRow is a row that the page has begun, or is to begin.
type pageRow struct {
	upgrade.BatchTodo
	begun     bool
	started   bool // Temporal has it
	aside     bool // it waits for people, and takes no place
	over      bool
	cancelled bool // not to be begun
	stop      workflow.CancelFunc
}

// places is how many upgrades of a batch ask for turns at a time: as many as work, and as many that stand ready.
func (p *batchPage) places() int { return 2 * p.slots }

// atOnce is how many invitations are begun before the first of them is known to Temporal.
const atOnce = 25

// UpgradeBatchPageWorkflow begins the upgrades of one page of a batch and stays until each of them is over. Rows whose customers are
// to be asked hold nothing while they wait, and are all begun at once; the others go through a window of twice the number of slots,
// which follows that number live. An upgrade that waits for people gives its place free, and so does one that was terminated.
func UpgradeBatchPageWorkflow(ctx workflow.Context, in upgrade.BatchPageStart) error {
	ctx, _ = workflow.NewDisconnectedContext(ctx) // its batch says what a cancellation means
	p := &batchPage{in: in, taken: in.Taken, paused: in.Paused}
	p.receive(ctx)
	read := mustRecord(ctx, "Read the rows that are to be begun", a.ReadBatchTodo, activities.ReadBatchTodoInput{Page: in})
	p.recipe = read.Policy
	for _, t := range read.Todo {
		p.rows = append(p.rows, &pageRow{BatchTodo: t})
	}
	watching, enough := workflow.WithCancel(ctx)
	p.watchSlots(watching)
	err := p.beginAll(ctx)
	enough()
	if err != nil {
		return err
	}
	p.begun = true
	return p.stay(ctx)
}

// beginAll begins row after row, as places are free.
func (p *batchPage) beginAll(ctx workflow.Context) error {
	for _, r := range p.rows {
		if err := workflow.Await(ctx, func() bool { return p.all || r.cancelled || !p.paused && p.room(r) }); err != nil {
			return err
		}
		if p.all {
			break
		}
		if !r.cancelled {
			p.begin(ctx, r)
		}
	}
	for _, r := range p.rows {
		r.over = r.over || !r.begun
	}
	return nil
}

// room tells whether a row may be begun.
func (p *batchPage) room(r *pageRow) bool {
	if r.Order.Invites() {
		waiting := 0
		for _, o := range p.rows {
			if o.begun && !o.started && !o.over {
				waiting++
			}
		}
		return waiting < atOnce
	}
	return p.own()+p.taken < p.places()
}

// own counts the places that upgrades of this page have.
func (p *batchPage) own() (n int) {
	for _, r := range p.rows {
		if r.begun && !r.over && !r.aside && !r.Order.Invites() {
			n++
		}
	}
	return n
}

// begin starts the upgrade of a row, under the id that every other client would give it, and follows it to its end.
func (p *batchPage) begin(ctx workflow.Context, r *pageRow) {
	r.begun = true
	var rowCtx workflow.Context
	rowCtx, r.stop = workflow.WithCancel(ctx)
	child := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(rowCtx, workflow.ChildWorkflowOptions{
		WorkflowID: upgrade.WorkflowID(r.Order.ID), ParentClosePolicy: abandon, WaitForCancellation: true,
		StaticSummary: fmt.Sprintf("%s: %s, row %d of batch %s", r.Order.ID, r.Order.Target.Plan, r.Number, p.in.Batch),
		Priority:      temporal.Priority{PriorityKey: r.Order.Priority.Key(), FairnessKey: r.Order.Tenant},
	}), upgrade.UpgradeWorkflow, r.Order)
	workflow.Go(ctx, func(ctx workflow.Context) {
		r.started = child.GetChildWorkflowExecution().Get(ctx, nil) == nil
		var result upgrade.Result
		err := child.Get(ctx, &result)
		if outcome := outcomeOf(r, result, err); outcome != nil {
			mustRecord(ctx, fmt.Sprintf("Record how row %d ended", r.Number), a.RecordBatch, activities.RecordBatchInput{Batch: p.in.Batch, Outcomes: []upgrade.BatchOutcome{*outcome}})
		}
		r.over = true
	})
}

// outcomeOf is how a row ended that the register does not know from its upgrade: nil where it does.
func outcomeOf(r *pageRow, result upgrade.Result, err error) *upgrade.BatchOutcome {
	out := &upgrade.BatchOutcome{Number: r.Number, State: upgrade.RowFailed}
	var running *temporal.ChildWorkflowExecutionAlreadyStartedError
	switch {
	case err == nil && result.End != upgrade.Duplicate && result.End != upgrade.RefusedOrder:
		return nil
	case err == nil:
		out.Unclaimed, out.Reasons = true, result.Reasons
	case errors.As(err, &running):
		out.Unclaimed = true
		out.Reasons.Add("order", "order_running", fmt.Sprintf("The upgrade of order %s runs already, outside of this batch.", r.Order.ID), "follow that one; give the row an order id of its own if it is to be another one")
	case temporal.IsCanceledError(err) && !r.started:
		out.State, out.Unclaimed = upgrade.RowCancelled, true
		out.Reasons.Add("", "cancelled", "The row was cancelled before it was begun.", "")
	default:
		out.Reasons.Add("", "execution_closed", "The upgrade's execution was terminated, or failed: "+err.Error(), "look at it in the Temporal UI; run the row again, which goes on where that one broke off")
	}
	return out
}

// stay waits until every row is over, and tells the batch how many places they have meanwhile.
func (p *batchPage) stay(ctx workflow.Context) error {
	for told := -1; ; {
		if n := p.own(); n != told {
			told = n
			p.tell(ctx, n)
		}
		err := workflow.Await(ctx, func() bool { return p.own() != told || p.finished() })
		if err != nil || p.finished() {
			return err
		}
	}
}

func (p *batchPage) finished() bool {
	return !slices.ContainsFunc(p.rows, func(r *pageRow) bool { return !r.over })
}

// tell tells the batch how many places the page has. Where the batch is gone, nobody needs to know.
func (p *batchPage) tell(ctx workflow.Context, taken int) {
	if parent := workflow.GetInfo(ctx).ParentWorkflowExecution; parent != nil {
		_ = workflow.SignalExternalWorkflow(ctx, parent.ID, parent.RunID, upgrade.SignalPage, upgrade.PageStands{Page: p.in.Page, Taken: taken})
	}
}

// watchSlots asks the gate how many slots there are, now and every minute, while rows are to be begun.
func (p *batchPage) watchSlots(ctx workflow.Context) {
	if !slices.ContainsFunc(p.rows, func(r *pageRow) bool { return !r.Order.Invites() }) {
		return
	}
	workflow.Go(ctx, func(ctx workflow.Context) {
		for ctx.Err() == nil {
			var out activities.ReadSlotsOutput
			if err := workflow.ExecuteLocalActivity(local(ctx, "Ask how many slots there are"), a.ReadSlots, activities.ReadSlotsInput{}).Get(ctx, &out); err == nil {
				p.slots = out.Slots
			}
			if workflow.Sleep(ctx, p.recipe.Paced(time.Minute)) != nil {
				return
			}
		}
	})
}

// receive takes what upgrades and the batch say, raw and each in a coroutine of its own.
func (p *batchPage) receive(ctx workflow.Context) {
	listen(ctx, upgrade.SignalRow, func(_ workflow.Context, said upgrade.RowStands) {
		for _, r := range p.rows {
			if r.Order.ID == said.Order {
				r.aside = said.Aside
			}
		}
	})
	listen(ctx, upgrade.SignalSteer, func(_ workflow.Context, s upgrade.PageSteer) {
		p.taken, p.paused, p.all = s.Taken, s.Paused, p.all || s.All
		for _, r := range p.rows {
			if !s.All && !slices.Contains(s.Cancel, r.Number) {
				continue
			}
			r.cancelled = r.cancelled || !r.begun
			if s.Running && r.begun && !r.over {
				r.stop()
			}
		}
	})
}

// listen takes a signal raw, in a coroutine that does nothing else, and hands on what can be read. The rest is logged and changes
// nothing.
func listen[T any](ctx workflow.Context, name string, take func(workflow.Context, T)) {
	channel := workflow.GetSignalChannel(ctx, name)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			var raw converter.RawValue
			channel.Receive(ctx, &raw)
			var said T
			data, err := jsonOf(raw)
			if err != nil || len(upgrade.DecodeMessage(data, &said)) > 0 {
				workflow.GetLogger(ctx).Warn("a message was ignored", "signal", name)
				continue
			}
			take(ctx, said)
		}
	})
}
