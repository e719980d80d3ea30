package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/peterbourgon/ff/v3/ffcli"

	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

func (a *app) status() *ffcli.Command {
	var w watching
	return a.command("status", "<order or workflow id>", "Show where an upgrade stands",
		"With -watch each stage is shown as it passes, until the end.", w.register,
		func(ctx context.Context, args []string) error {
			id, err := one(args)
			if err != nil {
				return err
			}
			if w.on {
				c, err := a.connect(ctx)
				if err != nil {
					return err
				}
				defer c.Close()
				return a.watch(ctx, c, id, w)
			}
			s, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) (upgrade.Status, error) {
				return c.Status(ctx, id)
			})
			if err != nil {
				return err
			}
			return a.show(s, func(t *table) { statusTable(t, s) })
		})
}

func (a *app) list() *ffcli.Command {
	var f upgrade.ListFilter
	var stage string
	var limit int
	return a.command("list", "", "List upgrades, the latest first",
		"Reads Temporal's visibility store, which lags by a moment and forgets closed upgrades when their retention ends.",
		func(fs *flag.FlagSet) {
			fs.StringVar(&stage, "stage", "", "only this `stage`")
			fs.StringVar(&f.Tenant, "tenant", "", "only this customer's tenant `id`")
			fs.StringVar(&f.Order, "order", "", "only this order `id`")
			fs.StringVar(&f.Batch, "batch", "", "only this `batch`")
			fs.BoolVar(&f.NeedsOperator, "needs-operator", false, "only what waits for an operator")
			fs.BoolVar(&f.Open, "open", false, "only what has not ended")
			fs.IntVar(&limit, "limit", 50, "at most this `number`; 0: all")
		},
		func(ctx context.Context, args []string) error {
			if len(args) > 0 {
				return usageError("%q: list takes flags only", args[0])
			}
			if limit < 0 {
				return usageError("-limit %d: give a number from 0", limit)
			}
			f.Stage = upgrade.Stage(stage)
			rows, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) ([]upgrade.ListRow, error) {
				return c.List(ctx, f, limit)
			})
			if err != nil {
				return err
			}
			return a.show(rows, func(t *table) { listTable(t, rows, limit) })
		})
}

func listTable(t *table, rows []upgrade.ListRow, limit int) {
	if len(rows) == 0 {
		t.line("There are none.")
		return
	}
	t.row("ORDER", "STAGE", "CUSTOMER", "FROM", "TO", "STARTED", "STATE")
	for _, r := range rows {
		state := r.Execution
		if r.End != "" {
			state = r.End.Words()
		}
		if r.NeedsOperator {
			state = "needs an operator"
		}
		t.row(first(r.Order, r.WorkflowID), string(r.Stage), r.Tenant, r.Source, r.Target, clock(r.StartedAt), state)
	}
	if len(rows) == limit {
		t.line(fmt.Sprintf("These are the latest %d; -limit shows more.", limit))
	}
}
