package activities

import (
	"context"
	"errors"
	"slices"
	"time"

	"uplift/upgrade"
)

// longWait is how long a pause may be that an attempt makes itself; a longer one is Temporal's, and the next attempt goes on.
const longWait = 5 * time.Minute

// resends is how often the parts of a batch that were put off are sent again before they are left for the next attempt.
const resends = 8

// send sends a batch of changes, and again those of them that the directory put off, and only those.
func (c *carriage) send(ctx context.Context, batch []*passenger) []answered {
	var out []answered
	for try := 0; ; try++ {
		changes := make([]upgrade.LicenseChange, len(batch))
		for i, p := range batch {
			changes[i] = p.change
		}
		id := graphWrite(c.m.upgrade, c.step, changes)
		outcomes, err := c.m.a.Directory.AssignLicenses(ctx, c.m.grant, id, changes)
		switch kind := upgrade.KindOf(err); {
		case err == nil:
		case putOff(kind), kind == upgrade.Ambiguous:
			outcomes = everybody(changes, err)
		default: // it speaks of no user
			for _, p := range batch {
				out = append(out, answered{p, verdict{broken: err}})
			}
			return out
		}
		var again []*passenger
		var wait time.Duration
		for i, p := range batch {
			e := outcomes[i].Err
			if e != nil && putOff(e.Kind) && e.RetryAfter > longWait {
				out = append(out, answered{p, verdict{broken: e}})
				continue
			}
			if e != nil && putOff(e.Kind) && try < resends {
				again, wait = append(again, p), max(wait, e.RetryAfter)
				continue
			}
			out = append(out, answered{p, c.answer(ctx, p, e)})
		}
		if len(again) == 0 {
			return out
		}
		if err := c.m.breathe(ctx, try, wait); err != nil {
			for _, p := range again {
				out = append(out, answered{p, verdict{later: err}})
			}
			return out
		}
		batch = again
	}
}

// putOff tells that a request was not carried out and may be sent again as it is.
func putOff(k upgrade.Kind) bool { return k == upgrade.Throttled || k == upgrade.Transient }

// everybody is an error of a whole batch, as the outcome of each change in it.
func everybody(changes []upgrade.LicenseChange, err error) []upgrade.LicenseOutcome {
	var e *upgrade.Error
	errors.As(err, &e) // what may be repeated has a kind
	out := make([]upgrade.LicenseOutcome, len(changes))
	for i, change := range changes {
		out[i] = upgrade.LicenseOutcome{User: change.User, Err: e}
	}
	return out
}

// breathe waits before the same is asked again: as long as the directory says, else longer each time.
func (m *mover) breathe(ctx context.Context, try int, said time.Duration) error {
	if said <= 0 {
		said = m.a.Settings.Policy.Paced(time.Second << min(try, 4))
	}
	return m.a.wait(ctx, said)
}

// answer says what comes of the directory's answer to a change.
func (c *carriage) answer(ctx context.Context, p *passenger, e *upgrade.Error) verdict {
	switch {
	case e == nil:
		return c.accepted(p.shot)
	case e.Kind == upgrade.GrantLost, e.Kind == upgrade.Act:
		return verdict{broken: e}
	case putOff(e.Kind):
		return verdict{later: e}
	case p.times >= mostReadings:
		if e.Kind == upgrade.Ambiguous || e.Kind == upgrade.Conflict {
			return verdict{later: &upgrade.Error{Kind: upgrade.Transient, Code: e.Code, Message: e.Message}}
		}
	case e.Kind == upgrade.Ambiguous, e.Kind == upgrade.Conflict:
		return verdict{reread: true}
	case !p.read: // it was asked for by the photograph, which may be wrong: look before it counts
		p.refusal = e
		return verdict{reread: true}
	}
	return c.refused(ctx, p.shot, e)
}

// read reads a batch of users one by one, not from the index, which lags, and decides about each.
func (c *carriage) read(ctx context.Context, batch []*passenger) []answered {
	shots := make([]upgrade.Snapshot, len(batch))
	for i, p := range batch {
		shots[i] = p.shot
	}
	present, err := c.m.readPatiently(ctx, shots)
	var out []answered
	for _, p := range batch {
		v := verdict{later: err}
		switch {
		case err == nil:
			now, found := present[p.shot.User.ID]
			v = c.look(ctx, p, now, found)
		case !upgrade.KindOf(err).Retryable(), retryAfterOf(err) > longWait:
			v = verdict{broken: err}
		}
		p.times++
		if v.change != nil && p.refusal != nil && sameChange(*v.change, p.change) {
			v = c.refused(ctx, p.shot, p.refusal) // it was no mistake of the photograph's
		}
		p.refusal = nil
		out = append(out, answered{p, v})
	}
	return out
}

// readPatiently is read, again where the directory puts it off.
func (m *mover) readPatiently(ctx context.Context, shots []upgrade.Snapshot) (map[string]upgrade.User, error) {
	for try := 0; ; try++ {
		present, err := m.read(ctx, shots)
		if err == nil || !putOff(upgrade.KindOf(err)) || try >= resends || retryAfterOf(err) > longWait {
			return present, err
		}
		if err := m.breathe(ctx, try, retryAfterOf(err)); err != nil {
			return nil, err
		}
	}
}

func retryAfterOf(err error) time.Duration {
	var e *upgrade.Error
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}

func sameChange(a, b upgrade.LicenseChange) bool {
	return slices.Equal(a.Remove, b.Remove) && slices.EqualFunc(a.Add, b.Add, func(x, y upgrade.License) bool {
		return x.SKUID == y.SKUID && slices.Equal(x.DisabledPlans, y.DisabledPlans)
	})
}
