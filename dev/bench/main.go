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
	"runtime/pprof"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the process at once
	err := run(ctx, os.Args[1:], measures(), os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// page is what a whole run writes, seen from this module's folder, which is where `go -C dev` runs it.
const page = "../docs/performance.md"

// run takes the measures one after another, tells their figures, and writes the page.
func run(ctx context.Context, args []string, all []measure, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	format := flags.String("o", "table", "`form` of the answer: table or json")
	only := flags.String("only", "", "take these `measures` alone, such as 3,4; the page keeps the others as they were")
	write := flags.Bool("write", true, "write docs/performance.md, and docs/performance.json, of which it is made")
	profile := flags.String("cpuprofile", "", "write a profile of the processor's time into this `file`, for go tool pprof")
	verbose := flags.Bool("v", false, "tell what passes meanwhile")
	flags.Usage = func() {
		fmt.Fprint(stderr, "Measures the product on this machine, against a simulated Microsoft, each figure beside a baseline of the same run.\n\n"+
			"Usage: go -C dev run ./bench [flags]\n\n")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case *format != "table" && *format != "json":
		return fmt.Errorf("-o %s: choose table or json", *format)
	}
	taken, err := chosen(all, *only)
	if err != nil {
		return err
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	level := slog.LevelError
	if *verbose {
		level = slog.LevelInfo
	}
	r, err := take(ctx, &bench{log: slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))}, taken, stderr)
	if err != nil {
		return err
	}
	if *format == "json" {
		err = r.json(stdout)
	} else {
		err = r.table(stdout)
	}
	if err != nil || !*write {
		return err
	}
	return r.save(page, all)
}

// take runs the measures. One that cannot be taken ends the run: half a page would pass for a whole one.
func take(ctx context.Context, b *bench, taken []measure, progress io.Writer) (*report, error) {
	r := &report{Machine: thisMachine(ctx)}
	began := time.Now()
	for _, m := range taken {
		fmt.Fprintf(progress, "measure %d: %s\n", m.number, m.title)
		start := time.Now()
		figures, err := m.run(ctx, b)
		if err != nil {
			return nil, fmt.Errorf("measure %d: %w", m.number, err)
		}
		r.add(m, figures, time.Since(start))
	}
	r.Seconds = time.Since(began).Seconds()
	return r, nil
}
