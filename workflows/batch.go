package workflows

import (
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// batchRun carries one batch.
type batchRun struct {
	start  upgrade.BatchStart
	batch  upgrade.Batch
	status upgrade.BatchStatus
	counts map[upgrade.BatchRowState]int

	word     *upgrade.StartBatch
	stopped  *upgrade.Request        // nothing more is to be begun
	striking int                     // cancels that the register has not taken yet
	again    []upgrade.RunBatchAgain // rounds that are still to be run
	paused   bool
	recipe   upgrade.Policy
	pages    []*openPage // begun in this run
	halt     workflow.CancelFunc
}

// openPage is a page that was begun.
type openPage struct {
	number int
	child  workflow.ChildWorkflowFuture
	begun  bool // all its rows are
	taken  int
	told   int // the places of others that it knows of
	over   bool
}

// UpgradeBatchWorkflow carries a batch: it plans every row before anybody is bothered, refuses the batch as a whole where rows are
// refused, unless it may go on without them, waits for a word and for its time where it has to, and then runs pages of upgrades.
// The batch's rows and what became of them stand in the register; this history holds a line for each page.
func UpgradeBatchWorkflow(ctx workflow.Context, start upgrade.BatchStart) (upgrade.BatchResult, error) {
	b := &batchRun{start: start, recipe: upgrade.DefaultPolicy(), status: upgrade.BatchStatus{Batch: start.Batch, State: upgrade.BatchUploading}}
	if err := b.setup(ctx); err != nil {
		return upgrade.BatchResult{}, err
	}
	detached, _ := workflow.NewDisconnectedContext(ctx)
	// A raw cancellation is one more way to say "cancel what was not begun"; what runs goes on.
	workflow.Go(detached, func(watching workflow.Context) {
		ctx.Done().Receive(watching, nil)
		_, _ = b.cancel(watching, upgrade.CancelBatch{Request: upgrade.Request{By: "temporal", Reason: "the execution was cancelled"}})
	})
	err := b.run(detached)
	if err != nil {
		return upgrade.BatchResult{}, err
	}
	b.details(detached)
	if b.batch.ID != "" { // else it is another execution's to tell of
		b.tell(detached)
	}
	return upgrade.BatchResult{Batch: b.start.Batch, State: b.status.State, Counts: b.counts, Reasons: b.status.Reasons},
		workflow.Await(detached, func() bool { return workflow.AllHandlersFinished(detached) })
}

// run is the story of a batch.
func (b *batchRun) run(ctx workflow.Context) error {
	claimed := mustRecord(ctx, "Claim the batch in the register", a.ClaimBatch, activities.ClaimBatchInput{Start: b.start, FirstRun: workflow.GetInfo(ctx).FirstRunID})
	if len(claimed.Problems) > 0 {
		b.status.State, b.status.Reasons = upgrade.BatchRefused, claimed.Problems // it is not ours: nothing is recorded
		return nil
	}
	b.batch, b.recipe = claimed.Batch, claimed.Policy
	b.status.Rows = b.batch.Rows
	if b.start.Again != nil {
		b.again = append(b.again, *b.start.Again)
	} else {
		if ready, err := b.getReady(ctx); err != nil || !ready {
			return err
		}
		if err := b.runPages(ctx, upgrade.RunBatchAgain{}, false); err != nil {
			return err
		}
	}
	for b.nextRound(ctx) {
		round := b.again[0]
		b.again = b.again[1:]
		b.stopped = nil
		if err := b.runPages(ctx, round, true); err != nil {
			return err
		}
	}
	b.enter(ctx, upgrade.BatchEnded)
	return nil
}

// cancelled ends a batch of which nothing was begun.
func (b *batchRun) cancelled(ctx workflow.Context) error {
	err := workflow.Await(ctx, func() bool { return b.striking == 0 })
	b.enter(ctx, upgrade.BatchCancelled)
	return err
}

// nextRound waits until every page is over, or until rows are to run again.
func (b *batchRun) nextRound(ctx workflow.Context) bool {
	_ = workflow.Await(ctx, func() bool {
		return len(b.again) > 0 || b.open() == 0 && b.striking == 0 && workflow.AllHandlersFinished(ctx)
	})
	return len(b.again) > 0
}

// open counts the pages that are not over.
func (b *batchRun) open() (n int) {
	for _, p := range b.pages {
		if !p.over {
			n++
		}
	}
	return n
}

// getReady plans every row, and waits for the word and for the time. It answers false where the batch has ended.
func (b *batchRun) getReady(ctx workflow.Context) (bool, error) {
	b.enter(ctx, upgrade.BatchPlanning)
	if err := b.planAll(ctx); err != nil {
		return false, err
	}
	if b.stopped != nil {
		return false, b.cancelled(ctx)
	}
	b.enter(ctx, upgrade.BatchPlanning) // counts what planning has shown
	b.status.Offenders = b.counts[upgrade.RowRefused]
	left := b.counts[upgrade.RowPending]
	if b.batch.Finish != upgrade.FinishConfirm && (left == 0 || b.status.Offenders > 0 && b.batch.Offenders == upgrade.RefuseAll) {
		b.status.Reasons = b.refusals()
		b.enter(ctx, upgrade.BatchRefused)
		return false, nil
	}
	if b.batch.Finish == upgrade.FinishConfirm {
		b.enter(ctx, upgrade.BatchConfirming)
		workflow.Go(ctx, b.tell) // beside the wait for the word
		if err := workflow.Await(ctx, func() bool { return b.word != nil || b.stopped != nil }); err != nil {
			return false, err
		}
	}
	if at := b.batch.StartAt; at != nil && b.stopped == nil && at.After(workflow.Now(ctx)) {
		b.enter(ctx, upgrade.BatchScheduled)
		_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{Timeout: at.Sub(workflow.Now(ctx)),
			TimerOptions: workflow.TimerOptions{Summary: "wait until " + at.Format(time.RFC3339)}}, func() bool { return b.stopped != nil })
		if err != nil {
			return false, err
		}
	}
	if b.stopped != nil {
		return false, b.cancelled(ctx)
	}
	return true, nil
}

