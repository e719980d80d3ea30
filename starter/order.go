package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"uplift/catalog"
	"uplift/internal/config"
	"uplift/internal/planning"
	"uplift/upgrade"
)

// read gives the order as JSON, parsed and checked against the catalogue. Its error is every problem there is.
func (o *orderFlags) read(a *app, fs *flag.FlagSet) ([]byte, upgrade.Order, error) {
	fs.Visit(func(f *flag.Flag) { o.given = append(o.given, f.Name) })
	c, settingsProblems, err := a.loadCatalog()
	if err != nil {
		return nil, upgrade.Order{}, err
	}
	var problems upgrade.Problems
	var raw []byte
	if o.file != "" {
		raw, err = o.fromFile(a)
		if err != nil {
			return nil, upgrade.Order{}, err
		}
	} else {
		raw = o.fromFlags(c, &problems)
	}
	order, formProblems := upgrade.ParseOrder(raw)
	problems = append(problems, without(formProblems, problems)...)
	if len(formProblems) == 0 || order.Tenant != "" {
		problems = append(problems, without(planning.CheckNames(c, order), problems)...)
	}
	problems = append(problems, settingsProblems...)
	return raw, order, problems.Err()
}

// without leaves out what was already said of the same field: of a number that cannot be read, not also that it is
// missing.
func without(problems, said upgrade.Problems) upgrade.Problems {
	var rest upgrade.Problems
	for _, p := range problems {
		known := false
		for _, s := range said {
			known = known || s.Path == p.Path || strings.HasPrefix(s.Path, p.Path+"[")
		}
		if !known {
			rest = append(rest, p)
		}
	}
	return rest
}

func (o *orderFlags) fromFile(a *app) ([]byte, error) {
	for _, used := range o.given {
		for _, name := range orderOnly {
			if used == name {
				return nil, usageError("-f and -%s contradict each other: the order is described by a file or by flags", name)
			}
		}
	}
	in := a.stdin
	if o.file != "-" {
		f, err := os.Open(o.file)
		if err != nil {
			return nil, usageError("-f: %v", err)
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, upgrade.MaxInput+1))
	if err != nil {
		return nil, usageError("-f: %v", err)
	}
	return data, nil
}

// fromFlags writes the order that the flags describe, with the defaults filled in.
func (o *orderFlags) fromFlags(c *catalog.Catalog, ps *upgrade.Problems) []byte {
	order := upgrade.Order{
		ID: o.id, Tenant: o.tenant,
		Target:  upgrade.Target{Plan: o.plan, Seats: number(ps, "target.seats", o.seats), Totals: o.total(c, ps)},
		Sources: o.sources, Purchase: o.purchase(ps),
		Licenses:  upgrade.Licenses{Who: upgrade.Who(o.who), Users: o.users, Group: o.group, File: o.list},
		Consent:   upgrade.ConsentWay(o.consent),
		Finish:    upgrade.Finish(o.finish),
		NotBefore: moment(ps, "notBefore", o.notBefore), NotAfter: moment(ps, "notAfter", o.notAfter),
		Priority: upgrade.Priority(o.priority), Residue: upgrade.Residue(o.residue),
		Market: o.market, UsageLocation: o.usageLocation,
		OnUserFailure: upgrade.UserFailure{Action: o.onFailure, Share: share(ps, o.undoShare)},
		Reseller:      o.reseller, Beside: o.beside, Batch: o.batch, Attempt: o.attempt,
	}
	if order.Licenses.Who == "" && len(o.users) > 0 {
		order.Licenses.Who = upgrade.Listed
	}
	if o.mail != "" || o.name != "" || o.language != "" {
		order.Administrator = &upgrade.Administrator{Mail: o.mail, Name: o.name, Language: o.language}
	}
	if parsed, problems := upgrade.ParseOrder(order.Canonical()); len(problems) == 0 {
		order = parsed
	}
	return order.Canonical()
}

func (o *orderFlags) total(c *catalog.Catalog, ps *upgrade.Problems) []upgrade.Total {
	var totals []upgrade.Total
	for i, text := range o.totals {
		at := fmt.Sprintf("target.totals[%d]", i)
		name, seats, ok := cutLast(text, "=")
		if !ok {
			ps.Add(at, "bad_total", fmt.Sprintf("%q is not offer=seats", text), "write for example business-premium=25")
			continue
		}
		t := upgrade.Total{Offer: name, Seats: number(ps, at+".seats", seats)}
		if offer, near, found := c.Resolve(name); found {
			t.Offer = string(offer.ID)
		} else {
			ps.Add(at+".offer", "unknown_offer", fmt.Sprintf("there is no offer %q", name), catalog.DidYouMean(near))
		}
		totals = append(totals, t)
	}
	return totals
}

func (o *orderFlags) purchase(ps *upgrade.Problems) *upgrade.Purchase {
	if o.term == "" && o.cycle == "" && o.renew == "" {
		return nil
	}
	p := &upgrade.Purchase{Term: o.term, BillingCycle: o.cycle}
	if o.renew != "" {
		renew, err := strconv.ParseBool(o.renew)
		if err != nil {
			ps.Add("purchase.autoRenew", "bad_bool", fmt.Sprintf("%q is neither true nor false", o.renew), "write true or false")
		}
		p.AutoRenew = &renew
	}
	return p
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+len(sep):]), true
}

func number(ps *upgrade.Problems, path, s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		ps.Add(path, "bad_number", fmt.Sprintf("%q is no whole number of seats", s), "give the absolute number of seats that the customer ends with")
	}
	return n
}

func share(ps *upgrade.Problems, s string) float64 {
	if s == "" {
		return 0
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != f {
		ps.Add("onUserFailure.share", "bad_share", fmt.Sprintf("%q is no share", s), "give for example 0.1 for a tenth of the users")
		return 0
	}
	return f
}

// moment reads a time, or a day, which begins in UTC.
func moment(ps *upgrade.Problems, path, s string) *time.Time {
	if s == "" {
		return nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return &t
		}
	}
	ps.Add(path, "bad_time", fmt.Sprintf("%q is no time", s), "write for example 2026-12-01 or 2026-12-01T20:00:00+01:00")
	return nil
}

// loadCatalog reads the catalogue that orders are checked against, and what is wrong with the settings, to be reported
// with everything else.
func (a *app) loadCatalog() (*catalog.Catalog, upgrade.Problems, error) {
	var problems upgrade.Problems
	if err := a.settings.Load(config.CLI, a.environment()); err != nil && !errors.As(err, &problems) {
		return nil, nil, err
	}
	c, err := readCatalog(a.settings.CatalogFile)
	return c, problems, err
}

// readCatalog reads a catalogue file, or the catalogue inside the program.
func readCatalog(path string) (*catalog.Catalog, error) {
	if path == "" {
		return catalog.Load(), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, usageError("-catalog: %v", err)
	}
	defer f.Close()
	c, err := catalog.Read(f)
	if err != nil {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_catalog", Message: "the catalogue " + path + " has problems", Err: err}
	}
	return c, nil
}

// indented is JSON for people's eyes.
func indented(v any) ([]byte, error) {
	b, err := json.MarshalIndent(v, "", "  ")
	return append(b, '\n'), err
}
