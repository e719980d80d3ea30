package temporalclient

import (
	"context"

	"uplift/upgrade"
)

// Turns answers who has a turn and who waits for one. Kind Transient, code no_gate: there is no turn gate yet, since no worker
// has ever run.
func (u *Upgrades) Turns(ctx context.Context) (upgrade.Turns, error) {
	t, err := query[upgrade.Turns](ctx, u, upgrade.TurnGateID, "", upgrade.QueryTurns)
	return t, gateless(translate(err))
}

// SetSlots changes how many upgrades change subscriptions at a time, from now on and without a restart.
func (u *Upgrades) SetSlots(ctx context.Context, in upgrade.SetSlots) (upgrade.Reply, error) {
	out, err := Update[upgrade.SetSlots, upgrade.Reply](ctx, u.Exact(), upgrade.TurnGateID, upgrade.UpdateSetSlots, "", in)
	return out, gateless(err)
}

// gateless says that it is the gate that is not there.
func gateless(err error) error {
	if upgrade.KindOf(err) != upgrade.NotFound {
		return err
	}
	return &upgrade.Error{Kind: upgrade.Transient, Code: "no_gate", Message: "the turn gate does not run; a worker opens it when it starts", Err: err}
}
