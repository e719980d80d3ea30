package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/peterbourgon/ff/v3/ffcli"

	"uplift/internal/errorbook"
	"uplift/upgrade"
)

func (a *app) errorBook() *ffcli.Command {
	fs := a.flags("starter errors")
	a.outputFlag(fs)
	return &ffcli.Command{
		Name: "errors", ShortUsage: "starter errors [flags] [CODE [part of Microsoft's message]]",
		ShortHelp: "Explain a code, or list all that are known",
		LongHelp: "Explain a code, or list all that are known. It asks nobody: neither Temporal nor Microsoft.\n" +
			"CODE is one of Partner Center's numbers (900278), an AADSTS number (AADSTS65001 or 65001), Graph's word\n" +
			"(Request_BadRequest, with a part of the message), or one of Uplift's own (window_closed).",
		FlagSet: fs, UsageFunc: usage,
		Exec: a.checked(func(_ context.Context, args []string) error {
			if len(args) == 0 {
				return a.listCodes()
			}
			return a.explainCode(args[0], strings.Join(args[1:], " "))
		}),
	}
}

// bookView is what -o json prints.
type bookView struct {
	Rows []errorbook.Row `json:"rows"`
}

func (a *app) listCodes() error {
	v := bookView{Rows: errorbook.All()}
	return a.show(v, func(t *table) {
		t.row("SERVICE", "CODE", "HTTP", "CLASS", "MEANING")
		for _, r := range v.Rows {
			status := ""
			if r.Status != 0 {
				status = fmt.Sprint(r.Status)
			}
			t.row(string(r.Service), r.Code, status, string(r.Class), r.Operator.Sentence)
		}
		t.line("")
		t.line("`starter errors CODE` says what to do. " + unknownParks)
	})
}

// unknownParks is what becomes of a code that is not in the book.
const unknownParks = "Unknown codes park the upgrade for an operator."

func (a *app) explainCode(code, said string) error {
	v := bookView{Rows: errorbook.Explain(code, said)}
	if len(v.Rows) == 0 {
		message := fmt.Sprintf("the error book has no code %q. %s", code, unknownParks)
		if near := errorbook.Near(code); len(near) > 0 {
			message += " Did you mean " + strings.Join(near, " or ") + "?"
		}
		return &upgrade.Error{Kind: upgrade.NotFound, Code: "no_such_code", Message: message}
	}
	return a.show(v, func(t *table) {
		for i, r := range v.Rows {
			if i > 0 {
				t.line("")
			}
			codeTable(t, r)
		}
	})
}

func codeTable(t *table, r errorbook.Row) {
	t.line(r.ID())
	t.row("  Class", string(r.Class)+": "+r.Class.Means())
	if r.Name != "" {
		t.row("  Microsoft's name", r.Name)
	}
	if r.As != "" {
		t.row("  Told as", r.As)
	}
	for _, part := range []struct {
		reader string
		advice errorbook.Advice
	}{{"Operator", r.Operator}, {"Customer", r.Customer}, {"Billing", r.Billing}} {
		t.row("  "+part.reader, part.advice.Sentence)
		t.row("", part.advice.Remedy)
	}
	if r.Class == errorbook.Retry || r.Class == errorbook.Wait {
		t.row("  Settles", "a write may still show within "+short(settle(r)))
	}
	if r.Stay > 0 {
		t.row("  Next request", "not before "+short(r.Stay.D()))
	}
	if r.Page != "" {
		t.row("  Page", r.Page)
	}
}

func settle(r errorbook.Row) time.Duration {
	if r.Settle == 0 {
		return errorbook.DefaultSettle()
	}
	return r.Settle.D()
}

// short is a duration without the zeros that Go writes at its end.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
