package main

import (
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"

	"uplift/activities"
	"uplift/upgrade"
)

// alone gives every upgrade its turn at once and without a gate: what it tells the gate reaches nobody and leaves nothing in its
// history, and the answer comes as if it had. One gate serves a whole installation, and is measured by itself.
type alone struct {
	interceptor.WorkerInterceptorBase
}

// InterceptWorkflow implements interceptor.WorkerInterceptor.
func (*alone) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	i := &aloneIn{}
	i.Next = next
	return i
}

type aloneIn struct {
	interceptor.WorkflowInboundInterceptorBase
}

func (i *aloneIn) Init(out interceptor.WorkflowOutboundInterceptor) error {
	o := &aloneOut{in: i}
	o.Next = out
	return i.Next.Init(o)
}

type aloneOut struct {
	interceptor.WorkflowOutboundInterceptorBase
	in *aloneIn
}

func (o *aloneOut) ExecuteLocalActivity(ctx workflow.Context, activity string, args ...any) workflow.Future {
	told, ok := args[0].(activities.TellGateInput)
	if activity != "TellGate" || !ok {
		return o.Next.ExecuteLocalActivity(ctx, activity, args...)
	}
	future, settle := workflow.NewFuture(ctx)
	settle.SetValue(nil)
	if w := told.Wanted; !w.Quiet {
		given, err := converter.GetDefaultDataConverter().ToPayload(upgrade.TurnGiven{FirstRun: w.FirstRun, Number: w.Number})
		if err == nil {
			err = o.in.HandleSignal(ctx, &interceptor.HandleSignalInput{SignalName: upgrade.SignalTurnGiven, Arg: &commonpb.Payloads{Payloads: []*commonpb.Payload{given}}})
		}
		if err != nil {
			workflow.GetLogger(ctx).Error("no turn was given", "error", err)
		}
	}
	return future
}
