package activitiestest

import (
	"context"
	"slices"

	"uplift/upgrade"
)

// Executions tells of Temporal's executions, as far as a test closed them.
type Executions struct{ w *World }

// Close lets an execution be closed without an end.
func (w *World) Close(workflowID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed[workflowID] = true
}

// Closed implements activities.Executions.
func (e Executions) Closed(_ context.Context, workflowID, _ string) (out bool, err error) {
	end, err := e.w.begin("Executions.Closed")
	if err != nil {
		return false, err
	}
	defer end(&err)
	return e.w.closed[workflowID], nil
}

// Run lets an upgrade run past its consent, with a status.
func (w *World) Run(s upgrade.Status) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running = append(w.running, s)
}

// OpenGate implements activities.Executions: it counts.
func (e Executions) OpenGate(context.Context) (err error) {
	end, err := e.w.begin("Executions.OpenGate")
	if err != nil {
		return err
	}
	end(&err)
	return err
}

// TellGate implements activities.Executions: the interceptor of a [Gate] has caught what an upgrade says before it comes here.
func (e Executions) TellGate(context.Context, upgrade.TurnWanted) (err error) {
	end, err := e.w.begin("Executions.TellGate")
	if err != nil {
		return err
	}
	end(&err)
	return err
}

// SetSlots says how many slots the gate has; without it, as many as usual.
func (w *World) SetSlots(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.slots = n
}

// Slots implements activities.Executions.
func (e Executions) Slots(context.Context) (n int, err error) {
	end, err := e.w.begin("Executions.Slots")
	if err != nil {
		return 0, err
	}
	defer end(&err)
	return e.w.slots, nil
}

// Running implements activities.Executions.
func (e Executions) Running(context.Context) (n int, err error) {
	end, err := e.w.begin("Executions.Running")
	if err != nil {
		return 0, err
	}
	defer end(&err)
	return len(e.w.running), nil
}

// Past implements activities.Executions, one on each page.
func (e Executions) Past(_ context.Context, cursor []byte) (page []string, next []byte, err error) {
	end, err := e.w.begin("Executions.Past")
	if err != nil {
		return nil, nil, err
	}
	defer end(&err)
	if at := len(cursor); at < len(e.w.running) {
		page = append(page, e.w.running[at].WorkflowID)
		if at+1 < len(e.w.running) {
			next = make([]byte, at+1)
		}
	}
	return page, next, nil
}

// Status implements activities.Executions.
func (e Executions) Status(_ context.Context, workflowID string) (s upgrade.Status, err error) {
	end, err := e.w.begin("Executions.Status")
	if err != nil {
		return s, err
	}
	defer end(&err)
	for _, one := range e.w.running {
		if one.WorkflowID == workflowID && !e.w.closed[workflowID] {
			return one, nil
		}
	}
	return s, notFound("running upgrade")
}

// NotifyBilling implements activities.Executions: it writes down of what billing is to be told.
func (e Executions) NotifyBilling(_ context.Context, upgradeID string, due upgrade.CallbackDue) (err error) {
	end, err := e.w.begin("Executions.NotifyBilling")
	if err != nil {
		return err
	}
	defer end(&err)
	e.w.notified[upgradeID] = append(e.w.notified[upgradeID], due)
	return nil
}

// Notified are the callbacks of which the workflow that tells billing was let know, in this order.
func (w *World) Notified(upgradeID string) []upgrade.CallbackDue {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.notified[upgradeID])
}
