package workflows

import (
	"context"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

var a *activities.Activities // names the activities; never dereferenced

// do runs an activity and returns its typed result.
func do[In, Out any](ctx workflow.Context, activity func(context.Context, In) (Out, error), in In) (Out, error) {
	return start(ctx, activity, in)()
}

// start starts an activity, on the queue of its own kind and with the urgency of its workflow; what it returns waits for the result.
func start[In, Out any](ctx workflow.Context, activity func(context.Context, In) (Out, error), in In) func() (Out, error) {
	if queue := activities.QueueOf(activities.NameOf(activity)); queue != upgrade.TaskQueue {
		ctx = workflow.WithTaskQueue(ctx, queue)
		if u, ok := ctx.Value(urgencyKey{}).(*urgency); ok {
			ctx = workflow.WithPriority(ctx, u.priority())
		}
	}
	future := workflow.ExecuteActivity(ctx, activity, in)
	return func() (Out, error) {
		var out Out
		err := future.Get(ctx, &out)
		return out, err
	}
}

// urgency is how much what a workflow asks of Microsoft waits behind what others ask.
type urgency struct {
	level  int    // Temporal's priority key, from 1, which goes first, to 5
	tenant string // among those of one level customers take turns, where the server has fairness
}

const (
	atTheFront = 1 // a person waits for it, or the order says so
	ordinary   = 3
	inBulk     = 4
	last       = 5 // nobody waits for it
)

func (u *urgency) priority() temporal.Priority {
	return temporal.Priority{PriorityKey: u.level, FairnessKey: u.tenant}
}

type urgencyKey struct{}

// withUrgency has the activities of a workflow wait behind what is more urgent. It may change as long as the workflow runs.
func withUrgency(ctx workflow.Context, u *urgency) workflow.Context {
	return workflow.WithValue(ctx, urgencyKey{}, u)
}

// urgencyOf is how urgent an order is.
func urgencyOf(o upgrade.Order) urgency {
	level := ordinary
	switch o.Priority {
	case upgrade.Urgent:
		level = atTheFront
	case upgrade.Bulk:
		level = inBulk
	}
	return urgency{level: level, tenant: o.Tenant}
}

// backoff is Temporal's own retrying: quick at first, patient later.
var backoff = temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 2 * time.Minute}

// quick is a single request or two; what fails is retried for as long as the policy is patient.
func quick(ctx workflow.Context, p upgrade.Policy, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 3 * time.Minute, ScheduleToCloseTimeout: p.Patience.D(), RetryPolicy: &backoff, Summary: summary,
	})
}

// steady goes through many users and heartbeats with every page.
func steady(ctx workflow.Context, p upgrade.Policy, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 4 * time.Hour, ScheduleToCloseTimeout: max(p.Patience.D(), 4*time.Hour),
		HeartbeatTimeout: 2 * time.Minute, RetryPolicy: &backoff, Summary: summary,
	})
}

// poll asks again and again until it is so; the pauses are Temporal's retries and leave no line in the history.
func poll(ctx workflow.Context, p upgrade.Policy, most time.Duration, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 2 * time.Minute, ScheduleToCloseTimeout: most, Summary: summary,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: p.PollFirst.D(), BackoffCoefficient: 1.6, MaximumInterval: p.PollMost.D()},
	})
}

// confirming reads every user back, and again until all is settled.
func confirming(ctx workflow.Context, p upgrade.Policy, most time.Duration) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 4 * time.Hour, ScheduleToCloseTimeout: most,
		HeartbeatTimeout: 2 * time.Minute, Summary: "Read every user back",
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: p.PollFirst.D(), BackoffCoefficient: 1.6, MaximumInterval: p.PollMost.D()},
	})
}

// human follows a person at a sign-in page for as long as a code is good.
func human(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Hour, HeartbeatTimeout: time.Minute, RetryPolicy: &backoff, Summary: summary,
	})
}

// postage bounds what a mail may take: nothing waits long for one.
const postage = 10 * time.Minute

// post sends a mail.
func post(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute, ScheduleToCloseTimeout: postage, RetryPolicy: &backoff, Summary: summary,
	})
}

// record writes down what must not be lost: it is tried until the register answers.
func record(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute, RetryPolicy: &backoff, Summary: summary,
	})
}

// census asks Temporal about executions, of which there may be many. Nobody gets a turn meanwhile, so that it is noticed soon when
// its worker is gone.
func census(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Hour, HeartbeatTimeout: 45 * time.Second, RetryPolicy: &backoff, Summary: summary,
	})
}

// mustRecord goes on until the register has taken it, also after an error that no single retry helps against: an upgrade
// does not fail, and no token stays alive, because somebody has to look after the register first.
func mustRecord[In, Out any](ctx workflow.Context, summary string, activity func(context.Context, In) (Out, error), in In) Out {
	for pause := time.Minute; ; pause = min(2*pause, time.Hour) {
		out, err := do(record(ctx, summary), activity, in)
		if err == nil {
			return out
		}
		workflow.GetLogger(ctx).Error("the register does not take it", "what", summary, "error", failureOf(err).Message)
		if workflow.Sleep(ctx, pause) != nil {
			return out
		}
	}
}

// mustNote is mustRecord within the workflow's own task: for what the register takes at once, as nearly always.
func mustNote[In, Out any](ctx workflow.Context, summary string, activity func(context.Context, In) (Out, error), in In) {
	for pause := time.Minute; ; pause = min(2*pause, time.Hour) {
		err := workflow.ExecuteLocalActivity(local(ctx, summary), activity, in).Get(ctx, nil)
		if err == nil {
			return
		}
		workflow.GetLogger(ctx).Error("the register does not take it", "what", summary, "error", failureOf(err).Message)
		if workflow.Sleep(ctx, pause) != nil {
			return
		}
	}
}

// atHand is quick for what the register answers at once, as nearly always: within the workflow's own task. Where that fails a few
// times, the step runs as any other, on any worker and for as long as the policy is patient.
func atHand[In, Out any](ctx workflow.Context, p upgrade.Policy, summary string, activity func(context.Context, In) (Out, error), in In) (out Out, err error) {
	soon := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: 10 * time.Second, Summary: summary,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: 200 * time.Millisecond, BackoffCoefficient: 2, MaximumAttempts: 3},
	})
	err = workflow.ExecuteLocalActivity(soon, activity, in).Get(ctx, &out)
	if err == nil || temporal.IsCanceledError(err) || !failureOf(err).Kind.Retryable() {
		return out, err
	}
	return do(quick(ctx, p, summary), activity, in)
}

// local runs a step within the workflow's own task, which leaves one line in the history: for what Temporal and the register do at
// once. What fails longer than a task lasts is tried again by timers.
func local(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: 10 * time.Second, Summary: summary,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 10 * time.Minute},
	})
}

// posting sends a callback: Temporal waits between the attempts, as the schedule says and the destination asks.
func posting(ctx workflow.Context, schedule []upgrade.Wait, summary string) workflow.Context {
	first := time.Second
	if len(schedule) > 0 {
		first = schedule[0].D()
	}
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute, Summary: summary,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: first, BackoffCoefficient: 4, MaximumInterval: 24 * time.Hour, MaximumAttempts: int32(len(schedule)) + 1},
	})
}
