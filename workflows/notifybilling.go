package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// notifier tells billing what became of one attempt at an order. What it tells stands in the register; signals only say that there
// is something.
type notifier struct {
	upgrade  string
	inbox    []upgrade.CallbackDue
	lines    []*line
	gone     []string // destinations that want no more
	schedule []upgrade.Wait
	opened   []int // callbacks that this run has asked about; a repeated signal is no second one
	closing  bool  // the history is long: no delivery is begun, and the next run goes on
}

// line is what waits for one destination, in the order in which it is to be told.
type line struct {
	destination string
	due         []upgrade.Delivery
	busy        bool
}

// NotifyBillingWorkflow sends callbacks, in order to each destination, so that one which is out of reach holds up neither the
// upgrade nor the others. A signal starts it; it ends when all is delivered or given up, and the next signal starts it again. The
// signals are callback and replay.
func NotifyBillingWorkflow(ctx workflow.Context, in upgrade.NotifyStart) error {
	n := &notifier{upgrade: in.Upgrade, inbox: in.Inbox, gone: in.Gone}
	for _, name := range notifySignals {
		workflow.Go(ctx, func(ctx workflow.Context) {
			for {
				var raw converter.RawValue
				workflow.GetSignalChannel(ctx, name).Receive(ctx, &raw)
				n.take(ctx, name, raw)
			}
		})
	}
	n.enqueue(ctx, in.Due)
	for {
		for len(n.inbox) > 0 && !n.closing {
			due := n.inbox[0]
			n.inbox = n.inbox[1:]
			if err := n.open(ctx, due); err != nil {
				return err
			}
		}
		if n.idle() && (n.closing || len(n.inbox) == 0) {
			if n.drain(ctx); n.closing || len(n.inbox) == 0 {
				break
			}
			continue
		}
		if err := workflow.Await(ctx, func() bool { return len(n.inbox) > 0 && !n.closing || n.idle() }); err != nil {
			return err
		}
	}
	if !n.closing {
		return nil
	}
	next := upgrade.NotifyStart{Upgrade: n.upgrade, Gone: n.gone, Inbox: n.inbox}
	for _, l := range n.lines {
		next.Due = append(next.Due, l.due...)
	}
	return workflow.NewContinueAsNewError(ctx, upgrade.NotifyWorkflow, next)
}

// notifySignals are the signals that are taken.
var notifySignals = []string{upgrade.SignalCallback, upgrade.SignalReplay}

// take reads a signal strictly. One that does not fit changes nothing.
func (n *notifier) take(ctx workflow.Context, name string, raw converter.RawValue) {
	data, err := jsonOf(raw)
	if err != nil {
		workflow.GetLogger(ctx).Warn("a signal was ignored", "signal", name, "error", err)
		return
	}
	due, problems := upgrade.ParseCallbackDue(data)
	if due.Replay = name == upgrade.SignalReplay; len(problems) > 0 || due.Sequence == 0 && !due.Replay {
		workflow.GetLogger(ctx).Warn("a signal was ignored", "signal", name, "error", problems.Error())
		return
	}
	n.inbox = append(n.inbox, due)
}

// drain takes what has come in and was not looked at: a run that ends would lose it.
func (n *notifier) drain(ctx workflow.Context) {
	letOthersRun(ctx)
	for _, name := range notifySignals {
		channel := workflow.GetSignalChannel(ctx, name)
		for raw := (converter.RawValue{}); channel.ReceiveAsync(&raw); raw = (converter.RawValue{}) {
			n.take(ctx, name, raw)
		}
	}
}

// open finds out where a callback is to go.
func (n *notifier) open(ctx workflow.Context, due upgrade.CallbackDue) error {
	if !due.Replay {
		if slices.Contains(n.opened, due.Sequence) {
			return nil
		}
		n.opened = append(n.opened, due.Sequence)
	}
	words := fmt.Sprintf("Who is to be told of callback %d", due.Sequence)
	out := mustRecord(ctx, words, a.OpenDeliveries, activities.OpenDeliveriesInput{Upgrade: n.upgrade, Due: due})
	if err := ctx.Err(); err != nil {
		return err
	}
	n.schedule = out.Schedule
	n.enqueue(ctx, out.Deliveries)
	return nil
}

