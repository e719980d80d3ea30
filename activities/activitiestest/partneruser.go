package activitiestest

import (
	"context"
	"slices"
	"strings"
	"time"

	"uplift/upgrade"
)

// DirectoryWriters is the role that a GDAP relationship usually gives for moving licences.
const DirectoryWriters = "9360feb5-f418-4baa-8175-e2a00bac4301"

// PartnerUser is the provider's own user. A customer lets it in by GDAP, and to the permissions that were consented to.
type PartnerUser struct{ w *World }

// Delegation is what a customer grants to the provider's own user.
type Delegation struct {
	Roles     []string      // directory role template ids; nil: the token does not speak of them
	Consented []string      // delegated permissions of our application; nil: nobody has consented
	Spread    time.Duration // how long a pre-consent takes until tokens know of it
	Refusal   string        // Entra's code for every token there, such as AADSTS53003

	consentedAt time.Time
}

// SignPartnerIn lets the provider's own user be signed in, or have died: code is then what Entra says to every use.
func (w *World) SignPartnerIn(code string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.partnerIn, w.partnerCode = true, code
}

// SignPartnerOut lets nobody of the provider be signed in.
func (w *World) SignPartnerOut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.partnerIn = false
}

// SignedIn implements activities.PartnerSignIns, as every method here does.
func (p PartnerUser) SignedIn(context.Context) (at, used time.Time, err error) {
	end, err := p.w.begin("Partner.SignedIn")
	if err != nil {
		return at, used, err
	}
	defer end(&err)
	if !p.w.partnerIn {
		return at, used, &upgrade.Error{Kind: upgrade.Act, Code: "no_partner_sign_in", Message: "nobody has signed in"}
	}
	return p.w.Now(), p.w.Now(), nil
}

// Renew uses the sign-in.
func (p PartnerUser) Renew(context.Context) (err error) {
	end, err := p.w.begin("Partner.Renew")
	if err != nil {
		return err
	}
	defer end(&err)
	return p.w.partnerToken()
}

// Access is the user's entry into a customer's tenant.
func (p PartnerUser) Access(_ context.Context, tenant string) (who upgrade.Identity, permissions []string, err error) {
	end, err := p.w.begin("Partner.Access")
	if err != nil {
		return who, nil, err
	}
	defer end(&err)
	if err = p.w.partnerToken(); err != nil {
		return who, nil, err
	}
	if err = p.w.delegated(p.w.customers[tenant]); err != nil {
		return who, nil, err
	}
	d := p.w.customers[tenant].Delegation
	who = upgrade.Identity{Tenant: tenant, ObjectID: upgrade.UUID("partner"), Name: "Pat Partner", Roles: slices.Clone(d.Roles), RolesSaid: d.Roles != nil}
	return who, slices.Clone(d.Consented), nil
}

func (w *World) partnerToken() error {
	switch {
	case !w.partnerIn:
		return &upgrade.Error{Kind: upgrade.Act, Code: "no_partner_sign_in", Message: "nobody has signed in"}
	case w.partnerCode != "":
		return &upgrade.Error{Kind: upgrade.Act, Code: w.partnerCode, Message: "the sign-in has died"}
	}
	return nil
}

// delegated says whether the tenant lets the partner's user in now.
func (w *World) delegated(c *Customer) error {
	lost := func(code string) error {
		return &upgrade.Error{Kind: upgrade.GrantLost, Code: code, Message: "the tenant does not let the partner's user in"}
	}
	switch {
	case c == nil || c.Delegation == nil:
		return lost("AADSTS50020")
	case c.Delegation.Refusal != "":
		return lost(c.Delegation.Refusal)
	case c.Delegation.Consented == nil, w.Now().Before(c.Delegation.consentedAt.Add(c.Delegation.Spread)):
		return lost("AADSTS65001")
	}
	return nil
}

// Preconsent is the partner's consent in the customer's place; it is Partner Center's, and wants the user.
func (c Commerce) Preconsent(_ context.Context, id upgrade.WriteID, tenant string, permissions []string) (err error) {
	end, err := c.w.begin("Commerce.Preconsent")
	if err != nil {
		return err
	}
	defer end(&err)
	if err = c.w.partnerToken(); err != nil {
		return &upgrade.Error{Kind: upgrade.Act, Code: "900329", Message: "the call is open to a user only", Err: err}
	}
	customer := c.w.customers[tenant]
	if customer == nil || customer.Delegation == nil {
		return &upgrade.Error{Kind: upgrade.Act, Code: "900308", Message: "the partner lacks the privileges"}
	}
	if customer.Delegation.Consented != nil {
		return nil // there already
	}
	customer.Delegation.Consented, customer.Delegation.consentedAt = slices.Clone(permissions), c.w.Now()
	c.w.note("preconsent " + tenant + " " + strings.Join(permissions, ","))
	return nil
}
