package main

import (
	"context"

	"github.com/peterbourgon/ff/v3/ffcli"

	"uplift/internal/config"
	"uplift/internal/service"
)

// serve is the one command that is a server: it alone holds the links' keys.
func (a *app) serve() *ffcli.Command {
	fs := a.flags("starter serve")
	a.settings.Register(fs, config.Serve)
	a.temporalFlags(fs)
	return &ffcli.Command{
		Name: "serve", ShortUsage: "starter serve [flags]",
		ShortHelp: "Serve the consent page, the provider's pages, the HTTP API and the codec endpoint",
		LongHelp:  "Serve the consent page, the provider's pages, the HTTP API, the codec endpoint and the health answers, until a signal ends it.",
		FlagSet:   fs, UsageFunc: usage,
		Exec: func(ctx context.Context, args []string) error {
			if len(args) > 0 {
				return usageError("%q: serve takes flags only", args[0])
			}
			if err := a.settings.Load(config.Serve, a.environment()); err != nil {
				return err
			}
			a.settings.TemporalAddress = first(a.address, a.settings.TemporalAddress)
			a.settings.TemporalNamespace = first(a.namespace, a.settings.TemporalNamespace)
			log, err := config.NewLogger(a.settings.LogLevel, a.settings.LogFormat)
			if err != nil {
				return err
			}
			return service.Serve(ctx, &a.settings, log)
		},
	}
}
