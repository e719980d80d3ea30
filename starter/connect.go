package main

import (
	"context"
	"fmt"
	"os"

	"uplift/internal/config"
	"uplift/internal/temporalclient"
)

// connect loads the settings and dials Temporal.
func (a *app) connect(ctx context.Context) (*temporalclient.Connection, error) {
	if err := a.settings.Load(config.CLI, a.environment()); err != nil {
		return nil, err
	}
	o := temporalclient.ConnectOptions{
		KeyFile: a.settings.CodecKeyFile, Development: a.settings.Dev(), Identity: a.identity(),
		HostPort: first(a.address, a.settings.TemporalAddress), Namespace: first(a.namespace, a.settings.TemporalNamespace),
	}
	if a.settings.LogLevel == "debug" {
		logger, err := config.NewLogger(a.settings.LogLevel, a.settings.LogFormat)
		if err != nil {
			return nil, err
		}
		o.Logger = logger
	}
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	return temporalclient.Connect(ctx, o)
}

// environment is the process's, under our flags for Temporal: the settings hold those to the dev profile's rules too.
func (a *app) environment() func(string) string {
	return func(name string) string {
		switch {
		case name == "TEMPORAL_ADDRESS" && a.address != "":
			return a.address
		case name == "TEMPORAL_NAMESPACE" && a.namespace != "":
			return a.namespace
		}
		return a.getenv(name)
	}
}

// me is who asks, unless -by says otherwise.
func (a *app) me() string { return first(a.getenv("USER"), a.getenv("USERNAME")) }

// identity is who we are in histories.
func (a *app) identity() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return fmt.Sprintf("starter, %s@%s", first(a.me(), "unknown"), host)
}

// asked runs one question to Temporal within -timeout.
func asked[T any](ctx context.Context, a *app, ask func(context.Context, *temporalclient.Connection) (T, error)) (T, error) {
	var none T
	c, err := a.connect(ctx)
	if err != nil {
		return none, err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	return ask(ctx, c)
}
