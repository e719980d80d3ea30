package planning

import (
	"fmt"
	"slices"

	"uplift/catalog"
	"uplift/upgrade"
)

// maker carries one plan while it is made.
type maker struct {
	Facts
	plan upgrade.Plan

	goals          []*goal
	sources        []*source
	rank           map[string]int // of each step
	touched        map[string]upgrade.Subscription
	refusedSources bool // a reason tells why the sources are not clear
}

// Make makes the plan document. The plan's Reasons say everything that speaks against it, never only the first.
func Make(f Facts) upgrade.Plan {
	m := &maker{Facts: f, touched: map[string]upgrade.Subscription{}, rank: map[string]int{}}
	m.plan = upgrade.Plan{
		Order: f.Order.ID, Tenant: f.Order.Tenant, Customer: f.Customer, MadeAt: f.Now,
		Catalog: f.Catalog.Digest(), PlanID: f.Order.Target.Plan, Reseller: f.Order.Reseller,
	}
	if !m.checkCustomer() {
		return m.plan
	}
	m.steps()
	m.lines()
	m.checkSubscriptions()
	m.checkHeldServices()
	m.users()
	m.renewal()
	m.undo()
	m.checkSeatsInUse()
	m.describe()
	m.cost()
	m.guard()
	return m.plan
}

// no adds a reason why not.
func (m *maker) no(path, code, remedy, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if !slices.ContainsFunc(m.plan.Reasons, func(p upgrade.Problem) bool { return p.Path == path && p.Code == code && p.Message == message }) {
		m.plan.Reasons.Add(path, code, message, remedy)
	}
}

// lines lists the subscriptions, now and then; those that a step makes stand last.
func (m *maker) lines() {
	for _, s := range m.where(func(s upgrade.Subscription) bool { return s.Status != "deleted" || m.named(s) }) {
		line := upgrade.PlanLine{Subscription: s.ID, Offer: s.CatalogItem, Name: s.Name, Now: s.Seats, Then: s.Seats, Term: s.Term, BillingCycle: s.BillingCycle}
		if offer, ok := m.offerOf(s); ok {
			line.Offer, line.Name = string(offer.ID), offer.Name
		}
		for _, step := range m.plan.Steps {
			m.carryLine(&line, step)
		}
		m.plan.Lines = append(m.plan.Lines, line)
	}
	for _, step := range m.plan.Steps {
		if step.Work == upgrade.Buy || step.Partial() && step.Into == "" {
			m.plan.Lines = append(m.plan.Lines, m.newLine(step))
		}
	}
	m.otherChannels()
	bought := slices.ContainsFunc(m.plan.Steps, func(s upgrade.Step) bool { return s.Work == upgrade.Buy })
	if m.Order.Purchase != nil && !bought {
		m.plan.Notes = append(m.plan.Notes, "Nothing is bought, so every subscription keeps its term and billing cycle; what the order says of a purchase is not used.")
	}
}

// carryLine takes one step into a subscription's line. What is scheduled changes nothing today, unless the upgrade waits for
// it.
func (m *maker) carryLine(line *upgrade.PlanLine, step upgrade.Step) {
	switch {
	case step.Into != "" && step.Into == line.Subscription:
		line.Touched, line.Then = true, step.To
	case step.Subscription != line.Subscription:
	case step.Work == upgrade.AtRenewal && !m.waits(step):
		line.Touched = true
	case step.Partial():
		line.Touched, line.Then = true, step.From-step.Moving()
	case step.Work == upgrade.Transit, step.Work == upgrade.AtRenewal:
		line.Touched, line.Then, line.ThenOffer = true, step.To, step.ToOffer
	default:
		line.Touched, line.Then = true, step.To
	}
}

// newLine is the line of a subscription that a step makes.
func (m *maker) newLine(step upgrade.Step) upgrade.PlanLine {
	id, _, _ := step.HoldsAfter()
	offer, _ := m.offer(id)
	line := upgrade.PlanLine{Step: step.ID, Offer: id, Name: offer.Name, Then: step.To, Term: step.Term, BillingCycle: step.BillingCycle, Touched: true}
	if s, ok := m.touched[step.Subscription]; ok {
		line.Term, line.BillingCycle = s.Term, s.BillingCycle
	}
	for _, later := range m.plan.Steps {
		if later.Of == step.ID {
			line.Then = later.To
		}
	}
	return line
}

// waits tells whether the upgrade stays open until a renewal, since users move then.
func (m *maker) waits(s upgrade.Step) bool {
	return s.Work == upgrade.AtRenewal && s.ToOffer != "" && m.Order.Licenses.Who != upgrade.Nobody
}

// otherChannels shows what the tenant holds from somebody else; it is not counted.
func (m *maker) otherChannels() {
	for _, t := range m.TenantSubscriptions {
		ours, _ := m.oursOf(t.CommerceID)
		offer, ok := m.Catalog.OfferBySKUID(t.SKUID)
		if ours || !ok || t.Status != "Enabled" || t.Seats == 0 {
			continue
		}
		m.plan.Notes = append(m.plan.Notes, fmt.Sprintf("The tenant holds %s of %s through another channel, which %s not counted.", upgrade.Seats(t.Seats), offer.Name, isOrAre(t.Seats)))
	}
}

// skuOf is the directory's id of an offer. The India editions' ids are in no list: Partner Center says them.
func (m *maker) skuOf(o catalog.Offer) string {
	if o.SKUID != "" {
		return o.SKUID
	}
	return m.SKUs[string(o.ID)].EntraSKU
}

// renewal lists what was scheduled for the renewal and is deleted by a change in mid-term. It means something afterwards
// where the product stays, unless the plan itself schedules another change; a mere number of seats is overtaken by the total
// that is ordered now, which the next term must not take back.
func (m *maker) renewal() {
	for _, line := range m.plan.Lines {
		s, ok := m.touched[line.Subscription]
		if !ok || s.Scheduled == nil || !line.Touched {
			continue
		}
		replaced := slices.ContainsFunc(m.plan.Steps, func(step upgrade.Step) bool { return step.Work == upgrade.AtRenewal && step.Subscription == s.ID })
		gone := line.Then == 0
		overtaken := s.Scheduled.ProductID+":"+s.Scheduled.SKUID == s.ProductSKU && s.Scheduled.Seats != line.Then
		m.plan.Renewal = append(m.plan.Renewal, upgrade.LostRenewal{Subscription: s.ID, Change: *s.Scheduled, Restorable: line.ThenOffer == "" && !replaced && !gone && !overtaken})
	}
}
