package service

import (
	"strings"
	"testing"
	"time"

	"uplift/internal/sim"
	"uplift/upgrade"
)

// TestCrowd moves the 300 people of the simulator's largest customer: all get the new licence but those whose other licence excludes
// it, who keep what they have and are reported. The seeding helper promises these numbers to tests of pages.
func TestCrowd(t *testing.T) {
	t.Parallel()
	i := newInstallation(t)
	sim.SeedCrowd(i.cloud.State)
	b := i.bench(sim.CrowdTenant)
	b.consented()
	b.partnerUser()
	b.order = map[string]any{"order": "crowd-1", "tenant": sim.CrowdTenant, "consent": "existing",
		"target": map[string]any{"totals": []map[string]any{{"offer": "business-standard", "seats": 0}, {"offer": "microsoft-365-e3", "seats": sim.CrowdPeople}}}}
	r := b.run()
	b.wait(12 * time.Hour)
	if r.End != upgrade.CompletedWithExceptions || r.Users.Failed != sim.CrowdConflicts || r.Users.Photographed != sim.CrowdPeople {
		t.Errorf("it ended %s with %+v: %v\n%s", r.End, r.Users, r.Reasons, strings.Join(b.steps, "\n"))
	}
}
