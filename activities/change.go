package activities

import (
	"context"
	"fmt"

	"uplift/internal/errorbook"
	"uplift/upgrade"
)

// ChangeSeatsInput is one change of a quantity, from one absolute number to another.
type ChangeSeatsInput struct {
	Requests
	Tenant       string `json:"tenant"`
	Step         string `json:"step"`
	Subscription string `json:"subscription"`
	From         int    `json:"from"`
	To           int    `json:"to"`
}

// ChangeSeatsOutput is empty: whether the seats are there is asked by AwaitProvisioning.
type ChangeSeatsOutput struct{}

// ChangeSeats sets a subscription's quantity. A repeat is safe: it reads first and writes nothing when the number is
// reached, the number is absolute and was recorded before, and an unanswered request is repeated with the same
// MS-RequestId. A number that is neither the old nor the new one means that somebody else changed it, and stops us.
func (a *Activities) ChangeSeats(ctx context.Context, in ChangeSeatsInput) (ChangeSeatsOutput, error) {
	return ChangeSeatsOutput{}, a.effect(ctx, in.Upgrade, in.Step, a.changeSeats(ctx, in))
}

func (a *Activities) changeSeats(ctx context.Context, in ChangeSeatsInput) error {
	s, err := a.Commerce.Subscription(ctx, in.Tenant, in.Subscription)
	switch {
	case err != nil:
		return err
	case s.Seats == in.To:
		return nil
	case s.Seats != in.From:
		return &upgrade.Error{Kind: upgrade.Conflict, Code: "seats_changed",
			Message: fmt.Sprintf("the subscription has %s where the plan expects %d or %d", upgrade.Seats(s.Seats), in.From, in.To)}
	}
	return a.write(ctx, errorbook.Seats, in.Requests, in.Step, func(id upgrade.WriteID) error {
		return a.Commerce.SetSeats(ctx, id, in.Tenant, in.Subscription, in.From, in.To)
	})
}
