package service

import (
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// remains is what is left of a run: in the tenant, the register and the mailbox.
type remains struct {
	end     upgrade.End
	answer  string // of a workflow that is no upgrade
	failed  error
	reasons upgrade.Problems
	held    []string // subscriptions, and users with their licences and locations
	effects []string // what was changed at Microsoft, ids left out
	rows    []string // the register's, times and ids left out
	secrets int      // codes and tokens that are left
	mails   []string // to whom and about what; one Message-ID counts once
}

var (
	anyID  = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{12}\b`)
	anyDay = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^ "]*`)
)

// without leaves out what differs from run to run.
func without(s string) string {
	return anyDay.ReplaceAllString(anyID.ReplaceAllString(s, "…"), "(time)")
}

func (o *ordeal) remains() remains {
	o.Helper()
	r := remains{held: o.everything(), effects: o.effects(), mails: o.mails()}
	r.rows, r.secrets = o.rows()
	return r
}

// everything is what the tenant holds, without what has ended.
func (o *ordeal) everything() []string {
	var all []string
	subs, _ := o.cloud.State.Subscriptions(customer)
	for _, s := range subs {
		if s.Status != cloud.Active && s.Status != cloud.Suspended {
			continue
		}
		words := fmt.Sprintf("%s %d %s, renews %t", s.Offer.PartNumber, s.Quantity, s.Status, s.AutoRenew)
		if s.Next != nil {
			words += fmt.Sprintf(", then %s:%s %d", s.Next.ProductID, s.Next.SkuID, s.Next.Quantity)
		}
		all = append(all, words)
	}
	for _, u := range o.cloud.State.Users(customer) {
		words := u.UPN + " in " + u.UsageLocation + ":"
		for _, l := range u.AssignedLicences() {
			words += fmt.Sprintf(" %s -%v", l.SKU, l.Disabled)
		}
		all = append(all, words)
	}
	slices.Sort(all)
	return all
}

// harmless are entries of the ledger that are no change of a subscription, a licence or a consent.
var harmless = []string{cloud.DirectoryUpdated, cloud.RequestReplayed, cloud.FaultStruck, cloud.SubscriptionRenewed}

func (o *ordeal) effects() []string {
	var all []string
	for _, e := range o.cloud.State.Ledger(cloud.Query{Tenant: customer}) {
		if slices.Contains(harmless, e.Kind) || strings.Contains(e.Kind, "sign") || strings.Contains(e.Kind, "device") || strings.Contains(e.Kind, "token") {
			continue
		}
		all = append(all, without(fmt.Sprintf("%s %s→%s", e.Kind, e.Before, e.After)))
	}
	slices.Sort(all)
	return all
}

// mails are all that arrived, each once.
func (o *ordeal) mails() []string {
	var all []string
	for _, m := range o.cloud.Mailbox.Messages() {
		all = append(all, without(strings.Join(m.To, ",")+": "+m.Subject))
	}
	slices.Sort(all)
	return all
}

// rows reads the register's database beside it.
func (o *ordeal) rows() (all []string, secrets int) {
	o.Helper()
	db, err := sql.Open("sqlite", o.settings.RegisterDSN.Reveal())
	if err != nil {
		o.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, query := range []string{
		"SELECT 'upgrade ' || upgrade_id || ' ended ' || end_name FROM upgrades",
		"SELECT 'photograph ' || user_id FROM snapshots",
		"SELECT 'report ' || upgrade_id || ' ' || user_id || ' ' || outcome FROM reports",
		"SELECT 'answer ' || what || ' by ' || said_by FROM answers WHERE what NOT IN ('retry', 'cancel', 'abandon')",
		"SELECT 'member ' || plan || ' ' || offer FROM memberships",
		"SELECT 'evidence ' || tenant || ' ' || invitation FROM evidence",
		"SELECT 'list ' || name || ' ' || part || ' ' || users FROM user_lists",
		"SELECT 'price ' || offer || ' ' || market || ' ' || minor FROM prices",
		"SELECT 'partner signed in' FROM partner_token",
		"SELECT 'listed ' || name FROM inventory_customers",
		"SELECT 'line ' || tenant || ' ' || offer || ' ' || used || ' of ' || seats FROM inventory_lines",
		"SELECT 'inventory ' || customers || ' ' || failed || ' ' || (ended_at > 0) FROM inventory",
	} {
		found, err := db.Query(query)
		if err != nil {
			o.Fatal(err)
		}
		for found.Next() {
			var one string
			if err := found.Scan(&one); err != nil {
				o.Fatal(err)
			}
			all = append(all, one)
		}
		if err := found.Err(); err != nil {
			o.Fatal(err)
		}
		_ = found.Close()
	}
	if err := db.QueryRow("SELECT (SELECT COUNT(*) FROM codes) + (SELECT COUNT(*) FROM tokens)").Scan(&secrets); err != nil {
		o.Fatal(err)
	}
	slices.Sort(all)
	return all, secrets
}

// settleDown lets everything that Microsoft has accepted show.
func (o *ordeal) settleDown() { o.wait(12 * time.Hour) }
