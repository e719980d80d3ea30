package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"uplift/catalog"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// demoOrder is the demonstration's order, as a billing system would send it.
const demoOrder = `{
  "order": "DEMO-1",
  "tenant": "` + sim.ContosoTenant + `",
  "target": {"plan": "business-premium", "seats": 25},
  "administrator": {"mail": "` + sim.ContosoAdmin + `", "name": "Contoso's administrator"}
}`

// demo carries one upgrade through and compares what the tenant holds with what was ordered.
func demo(ctx context.Context, all *running, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	say := func(format string, args ...any) { fmt.Fprintf(out, "  "+format+"\n", args...) }
	connection, err := all.connect(ctx)
	if err != nil {
		return err
	}
	defer connection.Close()

	fmt.Fprintln(out, "\nContoso Dental holds, before:")
	before := all.cloud.State.HoldingsOf(sim.ContosoTenant)
	holdings(out, before)
	fmt.Fprintln(out, "\nThe order: Business Premium for 25, instead of Business Basic for 20.")
	started, err := connection.Start(ctx, []byte(demoOrder), temporalclient.StartOptions{})
	if err != nil {
		return err
	}
	say("workflow %s, run %s", started.WorkflowID, started.RunID)

	signedIn := make(chan error, 1)
	watching, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		err := newAdministrator(sim.ContosoAdmin, all.cloud.Mailbox, say).consent(ctx)
		if err != nil {
			stop(fmt.Errorf("the administrator: %w", err))
		}
		signedIn <- err
	}()
	shown := 0
	result, err := connection.Watch(watching, started.WorkflowID, 200*time.Millisecond, func(s upgrade.Status) {
		for ; shown < len(s.Stages); shown++ {
			say("%s  %s", s.Stages[shown].At.Local().Format("15:04:05"), s.Stages[shown].Stage)
		}
	})
	if cause := context.Cause(watching); cause != nil {
		return cause
	}
	if err != nil {
		return err
	}
	if err := <-signedIn; err != nil {
		return fmt.Errorf("the administrator: %w", err)
	}
	fmt.Fprintf(out, "\nThe upgrade ended: %s.\n", result.End.Words())
	for _, r := range result.Reasons {
		say("%s", r)
	}
	fmt.Fprintln(out, "\nContoso Dental holds, after:")
	after := all.cloud.State.HoldingsOf(sim.ContosoTenant)
	holdings(out, after)
	if err := asOrdered(result, before, after); err != nil {
		return fmt.Errorf("the demonstration did not end as ordered: %w", err)
	}
	fmt.Fprintln(out, "\nAs ordered: 25 seats, every holder moved, what was switched off is still off.")
	return nil
}

// asOrdered checks the tenant, not what the upgrade says of itself.
func asOrdered(result upgrade.Result, before, after []cloud.Holding) error {
	if result.End != upgrade.Completed {
		return fmt.Errorf("it ended %s", result.End.Words())
	}
	offers := catalog.Load()
	basic, premium := one(offers, "business-basic"), one(offers, "business-premium")
	was, is := held(before, basic.SKUID), held(after, premium.SKUID)
	switch left := held(after, basic.SKUID); {
	case left.Enabled != 0 || len(left.Holders) != 0:
		return fmt.Errorf("%d seats and %d holders of Business Basic are left", left.Enabled, len(left.Holders))
	case is.Enabled != 25:
		return fmt.Errorf("%d seats of Business Premium instead of 25", is.Enabled)
	case len(is.Holders) != len(was.Holders):
		return fmt.Errorf("%d users hold Business Premium instead of %d", len(is.Holders), len(was.Holders))
	}
	for _, old := range was.Holders {
		i := slices.IndexFunc(is.Holders, func(h cloud.Holder) bool { return h.UserID == old.UserID })
		if i < 0 {
			return fmt.Errorf("%s holds no Business Premium", old.UPN)
		}
		for _, off := range old.Disabled {
			if premium.Has(off) && !slices.Contains(is.Holders[i].Disabled, off) {
				return fmt.Errorf("the service %s of %s was switched on", off, old.UPN)
			}
		}
	}
	return nil
}

func one(c *catalog.Catalog, id catalog.OfferID) catalog.Offer {
	offer, ok := c.Offer(id)
	if !ok {
		panic("the catalogue has no " + string(id)) // the embedded one has, by a test of its own
	}
	return offer
}

func held(all []cloud.Holding, sku string) cloud.Holding {
	for _, h := range all {
		if h.SKU == sku {
			return h
		}
	}
	return cloud.Holding{}
}

// holdings prints what a tenant holds.
func holdings(w io.Writer, all []cloud.Holding) {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprint(t, "  offer\tseats\tholders\twith services switched off\n")
	for _, h := range all {
		off := 0
		for _, u := range h.Holders {
			if len(u.Disabled) > 0 {
				off++
			}
		}
		fmt.Fprintf(t, "  %s\t%d\t%d\t%d\n", h.Name, h.Enabled, len(h.Holders), off)
	}
	_ = t.Flush()
}
