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
	"time"
)

func main() {
	if played, err := act(os.Getenv); played {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the process at once
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, "campaign:", err)
		os.Exit(1)
	}
}

// errFound ends a campaign that has found something.
var errFound = errors.New("what must never be has happened")

// run carries out one round, or as many as the soaking time allows.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	began := time.Now()
	for {
		carry := round
		if s.batch > 0 {
			carry = batchRound
		}
		r, err := carry(ctx, s, stdout)
		if err != nil {
			return err
		}
		r.print(stdout)
		if len(r.violations) > 0 {
			return fmt.Errorf("%w, %d times; to repeat it: %s", errFound, len(r.violations), s.again())
		}
		if s.soak == 0 || time.Since(began) >= s.soak {
			return nil
		}
		s.seed++
	}
}

// round carries one seed's upgrades through and checks them.
func round(ctx context.Context, s settings, out io.Writer) (*report, error) {
	began := time.Now()
	site, err := open(ctx, s)
	if err != nil {
		return nil, err
	}
	c := newCampaign(site, out)
	evidence, err := c.carry(ctx)
	if err == nil {
		var r *report
		if r, err = c.report(ctx, evidence); err == nil {
			r.took = time.Since(began)
			return r, site.close()
		}
	}
	return nil, errors.Join(err, site.close())
}
