package activitiestest

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"uplift/upgrade"
)

// Destination is a billing system that is called back.
type Destination struct {
	Name  string
	Types []upgrade.CallbackType // nil: all
	told  []upgrade.Callback
	ids   []string
	fails []error // of the next calls
}

// AddDestination configures one. Add it before the activities are made.
func (w *World) AddDestination(name string, types ...upgrade.CallbackType) *Destination {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := &Destination{Name: name, Types: types}
	w.destinations = append(w.destinations, d)
	return d
}

// Refuses lets a destination's next calls answer these errors, one each.
func (w *World) Refuses(d *Destination, errs ...error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	d.fails = append(d.fails, errs...)
}

// Told are the callbacks that a destination took, with their ids, in the order in which they came.
func (w *World) Told(d *Destination) ([]upgrade.Callback, []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(d.told), slices.Clone(d.ids)
}

// Callbacks implements activities.Callbacks.
type Callbacks struct{ w *World }

// Destinations implements activities.Callbacks.
func (c Callbacks) Destinations(t upgrade.CallbackType) []string {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	var names []string
	for _, d := range c.w.destinations {
		if len(d.Types) == 0 || slices.Contains(d.Types, t) {
			names = append(names, d.Name)
		}
	}
	return names
}

// Post implements activities.Callbacks.
func (c Callbacks) Post(_ context.Context, destination, id string, body []byte) (err error) {
	end, err := c.w.begin("Callbacks.Post")
	if err != nil {
		return err
	}
	defer end(&err)
	i := slices.IndexFunc(c.w.destinations, func(d *Destination) bool { return d.Name == destination })
	if i < 0 {
		return refused("no_such_destination", "the settings have no such destination")
	}
	d := c.w.destinations[i]
	if len(d.fails) > 0 {
		fail := d.fails[0]
		d.fails = d.fails[1:]
		if fail != nil {
			return fail
		}
	}
	var told upgrade.Callback
	if err := json.Unmarshal(body, &told); err != nil {
		return err
	}
	d.told, d.ids = append(d.told, told), append(d.ids, id)
	return nil
}

// SaveCallback implements activities.Register, as the methods below do.
func (r Register) SaveCallback(_ context.Context, id, fact string, c upgrade.Callback) (sequence int, err error) {
	err = r.row("Register.SaveCallback", id, func(row *upgradeRow) error {
		if sequence = row.facts[fact]; sequence == 0 {
			sequence = len(row.callbacks) + 1
			c.Sequence, row.facts[fact] = sequence, sequence
			row.callbacks = append(row.callbacks, c)
		}
		return nil
	})
	return sequence, err
}

// Callback reads one.
func (r Register) Callback(_ context.Context, id string, sequence int) (c upgrade.Callback, err error) {
	err = r.row("Register.Callback", id, func(row *upgradeRow) error {
		if sequence < 1 || sequence > len(row.callbacks) {
			return notFound("callback")
		}
		c = row.callbacks[sequence-1]
		return nil
	})
	return c, err
}

// SaveDelivery keeps the latest word.
func (r Register) SaveDelivery(_ context.Context, d upgrade.Delivery) error {
	return r.row("Register.SaveDelivery", d.Upgrade, func(row *upgradeRow) error {
		if d.Sequence < 1 || d.Sequence > len(row.callbacks) {
			return notFound("callback")
		}
		d.Type, d.ID = row.callbacks[d.Sequence-1].Type, upgrade.CallbackID(d.Upgrade, d.Sequence)
		same := func(have upgrade.Delivery) bool {
			return have.Sequence == d.Sequence && have.Destination == d.Destination
		}
		if i := slices.IndexFunc(row.deliveries, same); i >= 0 {
			row.deliveries[i] = d
		} else {
			row.deliveries = append(row.deliveries, d)
		}
		return nil
	})
}

// Deliveries lists them by sequence and destination.
func (r Register) Deliveries(_ context.Context, id string) (out []upgrade.Delivery, err error) {
	end, err := r.w.begin("Register.Deliveries")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	if row := r.w.upgrades[id]; row != nil {
		out = slices.Clone(row.deliveries)
		slices.SortFunc(out, func(a, b upgrade.Delivery) int {
			return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(a.Destination, b.Destination))
		})
	}
	return out, nil
}

// FailedDeliveries lists what was given up or waits for another attempt, the latest first.
func (r Register) FailedDeliveries(_ context.Context, limit int) (out []upgrade.Delivery, err error) {
	end, err := r.w.begin("Register.FailedDeliveries")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	for _, row := range r.w.upgrades {
		for _, d := range row.deliveries {
			if d.State == upgrade.DeliveryFailed || d.State == upgrade.DeliveryPending && d.Attempts > 0 {
				out = append(out, d)
			}
		}
	}
	slices.SortFunc(out, func(a, b upgrade.Delivery) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Upgrade, b.Upgrade), cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(a.Destination, b.Destination))
	})
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out, nil
}
