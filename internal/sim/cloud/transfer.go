package cloud

import (
	"cmp"
	"slices"
	"time"
)

// convert is the end of a Conversion: the seats change offer.
func (c *Cloud) convert(t *Tenant, s *Subscription, target *Offer, into *Subscription, tr *Transition, o Origin) {
	source := s.Offer
	settled := c.at.Add(c.lag(c.faults.Lags.NotReady))
	switch {
	case into != nil:
		c.resizeMoved(into, s, tr.Quantity)
		into.moving, into.readyAt = "", settled
		c.push(t, into)
	case tr.Target != "":
		part := s.split(tr.Target, tr.Quantity)
		part.Offer, part.FriendlyName, part.Availability = target, target.Name, c.availability(target)
		c.reterm(part, tr.Move)
		part.Created, part.readyAt = c.at, settled
		t.subs = append(t.subs, part)
		c.record(SubscriptionCreated, t.ID, part.ID, nil, target.PartNumber+" "+text(part.Quantity), o)
		c.scheduleRenewal(t, part)
		c.push(t, part)
	default:
		s.rename(target)
		s.Offer, s.Availability, s.PromotionID, s.Next = target, c.availability(target), tr.PromotionID, nil
		if c.reterm(s, tr.Move) {
			c.scheduleRenewal(t, s)
		}
	}
	if s.Quantity == 0 {
		s.Status = Deleted
	}
	s.moving, s.readyAt, s.Updates = "", settled, s.Updates+1
	tr.event("Conversion", "Completed", c.at)
	c.record(TransitionCompleted, t.ID, s.ID, source.PartNumber, target.PartNumber+" "+text(tr.Quantity)+" "+tr.Target, o)
	c.push(t, s)
	if tr.Type == TransferLicences {
		tr.event("LicenseReassignment", "Started", c.at)
		lags := c.faults.Lags // not before the directory has heard of the conversion
		wait := time.Duration(float64(lags.Provisioning)*(1+lags.Jitter)) + c.lag(lags.Reassignment)
		c.after(wait, func() { c.reassign(t, source, target, tr, o) })
	}
}

// split takes seats out of a subscription into a new one that inherits term,
// billing and the windows that are open.
func (s *Subscription) split(id string, quantity int) *Subscription {
	part := s.copy()
	part.ID, part.Quantity, part.Next = id, quantity, nil
	part.pushes, part.moving, part.PromotionID = 0, "", ""
	part.Blocks = s.takeBlocks(quantity)
	s.Quantity -= quantity
	return &part
}

// takeBlocks moves seats out of the oldest blocks.
func (s *Subscription) takeBlocks(quantity int) []Block {
	var taken []Block
	for i := range s.Blocks {
		n := min(quantity, s.Blocks[i].Quantity)
		if n > 0 {
			taken = append(taken, Block{n, s.Blocks[i].Until})
			s.Blocks[i].Quantity -= n
			quantity -= n
		}
	}
	s.Blocks = slices.DeleteFunc(s.Blocks, func(b Block) bool { return b.Quantity == 0 })
	return taken
}

func (c *Cloud) resizeMoved(into, from *Subscription, quantity int) {
	into.Blocks = append(into.Blocks, from.takeBlocks(quantity)...)
	into.Quantity += quantity
	from.Quantity -= quantity
}

// reterm applies another term or billing cycle; a longer term begins now, and
// the return window does not start again.
func (c *Cloud) reterm(s *Subscription, m Move) (changed bool) {
	s.BillingCycle = cmp.Or(m.BillingCycle, s.BillingCycle)
	if m.Term == "" || m.Term == s.Term {
		return false
	}
	s.Term, s.Start, s.End = m.Term, c.at, termEnd(c.at, m.Term)
	s.term++
	return true
}

// reassign moves holders from the old licence to the new one, as many as seats
// moved. Inherited licences stay: only direct ones can be moved. A user whose other
// licences exclude the new one keeps the old one.
func (c *Cloud) reassign(t *Tenant, source, target *Offer, tr *Transition, o Origin) {
	failing, wiping := c.roll(TransferFails, o), c.roll(TransferWipesPlans, o)
	moved, left := 0, []string{}
	t.held = nil
	for _, u := range t.users {
		i := slices.IndexFunc(u.Assignments, func(a Assignment) bool { return a.SKU == source.SKU && a.Group == "" })
		if i < 0 || moved+len(left) >= tr.Quantity {
			continue
		}
		if failing && (len(left) == 0 || c.dice.Intn(4) == 0) {
			left = append(left, u.UPN)
			continue
		}
		before := u.copy()
		a := u.Assignments[i]
		a.SKU, a.Updated = target.SKU, c.at
		a.Disabled = slices.DeleteFunc(slices.Clone(a.Disabled), func(p string) bool { _, ok := target.plan(p); return wiping || !ok })
		u.Assignments = slices.Delete(u.Assignments, i, i+1)
		u.assign(a)
		if violation(before.enabledPlans(), u.enabledPlans()) != nil {
			u.Assignments = before.Assignments
			left = append(left, u.UPN)
			continue
		}
		c.record(LicenceTransferred, t.ID, u.ID, describe(before.AssignedLicences()), describe(u.AssignedLicences()), o)
		moved++
	}
	if len(left) > 0 {
		tr.event("LicenseReassignment", "Failed", c.at, TransitionError{12, "Licenses of some users could not be reassigned."})
		c.record(TransferFailed, t.ID, tr.Source, left, moved, o)
		return
	}
	tr.event("LicenseReassignment", "Completed", c.at)
	c.record(TransferCompleted, t.ID, tr.Source, nil, moved, o)
}

func describe(l []AssignedLicence) string {
	out := ""
	for _, x := range l {
		out += x.SKU + text(x.Disabled) + " "
	}
	return out
}
