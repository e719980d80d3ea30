package main

import (
	"context"
	"encoding/json"
	"flag"

	"github.com/peterbourgon/ff/v3/ffcli"

	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// who are the flags of every request: who asks and why, which is recorded.
type who struct{ by, reason string }

func (w *who) register(fs *flag.FlagSet, a *app) {
	fs.StringVar(&w.by, "by", "", "`who` asks; recorded (default: the user of this machine)")
	fs.StringVar(&w.reason, "reason", "", "`why`; recorded")
}

func (w who) request(a *app) upgrade.Request {
	return upgrade.Request{By: first(w.by, a.me()), Reason: w.reason}
}

// steering makes a command that asks one thing of one upgrade, and may watch it afterwards.
func (a *app) steering(name, short, long string, set func(*flag.FlagSet), check func() upgrade.Problems,
	ask func(ctx context.Context, c *temporalclient.Connection, id string) (any, func(*table), error)) *ffcli.Command {
	var w watching
	return a.command(name, "<order or workflow id>", short, long,
		func(f *flag.FlagSet) { w.register(f); set(f) },
		func(ctx context.Context, args []string) error {
			id, err := one(args)
			if err != nil {
				return err
			}
			if problems := check(); len(problems) > 0 {
				return problems
			}
			c, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			asking, cancel := context.WithTimeout(ctx, a.timeout)
			defer cancel()
			answer, words, err := ask(asking, c, id)
			if err != nil {
				return err
			}
			if !w.on || !a.json() {
				if err := a.show(answer, words); err != nil {
					return err
				}
			}
			if w.on {
				return a.watch(ctx, c, id, w)
			}
			return nil
		})
}

// replied prints an upgrade's reply.
func replied(r upgrade.Reply, err error) (any, func(*table), error) {
	return r, func(t *table) {
		t.line(first(r.Message, "Done."))
		if r.Link != "" {
			t.line("Link for the administrator (whoever has it can answer; the earlier ones are void):\n" + r.Link)
		}
	}, err
}

// asRequest makes a command whose update carries nothing but who and why.
func (a *app) asRequest(name, short, long string, send func(*temporalclient.Connection, context.Context, string, upgrade.Request) (upgrade.Reply, error)) *ffcli.Command {
	var by who
	return a.steering(name, short, long,
		func(f *flag.FlagSet) { by.register(f, a) },
		func() upgrade.Problems { return check(by.request(a), &upgrade.Request{}) },
		func(ctx context.Context, c *temporalclient.Connection, id string) (any, func(*table), error) {
			return replied(send(c, ctx, id, by.request(a)))
		})
}

// check reads an input as the upgrade will, so that what it cannot accept is refused here.
func check[T any](in T, as *T) upgrade.Problems {
	b, err := json.Marshal(in)
	if err != nil {
		return upgrade.Problems{{Code: "bad_input", Message: err.Error()}}
	}
	return upgrade.ParseUpdate(b, as)
}

func (a *app) cancel() *ffcli.Command {
	return a.asRequest("cancel", "Cancel an upgrade",
		"Before the change nothing is touched; after it the answer says what will happen. Past the point of no return it is refused.",
		func(c *temporalclient.Connection, ctx context.Context, id string, r upgrade.Request) (upgrade.Reply, error) {
			return c.Cancel(ctx, id, r)
		})
}

func (a *app) resend() *ffcli.Command {
	return a.asRequest("resend", "Send a new invitation, which makes the old link void",
		"The deadline does not move. The new link is printed, for you to hand on: it is a capability, so do not log it.",
		func(c *temporalclient.Connection, ctx context.Context, id string, r upgrade.Request) (upgrade.Reply, error) {
			return c.Resend(ctx, id, r)
		})
}

func (a *app) revoke() *ffcli.Command {
	return a.asRequest("revoke", "Void the invitation, which ends the upgrade", "",
		func(c *temporalclient.Connection, ctx context.Context, id string, r upgrade.Request) (upgrade.Reply, error) {
			return c.Revoke(ctx, id, r)
		})
}

func (a *app) confirm() *ffcli.Command {
	var by who
	var in upgrade.Confirm
	input := func() upgrade.Confirm { in.Request = by.request(a); return in }
	return a.steering("confirm", "Confirm the plan of an upgrade that waits for it",
		"Give the digest of the plan that you read: another plan is refused. Other seats make a new plan, which is checked again.",
		func(f *flag.FlagSet) {
			by.register(f, a)
			f.StringVar(&in.Digest, "digest", "", "`digest` of the plan that was read; `starter plan <id>` shows it")
			f.IntVar(&in.Seats, "seats", 0, "another `number` of seats than the plan's")
		},
		func() upgrade.Problems { return check(input(), &upgrade.Confirm{}) },
		func(ctx context.Context, c *temporalclient.Connection, id string) (any, func(*table), error) {
			return replied(c.Confirm(ctx, id, input()))
		})
}

func (a *app) approve() *ffcli.Command {
	var by who
	var in upgrade.Approve
	input := func() upgrade.Approve { in.Request = by.request(a); return in }
	return a.steering("approve", "Approve, as a second person, a plan above the provider's limit",
		"Give the digest of the plan that you read: another plan is refused, and so is whoever placed or confirmed the order.",
		func(f *flag.FlagSet) {
			by.register(f, a)
			f.StringVar(&in.Digest, "digest", "", "`digest` of the plan that was read; `starter plan <id>` shows it")
		},
		func() upgrade.Problems { return check(input(), &upgrade.Approve{}) },
		func(ctx context.Context, c *temporalclient.Connection, id string) (any, func(*table), error) {
			return replied(c.Approve(ctx, id, input()))
		})
}

func (a *app) resolve() *ffcli.Command {
	var by who
	var answer string
	input := func() upgrade.Resolve {
		return upgrade.Resolve{Request: by.request(a), Answer: upgrade.Answer(answer)}
	}
	return a.steering("resolve", "Answer a parked upgrade",
		"`starter status` shows why it is parked and which answers it takes.",
		func(f *flag.FlagSet) {
			by.register(f, a)
			f.StringVar(&answer, "answer", "", "`answer`: retry, skip, undo or abandon, of which the status names those that are possible")
		},
		func() upgrade.Problems { return check(input(), &upgrade.Resolve{}) },
		func(ctx context.Context, c *temporalclient.Connection, id string) (any, func(*table), error) {
			return replied(c.Resolve(ctx, id, input()))
		})
}

func (a *app) consent() *ffcli.Command {
	var start bool
	var decision, method, by, reason string
	var invitation int
	input := func() upgrade.Consent {
		return upgrade.Consent{Decision: upgrade.Decision(decision), By: first(by, a.me()), Method: upgrade.Method(method),
			Reason: reason, Invitation: invitation}
	}
	return a.steering("consent", "Send the administrator's decision, or start the sign-in",
		"A granted consent is a claim: the upgrade looks for proof itself, and ignores the claim where it finds none. With\n"+
			"-start it asks for a device code, which an administrator of the customer types; the upgrade then goes on by itself.",
		func(f *flag.FlagSet) {
			f.BoolVar(&start, "start", false, "ask for a device code, and send no decision")
			f.StringVar(&decision, "decision", "granted", "`decision`: granted or declined")
			f.StringVar(&method, "method", "", "how a granted consent is proved, the `method`: device_code, existing or admin_consent")
			f.StringVar(&by, "by", "", "`who` decided (default: the user of this machine)")
			f.StringVar(&reason, "reason", "", "`why` it was declined")
			f.IntVar(&invitation, "invitation", 0, "`number` of the invitation that is answered; else the present one")
		},
		func() upgrade.Problems {
			if start {
				return check(upgrade.StartAuthentication{Invitation: invitation}, &upgrade.StartAuthentication{})
			}
			b, err := json.Marshal(input())
			if err != nil {
				return upgrade.Problems{{Code: "bad_input", Message: err.Error()}}
			}
			_, problems := upgrade.ParseConsent(b)
			return problems
		},
		func(ctx context.Context, c *temporalclient.Connection, id string) (any, func(*table), error) {
			if start {
				return a.startAuthentication(ctx, c, id, invitation)
			}
			in := input()
			return in, func(t *table) {
				t.line("Sent. Whether it was believed, `starter status " + id + "` shows.")
			}, c.Consent(ctx, id, in)
		})
}

func (a *app) startAuthentication(ctx context.Context, c *temporalclient.Connection, id string, invitation int) (any, func(*table), error) {
	code, err := c.StartAuthentication(ctx, id, upgrade.StartAuthentication{Invitation: invitation})
	return code, func(t *table) {
		t.row("Code", code.UserCode)
		t.row("Sign in at", code.VerificationURI)
		t.row("Good until", clock(code.ExpiresAt))
		t.line("An administrator of the customer types the code there; the upgrade follows by itself.")
	}, err
}
