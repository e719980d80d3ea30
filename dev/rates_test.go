package main

import (
	"context"
	"testing"
	"time"

	"uplift/internal/sim"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// rateOf is how a queue stands.
func rateOf(ctx context.Context, t *testing.T, c *temporalclient.Connection, name string) upgrade.Rate {
	t.Helper()
	all, err := c.Rates(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.Name == name {
			return r
		}
	}
	t.Fatalf("%v has no %s", all, name)
	return upgrade.Rate{}
}

// TestRates brakes the queue on which Partner Center is asked while the workers run: a plan waits there, and is made when the brake
// is taken away. Nothing is restarted.
func TestRates(t *testing.T) {
	_, c := launch(t)
	ctx := patient(t)
	if r := rateOf(ctx, t, c, "partner-reads"); r.Set || r.PerSecond != 1000 || r.Workers != 1 {
		t.Errorf("before: %+v", r)
	}
	brake, slow := 0.0, 2.5
	if _, err := c.SetRate(ctx, upgrade.SetRate{Name: "partner-reads", PerSecond: &brake, Request: upgrade.Request{By: "olga", Reason: "Microsoft complains"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.SetRate(ctx, upgrade.SetRate{Name: "graph", PerSecond: &slow}); err != nil {
		t.Fatal(err)
	}
	if r := rateOf(ctx, t, c, "graph"); !r.Set || r.PerSecond != slow {
		t.Errorf("set: %+v", r)
	}
	for r := rateOf(ctx, t, c, "partner-reads"); !r.Set || r.PerSecond != 0 || r.By != "olga" || r.Reason != "Microsoft complains" || r.At.IsZero(); {
		t.Fatalf("braked: %+v", r)
	}
	made := make(chan error, 1)
	go func() {
		_, err := c.Plan(ctx, []byte(`{"order":"RATED","tenant":"`+sim.ContosoTenant+`","target":{"totals":[{"offer":"business-basic","seats":21}]},"consent":"existing"}`))
		made <- err
	}()
	for rateOf(ctx, t, c, "partner-reads").Backlog == 0 {
		select {
		case err := <-made:
			t.Fatalf("the plan was made in spite of the brake: %v", err)
		case <-ctx.Done():
			t.Fatal("nothing waits on the queue")
		case <-time.After(100 * time.Millisecond):
		}
	}
	if _, err := c.SetRate(ctx, upgrade.SetRate{Name: "partner-reads"}); err != nil {
		t.Fatal(err)
	}
	if err := <-made; err != nil {
		t.Error(err)
	}
	if r := rateOf(ctx, t, c, "partner-reads"); r.Set || r.PerSecond != 1000 {
		t.Errorf("after: %+v", r)
	}
	if _, err := c.SetRate(ctx, upgrade.SetRate{Name: "entra", PerSecond: &slow}); upgrade.KindOf(err) != upgrade.Invalid {
		t.Errorf("a queue that is none: %v", err)
	}
}
