package sim_test

import (
	"regexp"
	"testing"

	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
)

var plainAccount = regexp.MustCompile(`^[a-z]+\.[a-z]+2?@[a-z0-9-]+\.example$`)

// TestSeedCustomers: many customers, each once, with names, and the same in every run.
func TestSeedCustomers(t *testing.T) {
	const n = 1200
	seed := func() (*cloud.Cloud, []string) {
		state := cloud.New(cloud.Options{})
		sim.SeedDemo(state)
		return state, sim.SeedCustomers(state, n)
	}
	state, ids := seed()
	_, again := seed()
	seen, words := map[string]bool{}, map[string]int{}
	for i, id := range ids {
		spec, ok := state.Tenant(id)
		if !ok || again[i] != id || spec.Company == "" || spec.Address.City == "" {
			t.Fatalf("customer %d is %+v", i, spec)
		}
		for _, key := range []string{id, spec.Company, spec.Domain} {
			if seen[key] {
				t.Fatalf("customer %d: %s comes twice", i, key)
			}
			seen[key] = true
		}
		held := state.HoldingsOf(id)
		if len(held) == 0 {
			t.Errorf("%s holds nothing", spec.Company)
		}
		for _, h := range held {
			words[h.Name]++
			if h.Enabled > 0 && len(h.Holders) > h.Enabled {
				t.Errorf("%s: %d hold %s of %d", spec.Company, len(h.Holders), h.Name, h.Enabled)
			}
			for _, holder := range h.Holders {
				if !plainAccount.MatchString(holder.UPN) {
					t.Errorf("%s: %q", spec.Company, holder.UPN)
				}
			}
		}
	}
	if len(words) < 8 {
		t.Errorf("all that is held: %v", words)
	}
}

// TestSeedCrowd: 300 people, each once.
func TestSeedCrowd(t *testing.T) {
	state := cloud.New(cloud.Options{})
	sim.SeedDemo(state)
	sim.SeedCrowd(state)
	for _, h := range state.HoldingsOf(sim.CrowdTenant) {
		want := map[string]int{"Microsoft 365 Business Standard": sim.CrowdPeople, "Microsoft 365 Business Basic": sim.CrowdConflicts}[h.Name]
		if len(h.Holders) != want {
			t.Errorf("%d hold %s, not %d", len(h.Holders), h.Name, want)
		}
	}
	nowhere, former, guests := 0, 0, 0
	for _, u := range state.Users(sim.CrowdTenant) {
		switch {
		case u.UsageLocation == "":
			nowhere++
		case u.Disabled:
			former++
		case u.Guest:
			guests++
		}
	}
	if nowhere != sim.CrowdNowhere || former != sim.CrowdFormer || guests != sim.CrowdGuests {
		t.Errorf("%d nowhere, %d former, %d guests", nowhere, former, guests)
	}
}
