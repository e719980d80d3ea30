// Command dev runs the whole product on this machine, in one process and with nothing installed: a
// Temporal server with its web UI, the simulated Microsoft cloud with a mailbox, the worker and
// the starter. From the root of the repository:
//
//	go -C dev run .
//
// It keeps nothing unless -data names a directory. It is for trying out, for demonstrations and for
// tests: every address is loopback, and every key in it is public. Do not run it for a provider.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the process at once
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, "dev:", err)
		os.Exit(1)
	}
}

// run starts everything, prints where it is, and waits for the context to end.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) (err error) {
	s, err := parse(args, getenv, stderr)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	all, err := start(ctx, s, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, all.close()) }()
	switch {
	case s.demo:
		return demo(ctx, all, stdout)
	case s.record != "":
		return record(ctx, all, s.record, stdout)
	}
	s.temporal = all.temporal.FrontendAddr() // port 0 was a wish
	if err := banner(stdout, s, all.places); err != nil {
		return err
	}
	<-ctx.Done()
	fmt.Fprintln(stdout, "\nStopping.")
	return nil
}
