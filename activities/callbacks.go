package activities

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"

	"uplift/upgrade"
)

// TellBillingInput is a fact of an upgrade. Fact names it, so that a repeat is the same callback; the sequence number is the
// register's to give.
type TellBillingInput struct {
	Upgrade  string           `json:"upgrade"`
	Fact     string           `json:"fact"`
	Callback upgrade.Callback `json:"callback"`
}

// TellBillingOutput is the callback's number.
type TellBillingOutput struct {
	Sequence int `json:"sequence"`
}

// TellBilling puts a fact into the register, and has the workflow that tells billing know of it. A repeat meets the fact that it
// stored before, and signals the same number, which that workflow carries out once.
func (a *Activities) TellBilling(ctx context.Context, in TellBillingInput) (TellBillingOutput, error) {
	sequence, err := a.Register.SaveCallback(ctx, in.Upgrade, in.Fact, in.Callback)
	if err != nil {
		return TellBillingOutput{}, err
	}
	return TellBillingOutput{Sequence: sequence}, a.Executions.NotifyBilling(ctx, in.Upgrade, upgrade.CallbackDue{Sequence: sequence})
}

// OpenDeliveriesInput names a callback that is to be sent.
type OpenDeliveriesInput struct {
	Upgrade string              `json:"upgrade"`
	Due     upgrade.CallbackDue `json:"due"`
}

// OpenDeliveriesOutput says where it is to go, and how often it is tried.
type OpenDeliveriesOutput struct {
	Deliveries []upgrade.Delivery `json:"deliveries,omitempty"`
	Schedule   []upgrade.Wait     `json:"schedule,omitempty"`
}

// OpenDeliveries writes down that a callback is to go to each destination that wants it. One that has it, or was given up, is not
// tried again, unless it is asked for by a replay. A repeat finds what it wrote and answers the same. A callback that the register
// does not know goes nowhere: somebody made the signal up.
func (a *Activities) OpenDeliveries(ctx context.Context, in OpenDeliveriesInput) (OpenDeliveriesOutput, error) {
	out := OpenDeliveriesOutput{Schedule: a.Settings.Policy.Callbacks}
	if a.Callbacks == nil {
		return out, nil
	}
	known, err := a.Register.Deliveries(ctx, in.Upgrade)
	if err != nil {
		return out, err
	}
	if in.Due.Sequence == 0 {
		for _, d := range known {
			if d.State != upgrade.DeliveryDelivered && slices.Contains(a.Callbacks.Destinations(d.Type), d.Destination) {
				out.Deliveries = append(out.Deliveries, reopened(d))
			}
		}
		return out, a.saveDeliveries(ctx, out.Deliveries)
	}
	c, err := a.Register.Callback(ctx, in.Upgrade, in.Due.Sequence)
	if upgrade.KindOf(err) == upgrade.NotFound {
		return out, nil
	} else if err != nil {
		return out, err
	}
	for _, name := range a.Callbacks.Destinations(c.Type) {
		i := slices.IndexFunc(known, func(d upgrade.Delivery) bool { return d.Sequence == c.Sequence && d.Destination == name })
		switch {
		case i < 0:
			out.Deliveries = append(out.Deliveries, upgrade.Delivery{Upgrade: in.Upgrade, Sequence: c.Sequence, Type: c.Type,
				ID: upgrade.CallbackID(in.Upgrade, c.Sequence), Destination: name, State: upgrade.DeliveryPending, At: a.now()})
		case in.Due.Replay || known[i].State == upgrade.DeliveryPending:
			out.Deliveries = append(out.Deliveries, reopened(known[i]))
		}
	}
	return out, a.saveDeliveries(ctx, out.Deliveries)
}

// reopened is a delivery that is tried once more; how often it was tried stays.
func reopened(d upgrade.Delivery) upgrade.Delivery {
	d.State, d.Problem = upgrade.DeliveryPending, nil
	return d
}

