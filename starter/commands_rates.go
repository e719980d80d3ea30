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

// rates shows and changes how fast the task queues of Microsoft's services go.
func (a *app) rates() *ffcli.Command {
	var by who
	c := a.command("rates", "[set QUEUE PER-SECOND | unset QUEUE]", "Show how fast Microsoft's services are asked, or change it",
		"A queue begins so many activities a second at most, in the whole installation; one on Partner Center's queues makes five requests\n"+
			"at most. What is set holds at once and over restarts, before the workers' settings, until it is unset. 0 is the brake.\n"+
			"It is Temporal's own configuration of the task queue, which the official Temporal CLI shows and sets as well.",
		func(fs *flag.FlagSet) { by.register(fs, a) }, nil)
	c.Exec = a.checked(func(ctx context.Context, args []string) error {
		if len(args) == 0 {
			all, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) ([]upgrade.Rate, error) { return c.Rates(ctx) })
			if err != nil {
				return err
			}
			return a.show(all, func(t *table) { rateTable(t, all) })
		}
		in := upgrade.SetRate{Request: by.request(a)}
		switch {
		case len(args) == 3 && args[0] == "set":
			rate, err := strconv.ParseFloat(args[2], 64)
			if err != nil {
				return usageError("%q is no number of activities a second", args[2])
			}
			in.PerSecond = &rate
		case len(args) == 2 && args[0] == "unset":
		default:
			return usageError("say `starter rates`, `starter rates set QUEUE PER-SECOND` or `starter rates unset QUEUE`")
		}
		in.Name = args[1]
		if _, ok := upgrade.RatedQueue(in.Name); !ok {
			return usageError("there is no queue %q with a rate; there are %q", in.Name, upgrade.RatedQueues())
		}
		reply, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) (upgrade.Reply, error) {
			return c.SetRate(ctx, in)
		})
		if err != nil {
			return err
		}
		return a.show(reply, func(t *table) { t.line(reply.Message) })
	})
	return c
}

func rateTable(t *table, all []upgrade.Rate) {
	t.row("QUEUE", "PER SECOND", "BY", "WAITING", "WORKERS", "SINCE", "REASON")
	for _, r := range all {
		by, since := "the workers' setting", "-"
		if r.Set {
			by = first(r.By, "somebody who gave no name")
			if !r.At.IsZero() {
				since = r.At.Format("2 Jan 15:04:05")
			}
		} else if r.Workers == 0 {
			by = "no worker"
		}
		t.row(r.Name, strconv.FormatFloat(r.PerSecond, 'g', 6, 64), by, fmt.Sprint(r.Backlog), fmt.Sprint(r.Workers), since, first(r.Reason, "-"))
	}
}
