// Command worker runs Uplift's workflows and activities: it alone holds the credentials for Partner Center and the mail
// server, and the key to the tokens in the register. Start as many as you like; Temporal shares the work among them.
//
//	worker -h
//
// lists every setting with its environment variable.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"go.uber.org/zap"

	"uplift/internal/config"
	"uplift/internal/service"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the process at once
	err := run(ctx, os.Args[1:], os.Getenv, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

// run works until the context ends.
func run(ctx context.Context, args []string, getenv func(string) string, stderr io.Writer) error {
	settings, err := config.Parse("worker", config.Worker, args, getenv, stderr)
	if err != nil {
		return err
	}
	log, err := config.NewLogger(settings.LogLevel, settings.LogFormat)
	if err != nil {
		return err
	}
	defer func() { _ = log.Sync() }()
	w, err := service.NewWorker(ctx, service.WorkerOptions{Settings: settings, Log: log})
	if err != nil {
		return err
	}
	defer w.Close()
	log.Info("working", zap.String("taskQueue", "uplift"), zap.Bool("development", settings.Dev()))
	return w.Run(ctx)
}