// enqueue puts deliveries into their lines. What waits there already is not put twice.
func (n *notifier) enqueue(ctx workflow.Context, deliveries []upgrade.Delivery) {
	for _, d := range deliveries {
		i := slices.IndexFunc(n.lines, func(l *line) bool { return l.destination == d.Destination })
		if i < 0 {
			i = len(n.lines)
			n.lines = append(n.lines, &line{destination: d.Destination})
		}
		l := n.lines[i]
		if !slices.ContainsFunc(l.due, func(have upgrade.Delivery) bool { return have.Sequence == d.Sequence }) {
			l.due = append(l.due, d)
		}
		if !l.busy {
			l.busy = true
			workflow.Go(ctx, func(ctx workflow.Context) { n.work(ctx, l) })
		}
	}
}

func (n *notifier) idle() bool {
	return !slices.ContainsFunc(n.lines, func(l *line) bool { return l.busy })
}

// work tells one destination, one callback after another.
func (n *notifier) work(ctx workflow.Context, l *line) {
	for len(l.due) > 0 && ctx.Err() == nil {
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			n.closing = true
			break
		}
		n.deliver(ctx, l.due[0])
		l.due = l.due[1:]
	}
	l.busy = false
}

// deliver sends one callback until it is taken, or until the schedule is used up.
func (n *notifier) deliver(ctx workflow.Context, d upgrade.Delivery) {
	if slices.Contains(n.gone, d.Destination) {
		d.Problem = &upgrade.Problem{Code: "callback_gone", Message: "The destination has said before that it wants no more callbacks."}
		mustRecord(ctx, "Write down that a callback is not sent", a.GiveUpCallback, activities.GiveUpCallbackInput{Delivery: d})
		return
	}
	words := fmt.Sprintf("Callback %d, %s, to %s", d.Sequence, d.Type, d.Destination)
	_, err := do(posting(ctx, n.schedule, words), a.SendCallback, activities.SendCallbackInput{Delivery: d, Schedule: n.schedule})
	if err == nil || temporal.IsCanceledError(err) {
		return
	}
	f := failureOf(err)
	if f.Code == "callback_gone" {
		n.gone = append(n.gone, d.Destination)
	}
	d.Problem = &upgrade.Problem{Code: orCode(f.Code), Message: f.Message, Remedy: f.Remedy}
	out := mustRecord(ctx, "Write down that a callback was given up", a.GiveUpCallback, activities.GiveUpCallbackInput{Delivery: d})
	n.tellEngineer(ctx, out.Delivery)
}

// tellEngineer writes about a callback that was given up. Nothing depends on the mail: the register lists what failed.
func (n *notifier) tellEngineer(ctx workflow.Context, d upgrade.Delivery) {
	order := n.upgrade
	if at := strings.LastIndex(order, "#"); at > 0 {
		order = order[:at]
	}
	_, err := do(post(ctx, "Mail to the engineer: a callback failed"), a.SendLetter, activities.SendLetterInput{Engineer: true, Letter: upgrade.Letter{
		Kind: upgrade.LetterCallbackFailed, Order: order, Delivery: &d,
		ID: upgrade.UUID(n.upgrade, "callback failed", d.Destination, fmt.Sprint(d.Sequence, d.Attempts)),
	}})
	if err != nil {
		workflow.GetLogger(ctx).Warn("the mail about a callback could not be sent", "callback", d.ID, "error", failureOf(err).Message)
	}
}

// ReadCallbacksWorkflow answers the callbacks of an order's last attempt, and changes nothing.
func ReadCallbacksWorkflow(ctx workflow.Context, asked upgrade.CallbacksAsked) (upgrade.CallbacksPage, error) {
	out, err := do(quick(ctx, upgrade.DefaultPolicy(), "Read the callbacks"), a.ReadCallbacks, activities.ReadCallbacksInput{Asked: asked})
	return out.Page, err
}