// refusals say why a batch is not begun. The rows' own reasons stand in the register.
func (b *batchRun) refusals() upgrade.Problems {
	words := fmt.Sprintf("%d of %d rows may not be upgraded, and the batch is not to go on without them.", b.status.Offenders, b.status.Rows)
	if b.counts[upgrade.RowPending] == 0 {
		words = fmt.Sprintf("None of the %d rows may be upgraded.", b.status.Rows)
	}
	return upgrade.Problems{{Code: "rows_refused", Message: words,
		Remedy: "read each row's reasons, mend or remove those rows and place the batch under another id; or place it with offenders left out"}}
}

// planAll plans the rows page by page. A cancel stops it.
func (b *batchRun) planAll(ctx workflow.Context) error {
	planning, halt := workflow.WithCancel(ctx)
	defer halt()
	b.halt = halt
	defer func() { b.halt = nil }()
	for _, p := range pagesOf(b.batch, nil) {
		if b.stopped != nil {
			return nil
		}
		child := workflow.WithChildOptions(planning, workflow.ChildWorkflowOptions{
			WorkflowID:          upgrade.BatchPageID(b.batch.ID, workflow.GetInfo(ctx).FirstRunID, p.Page) + "/plan",
			StaticSummary:       fmt.Sprintf("Plans rows %d to %d of batch %s", p.After+1, p.Last, b.batch.ID),
			WaitForCancellation: true,
		})
		err := workflow.ExecuteChildWorkflow(child, upgrade.PlanBatchPageWorkflow, p).Get(ctx, nil)
		if err != nil && b.stopped == nil { // terminated by hand: what it has not planned is planned when it is begun
			workflow.GetLogger(ctx).Error("a page was not planned to its end", "page", p.Page, "error", err)
		}
	}
	return nil
}

// pagesOf divides a batch into pages; with rows named, only into those that have some of them.
func pagesOf(b upgrade.Batch, rows []int) []upgrade.BatchPageStart {
	var pages []upgrade.BatchPageStart
	for after := 0; after < b.Rows; after += upgrade.BatchPage {
		p := upgrade.BatchPageStart{Batch: b.ID, Page: len(pages) + 1, After: after, Last: min(after+upgrade.BatchPage, b.Rows)}
		for _, n := range rows {
			if n > p.After && n <= p.Last {
				p.Rows = append(p.Rows, n)
			}
		}
		if len(rows) == 0 || len(p.Rows) > 0 {
			pages = append(pages, p)
		}
	}
	return pages
}

