package main

import (
	"context"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"uplift/internal/codec"
	"uplift/upgrade"
)

// waited holds that the urgent order waited for one slot to come free at most. The turn gate's own history tells: once the gate
// has read what the order wants, it gives nobody else a slot before.
func (h *herd) waited(ctx context.Context, no func(order, what string, expected, got any)) {
	events, err := h.gate(ctx)
	if err != nil {
		no("urgent", "the turn gate's history", "readable", err)
		return
	}
	var asked, given time.Time
	read, before := false, 0
	has := map[string]bool{} // those with a slot
	for _, event := range events {
		if a := event.GetWorkflowExecutionSignaledEventAttributes(); a.GetSignalName() == upgrade.SignalTurn {
			var w upgrade.TurnWanted
			if err := plain(a.GetInput(), &w); err != nil {
				no("urgent", "a message to the turn gate", "readable", err)
				return
			}
			has[w.Workflow] = has[w.Workflow] && w.Slot
			if w.Workflow == upgrade.WorkflowID("urgent") && w.Slot && asked.IsZero() {
				asked = event.GetEventTime().AsTime()
			}
		}
		read = read || !asked.IsZero() && event.GetEventType() == enums.EVENT_TYPE_WORKFLOW_TASK_STARTED
		if a := event.GetSignalExternalWorkflowExecutionInitiatedEventAttributes(); a.GetSignalName() == upgrade.SignalTurnGiven {
			switch id := a.GetWorkflowExecution().GetWorkflowId(); {
			case id == upgrade.WorkflowID("urgent") && !asked.IsZero():
				given = event.GetEventTime().AsTime()
			case read && !has[id]:
				before++
				has[id] = true
			default:
				has[id] = true
			}
		}
		if !given.IsZero() {
			break
		}
	}
	if given.IsZero() {
		no("urgent", "the urgent order", "a turn", "none")
		return
	}
	h.tell("the urgent order waited %s for its turn, while %d rows were given one", given.Sub(asked).Round(time.Millisecond), before)
	if before > 0 {
		no("urgent", "rows that were given a slot while an urgent order waited", 0, before)
	}
}

// gate are the events of the turn gate, from its first run on.
func (h *herd) gate(ctx context.Context) (all []*history.HistoryEvent, err error) {
	for run, known := "", true; known; {
		one, err := tolerate(ctx, func(ctx context.Context) ([]*history.HistoryEvent, error) {
			return h.site.events(ctx, upgrade.TurnGateID, run)
		})
		if err != nil {
			return nil, err
		}
		run = one[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
		known, all = run != "", append(one, all...)
	}
	return all, nil
}

// plain reads a payload as whoever has the key does.
func plain(p *commonpb.Payloads, into any) error {
	return converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), codec.Dev()).FromPayloads(p, into)
}
