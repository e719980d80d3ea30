package activities

import (
	"context"

	"uplift/upgrade"
)

// TellGateInput is what an upgrade wants from now on.
type TellGateInput struct {
	Wanted upgrade.TurnWanted `json:"wanted"`
}

// TellGateOutput is empty: the gate's answer comes as a signal.
type TellGateOutput struct{}

// TellGate tells the gate that gives turns what an upgrade wants from now on, and opens one where none runs. A repeat says the same.
func (a *Activities) TellGate(ctx context.Context, in TellGateInput) (TellGateOutput, error) {
	return TellGateOutput{}, a.Executions.TellGate(ctx, in.Wanted)
}

// FindTurnsInput is empty.
type FindTurnsInput struct{}

// FindTurnsOutput says who has a turn, or waits for one.
type FindTurnsOutput struct {
	Running int            `json:"running"` // upgrades, in all
	Entries []upgrade.Turn `json:"entries,omitempty"`
}

// FindTurns asks every running upgrade that may have a turn. It only reads. An upgrade that does not answer makes it fail: a gate
// that does not know of a turn would give it twice.
func (a *Activities) FindTurns(ctx context.Context, _ FindTurnsInput) (FindTurnsOutput, error) {
	var out FindTurnsOutput
	var err error
	if out.Running, err = a.Executions.Running(ctx); err != nil || out.Running == 0 {
		return out, err
	}
	for cursor, first := []byte(nil), true; first || len(cursor) > 0; first = false {
		var page []string
		if page, cursor, err = a.Executions.Past(ctx, cursor); err != nil {
			return out, err
		}
		for _, id := range page {
			s, err := a.Executions.Status(ctx, id)
			switch {
			case upgrade.KindOf(err) == upgrade.NotFound: // closed meanwhile
			case err != nil:
				return out, err
			case s.Turn.Lock:
				out.Entries = append(out.Entries, s.Turn)
			}
			beat(ctx, len(out.Entries))
		}
	}
	return out, nil
}

// FindClosedInput names holders of turns.
type FindClosedInput struct {
	Holders []upgrade.TurnWanted `json:"holders"`
}

// FindClosedOutput names those among them whose executions have closed.
type FindClosedOutput struct {
	Closed []upgrade.TurnWanted `json:"closed,omitempty"`
}

// FindClosed asks Temporal which holders of a turn have closed. It only reads.
func (a *Activities) FindClosed(ctx context.Context, in FindClosedInput) (FindClosedOutput, error) {
	var out FindClosedOutput
	for _, h := range in.Holders {
		closed, err := a.Executions.Closed(ctx, h.Workflow, h.FirstRun)
		if err != nil {
			return out, err
		}
		if closed {
			out.Closed = append(out.Closed, h)
		}
		beat(ctx)
	}
	return out, nil
}
