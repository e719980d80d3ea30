package registertest

import (
	"strings"
	"time"

	"uplift/upgrade"
)

var form = upgrade.ResellerForm{Account: "harbor.admin", Subdomain: "harborit"}

func managementPlan(id string) upgrade.ManagementPlan {
	return upgrade.ManagementPlan{ID: id, Name: "Customer management", Template: upgrade.ResaleTemplate,
		Prices: []upgrade.Price{{Term: "P1M", BillingCycle: "monthly", Currency: "EUR"}}, MadeBy: "olga", MadeAt: at}
}

func resellers(d *desk) {
	for _, r := range []upgrade.Reseller{{ID: "quayside", Name: "Quayside"}, {ID: "harbor-it", Name: "Harbour"}, {ID: "harbor-it", Name: " Harbor IT "}} {
		d.ok(d.SaveReseller(d.ctx, r))
	}
	for bad, want := range map[string]string{"": "bad_reseller_id bad_name", "a b": "bad_reseller_id bad_name", strings.Repeat("x", 101): "bad_reseller_id bad_name"} {
		err := d.SaveReseller(d.ctx, upgrade.Reseller{ID: bad})
		d.kind(err, upgrade.Invalid)
		d.same(problems(err), want)
	}
	for _, tenant := range []string{strings.ToUpper(first), second} {
		d.ok(d.SetReseller(d.ctx, tenant, "harbor-it", "olga", at))
	}
	d.ok(d.SetReseller(d.ctx, second, "quayside", "olga", at))
	d.ok(d.SetReseller(d.ctx, third, "quayside", "olga", at))
	d.ok(d.SetReseller(d.ctx, third, "", "olga", at))
	d.kind(d.SetReseller(d.ctx, third, "nobody", "olga", at), upgrade.NotFound)
	d.kind(d.SetReseller(d.ctx, "contoso.com", "quayside", "olga", at), upgrade.Invalid)
	all, err := d.Resellers(d.ctx)
	d.ok(err)
	d.same(all, []upgrade.Reseller{{ID: "harbor-it", Name: "Harbor IT", Customers: 1}, {ID: "quayside", Name: "Quayside", Customers: 1}})
	for tenant, want := range map[string]string{first: "harbor-it", strings.ToUpper(first): "harbor-it", second: "quayside", third: ""} {
		of, err := d.ResellerOf(d.ctx, tenant)
		d.ok(err)
		d.same(of, want)
	}
	own, err := d.CustomersOf(d.ctx, "quayside")
	d.ok(err)
	d.same(own, []string{second})
	own, err = d.CustomersOf(d.ctx, "nobody")
	d.ok(err)
	d.same(len(own), 0)
	_, err = d.Desk.Reseller(d.ctx, "nobody")
	d.kind(err, upgrade.NotFound)
}

func managementPlans(d *desk) {
	d.ok(d.SaveManagementPlan(d.ctx, managementPlan("management")))
	d.kind(d.SaveManagementPlan(d.ctx, managementPlan("management")), upgrade.Conflict)
	bad := managementPlan("Management!")
	bad.Name, bad.Template, bad.Resources = " ", "licence", []string{"business-basic"}
	bad.Prices = append(bad.Prices, upgrade.Price{Currency: "EUR", Minor: 1})
	err := d.SaveManagementPlan(d.ctx, bad)
	d.kind(err, upgrade.Invalid)
	d.same(problems(err), "bad_plan_id bad_name not_resale_template price_not_zero has_resources")
	all, err := d.ManagementPlans(d.ctx)
	d.ok(err)
	d.same(all, []upgrade.ManagementPlan{managementPlan("management")})
}

func entitlements(d *desk) {
	d.ok(d.SaveReseller(d.ctx, upgrade.Reseller{ID: "harbor-it", Name: "Harbor IT"}))
	d.ok(d.SetReseller(d.ctx, first, "harbor-it", "olga", at))
	d.ok(d.SaveManagementPlan(d.ctx, managementPlan("management")))
	may := func(reseller, tenant string, when time.Time, want string) {
		d.Helper()
		ps, err := d.MayUpgrade(d.ctx, reseller, tenant, when)
		d.ok(err)
		d.same(problems(ps.Err()), want)
	}
	may("harbor-it", first, at, "not_entitled")
	entitlement := upgrade.Entitlement{Plan: "management", Form: form, From: at, By: "olga"}
	d.kind(d.EndSubscription(d.ctx, "harbor-it", "olga", at), upgrade.NotFound)
	d.kind(d.Subscribe(d.ctx, "nobody", entitlement), upgrade.NotFound)
	d.kind(d.Subscribe(d.ctx, "harbor-it", upgrade.Entitlement{Plan: "none", Form: form, From: at}), upgrade.NotFound)
	err := d.Subscribe(d.ctx, "harbor-it", upgrade.Entitlement{Plan: "management", Form: upgrade.ResellerForm{Account: "a b@c", Subdomain: "x.y"}, From: at})
	d.kind(err, upgrade.Invalid)
	d.same(problems(err), "bad_account bad_subdomain")

	d.ok(d.Subscribe(d.ctx, "harbor-it", entitlement))
	d.kind(d.Subscribe(d.ctx, "harbor-it", entitlement), upgrade.Conflict)
	got, err := d.Desk.Reseller(d.ctx, "harbor-it")
	d.ok(err)
	d.same(got, upgrade.Reseller{ID: "harbor-it", Name: "Harbor IT", Customers: 1, Entitlement: &entitlement})
	may("harbor-it", first, at.Add(-time.Second), "not_entitled")
	may("harbor-it", strings.ToUpper(first), at, "")
	may("harbor-it", second, at, "not_resellers_customer")
	may("nobody", first, at, "reseller_unknown")

	ended := at.Add(time.Hour)
	d.ok(d.EndSubscription(d.ctx, "harbor-it", "otto", ended))
	d.kind(d.EndSubscription(d.ctx, "harbor-it", "otto", ended), upgrade.NotFound)
	may("harbor-it", first, ended.Add(-time.Second), "")
	may("harbor-it", second, ended, "not_resellers_customer not_entitled")
	entitlement.Until, entitlement.EndedBy = &ended, "otto"
	got, err = d.Desk.Reseller(d.ctx, "harbor-it")
	d.ok(err)
	d.same(got.Entitlement, &entitlement)

	again := upgrade.Entitlement{Plan: "management", Form: form, From: ended.Add(time.Hour), By: "olga"}
	d.ok(d.Subscribe(d.ctx, "harbor-it", again))
	got, err = d.Desk.Reseller(d.ctx, "harbor-it")
	d.ok(err)
	d.same(got.Entitlement, &again)
}

