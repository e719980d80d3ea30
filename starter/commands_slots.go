package main

import (
	"context"
	"flag"
	"fmt"
	"strconv"

	"github.com/peterbourgon/ff/v3/ffcli"

	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// slots shows and changes how many upgrades change subscriptions at a time.
func (a *app) slots() *ffcli.Command {
	var by who
	c := a.command("slots", "[set N]", "Show who changes a subscription and who waits for it, or change how many may at a time",
		"The number holds for the whole installation, at once and without a restart. 0 is the brake: nobody begins, and what has begun is\n"+
			"finished, or undone, one at a time. What is taken is not taken away.",
		func(fs *flag.FlagSet) { by.register(fs, a) }, nil)
	c.Exec = a.checked(func(ctx context.Context, args []string) error {
		switch {
		case len(args) == 0:
			turns, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) (upgrade.Turns, error) { return c.Turns(ctx) })
			if err != nil {
				return err
			}
			return a.show(turns, func(t *table) { turnTable(t, turns) })
		case len(args) == 2 && args[0] == "set":
			n, err := strconv.Atoi(args[1])
			if err != nil {
				return usageError("%q is no number of slots", args[1])
			}
			in := upgrade.SetSlots{Slots: &n, Request: by.request(a)}
			if problems := check(in, &upgrade.SetSlots{}); len(problems) > 0 {
				return problems
			}
			reply, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) (upgrade.Reply, error) {
				return c.SetSlots(ctx, in)
			})
			if err != nil {
				return err
			}
			return a.show(reply, func(t *table) { t.line(reply.Message) })
		}
		return usageError("say `starter slots`, or `starter slots set N`")
	})
	return c
}

func turnTable(t *table, turns upgrade.Turns) {
	t.line(fmt.Sprintf("%d of %d slots are taken.", turns.Used, turns.Slots))
	if turns.Finding {
		t.line("The gate is new and finds out who has a turn; until then it gives none.")
	}
	if len(turns.Entries) == 0 {
		return
	}
	t.row("UPGRADE", "CUSTOMER", "HAS", "WAITS FOR", "SINCE")
	for _, e := range turns.Entries {
		t.row(e.Workflow, e.Tenant, had(e.HasSlot, e.HasLock), had(e.Slot && !e.HasSlot, e.Lock && !e.HasLock), e.At.Format("2 Jan 15:04:05"))
	}
}

// had is what of a turn an upgrade has, or lacks.
func had(slot, lock bool) string {
	switch {
	case slot && lock:
		return "slot, customer"
	case slot:
		return "slot"
	case lock:
		return "customer"
	}
	return "-"
}
