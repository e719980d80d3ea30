package main

import (
	"flag"
	"strings"
)

// list is a flag that may be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

// orderFlags are an order as flags. Numbers and times are kept as they were written, so that a mistake in one is
// reported together with every other.
type orderFlags struct {
	file                                     string
	id, tenant, plan, seats                  string
	totals, sources, users                   list
	term, cycle, renew                       string
	who, group, list                         string
	mail, name, language                     string
	consent, finish, notBefore, notAfter     string
	priority, residue, market, usageLocation string
	onFailure, undoShare                     string
	reseller, batch                          string
	beside                                   bool
	attempt                                  int
	given                                    []string // the flags that were used
}

func (o *orderFlags) register(fs *flag.FlagSet) {
	text := func(p *string, name, help string) { fs.StringVar(p, name, "", help) }
	text(&o.file, "f", "`file` with the order as JSON, - for the standard input; instead of the flags that follow")
	text(&o.id, "order", "order `id`: billing's, the idempotency key")
	text(&o.tenant, "tenant", "customer's tenant `id`")
	text(&o.plan, "plan", "target: the provider's plan by `id`, with -seats")
	text(&o.seats, "seats", "`number` of seats of the plan that the customer ends with")
	fs.Var(&o.totals, "total", "target: `offer=seats` that the customer ends with, by the offer's id or name; repeatable")
	fs.Var(&o.sources, "source", "source subscription `id`, else the one that fits; repeatable")
	text(&o.term, "term", "`term` of a purchase: P1M, P1Y or P3Y; else the source's")
	text(&o.cycle, "billing-cycle", "billing `cycle` of a purchase: monthly, annual or triennial; else the source's")
	text(&o.renew, "renew", "whether a purchase renews itself: `true` or false; else the source's")
	text(&o.who, "who", "`who` gets licences: holders (default), users, group, file or nobody")
	fs.Var(&o.users, "user", "a `user` who gets a licence, by user principal name or object id; repeatable; means -who users")
	text(&o.group, "group", "`group` whose members get licences")
	text(&o.list, "users-file", "uploaded `list` of the users who get licences")
	text(&o.mail, "mail", "the administrator's mail `address`")
	text(&o.name, "name", "the administrator's `name`")
	text(&o.language, "language", "the administrator's `language`, such as en (default) or de")
	text(&o.consent, "consent", "`how` consent is had: mail (default), link, existing, gdap or partner_preconsent")
	text(&o.finish, "finish", "`who` has the last word: automatic (default) or confirm, an operator")
	text(&o.notBefore, "not-before", "`time` before which nothing changes, such as 2026-12-01 or 2026-12-01T20:00:00+01:00")
	text(&o.notAfter, "not-after", "`time` after which nothing begins any more")
	text(&o.priority, "priority", "`priority`: urgent, normal (default) or bulk")
	text(&o.residue, "residue", "seats that cannot be given back today: `refuse` (default); at-renewal is for a later version")
	text(&o.market, "market", "`country` to buy in, such as DE; else the customer's")
	text(&o.usageLocation, "usage-location", "`country` of users who have none; else the tenant's own")
	text(&o.onFailure, "on-user-failure", "when single users fail: `report` (default) or undo")
	text(&o.undoShare, "undo-share", "undo when more than this `share` of the users fails, 0 to 1")
	text(&o.reseller, "reseller", "`reseller` on whose behalf")
	text(&o.batch, "batch", "`batch` that the order belongs to")
	fs.BoolVar(&o.beside, "beside", false, "new commerce: let Microsoft decide about services that are held already")
	fs.IntVar(&o.attempt, "attempt", 0, "run an order again as this `attempt`, where Temporal has forgotten the last; else see retry")
}

// orderOnly are the flags above, but for -f: what contradicts it.
var orderOnly = []string{"order", "tenant", "plan", "seats", "total", "source", "term", "billing-cycle", "renew", "who", "user",
	"group", "users-file", "mail", "name", "language", "consent", "finish", "not-before", "not-after", "priority", "residue",
	"market", "usage-location", "on-user-failure", "undo-share", "reseller", "batch", "beside", "attempt"}
