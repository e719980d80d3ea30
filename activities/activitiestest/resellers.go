package activitiestest

import (
	"context"
	"slices"
	"time"

	"uplift/upgrade"
)

// Reseller is one of the provider's. A test changes it during the run by World.Change.
type Reseller struct {
	Tenants  []string // its customers
	Entitled bool
}

// AddReseller makes a reseller of some customers, entitled to upgrade them.
func (w *World) AddReseller(id string, tenants ...string) *Reseller {
	r := &Reseller{Tenants: tenants, Entitled: true}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.resellers[id] = r
	return r
}

// mayNot is why an order on a reseller's behalf is refused; the world is locked.
func (w *World) mayNot(o upgrade.Order, _ time.Time) upgrade.Problems {
	if o.Reseller == "" {
		return nil
	}
	r := w.resellers[o.Reseller]
	if r == nil {
		return upgrade.ResellerProblems(false, false, false)
	}
	return upgrade.ResellerProblems(true, slices.Contains(r.Tenants, o.Tenant), r.Entitled)
}

// brokeOff tells whether an attempt since the last end has sent a request: the next one goes on with it.
func (o *orderRow) brokeOff() bool {
	broke := false
	for _, row := range o.attempts {
		broke = row.end == "" && (broke || row.sent())
	}
	return broke
}

// MayUpgrade says what a claim would be refused for.
func (r Register) MayUpgrade(_ context.Context, reseller, tenant string, at time.Time) (out upgrade.Problems, err error) {
	end, err := r.w.begin("Register.MayUpgrade")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	return r.w.mayNot(upgrade.Order{Reseller: reseller, Tenant: tenant}, at), nil
}
