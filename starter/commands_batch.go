package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/peterbourgon/ff/v3/ffcli"

	"uplift/catalog"
	"uplift/internal/planning"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// batchFlags are what the batch commands take.
type batchFlags struct {
	by                               who
	id, source, plan, consent, licen string
	residue, offenders, finish, at   string
	each, reseller, state, rows      string
	running, leaveOut, watch         bool
}

// batch holds the commands about many upgrades ordered together.
func (a *app) batch() *ffcli.Command {
	var b batchFlags
	return a.command("batch", "start <file> | status <id> | rows <id> | result <id> | confirm <id> | cancel <id> | pause <id> | resume <id> | again <id>",
		"Upgrade many subscriptions to a plan, and steer what runs",
		"start takes a whole batch as JSON (.json), or a CSV file of rows with the flags that say the rest; - is CSV on standard input.\n"+
			"CSV has a heading of tenant and any of subscription, seats, order, mail, name and language. Every row is planned first; where\n"+
			"one may not be upgraded nothing is begun, unless -offenders leave-out says to go on without such rows. The same batch again\n"+
			"starts nothing more. result prints a line of CSV for every row. again runs those rows once more that have ended without having\n"+
			"completed; cancelled and refused ones only by -rows.",
		func(f *flag.FlagSet) {
			b.by.register(f, a)
			text := func(p *string, name, help string) { f.StringVar(p, name, "", help) }
			text(&b.id, "id", "start: `id` of the batch, its idempotency key")
			text(&b.source, "source", "start: `plan` that the subscriptions are on, which finds those that rows do not name")
			text(&b.plan, "plan", "start: target `plan`")
			text(&b.consent, "consent", "start: `how` consent is had: mail (default), link, existing, gdap or partner_preconsent")
			text(&b.licen, "who", "start: `whose` licences move: holders (default) or nobody")
			text(&b.residue, "residue", "start: seats that cannot be given back today: `refuse` (default) or at-renewal")
			text(&b.each, "each", "start: `file` with further fields of every order as JSON")
			text(&b.reseller, "reseller", "start: `reseller` on whose behalf")
			text(&b.offenders, "offenders", "start: rows that may not be upgraded: `refuse` the whole batch (default) or leave-out")
			text(&b.finish, "finish", "start: `automatic` (default), or confirm: wait for `starter batch confirm` when every row is planned")
			text(&b.at, "at", "start: `time` to begin at, such as 2026-12-01T20:00:00+01:00; rows are planned at once")
			text(&b.state, "state", "rows: only those in this `state`: pending, refused, waiting, running, completed, failed or cancelled")
			text(&b.rows, "rows", "cancel, again: only these rows, as `numbers` such as 3,7-12")
			f.BoolVar(&b.running, "running", false, "cancel: ask those that run to stop as well, which undoes what can be undone")
			f.BoolVar(&b.leaveOut, "leave-out", false, "confirm: go on without the rows that were refused")
			f.BoolVar(&b.watch, "watch", false, "start, status: follow the batch to its end")
		},
		func(ctx context.Context, args []string) error {
			if len(args) != 2 || args[1] == "" {
				return usageError("give a command and a file or a batch's id, such as `starter batch status spring-2027`")
			}
			return a.batchCommand(ctx, &b, args[0], args[1])
		})
}

func (a *app) batchCommand(ctx context.Context, b *batchFlags, name, of string) error {
	switch name {
	case "start":
		return a.startBatch(ctx, b, of)
	case "status":
		return a.batchStatus(ctx, of, b.watch)
	case "rows":
		return a.batchRows(ctx, of, upgrade.BatchLineFilter{State: upgrade.BatchRowState(b.state)})
	case "result":
		return a.batchResult(ctx, of)
	}
	rows, err := rowNumbers(b.rows)
	if err != nil {
		return err
	}
	ask := map[string]func(context.Context, *temporalclient.Connection) (upgrade.Reply, error){
		"confirm": func(ctx context.Context, c *temporalclient.Connection) (upgrade.Reply, error) {
			return c.StartBatch(ctx, of, upgrade.StartBatch{Request: b.by.request(a), LeaveOut: b.leaveOut})
		},
		"cancel": func(ctx context.Context, c *temporalclient.Connection) (upgrade.Reply, error) {
			return c.CancelBatch(ctx, of, upgrade.CancelBatch{Request: b.by.request(a), Rows: rows, Running: b.running})
		},
		"pause": func(ctx context.Context, c *temporalclient.Connection) (upgrade.Reply, error) {
			return c.PauseBatch(ctx, of, b.by.request(a))
		},
		"resume": func(ctx context.Context, c *temporalclient.Connection) (upgrade.Reply, error) {
			return c.ResumeBatch(ctx, of, b.by.request(a))
		},
		"again": func(ctx context.Context, c *temporalclient.Connection) (upgrade.Reply, error) {
			return c.BatchAgain(ctx, of, upgrade.RunBatchAgain{Request: b.by.request(a), Rows: rows})
		},
	}[name]
	if ask == nil {
		return usageError("%q: give start, status, rows, result, confirm, cancel, pause, resume or again", name)
	}
	reply, err := asked(ctx, a, ask)
	if err != nil {
		return err
	}
	return a.show(reply, func(t *table) { t.line(reply.Message) })
}

