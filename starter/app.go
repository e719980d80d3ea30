package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/peterbourgon/ff/v3/ffcli"

	"uplift/internal/config"
)

// app is one run of the program.
type app struct {
	getenv func(string) string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer

	settings  config.Settings
	address   string // -temporal-address
	namespace string // -temporal-namespace
	output    string // -o
	timeout   time.Duration
	help      bytes.Buffer // what the flag package wants to print
}

func (a *app) run(ctx context.Context, args []string) error {
	root := a.root()
	args = a.normalize(root, args)
	err := root.Parse(args)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		err = &failure{code: exitInput, err: err} // an unknown flag, or a value that its flag does not take
	} else if err == nil {
		err = root.Run(ctx)
	}
	var f *failure
	switch {
	case err == nil:
		return nil
	case errors.Is(err, flag.ErrHelp):
		_, err = io.Copy(a.stdout, &a.help)
		return err
	case errors.As(err, &f):
		f.json = a.json()
		return f
	}
	return &failure{err: err, json: a.json(), code: exitCode(err)}
}

func (a *app) json() bool { return a.output == "json" }

// root is the tree of commands.
func (a *app) root() *ffcli.Command {
	root := &ffcli.Command{
		Name: "starter", ShortUsage: "starter <command> [flags] [order or workflow id]", LongHelp: rootHelp(),
		FlagSet:   a.flags("starter"),
		UsageFunc: usage,
		Subcommands: []*ffcli.Command{
			a.plan(), a.upgrade(), a.consent(), a.confirm(), a.approve(), a.cancel(), a.resend(), a.revoke(), a.resolve(), a.retry(),
			a.status(), a.list(), a.slots(), a.rates(), a.batch(), a.users(), a.callbacks(), a.verifyCallback(), a.catalog(), a.prices(), a.errorBook(), a.serve(), a.partner(), a.doctor(), a.setup(),
		},
	}
	root.Exec = func(_ context.Context, args []string) error {
		if len(args) == 0 {
			fmt.Fprintln(a.stderr, usage(root))
			return silent(exitInput)
		}
		return usageError("there is no command %q; `starter -h` lists them", args[0])
	}
	return root
}

func rootHelp() string {
	var b strings.Builder
	b.WriteString("Upgrades customers' Microsoft 365 subscriptions. A command takes the order id or any workflow id; flags may stand\n" +
		"before and after it. serve, partner and doctor run with settings of their own; catalog and errors talk to nobody;\n" +
		"every other command talks to Temporal only.\n\nEXIT CODES\n")
	for _, e := range exits {
		fmt.Fprintf(&b, "  %d  %s\n", e.code, e.words)
	}
	b.WriteString("\nTemporal's own settings are TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS and their\n" +
		"siblings, or a profile in TEMPORAL_CONFIG_FILE, as for the official CLI.")
	return b.String()
}

// usage is what -h prints.
func usage(c *ffcli.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "USAGE\n  %s\n", c.ShortUsage)
	if c.LongHelp != "" {
		fmt.Fprintf(&b, "\n%s\n", c.LongHelp)
	}
	if len(c.Subcommands) > 0 {
		b.WriteString("\nCOMMANDS\n")
		for _, sub := range c.Subcommands {
			fmt.Fprintf(&b, "  %-15s %s\n", sub.Name, sub.ShortHelp)
		}
	}
	var flags bytes.Buffer
	c.FlagSet.VisitAll(func(f *flag.Flag) {
		name, help := flag.UnquoteUsage(f)
		fmt.Fprintf(&flags, "  -%s %s\n        %s", f.Name, name, help)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" {
			fmt.Fprintf(&flags, " (default %s)", f.DefValue)
		}
		flags.WriteString("\n")
	})
	if flags.Len() > 0 {
		fmt.Fprintf(&b, "\nFLAGS\n%s", flags.String())
	}
	return b.String()
}

// flags makes a flag set that prints nothing by itself: what is wrong is printed once, by who ran us.
func (a *app) flags(name string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(&a.help)
	return fs
}

// command makes a command that talks to Temporal.
func (a *app) command(name, arguments, short, long string, set func(*flag.FlagSet), exec func(context.Context, []string) error) *ffcli.Command {
	fs := a.flags("starter " + name)
	a.common(fs)
	if set != nil {
		set(fs)
	}
	return &ffcli.Command{
		Name: name, ShortUsage: strings.TrimSpace("starter " + name + " [flags] " + arguments), ShortHelp: short,
		LongHelp: strings.TrimSpace(short + ".\n" + long), FlagSet: fs, UsageFunc: usage, Exec: a.checked(exec),
	}
}

// defaultTimeout is how long one answer may take; planPatience is what a plan gets instead, since it reads much at
// Microsoft.
const (
	defaultTimeout = 30 * time.Second
	planPatience   = 2 * time.Minute
)

// common are the flags of every command that talks to Temporal.
func (a *app) common(fs *flag.FlagSet) {
	a.settings.Register(fs, config.CLI)
	a.temporalFlags(fs)
	fs.DurationVar(&a.timeout, "timeout", defaultTimeout, "how `long` to wait for one answer; watching has its own limit")
	a.outputFlag(fs)
}

func (a *app) temporalFlags(fs *flag.FlagSet) {
	fs.StringVar(&a.address, "temporal-address", "", "`host:port` of Temporal (TEMPORAL_ADDRESS)")
	fs.StringVar(&a.namespace, "temporal-namespace", "", "Temporal's `namespace` (TEMPORAL_NAMESPACE)")
}

func (a *app) outputFlag(fs *flag.FlagSet) {
	fs.StringVar(&a.output, "o", "text", "`form` of the output: text or json")
}

// checked refuses what every command would. Some commands have forms of output besides text and JSON.
func (a *app) checked(exec func(context.Context, []string) error, more ...string) func(context.Context, []string) error {
	return func(ctx context.Context, args []string) error {
		if forms := append([]string{"text", "json"}, more...); !slices.Contains(forms, a.output) {
			last := len(forms) - 1
			return usageError("-o %s: the output is %s or %s", a.output, strings.Join(forms[:last], ", "), forms[last])
		}
		return exec(ctx, args)
	}
}

// normalize puts the flags of a command before its other arguments, since the flag package stops at the first of those,
// and reads `starter help plan` as `starter plan -h`.
func (a *app) normalize(root *ffcli.Command, args []string) []string {
	if len(args) == 0 {
		return args
	}
	if args[0] == "help" {
		if len(args) == 1 {
			return []string{"-h"}
		}
		return []string{args[1], "-h"}
	}
	at := slices.IndexFunc(root.Subcommands, func(c *ffcli.Command) bool { return strings.EqualFold(c.Name, args[0]) })
	if at < 0 {
		return args
	}
	return append([]string{args[0]}, flagsFirst(root.Subcommands[at].FlagSet, args[1:])...)
}

func flagsFirst(fs *flag.FlagSet, args []string) []string {
	var flags, rest []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			rest = append(rest, args[i+1:]...)
			break
		}
		if len(arg) < 2 || arg[0] != '-' {
			rest = append(rest, arg)
			continue
		}
		flags = append(flags, arg)
		name, _, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if f := fs.Lookup(name); f != nil && !hasValue && !isBool(f) && i+1 < len(args) {
			i++
			flags = append(flags, args[i])
		}
	}
	return append(append(flags, "--"), rest...)
}

func isBool(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// one is the single id that a command takes.
func one(args []string) (string, error) {
	if len(args) != 1 || args[0] == "" {
		return "", usageError("give one order id or workflow id; %d were given", len(args))
	}
	return args[0], nil
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
