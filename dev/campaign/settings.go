package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"uplift/upgrade"
)

// settings is all that can be said to this command.
type settings struct {
	upgrades int
	batch    int // rows of one batch, in the place of single orders; 0: none
	seed     uint64
	kills    int
	pace     float64
	harm     float64
	limit    time.Duration
	soak     time.Duration
	keep     bool
	verbose  bool

	careless bool     // the planted defect; for the test
	plain    bool     // one order a customer, nobody in the way; for the test
	brief    bool     // nothing that takes days by itself: no renewal, nobody who says nothing; for the test
	only     string   // the kind of every order; empty: a mix
	lost     []string // paths of which the first replies are lost
}

// largeBatch is how many rows are through before the first year is over at the usual pace.
const largeBatch = 2000

// parse reads the flags.
func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("campaign", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&s.upgrades, "upgrades", 200, "how many upgrades a round carries through")
	flags.IntVar(&s.batch, "batch", 0, "carry one batch of so many `rows` through, in the place of single orders")
	flags.Uint64Var(&s.seed, "seed", 1, "decides the customers, the orders, who does what and when, the faults and the kills")
	flags.IntVar(&s.kills, "kills", 24, "how many processes are killed at least, one at a time, over the whole of a round; 0: none")
	flags.Float64Var(&s.pace, "pace", 20000, "how many times faster than the clock Microsoft and every wait goes: at 20000 a day takes 4.3 seconds; a batch of more than 2,000 rows goes at 2000")
	flags.Float64Var(&s.harm, "harm", 1, "multiplies the chance of every fault of the simulated Microsoft; 0: none strikes")
	flags.DurationVar(&s.limit, "limit", 20*time.Minute, "how long a round may take; what has no end by then is a violation")
	flags.DurationVar(&s.soak, "soak", 0, "go on with the next seed until this time is over, or something is found")
	flags.BoolVar(&s.keep, "keep", false, "keep the folder of databases and logs, and say where it is")
	flags.BoolVar(&s.verbose, "v", false, "tell every order and end, every kill and message, as it happens")
	flags.Usage = func() {
		fmt.Fprint(stderr, "Carries a random mix of orders through the whole product, each part of it in a process of its own that is killed now and then,\n"+
			"against a simulated Microsoft that misbehaves; and holds what is left behind against what was ordered.\n\n"+
			"Usage: go -C dev run ./campaign [flags]\n\n")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if given := false; s.batch > largeBatch {
		flags.Visit(func(f *flag.Flag) { given = given || f.Name == "pace" })
		if !given { // else years would pass, and subscriptions renew while they are to be upgraded
			s.pace = 2000
		}
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case s.batch < 0 || s.batch > upgrade.MaxBatchRows:
		return s, fmt.Errorf("-batch must be from 1 to %d", upgrade.MaxBatchRows)
	case s.upgrades < 1:
		return s, errors.New("-upgrades must be above zero")
	case !(s.pace >= 1 && s.pace <= 86400):
		return s, errors.New("-pace must be from 1 to 86400")
	case !(s.harm >= 0 && s.harm <= 20):
		return s, errors.New("-harm must be from 0 to 20")
	case s.kills < 0, s.limit <= 0, s.soak < 0:
		return s, errors.New("-kills, -limit and -soak cannot be negative")
	}
	return s, nil
}

// again is the command that repeats a round.
func (s settings) again() string {
	out := fmt.Sprintf("go -C dev run ./campaign -upgrades %d -seed %d -kills %d", s.upgrades, s.seed, s.kills)
	if s.batch > 0 {
		out = fmt.Sprintf("go -C dev run ./campaign -batch %d -seed %d", s.batch, s.seed)
	}
	if s.pace != 20000 {
		out += fmt.Sprintf(" -pace %g", s.pace)
	}
	if s.harm != 1 {
		out += fmt.Sprintf(" -harm %g", s.harm)
	}
	return out
}
