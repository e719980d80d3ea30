package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"go.uber.org/zap"
)

// envPrefix begins the name of the environment variable behind a flag: -sim-admin is
// UPLIFT_DEV_SIM_ADMIN.
const envPrefix = "UPLIFT_DEV_"

// mostCustomers bounds -customers: more than a provider has, and quick to make.
const mostCustomers = 2000

const defaultTemporal = "127.0.0.1:7233"

// settings is all that can be said to this command.
type settings struct {
	temporal, ui                    string // host:port each
	entra, graph, partner           string
	mailbox, smtp, simAdmin, portal string
	data                            string // absolute; empty keeps nothing
	demo                            bool
	record                          string // absolute
	pace                            float64
	faults                          string // "polite" or "misbehaving"
	customers                       int    // besides the demonstration's

	// What no flag says: tests set it.
	more                   []string                                             // further settings of worker and starter, as flags
	log                    *zap.Logger                                          // of worker and starter; nil: as their settings say
	wrap                   func(service string, next http.Handler) http.Handler // before the simulated cloud's services
	mailUser, mailPassword string                                               // what the mail server asks for
}

// parse reads the flags, with the environment behind them.
func parse(args []string, getenv func(string) string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("dev", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.portal, "listen", "127.0.0.1:8080", "`address` of the consent page and the codec endpoint")
	flags.StringVar(&s.temporal, "temporal", defaultTemporal, "`address` of Temporal")
	flags.StringVar(&s.ui, "ui", "127.0.0.1:8233", "`address` of the Temporal UI")
	flags.StringVar(&s.entra, "entra", "127.0.0.1:9001", "`address` of the simulated sign-in service")
	flags.StringVar(&s.graph, "graph", "127.0.0.1:9002", "`address` of the simulated Microsoft Graph")
	flags.StringVar(&s.partner, "partner", "127.0.0.1:9003", "`address` of the simulated Partner Center")
	flags.StringVar(&s.simAdmin, "sim-admin", "127.0.0.1:9004", "`address` where the simulated cloud is seen and steered")
	flags.StringVar(&s.mailbox, "mailbox", "127.0.0.1:9005", "`address` where the mails are read")
	flags.StringVar(&s.smtp, "smtp", "127.0.0.1:9025", "`address` that takes the mails")
	flags.StringVar(&s.data, "data", "", "keep everything in this `directory`, to go on from it at the next start")
	flags.BoolVar(&s.demo, "demo", false, "carry one upgrade through on free ports, with a simulated administrator, and end")
	flags.StringVar(&s.faults, "faults", "polite", "how the simulated Microsoft cloud behaves: `polite` or misbehaving")
	flags.IntVar(&s.customers, "customers", 0, "add this `number` of customers with names, offers and users of many kinds, and one with 300 users of whom an\nupgrade to Microsoft 365 E3 cannot move all; for pages that are full")
	flags.StringVar(&s.record, "record", "", "play every scenario, write its history into this `directory`, and end")
	flags.Float64Var(&s.pace, "pace", 1, "how many times faster than the clock waits pass: 86400 makes a day last a second")
	flags.Usage = func() {
		fmt.Fprintf(stderr, "Runs all of Uplift on this machine, against a simulated Microsoft cloud.\n\n"+
			"Usage: go -C dev run . [flags]\n\nPort 0 takes a free one. Each flag can also be set in the environment: -sim-admin is %sSIM_ADMIN.\n\n", envPrefix)
		flags.PrintDefaults()
	}
	if err := fromEnvironment(flags, getenv); err != nil {
		return s, err
	}
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if !(s.pace > 0) {
		return s, errors.New("-pace must be above zero")
	}
	if s.customers < 0 || s.customers > mostCustomers {
		return s, fmt.Errorf("-customers %d: choose a number up to %d", s.customers, mostCustomers)
	}
	if s.faults != "polite" && s.faults != "misbehaving" {
		return s, fmt.Errorf("-faults %q: choose polite or misbehaving", s.faults)
	}
	if s.demo && s.faults == "misbehaving" && s.pace < 10 {
		return s, errors.New("a misbehaving Microsoft takes its hours: give the demonstration -pace 60")
	}
	if s.demo || s.record != "" {
		s.freePorts(flags)
	}
	if s.record != "" {
		s.record = fromShell(s.record, getenv)
	}
	if s.data != "" {
		s.data = fromShell(s.data, getenv)
	}
	return s, nil
}

// freePorts lets a demonstration run beside another one: every address that nobody has chosen takes a free port.
func (s *settings) freePorts(flags *flag.FlagSet) {
	chosen := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { chosen[f.Name] = true })
	for name, address := range map[string]*string{
		"listen": &s.portal, "temporal": &s.temporal, "ui": &s.ui, "entra": &s.entra, "graph": &s.graph,
		"partner": &s.partner, "sim-admin": &s.simAdmin, "mailbox": &s.mailbox, "smtp": &s.smtp,
	} {
		if !chosen[name] {
			*address = "127.0.0.1:0"
		}
	}
}

// fromEnvironment sets each flag whose variable is not empty. A flag on the command line wins.
func fromEnvironment(flags *flag.FlagSet, getenv func(string) string) error {
	var all []error
	flags.VisitAll(func(f *flag.Flag) {
		name := envPrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if value := getenv(name); value != "" {
			if err := flags.Set(f.Name, value); err != nil {
				all = append(all, fmt.Errorf("%s: %w", name, err))
			}
		}
	})
	return errors.Join(all...)
}

// fromShell makes a path absolute, seen from where the user stands. That is not the working
// directory: `go -C dev run .` changes it, and leaves the shell's PWD as it was.
func fromShell(path string, getenv func(string) string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	if pwd := getenv("PWD"); filepath.IsAbs(pwd) {
		if info, err := os.Stat(pwd); err == nil && info.IsDir() {
			return filepath.Join(pwd, path)
		}
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
