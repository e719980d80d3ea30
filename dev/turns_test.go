package main

import (
	"strconv"
	"testing"
	"time"

	"uplift/internal/sim"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// begin starts an order that needs no administrator.
func begin(t *testing.T, c *temporalclient.Connection, id, tenant, offer string, seats int) *play {
	t.Helper()
	raw := `{"order":"` + id + `","tenant":"` + tenant + `","target":{"totals":[{"offer":"` + offer + `","seats":` + strconv.Itoa(seats) + `}]},"consent":"existing"}`
	started, err := c.Start(patient(t), []byte(raw), temporalclient.StartOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return &play{upgrades: c.Upgrades, id: started.WorkflowID}
}

// TestGateIsReplaced terminates the gate while the brake is on and an upgrade waits: the one that is opened in its place finds it
// waiting, and gives it its turn.
func TestGateIsReplaced(t *testing.T) {
	all, c := launch(t)
	ctx := patient(t)
	zero := 0
	if _, err := c.SetSlots(ctx, upgrade.SetSlots{Slots: &zero, Request: upgrade.Request{By: "test"}}); err != nil {
		t.Fatal(err)
	}
	for _, tenant := range []string{sim.ContosoTenant, sim.TailspinTenant} {
		all.cloud.State.GrantConsentNow(tenant, sim.DemoClientID, nil, []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All"})
	}
	waits := begin(t, c, "WAITS", sim.TailspinTenant, "business-standard", 30)
	leaves := begin(t, c, "LEAVES", sim.ContosoTenant, "business-basic", 21)
	for _, p := range []*play{waits, leaves} {
		if err := p.until(ctx, func(s upgrade.Status) bool { return s.Stage == upgrade.Queued && s.Turn.Waits() }); err != nil {
			t.Fatal(err)
		}
	}
	turns, err := c.Turns(ctx)
	for err == nil && len(turns.Entries) < 2 && ctx.Err() == nil { // an upgrade says that it waits before the gate has heard so
		time.Sleep(50 * time.Millisecond)
		turns, err = c.Turns(ctx)
	}
	if err != nil || len(turns.Entries) != 2 || turns.Used != 0 || turns.Slots != 0 {
		t.Fatalf("%v: the gate knows %+v", err, turns)
	}
	if err := c.Client.TerminateWorkflow(ctx, upgrade.TurnGateID, "", "a test"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Cancel(ctx, leaves.id, upgrade.Request{By: "test"}); err != nil { // it tells the gate, which is not there
		t.Fatal(err)
	}
	for p, want := range map[*play]upgrade.End{leaves: upgrade.Cancelled, waits: upgrade.Completed} {
		r, err := c.Watch(ctx, p.id, 100*time.Millisecond, func(upgrade.Status) {})
		if err != nil || r.End != want {
			t.Errorf("%s ended %s, not %s: %v %v", p.id, r.End, want, r.Reasons, err)
		}
	}
}

// TestTurnOfTerminatedUpgrade terminates an upgrade that has the customer: the next one of that customer gets its turn.
func TestTurnOfTerminatedUpgrade(t *testing.T) {
	all, c := launch(t, "-pace", "60") // the gate looks every second
	ctx := patient(t)
	started, err := c.Start(ctx, []byte(order("HOLDS", sim.WoodgroveTenant, "business-basic", 8, sim.WoodgroveAdmin)), temporalclient.StartOptions{})
	if err != nil {
		t.Fatal(err)
	}
	holds := &play{upgrades: c.Upgrades, id: started.WorkflowID}
	if err := holds.invited(ctx); err != nil {
		t.Fatal(err)
	}
	// It waits for its administrator for as long as the test needs; that it has the customer is said in its name.
	wanted := upgrade.TurnWanted{Workflow: started.WorkflowID, FirstRun: started.RunID, Number: 1, Tenant: sim.WoodgroveTenant, Slot: true, Lock: true}
	if err := c.Client.SignalWorkflow(ctx, upgrade.TurnGateID, "", upgrade.SignalTurn, wanted); err != nil {
		t.Fatal(err)
	}
	all.cloud.State.GrantConsentNow(sim.WoodgroveTenant, sim.DemoClientID, nil, []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All"})
	next := begin(t, c, "NEXT", sim.WoodgroveTenant, "business-basic", 7)
	if err := next.until(ctx, func(s upgrade.Status) bool { return s.Stage == upgrade.Queued && s.Turn.Waits() }); err != nil {
		t.Fatal(err)
	}
	if err := c.Client.TerminateWorkflow(ctx, holds.id, "", "a test"); err != nil {
		t.Fatal(err)
	}
	r, err := c.Watch(ctx, next.id, 100*time.Millisecond, func(upgrade.Status) {})
	if err != nil || r.End != upgrade.Completed {
		t.Errorf("it ended %s: %v %v", r.End, r.Reasons, err)
	}
}
