package entra_test

import (
	"slices"
	"strings"
	"sync"
	"time"

	"uplift/internal/sim/entra"
)

const (
	contoso  = "11111111-aaaa-4aaa-8aaa-000000000001"
	fabrikam = "11111111-aaaa-4aaa-8aaa-000000000002"
	partner  = "11111111-aaaa-4aaa-8aaa-000000000003"
	appID    = "22222222-bbbb-4bbb-8bbb-000000000001"
	redirect = "http://127.0.0.1:7777/consent/callback"
	graphAll = "https://graph.microsoft.com/.default"
)

// cloud is a small State; the fields are guarded by mu.
type cloud struct {
	mu      sync.Mutex
	now     time.Time
	people  []entra.Person
	apps    map[string]entra.App
	der     []byte
	granted map[string]consent
	// delay is how long a consent needs to be seen.
	delay  time.Duration
	faults map[string]bool
	ledger []string
}

type consent struct {
	delegated, application []string
	at                     time.Time
}

func newCloud() *cloud {
	person := func(tenant, oid, upn string, roles ...string) entra.Person {
		return entra.Person{ObjectID: oid, UPN: upn, Name: strings.Split(upn, "@")[0], TenantID: tenant, Enabled: true, Roles: roles}
	}
	guest := person(contoso, "o-guest", "agent@partner.example", entra.RoleGlobalAdministrator)
	guest.Guest = true
	off := person(contoso, "o-off", "off@contoso.example")
	off.Enabled = false
	return &cloud{
		now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC),
		people: []entra.Person{
			person(contoso, "o-admin", "admin@contoso.example", entra.RoleGlobalAdministrator),
			person(contoso, "o-user", "user@contoso.example"),
			off,
			person(fabrikam, "o-fab", "admin@fabrikam.example", entra.RoleGlobalAdministrator),
			person(partner, "o-agent", "agent@partner.example"),
			person(entra.ConsumerTenant, "o-home", "me@outlook.example"),
			guest,
		},
		apps: map[string]entra.App{appID: {ClientID: appID, Name: "Uplift", TenantID: partner, PublicClient: true,
			RedirectURIs: []string{redirect}}},
		granted: map[string]consent{},
		faults:  map[string]bool{},
	}
}

func (c *cloud) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *cloud) advance(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

func (c *cloud) set(fault string, on bool) { c.mu.Lock(); defer c.mu.Unlock(); c.faults[fault] = on }

func (c *cloud) TenantByIDOrDomain(s string) (string, string, bool) {
	for id, name := range map[string]string{contoso: "Contoso", fabrikam: "Fabrikam", partner: "Partner"} {
		if s == id || s == strings.ToLower(name)+".example" {
			return id, name, true
		}
	}
	return "", "", false
}

func (c *cloud) CheckPassword(tenant, upn, password string) (entra.Person, bool) {
	for _, p := range c.people {
		if p.UPN == upn && password == "pw" && (tenant == p.TenantID || tenant == "" && !p.Guest) {
			return p, true
		}
	}
	return entra.Person{}, false
}

func (c *cloud) Person(tenant, oid string) (entra.Person, bool) {
	for _, p := range c.people {
		if p.TenantID == tenant && p.ObjectID == oid {
			return p, true
		}
	}
	return entra.Person{}, false
}

func (c *cloud) AppByClientID(id string) (entra.App, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	app, ok := c.apps[id]
	return app, ok
}

func (c *cloud) CheckAppSecret(id, secret string) bool { return secret == "s3cret/+" }

func (c *cloud) AppCertificate(string) ([]byte, bool) { return c.der, c.der != nil }

func (c *cloud) Consented(tenant, id string) (delegated, application []string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	got, ok := c.granted[tenant+id]
	if !ok || c.now.Before(got.at.Add(c.delay)) {
		return nil, nil, false
	}
	return got.delegated, got.application, true
}

func (c *cloud) GrantConsent(tenant, id string, delegated, application []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.granted[tenant+id]
	c.granted[tenant+id] = consent{slices.Concat(old.delegated, delegated), slices.Concat(old.application, application), c.now}
}

func (c *cloud) Fault(name, _ string) bool { c.mu.Lock(); defer c.mu.Unlock(); return c.faults[name] }

func (c *cloud) Record(kind, tenant, object, detail string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ledger = append(c.ledger, strings.Join([]string{kind, tenant, object, detail}, "|"))
}

func (c *cloud) lines() []string { c.mu.Lock(); defer c.mu.Unlock(); return slices.Clone(c.ledger) }
