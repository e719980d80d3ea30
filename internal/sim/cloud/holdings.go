package cloud

import "slices"

// Holding is a SKU in a tenant: the seats that the directory counts, and who
// sits on them.
type Holding struct {
	SKU        string   `json:"skuId"`
	PartNumber string   `json:"skuPartNumber"`
	Name       string   `json:"name"`
	Enabled    int      `json:"enabled"`
	Warning    int      `json:"warning"`
	Suspended  int      `json:"suspended"`
	Consumed   int      `json:"consumed"`
	Holders    []Holder `json:"holders"`
}

// Holder is a user of a SKU.
type Holder struct {
	UserID   string   `json:"userId"`
	UPN      string   `json:"userPrincipalName"`
	Disabled []string `json:"disabledPlans"`
	// Direct is an assignment of the user's own; Groups are those it inherits from.
	Direct bool     `json:"direct"`
	Groups []string `json:"groups,omitempty"`
}

// HoldingsOf is what a tenant holds now, without the lag of any replica.
func (c *Cloud) HoldingsOf(tenant string) []Holding {
	c.enter()
	defer c.leave()
	t := c.tenant(tenant)
	if t == nil {
		return nil
	}
	out := []Holding{}
	for _, e := range t.subscribed() {
		h := Holding{SKU: e.Offer.SKU, PartNumber: e.Offer.PartNumber, Name: e.Offer.Name, Enabled: e.Enabled,
			Warning: e.Warning, Suspended: e.Suspended, Consumed: e.Consumed, Holders: []Holder{}}
		for _, u := range t.users {
			if u.holds(e.Offer.SKU) {
				h.Holders = append(h.Holders, u.holder(e.Offer.SKU))
			}
		}
		out = append(out, h)
	}
	return out
}

func (u *User) holder(sku string) Holder {
	h := Holder{UserID: u.ID, UPN: u.UPN, Disabled: []string{}}
	for _, a := range u.Assignments {
		switch {
		case a.SKU != sku:
		case a.Group == "":
			h.Direct = true
		default:
			h.Groups = append(h.Groups, a.Group)
		}
	}
	for _, l := range u.AssignedLicences() {
		if l.SKU == sku {
			h.Disabled = slices.Clone(l.Disabled)
		}
	}
	return h
}