func (a *Activities) saveDeliveries(ctx context.Context, list []upgrade.Delivery) error {
	for _, d := range list {
		if err := a.Register.SaveDelivery(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// SendCallbackInput is a callback for one destination. The delivery's attempts are those before this activity.
type SendCallbackInput struct {
	Delivery upgrade.Delivery `json:"delivery"`
	Schedule []upgrade.Wait   `json:"schedule,omitempty"`
}

// SendCallbackOutput is the delivery, made.
type SendCallbackOutput struct {
	Delivery upgrade.Delivery `json:"delivery"`
}

// SendCallback posts a callback to one destination. Its failure says by the schedule when Temporal is to try again, or later where
// the destination asks for that. A repeat after a lost answer carries the same webhook-id, by which the receiver knows it.
func (a *Activities) SendCallback(ctx context.Context, in SendCallbackInput) (SendCallbackOutput, error) {
	d := in.Delivery
	attempt := int(activity.GetInfo(ctx).Attempt)
	d.Attempts, d.At = in.Delivery.Attempts+attempt, a.now()
	err := a.postCallback(ctx, d)
	if err == nil {
		d.State, d.Problem = upgrade.DeliveryDelivered, nil
		return SendCallbackOutput{Delivery: d}, a.Register.SaveDelivery(ctx, d)
	}
	d.Problem = problemOf(err)
	if saved := a.Register.SaveDelivery(ctx, d); saved != nil {
		activity.GetLogger(ctx).Warn("an attempt at a callback was not written down", "callback", d.ID, "error", saved)
	}
	if upgrade.KindOf(err) == upgrade.Refused {
		return SendCallbackOutput{}, err
	}
	again := &upgrade.Error{Kind: upgrade.Transient, Code: upgrade.CodeOf(err), Message: d.Problem.Message, Err: err}
	var said *upgrade.Error
	if errors.As(err, &said) {
		again.RetryAfter = said.RetryAfter
	}
	if attempt <= len(in.Schedule) {
		again.RetryAfter = max(again.RetryAfter, in.Schedule[attempt-1].D())
	}
	again.RetryAfter = min(again.RetryAfter, 24*time.Hour)
	return SendCallbackOutput{}, again
}

func (a *Activities) postCallback(ctx context.Context, d upgrade.Delivery) error {
	if a.Callbacks == nil {
		return refused("no_such_destination", "this worker has no destinations for callbacks")
	}
	c, err := a.Register.Callback(ctx, d.Upgrade, d.Sequence)
	if upgrade.KindOf(err) == upgrade.NotFound {
		return refused("no_such_callback", "the register does not keep this callback any longer")
	} else if err != nil {
		return err
	}
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return a.Callbacks.Post(ctx, d.Destination, d.ID, body)
}

// GiveUpCallbackInput is a delivery that is not tried any more, with the reason.
type GiveUpCallbackInput struct {
	Delivery upgrade.Delivery `json:"delivery"`
}

// GiveUpCallbackOutput is the delivery as it is written down, with all its attempts.
type GiveUpCallbackOutput struct {
	Delivery upgrade.Delivery `json:"delivery"`
}

// GiveUpCallback writes down that a callback was not delivered. A repeat writes the same.
func (a *Activities) GiveUpCallback(ctx context.Context, in GiveUpCallbackInput) (GiveUpCallbackOutput, error) {
	d := in.Delivery
	known, err := a.Register.Deliveries(ctx, d.Upgrade)
	if err != nil {
		return GiveUpCallbackOutput{}, err
	}
	for _, one := range known {
		if one.Sequence == d.Sequence && one.Destination == d.Destination {
			d.Attempts, d.At = max(d.Attempts, one.Attempts), one.At
		}
	}
	d.State = upgrade.DeliveryFailed
	return GiveUpCallbackOutput{Delivery: d}, a.Register.SaveDelivery(ctx, d)
}

// ReadCallbacksInput asks for an order's callbacks.
type ReadCallbacksInput struct {
	Asked upgrade.CallbacksAsked `json:"asked"`
}

// ReadCallbacksOutput are those of its last attempt.
type ReadCallbacksOutput struct {
	Page upgrade.CallbacksPage `json:"page"`
}

// ReadCallbacks reads how far the callbacks of an order's last attempt are. It has no effect.
func (a *Activities) ReadCallbacks(ctx context.Context, in ReadCallbacksInput) (ReadCallbacksOutput, error) {
	id, err := a.Register.LatestUpgrade(ctx, in.Asked.Order)
	if err != nil {
		return ReadCallbacksOutput{}, err
	}
	list, err := a.Register.Deliveries(ctx, id)
	return ReadCallbacksOutput{Page: upgrade.CallbacksPage{Upgrade: id, Deliveries: list}}, err
}
