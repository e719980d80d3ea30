package main

import (
	"context"
	"fmt"
	"time"

	"github.com/peterbourgon/ff/v3/ffcli"

	"uplift/internal/config"
	"uplift/internal/service"
	"uplift/upgrade"
)

// partnerHelp says what this command needs, since it differs from the others'.
const partnerHelp = `Sign a user of the partner in, for what Partner Center does for persons only and for tenants that granted delegated
administration (GDAP). The user is an Admin agent, signs in with a second factor, and stays signed in for as long as
workers renew the sign-in, which they do every day.

It runs with the worker's settings (register, keys, client), and asks nothing of Temporal. The redirect address must be
registered for the application, character for character.`

// partner holds the commands about the provider itself.
func (a *app) partner() *ffcli.Command {
	fs := a.flags("starter partner")
	a.settings.Register(fs, config.Worker)
	redirect := fs.String("redirect", service.DefaultPartnerRedirect, "registered `address` to which the browser comes back; of this machine unless -paste is given")
	paste := fs.Bool("paste", false, "for machines without a browser: read the address at which the browser ended from the input")
	patience := fs.Duration("for", 15*time.Minute, "how `long` to wait for the person")
	a.outputFlag(fs)
	return &ffcli.Command{
		Name: "partner", ShortUsage: "starter partner sign-in [flags]",
		ShortHelp: "Sign a user of the partner in, for what Partner Center does for persons only",
		LongHelp:  partnerHelp, FlagSet: fs, UsageFunc: usage,
		Exec: a.checked(func(ctx context.Context, args []string) error {
			if len(args) != 1 || args[0] != "sign-in" {
				return usageError("give sign-in: `starter partner sign-in`")
			}
			if *patience <= 0 {
				return usageError("-for %s: the time to wait must be above zero", *patience)
			}
			if err := a.settings.Load(config.Worker, a.environment()); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(ctx, *patience)
			defer cancel()
			return a.signIn(ctx, *redirect, *paste)
		}),
	}
}

// signedIn is what -o json prints.
type signedIn struct {
	Tenant   string `json:"tenant"`
	ObjectID string `json:"objectId"`
	Name     string `json:"name,omitempty"`
}

func (a *app) signIn(ctx context.Context, redirect string, paste bool) error {
	log, err := config.NewLogger(a.settings.LogLevel, a.settings.LogFormat)
	if err != nil {
		return err
	}
	o := service.SignInOptions{Settings: &a.settings, Log: log, Redirect: redirect, Out: a.stderr}
	if paste {
		o.Paste = a.stdin
	}
	who, err := service.SignInPartner(ctx, o)
	if err != nil {
		return err
	}
	return a.show(signedIn{who.Tenant, who.ObjectID, who.Name}, func(t *table) { t.line(signedInWords(who)) })
}

func signedInWords(who upgrade.Identity) string {
	name := who.Name
	if name == "" {
		name = "user " + who.ObjectID
	}
	return fmt.Sprintf("%s is signed in for the partner, with a second factor. The sign-in is in the register, sealed; workers renew it every day.", name)
}