// rowNumbers reads numbers and ranges.
func rowNumbers(s string) ([]int, error) {
	var rows []int
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		from, to, ranged := strings.Cut(part, "-")
		first, err := strconv.Atoi(from)
		last := first
		if err == nil && ranged {
			last, err = strconv.Atoi(to)
		}
		if err != nil || first < 1 || last < first || last > upgrade.MaxBatchRows {
			return nil, usageError("-rows: %q is no number of a row, and no range such as 7-12", part)
		}
		for n := first; n <= last; n++ {
			rows = append(rows, n)
		}
	}
	return rows, nil
}

// startBatch reads a batch and places it.
func (a *app) startBatch(ctx context.Context, b *batchFlags, file string) error {
	batch, rows, problems, err := a.readBatch(b, file)
	if err != nil {
		return err
	}
	if problems, err = a.checkPlans(batch, rows, problems); err != nil {
		return err
	}
	if len(problems) > 0 {
		return problems
	}
	batch.PlacedBy = first(b.by.by, a.me())
	if a.timeout == defaultTimeout {
		a.timeout = planPatience // ten thousand rows take a while
	}
	started, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) (upgrade.BatchStarted, error) {
		return c.PlaceBatch(ctx, batch, rows)
	})
	if err != nil {
		return err
	}
	words := fmt.Sprintf("The batch %s is placed, with %s; follow it by: starter batch status -watch %[1]s", batch.ID, upgrade.Counted(len(rows), "row", "rows"))
	if started.Existing {
		words = fmt.Sprintf("The batch %s was placed before, with the same content; nothing was started.", batch.ID)
	}
	if err := a.show(started, func(t *table) { t.line(words) }); err != nil || !b.watch {
		return err
	}
	return a.batchStatus(ctx, batch.ID, true)
}

// checkPlans adds what the catalogue says of the plans that a batch names.
func (a *app) checkPlans(b upgrade.Batch, rows []upgrade.BatchRow, ps upgrade.Problems) (upgrade.Problems, error) {
	c, more, err := a.loadCatalog()
	if err != nil || len(more) > 0 || len(rows) == 0 {
		return append(ps, more...), err
	}
	for _, p := range planning.CheckNames(c, b.OrderOf(rows[0])) {
		if p.Code == "unknown_plan" {
			p.Path = "each." + p.Path
			ps = append(ps, p)
		}
	}
	if _, known := c.Plan(catalog.PlanID(b.Source)); b.Source != "" && !known {
		ps.Add("source", "unknown_plan", fmt.Sprintf("there is no plan %q", b.Source), "`starter catalog` lists the plans")
	}
	return ps, nil
}

func (a *app) readBatch(b *batchFlags, file string) (upgrade.Batch, []upgrade.BatchRow, upgrade.Problems, error) {
	in := a.stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return upgrade.Batch{}, nil, nil, usageError("the batch cannot be read: %v", err)
		}
		defer f.Close()
		in = f
	}
	if strings.HasSuffix(strings.ToLower(file), ".json") {
		if b.id != "" || b.plan != "" || b.source != "" || b.each != "" {
			return upgrade.Batch{}, nil, nil, usageError("a batch in JSON says everything itself; leave -id, -plan, -source and -each out")
		}
		data, err := io.ReadAll(io.LimitReader(in, upgrade.MaxBatch+1))
		if err != nil {
			return upgrade.Batch{}, nil, nil, usageError("the batch cannot be read: %v", err)
		}
		batch, rows, problems := upgrade.ParseBatch(data)
		return batch, rows, problems, nil
	}
	input := upgrade.BatchInput{ID: b.id, Source: b.source, Offenders: upgrade.Offenders(b.offenders), Finish: upgrade.Finish(b.finish), Reseller: b.reseller}
	if b.each != "" {
		data, err := os.ReadFile(b.each)
		if err != nil {
			return upgrade.Batch{}, nil, nil, usageError("-each: %v", err)
		}
		if problems := upgrade.DecodeStrict(data, &input.Each); len(problems) > 0 {
			return upgrade.Batch{}, nil, problems, nil
		}
	}
	input.Each.Target.Plan = first(b.plan, input.Each.Target.Plan)
	input.Each.Consent = upgrade.ConsentWay(first(b.consent, string(input.Each.Consent)))
	input.Each.Licenses.Who = upgrade.Who(first(b.licen, string(input.Each.Licenses.Who)))
	input.Each.Residue = upgrade.Residue(first(b.residue, string(input.Each.Residue)))
	if b.at != "" {
		at, err := time.Parse(time.RFC3339, b.at)
		if err != nil {
			return upgrade.Batch{}, nil, nil, usageError("-at %q: give a time such as 2026-12-01T20:00:00+01:00", b.at)
		}
		input.StartAt = &at
	}
	var lines upgrade.Problems
	input.Rows, lines = upgrade.ParseBatchCSV(in)
	batch, rows, problems := upgrade.MakeBatch(input)
	if len(lines) > 0 { // what is wrong with rows is told line by line
		problems = append(lines, slices.DeleteFunc(problems, func(p upgrade.Problem) bool { return strings.HasPrefix(p.Path, "rows") })...)
	}
	return batch, rows, problems, nil
}
