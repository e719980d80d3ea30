package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"uplift/dev/internal/ledgercheck"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

const day = 24 * time.Hour

// customer is a tenant that orders are for. It is made when its first order comes, so that windows and renewals are where the
// order expects them.
type customer struct {
	number       int
	tenant       string
	domain       string
	subscription []cloud.SubscriptionSpec
	users        []cloud.UserSpec
	group        *cloud.GroupSpec
	consented    bool // the application was let in long ago

	once sync.Once
	err  error
	seen ledgercheck.Customer
}

func newCustomer(seed uint64, number int) *customer {
	c := &customer{number: number, tenant: upgrade.UUID("campaign", fmt.Sprint(seed), "tenant", fmt.Sprint(number)), domain: fmt.Sprintf("customer-%04d.example", number)}
	c.person("admin", cloud.UserSpec{Roles: []string{cloud.GlobalAdministrator}})
	c.person("helpdesk", cloud.UserSpec{})
	return c
}

func (c *customer) person(name string, u cloud.UserSpec) string {
	u.ID, u.UPN, u.Password = upgrade.UUID(c.tenant, name), name+"@"+c.domain, sim.DemoPassword
	if u.UsageLocation == "" {
		u.UsageLocation = "GB"
	}
	c.users = append(c.users, u)
	return u.ID
}

func (c *customer) mail(name string) string { return name + "@" + c.domain }

// services are some that people switch off.
var services = []string{
	"57ff2da0-773e-42df-b2af-ffb7a2317929", // Teams
	"7547a3fe-08ee-4ccb-b430-5077c5041653", // Yammer
	"a23b959c-7ce8-4e57-9140-b90eb88a9e97", // Sway
}

// holders are people with a licence, of whom some have services switched off.
func (c *customer) holders(dice *rand.Rand, part string, n int) {
	offer, _ := cloud.OfferByPart(part)
	for i := range n {
		l := cloud.LicenceChange{SKU: offer.SKU}
		for _, service := range services {
			has := false
			for _, p := range offer.Plans {
				has = has || p.ID == service
			}
			if has && dice.IntN(6) == 0 {
				l.Disabled = append(l.Disabled, service)
			}
		}
		u := cloud.UserSpec{Licences: []cloud.LicenceChange{l}}
		if dice.IntN(12) == 0 {
			u.Disabled = true
		}
		c.person(fmt.Sprintf("user%02d", i+1), u)
	}
}

// members are people who hold a licence through a group.
func (c *customer) members(part string, n int) {
	offer, _ := cloud.OfferByPart(part)
	g := &cloud.GroupSpec{ID: upgrade.UUID(c.tenant, "group"), Name: "Everybody", Licences: []cloud.LicenceChange{{SKU: offer.SKU}}}
	for i := range n {
		g.Members = append(g.Members, c.person(fmt.Sprintf("member%02d", i+1), cloud.UserSpec{}))
	}
	c.group = g
}

func (c *customer) holds(part string, seats int, age time.Duration) {
	c.subscription = append(c.subscription, cloud.SubscriptionSpec{
		ID: upgrade.UUID(c.tenant, part), Part: part, Quantity: seats, Age: age,
	})
}

// arrive makes the tenant, once, and sees what it holds.
func (c *customer) arrive(ctx context.Context, m *microsoft) error {
	c.once.Do(func() { c.err = c.make(ctx, m) })
	return c.err
}

func (c *customer) make(ctx context.Context, m *microsoft) error {
	at := "/tenants/" + c.tenant
	if err := m.add(ctx, "/tenants", cloud.TenantSpec{ID: c.tenant, Domain: c.domain, Company: fmt.Sprintf("Customer %04d", c.number), Country: "GB",
		Address: cloud.Address{Line1: "1 High Street", City: "London", PostalCode: "EC1A 1AA", Country: "GB", Phone: "+442071234567"}}); err != nil {
		return err
	}
	for _, s := range c.subscription {
		if err := m.add(ctx, at+"/subscriptions", s); err != nil {
			return err
		}
	}
	for _, u := range c.users {
		if err := m.add(ctx, at+"/users", u); err != nil {
			return err
		}
	}
	if c.group != nil {
		if err := m.add(ctx, at+"/groups", c.group); err != nil {
			return err
		}
	}
	if c.consented {
		_, application := sim.DemoPermissions()
		if err := m.add(ctx, at+"/consents", map[string]any{"clientId": sim.DemoClientID, "application": application}); err != nil {
			return err
		}
	}
	var err error
	c.seen.Tenant, c.seen.Administrator = c.tenant, []string{c.users[0].ID}
	c.seen.Before, err = m.state(ctx, c.tenant)
	return err
}
