package cloud

import (
	"slices"
	"strings"
	"time"
)

// consent is what a tenant granted to an application; each permission counts
// from its own time on.
type consent struct {
	client                 string
	delegated, application map[string]time.Time
}

// Consented returns the permissions that count by now.
func (c *Cloud) Consented(tenant, clientID string) (delegated, application []string, ok bool) {
	c.enter()
	defer c.leave()
	t := c.tenant(tenant)
	if t == nil {
		return nil, nil, false
	}
	for _, k := range t.consents {
		if strings.EqualFold(k.client, clientID) {
			delegated, application = effective(k.delegated, c.at), effective(k.application, c.at)
			return delegated, application, len(delegated)+len(application) > 0
		}
	}
	return nil, nil, false
}

func effective(permissions map[string]time.Time, now time.Time) []string {
	var out []string
	for p, from := range permissions {
		if !now.Before(from) {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

// GrantConsent adds permissions; they count once Lags.Consent has passed.
func (c *Cloud) GrantConsent(tenant, clientID string, delegated, application []string) {
	c.enter()
	defer c.leave()
	c.grant(tenant, clientID, delegated, application, c.at.Add(c.lag(c.faults.Lags.Consent)))
}

// GrantConsentNow is GrantConsent without the propagation, for seeds.
func (c *Cloud) GrantConsentNow(tenant, clientID string, delegated, application []string) {
	c.enter()
	defer c.leave()
	c.grant(tenant, clientID, delegated, application, c.at)
}

func (c *Cloud) grant(tenant, clientID string, delegated, application []string, from time.Time) {
	t := c.tenant(tenant)
	if t == nil {
		return
	}
	i := slices.IndexFunc(t.consents, func(k *consent) bool { return strings.EqualFold(k.client, clientID) })
	if i < 0 {
		t.consents = append(t.consents, &consent{clientID, map[string]time.Time{}, map[string]time.Time{}})
		i = len(t.consents) - 1
	}
	k := t.consents[i]
	add(k.delegated, delegated, from)
	add(k.application, application, from)
	c.record(ConsentGranted, t.ID, clientID, nil, strings.Join(append(slices.Clone(delegated), application...), " "), Origin{Tenant: t.ID})
}

func add(to map[string]time.Time, permissions []string, from time.Time) {
	for _, p := range permissions {
		if old, met := to[p]; !met || from.Before(old) {
			to[p] = from
		}
	}
}

// HasConsent says whether anything was granted, propagated or not.
func (c *Cloud) HasConsent(tenant, clientID string) bool {
	c.enter()
	defer c.leave()
	t := c.tenant(tenant)
	return t != nil && slices.ContainsFunc(t.consents, func(k *consent) bool { return strings.EqualFold(k.client, clientID) })
}

// RevokeConsent removes everything that a tenant granted to an application.
func (c *Cloud) RevokeConsent(tenant, clientID string) {
	c.enter()
	defer c.leave()
	t := c.tenant(tenant)
	if t == nil {
		return
	}
	t.consents = slices.DeleteFunc(t.consents, func(k *consent) bool { return strings.EqualFold(k.client, clientID) })
	c.record("consent_revoked", t.ID, clientID, nil, nil, Origin{Tenant: t.ID})
}
