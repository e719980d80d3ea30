package planning

import (
	"fmt"

	"uplift/catalog"
	"uplift/upgrade"
)

// maker carries one plan while it is made.
type maker struct {
	Facts
	plan upgrade.Plan

	source  *upgrade.Subscription // of a transition
	from    catalog.Offer         // what users come from; of a resize also what they end with
	to      catalog.Offer         // what users end with
	touched map[string]upgrade.Subscription
	refused map[string]bool // sources of which a reason tells why they are not used
}

// Make makes the plan document. The plan's Reasons say everything that speaks against it, never only the first.
func Make(f Facts) upgrade.Plan {
	m := &maker{Facts: f, touched: map[string]upgrade.Subscription{}, refused: map[string]bool{}}
	m.plan = upgrade.Plan{
		Order: f.Order.ID, Tenant: f.Order.Tenant, Customer: f.Customer, MadeAt: f.Now,
		Catalog: f.Catalog.Digest(), PlanID: f.Order.Target.Plan,
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
	return m.plan
}

// no adds a reason why not.
func (m *maker) no(path, code, remedy, format string, args ...any) {
	m.plan.Reasons.Add(path, code, fmt.Sprintf(format, args...), remedy)
}

// notOffered refuses a kind of work by its name.
func (m *maker) notOffered(path, format string, args ...any) {
	m.no(path, "kind_not_offered", "do this part by hand until a later version, or order what is left", format, args...)
}

// lines lists the subscriptions, now and then.
func (m *maker) lines() {
	for _, s := range m.where(func(s upgrade.Subscription) bool { return s.Status != "deleted" || m.named(s) }) {
		line := upgrade.PlanLine{Subscription: s.ID, Offer: s.CatalogItem, Name: s.Name, Now: s.Seats, Then: s.Seats, Term: s.Term, BillingCycle: s.BillingCycle}
		if offer, ok := m.offerOf(s); ok {
			line.Offer, line.Name = string(offer.ID), offer.Name
		}
		for _, step := range m.plan.Steps {
			if step.Subscription != s.ID {
				continue
			}
			line.Touched, line.Then = true, step.To
			if step.Work == upgrade.Transit {
				line.ThenOffer = step.ToOffer
			}
		}
		m.plan.Lines = append(m.plan.Lines, line)
	}
	m.otherChannels()
	if m.Order.Purchase != nil {
		m.plan.Notes = append(m.plan.Notes, "Nothing is bought, so every subscription keeps its term and billing cycle; what the order says of a purchase is not used.")
	}
}

// otherChannels shows what the tenant holds from somebody else; it is not counted.
func (m *maker) otherChannels() {
	for _, t := range m.TenantSubscriptions {
		ours, _ := m.oursOf(t.CommerceID)
		offer, ok := m.Catalog.OfferBySKUID(t.SKUID)
		if ours || !ok || t.Status != "Enabled" || t.Seats == 0 {
			continue
		}
		m.plan.Notes = append(m.plan.Notes, fmt.Sprintf("The tenant holds %d seats of %s through another channel; they are not counted.", t.Seats, offer.Name))
	}
}

// users says whose licences move, and from what to what.
func (m *maker) users() {
	o := m.Order
	l := upgrade.LicensePlan{Who: o.Licenses.Who, Users: o.Licenses.Users, Location: o.UsageLocation}
	m.plan.TargetSKU, m.plan.Target = m.skuOf(m.to), string(m.to.ID)
	switch {
	case m.source != nil:
		m.plan.Source, m.plan.SourceSKU = string(m.from.ID), m.skuOf(m.from)
		l.Remove, l.Add, l.Ends = []string{m.plan.SourceSKU}, []string{m.plan.TargetSKU}, true
	case o.Licenses.Who == upgrade.Listed:
		l.Add = []string{m.plan.TargetSKU}
	}
	if o.Licenses.Who == upgrade.Listed && len(TargetOffers(m.Catalog, o)) > 1 {
		m.notOffered("licenses", "giving listed users the licences of several offers is not carried out by this version")
	}
	if l.Location == "" && m.Organization != nil {
		l.Location = m.Organization.Country
	}
	if o.OnUserFailure.Action == upgrade.UndoUsers {
		l.UndoOnFailure, l.UndoShare = true, o.OnUserFailure.Share
		if m.source != nil {
			m.no("onUserFailure", "undo_after_transition", `choose "action": "report"`, "a transition cannot be undone, so single users who fail cannot undo this upgrade")
		}
	}
	m.plan.Licenses = l
	m.plan.Permissions = []string{"Organization.Read.All"}
	if l.Moves() {
		m.plan.Permissions = append(m.plan.Permissions, "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All")
	}
	if !m.sees() {
		m.plan.Unknown = []string{
			"which users hold the licences, and whether any holds one through a group",
			"what the tenant holds through other channels",
			"which users lack a usage location",
		}
	}
}

// skuOf is the directory's id of an offer. The India editions' ids are in no list: Partner Center says them.
func (m *maker) skuOf(o catalog.Offer) string {
	if o.SKUID != "" {
		return o.SKUID
	}
	return m.SKUs[string(o.ID)].EntraSKU
}

// renewal lists what was scheduled for the renewal and is deleted by a change in mid-term.
func (m *maker) renewal() {
	for _, line := range m.plan.Lines {
		s, ok := m.touched[line.Subscription]
		if !ok || s.Scheduled == nil {
			continue
		}
		stays := line.ThenOffer == ""
		m.plan.Renewal = append(m.plan.Renewal, upgrade.LostRenewal{Subscription: s.ID, Change: *s.Scheduled, Restorable: stays})
	}
}
