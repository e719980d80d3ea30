package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/peterbourgon/ff/v3/ffcli"

	"uplift/internal/callback"
	"uplift/internal/keyfile"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// callbacks lists what billing was told of an order, and sends it again.
func (a *app) callbacks() *ffcli.Command {
	var sequence int
	return a.command("callbacks", "<order id> | replay <order id>", "List an order's callbacks, or send them again",
		"What is listed is of the order's last attempt. replay sends again what was not delivered, or with -sequence that one callback\n"+
			"to every destination that wants it; the receiver knows it by its webhook-id. Callbacks are kept for two years.",
		func(f *flag.FlagSet) {
			f.IntVar(&sequence, "sequence", 0, "`number` of the one callback to send again")
		},
		func(ctx context.Context, args []string) error {
			switch {
			case len(args) == 2 && args[0] == "replay" && sequence >= 0:
				return a.replayCallbacks(ctx, args[1], sequence)
			case len(args) == 1 && sequence == 0 && args[0] != "replay":
				return a.listCallbacks(ctx, args[0])
			}
			return usageError("say `starter callbacks A-1`, or `starter callbacks replay A-1 [-sequence N]`")
		})
}

func (a *app) listCallbacks(ctx context.Context, order string) error {
	page, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) (upgrade.CallbacksPage, error) {
		return c.Callbacks(ctx, order)
	})
	if err != nil {
		return err
	}
	return a.show(page, func(t *table) {
		if len(page.Deliveries) == 0 {
			t.line("Nobody was called back about " + page.Upgrade + ".")
			return
		}
		t.row("NUMBER", "CALLBACK", "DESTINATION", "STATE", "ATTEMPTS", "LAST", "PROBLEM")
		for _, d := range page.Deliveries {
			problem := ""
			if d.Problem != nil {
				problem = d.Problem.Message
			}
			t.row(fmt.Sprint(d.Sequence), string(d.Type), d.Destination, string(d.State), fmt.Sprint(d.Attempts), clock(d.At), problem)
		}
	})
}

func (a *app) replayCallbacks(ctx context.Context, order string, sequence int) error {
	page, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) (upgrade.CallbacksPage, error) {
		page, err := c.Callbacks(ctx, order)
		if err != nil {
			return page, err
		}
		if sequence > 0 && !slices.ContainsFunc(page.Deliveries, func(d upgrade.Delivery) bool { return d.Sequence == sequence }) {
			return page, &upgrade.Error{Kind: upgrade.NotFound, Code: "no_such_callback", Message: fmt.Sprintf("%s has no callback %d", page.Upgrade, sequence)}
		}
		return page, c.ReplayCallbacks(ctx, page.Upgrade, sequence)
	})
	if err != nil {
		return err
	}
	return a.show(upgrade.CallbacksPage{Upgrade: page.Upgrade}, func(t *table) {
		t.line("Asked for. How it went, `starter callbacks " + strings.TrimPrefix(order, upgrade.WorkflowIDPrefix) + "` shows.")
	})
}

// verified is what -o json prints of a callback that is genuine.
type verified struct {
	Genuine bool   `json:"genuine"`
	ID      string `json:"id"`
}

// verifyCallback tells whether a callback is ours. It talks to nobody.
func (a *app) verifyCallback() *ffcli.Command {
	fs := a.flags("starter verify-callback")
	var id, at, signature, file, body string
	var anyTime bool
	fs.StringVar(&id, "id", "", "the header `webhook-id`")
	fs.StringVar(&at, "timestamp", "", "the header `webhook-timestamp`")
	fs.StringVar(&signature, "signature", "", "the header `webhook-signature`")
	fs.StringVar(&file, "secret-file", "", "`file` with the secret, whsec_…, readable by its owner only")
	fs.StringVar(&body, "body", "-", "`file` with the body, byte for byte as it came; - is standard input")
	fs.BoolVar(&anyTime, "any-time", false, "do not ask whether it was sent within the last five minutes")
	a.outputFlag(fs)
	const short = "Tell whether a callback is genuine"
	return &ffcli.Command{
		Name: "verify-callback", ShortUsage: "starter verify-callback -id ID -timestamp SECONDS -signature v1,… -secret-file FILE [-body FILE]", ShortHelp: short,
		LongHelp: short + ", by its headers, its body and the secret. The exit code is 0 where it is, 4 where the\n" +
			"signature does not fit or the callback is older than five minutes, and 2 where it cannot be told.\nNo Temporal is needed.",
		FlagSet: fs, UsageFunc: usage,
		Exec: a.checked(func(_ context.Context, args []string) error {
			if len(args) > 0 || file == "" {
				return usageError("give -id, -timestamp, -signature and -secret-file, and the body as -body or standard input")
			}
			secret, err := keyfile.Read(file)
			if err != nil {
				return err
			}
			data, err := a.bodyOf(body)
			if err != nil {
				return err
			}
			header := http.Header{}
			header.Set(callback.HeaderID, id)
			header.Set(callback.HeaderTimestamp, at)
			header.Set(callback.HeaderSignature, signature)
			if err := callback.Verify(upgrade.Secret(strings.TrimSpace(string(secret))), header, data, anyTime); err != nil {
				return err
			}
			return a.show(verified{Genuine: true, ID: id}, func(t *table) { t.line("Genuine: signed under this secret, and unchanged.") })
		}),
	}
}

// bodyOf reads a body, or the standard input.
func (a *app) bodyOf(file string) ([]byte, error) {
	if file != "-" {
		if info, err := os.Stat(file); err != nil || info.IsDir() {
			return nil, usageError("the body cannot be read: give a file")
		}
	}
	data, err := a.readFile(file)
	if err == nil && len(data) > upgrade.MaxInput {
		return nil, usageError("the body has more than 1 MiB, which no callback has")
	}
	return data, err
}
