package ledgercheck

import (
	"fmt"
	"slices"
	"time"

	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// inTime holds that nothing changes before consent and eligibility, and that what ended before its change has changed nothing.
func (c *checker) inTime(o Order) {
	for i, a := range o.Attempts {
		until := time.Time{}
		if i+1 < len(o.Attempts) {
			until = o.Attempts[i+1].Started
		}
		var first *cloud.Entry
		for _, e := range c.byOrder[o.ID] {
			if write(e) && e.Real.After(a.Started) && (until.IsZero() || e.Real.Before(until)) {
				first = &e
				break
			}
		}
		changing := entered(a.Status, upgrade.Changing)
		if i := slices.IndexFunc(a.Status.Stages, func(s upgrade.StageTime) bool { return s.Stage == upgrade.Undoing }); i >= 0 && changing.IsZero() {
			changing = a.Status.Stages[i].At
		}
		if first == nil || a.Result.End == upgrade.Duplicate || a.Result.End == upgrade.RefusedOrder {
			continue
		}
		if changing.IsZero() {
			never := 4
			if a.Result.End == upgrade.Cancelled {
				never = 9
			}
			c.violation(never, o.ID, o.Tenant, "a change by an upgrade that never came to its change", "nothing", fmt.Sprintf("%s by %s, which ended %s", line(*first), a.Workflow, a.Result.End))
			continue
		}
		if first.Real.Before(changing) {
			c.violation(4, o.ID, o.Tenant, "a change before its time", "nothing before "+changing.Format("15:04:05.000"), line(*first))
		}
		if !checked(o.Attempts[:i+1], first.Real) {
			c.violation(4, o.ID, o.Tenant, "a change without a check of eligibility", "a check before it", line(*first))
		}
		c.consented(o, a, *first)
	}
}

// consented holds that the proof of a consent is there, of the right tenant and by somebody who may give it.
func (c *checker) consented(o Order, a Attempt, first cloud.Entry) {
	i := slices.IndexFunc(c.Customers, func(one Customer) bool { return one.Tenant == o.Tenant })
	given := slices.ContainsFunc(c.Ledger, func(e cloud.Entry) bool {
		return e.Kind == cloud.ConsentGranted && e.Tenant == o.Tenant && e.Seq < first.Seq
	})
	if !given {
		c.violation(4, o.ID, o.Tenant, "a change without a consent", "a consent at Microsoft before it", line(first))
	}
	e := a.Status.Evidence
	switch {
	case e == nil:
		c.violation(8, o.ID, o.Tenant, "a change without evidence of the consent", "evidence", line(first))
	case e.Tenant != o.Tenant:
		c.violation(8, o.ID, o.Tenant, "a consent of another tenant", o.Tenant, e.Tenant)
	case e.ObjectID != "" && i >= 0 && !slices.Contains(c.Customers[i].Administrator, e.ObjectID):
		c.violation(8, o.ID, o.Tenant, "a consent by somebody who may not give it", c.Customers[i].Administrator, e.ObjectID)
	}
}

// checked tells whether an attempt has checked before a moment: one that goes on with a change that broke off relies on the
// check of the attempt before it.
func checked(attempts []Attempt, before time.Time) bool {
	return slices.ContainsFunc(attempts, func(a Attempt) bool {
		at := entered(a.Status, upgrade.Checking)
		return !at.IsZero() && !at.After(before)
	})
}

// entered is when a stage was first entered; zero: never.
func entered(s upgrade.Status, stage upgrade.Stage) time.Time {
	for _, one := range s.Stages {
		if one.Stage == stage {
			return one.At
		}
	}
	return time.Time{}
}