// runPages begins page after page: the next one when the last has begun all its rows.
func (b *batchRun) runPages(ctx workflow.Context, round upgrade.RunBatchAgain, again bool) error {
	b.enter(ctx, b.going())
	for _, in := range pagesOf(b.batch, round.Rows) {
		if b.stopped != nil {
			return nil
		}
		in.Page, in.Again, in.Paused, in.Taken = len(b.pages)+1, again, b.paused, b.taken(nil)
		p := b.begin(ctx, in)
		if err := workflow.Await(ctx, func() bool { return p.begun || p.over || b.stopped != nil }); err != nil {
			return err
		}
	}
	return nil
}

func (b *batchRun) begin(ctx workflow.Context, in upgrade.BatchPageStart) *openPage {
	child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:        upgrade.BatchPageID(b.batch.ID, workflow.GetInfo(ctx).FirstRunID, in.Page),
		StaticSummary:     fmt.Sprintf("Rows %d to %d of batch %s", in.After+1, in.Last, b.batch.ID),
		ParentClosePolicy: abandon,
	})
	p := &openPage{number: in.Page, told: in.Taken, child: workflow.ExecuteChildWorkflow(child, upgrade.BatchPageWorkflow, in)}
	b.pages = append(b.pages, p)
	b.details(ctx)
	workflow.Go(ctx, func(ctx workflow.Context) {
		if err := p.child.Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Error("a page did not come to its end", "page", p.number, "error", err)
		}
		p.over, p.taken = true, 0
		b.tellPlaces(ctx)
		b.details(ctx)
	})
	return p
}

// taken counts the places of the window that the upgrades of other pages have.
func (b *batchRun) taken(besides *openPage) (n int) {
	for _, p := range b.pages {
		if p != besides && !p.over {
			n += p.taken
		}
	}
	return n
}

// tellPlaces tells the page that is still beginning rows how many places are taken elsewhere.
func (b *batchRun) tellPlaces(ctx workflow.Context) {
	for _, p := range b.pages {
		if n := b.taken(p); !p.over && !p.begun && n != p.told {
			p.told = n
			b.steer(ctx, p, upgrade.PageSteer{})
		}
	}
}

// steer sends a page what has changed. One that is over need not know.
func (b *batchRun) steer(ctx workflow.Context, p *openPage, s upgrade.PageSteer) {
	s.Taken, s.Paused = p.told, b.paused
	_ = p.child.SignalChildWorkflow(ctx, upgrade.SignalSteer, s)
}

// receivePages takes what pages say of themselves, raw and in a coroutine of its own.
func (b *batchRun) receivePages(ctx workflow.Context) {
	detached, _ := workflow.NewDisconnectedContext(ctx)
	channel := workflow.GetSignalChannel(ctx, upgrade.SignalPage)
	workflow.Go(detached, func(ctx workflow.Context) {
		for {
			var raw converter.RawValue
			channel.Receive(ctx, &raw)
			var said upgrade.PageStands
			data, err := jsonOf(raw)
			if err != nil || len(upgrade.DecodeMessage(data, &said)) > 0 {
				workflow.GetLogger(ctx).Warn("a message to the batch was ignored")
				continue
			}
			if i := slices.IndexFunc(b.pages, func(p *openPage) bool { return p.number == said.Page && !p.over }); i >= 0 {
				b.pages[i].begun, b.pages[i].taken = true, max(said.Taken, 0)
				b.tellPlaces(ctx)
			}
		}
	})
}

// going is how a batch is called that has begun.
func (b *batchRun) going() upgrade.BatchState {
	if b.paused {
		return upgrade.BatchPaused
	}
	return upgrade.BatchRunning
}

// enter records where the batch stands, and counts its rows.
func (b *batchRun) enter(ctx workflow.Context, s upgrade.BatchState) {
	b.status.State = s
	b.counts = mustRecord(ctx, "Record that the batch is "+string(s), a.RecordBatch, activities.RecordBatchInput{Batch: b.start.Batch, State: s}).Counts
	b.details(ctx)
}
