package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/peterbourgon/ff/v3/ffcli"

	"uplift/internal/config"
	"uplift/internal/service"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

const doctorHelp = `Examine the installation before there is work, or when something is wrong: settings, keys, register, Temporal, Microsoft,
mail. All that is wrong is named at once, each with what to do. It changes nothing, but that the partner's sign-in is
renewed, and sends nothing.

It runs with the worker's settings, on the worker's machine: what it sees is what a worker would see. The exit code is 1
when anything failed; warnings do not count.`

func (a *app) doctor() *ffcli.Command {
	fs := a.flags("starter doctor")
	a.settings.Register(fs, config.Worker)
	a.temporalFlags(fs)
	var customers tenants
	fs.Var(&customers, "customer", "examine delegated administration and consent in this `tenant`, too; may be given more than once")
	redirect := fs.String("redirect", service.DefaultPartnerRedirect, "`address` that you give to `starter partner sign-in`")
	a.outputFlag(fs)
	return &ffcli.Command{
		Name: "doctor", ShortUsage: "starter doctor [flags]",
		ShortHelp: "Examine the installation: settings, keys, register, Temporal, Microsoft, mail",
		LongHelp:  doctorHelp, FlagSet: fs, UsageFunc: usage,
		Exec: a.checked(func(ctx context.Context, args []string) error {
			if len(args) > 0 {
				return usageError("%q: doctor takes flags only", args[0])
			}
			return a.examine(ctx, customers, *redirect)
		}),
	}
}

// tenants are a flag that may be repeated.
type tenants []string

// Set implements flag.Value.
func (t *tenants) Set(text string) error {
	text = strings.ToLower(strings.TrimSpace(text))
	if !upgrade.IsGUID(text) {
		return errors.New("a tenant is named by its id, a GUID")
	}
	*t = append(*t, text)
	return nil
}

// String implements flag.Value.
func (t *tenants) String() string { return strings.Join(*t, ",") }

var _ flag.Value = (*tenants)(nil)

func (a *app) examine(ctx context.Context, customers []string, redirect string) error {
	var broken upgrade.Problems
	if err := a.settings.Load(config.Worker, a.environment()); err != nil && !errors.As(err, &broken) {
		return err
	}
	a.settings.TemporalAddress = first(a.address, a.settings.TemporalAddress)
	a.settings.TemporalNamespace = first(a.namespace, a.settings.TemporalNamespace)
	level := a.settings.LogLevel
	if level != "debug" {
		level = "error" // the findings say it all
	}
	log, err := config.NewLogger(level, first(a.settings.LogFormat, "console"))
	if err != nil {
		return err
	}
	report := service.Examine(ctx, service.DoctorOptions{Settings: &a.settings, Broken: broken, Customers: customers, Redirect: redirect, Log: log})
	if a.json() {
		if err := a.show(report, nil); err != nil {
			return err
		}
	} else {
		width := 0
		for _, f := range report.Findings {
			width = max(width, len(f.Check))
		}
		for _, f := range report.Findings {
			fmt.Fprintf(a.stdout, "%-7s  %-*s  %s\n", f.Verdict, min(width, 20), f.Check, f.Says)
			if f.Remedy != "" {
				fmt.Fprintf(a.stdout, "         → %s\n", f.Remedy)
			}
		}
		fmt.Fprintf(a.stdout, "\n%s\n", summary(report.Count("FAIL"), report.Count("warn"), report.Count("skipped")))
	}
	if !report.OK {
		return silent(exitFailure)
	}
	return nil
}

func summary(failed, warned, skipped int) string {
	if failed+warned+skipped == 0 {
		return "Everything is in order."
	}
	return fmt.Sprintf("%d failed, %d to be looked at, %d could not be looked at.", failed, warned, skipped)
}

const setupHelp = `Bring Temporal's namespace to what Uplift needs: it makes the search attributes that are missing, and has closed upgrades
kept for at least 30 days. It says what it did; run twice, it does nothing the second time.

Where it may not, as mostly in Temporal Cloud, it says what somebody who may has to run.`

func (a *app) setup() *ffcli.Command {
	var create bool
	return a.command("setup", "", "Set up Temporal's namespace: search attributes, retention", setupHelp,
		func(fs *flag.FlagSet) {
			fs.BoolVar(&create, "create", false, "make the namespace if there is none")
		},
		func(ctx context.Context, args []string) error {
			if len(args) > 0 {
				return usageError("%q: setup takes flags only", args[0])
			}
			did, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) ([]string, error) {
				return service.Setup(ctx, c.Client, c.Namespace, create)
			})
			if len(did) > 0 || err == nil {
				if shown := a.show(setUp{did}, func(t *table) { setUpWords(t, did) }); shown != nil {
					return shown
				}
			}
			return err
		})
}

// setUp is what -o json prints.
type setUp struct {
	Did []string `json:"did"`
}

func setUpWords(t *table, did []string) {
	for _, one := range did {
		t.line(one)
	}
	if len(did) == 0 {
		t.line("The namespace has all that Uplift needs; nothing was done.")
	}
}