// resellersOrders: a claim asks whether the reseller may, once, and what has begun goes on.
func resellersOrders(d *desk) {
	d.ok(d.SaveReseller(d.ctx, upgrade.Reseller{ID: "harbor-it", Name: "Harbor IT"}))
	d.ok(d.SaveManagementPlan(d.ctx, managementPlan("management")))
	theirs := func(attempt int) upgrade.Order {
		o := order("4711", attempt)
		o.Reseller = "harbor-it"
		return o
	}
	refused := func(o upgrade.Order, codes string) {
		d.Helper()
		c := d.claim(o, "upgrade/4711", false)
		d.same(problems(c.Reasons.Err()), codes)
		if c.Outcome != upgrade.ClaimRefused || c.Holder != "" || c.Upgrade != "" {
			d.Errorf("%+v", c)
		}
	}
	stranger := theirs(0)
	stranger.Reseller = "nobody"
	refused(stranger, "reseller_unknown")
	refused(theirs(0), "not_resellers_customer not_entitled")
	_, err := d.LastRecorded(d.ctx, "4711")
	d.kind(err, upgrade.NotFound) // nothing holds the order

	d.ok(d.SetReseller(d.ctx, order("", 0).Tenant, "harbor-it", "olga", at))
	d.ok(d.Subscribe(d.ctx, "harbor-it", upgrade.Entitlement{Plan: "management", Form: form, From: at}))
	if c := d.claim(theirs(0), "upgrade/4711", false); c.Outcome != upgrade.ClaimGranted {
		d.Fatalf("%+v", c)
	}
	d.ok(d.EndSubscription(d.ctx, "harbor-it", "olga", at))
	if c := d.claim(theirs(0), "upgrade/4711", false); c.Outcome != upgrade.ClaimGranted {
		d.Errorf("a repeat after the entitlement's end: %+v", c)
	}
	if c := d.claim(theirs(0), "other", false); c.Outcome != upgrade.ClaimDuplicate {
		d.Errorf("a second start: %+v", c)
	}
	last, err := d.LastRecorded(d.ctx, "4711")
	d.ok(err)
	d.same(last.Reseller, "harbor-it")

	// An attempt that goes on with a change that broke off has begun; one after an end has not.
	d.ok(d.Desk.SavePlan(d.ctx, "4711#1", upgrade.Plan{Order: "4711"}))
	_, err = d.Desk.Journal(d.ctx, "4711#1", "raise/sent-1", "25")
	d.ok(err)
	if c := d.claim(theirs(2), "again", true); c.Outcome != upgrade.ClaimGranted || c.Resumes != "4711#1" {
		d.Errorf("going on: %+v", c)
	}
	d.end("4711#2", upgrade.Cancelled)
	if c := d.claim(theirs(3), "third", false); c.Outcome != upgrade.ClaimRefused || problems(c.Reasons.Err()) != "not_entitled" {
		d.Errorf("a further attempt: %+v", c)
	}
}

func audited(d *desk) {
	d.ok(d.SaveReseller(d.ctx, upgrade.Reseller{ID: "harbor-it", Name: "Harbor IT"}))
	d.ok(d.SetReseller(d.ctx, first, "harbor-it", "olga", at))
	d.ok(d.SaveManagementPlan(d.ctx, managementPlan("management")))
	d.ok(d.Subscribe(d.ctx, "harbor-it", upgrade.Entitlement{Plan: "management", Form: form, From: at.Add(time.Minute), By: "otto"}))
	d.ok(d.EndSubscription(d.ctx, "harbor-it", "olga", at.Add(time.Hour)))
	d.ok(d.Audit(d.ctx, upgrade.AuditEntry{At: at.Add(2 * time.Hour), By: "hilde\x00", What: "link_read", About: "A-1#1", Detail: "2"}))
	words := func(about string, limit int) string {
		d.Helper()
		all, err := d.Audited(d.ctx, about, limit)
		d.ok(err)
		var w []string
		for _, e := range all {
			w = append(w, e.By+":"+e.What)
		}
		return strings.Join(w, " ")
	}
	if all := words("", 0); len(strings.Fields(all)) != 5 || !strings.HasPrefix(all, "hilde:link_read olga:reseller_ended otto:reseller_subscribed ") {
		d.Errorf("all of it: %s", all)
	}
	d.same(words("harbor-it", 0), "olga:reseller_ended otto:reseller_subscribed")
	d.same(words(first, 0), "olga:customer_of_reseller")
	d.same(words("", 1), "hilde:link_read")
}
