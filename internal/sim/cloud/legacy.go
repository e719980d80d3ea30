package cloud

import (
	"slices"
	"strings"
)

// LegacyPath is one possible target of a traditional upgrade.
type LegacyPath struct {
	Offer    *Offer
	Quantity int
	Errors   []TransitionError
}

// LegacyUpgrades lists what a traditional subscription may become. New-commerce
// subscriptions have transitions instead, and an empty list here.
func (c *Cloud) LegacyUpgrades(tenant, id string) ([]LegacyPath, *Refusal) {
	c.enter()
	defer c.leave()
	t, s, r := c.own(tenant, id)
	if r != nil {
		return nil, r
	}
	return c.legacyPaths(t, s), nil
}

func (c *Cloud) legacyPaths(t *Tenant, s *Subscription) []LegacyPath {
	out := []LegacyPath{}
	if !s.Legacy {
		return out
	}
	for _, o := range offersOf(legacyUpgrades(s.Offer.PartNumber)) {
		errs := append(c.obstacles(t, s), t.transferObstacles(s, o)...)
		out = append(out, LegacyPath{Offer: o, Quantity: s.Quantity, Errors: errs})
	}
	return out
}

// LicenceFailure is a holder whom an upgrade left behind.
type LicenceFailure struct {
	UserID, Name, UPN string
}

// UpgradeLegacy moves all seats of a traditional subscription to a new one of
// the target and, if asked, all its holders; holders who fail are reported
// while the upgrade itself succeeds (page "upgrade resources").
func (c *Cloud) UpgradeLegacy(tenant, id, targetOffer string, transfer bool, o Origin) (target string, failed []LicenceFailure, r *Refusal) {
	c.enter()
	defer c.leave()
	t, s, r := c.own(tenant, id)
	if r != nil {
		return "", nil, r
	}
	if r := c.writable(t, s, o); r != nil {
		return "", nil, r
	}
	offer, ok := offerByLegacyID(targetOffer)
	i := slices.IndexFunc(c.legacyPaths(t, s), func(p LegacyPath) bool { return p.Offer == offer })
	if !ok || i < 0 {
		return "", nil, refuse(400, "2006", "Updates are not allowed for the offer %s.", targetOffer)
	}
	if errs := c.legacyPaths(t, s)[i].Errors; len(errs) > 0 {
		return "", nil, refuse(400, "800002", "%s", errs[0].Text)
	}
	moved := s.split(c.newID(), s.Quantity)
	moved.Offer, moved.FriendlyName, moved.Created, moved.Version = offer, offer.Name, c.at, 1
	t.subs = append(t.subs, moved)
	s.Status, s.Version = Deleted, s.Version+1
	c.record(UpgradeCompleted, t.ID, s.ID, s.Offer.PartNumber, offer.PartNumber+" "+text(moved.Quantity)+" "+moved.ID, o)
	c.scheduleRenewal(t, moved)
	c.deliver(t, moved)
	c.deliver(t, s)
	if transfer {
		failed = c.moveHolders(t, s.Offer, offer, moved.Quantity, o)
	}
	return moved.ID, failed, nil
}

// moveHolders reassigns at once and names the holders it left behind.
func (c *Cloud) moveHolders(t *Tenant, from, to *Offer, seats int, o Origin) []LicenceFailure {
	tr := &Transition{Move: Move{Quantity: seats}}
	c.reassign(t, from, to, tr, o)
	var out []LicenceFailure
	for _, u := range t.users {
		if u.holds(from.SKU) {
			out = append(out, LicenceFailure{u.ID, u.DisplayName, u.UPN})
		}
	}
	return out
}

// splitItem takes the product and the SKU out of "product:sku:availability".
func splitItem(item string) (product, sku string) {
	parts := strings.SplitN(item, ":", 3)
	if len(parts) < 2 {
		return "", ""
	}
	return parts[0], parts[1]
}
