package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/peterbourgon/ff/v3/ffcli"

	"uplift/internal/plandoc"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

func (a *app) plan() *ffcli.Command {
	var order orderFlags
	var fs *flag.FlagSet
	c := a.command("plan", "-f order.json | order flags", "Make the plan document of an order, and change nothing",
		"Says what an upgrade would do and may cost, what cannot be undone and until when, and every reason why not. A plan that is\n"+
			"not eligible is exit code 4. With an id instead of an order: the plan of that upgrade.",
		func(f *flag.FlagSet) {
			fs = f
			order.register(f)
			f.Lookup("o").Usage = "`form` of the output: text, json or html"
		}, nil)
	c.Exec = a.checked(func(ctx context.Context, args []string) error {
		if len(args) > 0 {
			return a.planOf(ctx, args)
		}
		raw, _, err := order.read(a, fs)
		if err != nil {
			return err
		}
		if a.timeout == defaultTimeout {
			a.timeout = planPatience
		}
		p, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) (upgrade.Plan, error) { return c.Plan(ctx, raw) })
		if err != nil {
			return err
		}
		return a.showPlan(p)
	}, "html")
	return c
}

func (a *app) planOf(ctx context.Context, args []string) error {
	id, err := one(args)
	if err != nil {
		return err
	}
	p, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) (upgrade.Plan, error) {
		return c.PlanOf(ctx, id)
	})
	if err != nil {
		return err
	}
	return a.showPlan(p)
}

func (a *app) showPlan(p upgrade.Plan) error {
	if err := a.printPlan(p); err != nil {
		return err
	}
	if !p.Eligible() {
		return silent(exitRefused)
	}
	return nil
}

// printPlan writes the plan document: for people, as a file to be opened, or as it is.
func (a *app) printPlan(p upgrade.Plan) error {
	doc := plandoc.Of(p)
	var out string
	switch a.output {
	case "json":
		return a.show(p, nil)
	case "html":
		r, err := plandoc.NewRenderer()
		if err != nil {
			return err
		}
		page, err := r.Page(doc)
		if err != nil {
			return err
		}
		out = string(page)
	default:
		out = doc.Text(plandoc.Width)
	}
	_, err := fmt.Fprint(a.stdout, out)
	return err
}

func (a *app) upgrade() *ffcli.Command {
	var order orderFlags
	var w watching
	var printOnly bool
	var fs *flag.FlagSet
	return a.command("upgrade", "-f order.json | order flags", "Start the upgrade of an order",
		"The order is checked here first: all of its problems are named at once, and nothing is started (exit code 2). Starting\n"+
			"the same order again while it runs starts nothing and says so.",
		func(f *flag.FlagSet) {
			fs = f
			order.register(f)
			w.register(f)
			f.BoolVar(&printOnly, "print-order", false, "check the order, print it as JSON, and start nothing")
		},
		func(ctx context.Context, args []string) error {
			if len(args) > 0 {
				return usageError("%q: an order is described by -f or by flags", args[0])
			}
			raw, parsed, err := order.read(a, fs)
			if printOnly {
				return a.printOrder(parsed, err)
			}
			if err != nil {
				return err
			}
			return a.startAndWatch(ctx, w, func(ctx context.Context, c *temporalclient.Connection) (upgrade.Started, error) {
				return c.Start(ctx, raw, temporalclient.StartOptions{})
			})
		})
}

// printOrder prints an order that has no problems of its own: what is wrong with the connection's settings does not
// matter to it.
func (a *app) printOrder(o upgrade.Order, err error) error {
	if problems := orderProblems(err); len(problems) > 0 {
		return problems
	} else if err != nil && !isProblems(err) {
		return err
	}
	b, err := indented(o)
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(b)
	return err
}

func (a *app) retry() *ffcli.Command {
	var w watching
	var attempt int
	return a.command("retry", "<order or workflow id>", "Run an ended order again, as its next attempt",
		"Only an order whose end left nothing changed, or whose execution closed without an end, can be run again.",
		func(f *flag.FlagSet) {
			w.register(f)
			f.IntVar(&attempt, "attempt", 0, "`number` of the attempt; else one above the last")
		},
		func(ctx context.Context, args []string) error {
			id, err := one(args)
			if err != nil {
				return err
			}
			return a.startAndWatch(ctx, w, func(ctx context.Context, c *temporalclient.Connection) (upgrade.Started, error) {
				return c.Retry(ctx, id, attempt)
			})
		})
}

func (a *app) startAndWatch(ctx context.Context, w watching, start func(context.Context, *temporalclient.Connection) (upgrade.Started, error)) error {
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	asking, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	started, err := start(asking, c)
	if err != nil {
		return err
	}
	if w.on {
		if !a.json() {
			fmt.Fprintln(a.stdout, startedWords(started))
		}
		return a.watch(ctx, c, started.WorkflowID, w)
	}
	return a.show(started, func(t *table) {
		t.line(startedWords(started))
		t.line("Follow it: starter status -watch " + started.Order)
	})
}

func startedWords(s upgrade.Started) string {
	switch {
	case s.Existing:
		return fmt.Sprintf("Order %s runs already, as workflow %s (run %s); nothing was started.", s.Order, s.WorkflowID, s.RunID)
	case s.Attempt > 1:
		return fmt.Sprintf("Order %s was started again, attempt %d, as workflow %s (run %s).", s.Order, s.Attempt, s.WorkflowID, s.RunID)
	}
	return fmt.Sprintf("Order %s was started, as workflow %s (run %s).", s.Order, s.WorkflowID, s.RunID)
}

// isProblems tells whether an error is a list of problems.
func isProblems(err error) bool {
	var problems upgrade.Problems
	return errors.As(err, &problems)
}

// orderProblems are the problems of an error that are not about a flag of the settings, whose paths begin with a dash.
func orderProblems(err error) upgrade.Problems {
	var problems, own upgrade.Problems
	errors.As(err, &problems)
	for _, p := range problems {
		if !strings.HasPrefix(p.Path, "-") {
			own = append(own, p)
		}
	}
	return own
}
