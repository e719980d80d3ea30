package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"uplift/upgrade"
)

// SaveListed keeps the customers of a page of Partner Center's list, by name; what is known of their subscriptions stays.
func (r *Register) SaveListed(ctx context.Context, page []upgrade.Customer, at time.Time) error {
	return r.tx(ctx, func(tx *sql.Tx) error {
		for _, c := range page {
			if c.Tenant == "" {
				return invalid("bad_customer", "a customer has no tenant id")
			}
			if err := saveListed(ctx, tx, c, at); err != nil {
				return err
			}
		}
		return nil
	})
}

func saveListed(ctx context.Context, tx *sql.Tx, c upgrade.Customer, at time.Time) error {
	name := text(c.Name)
	_, err := tx.ExecContext(ctx, `INSERT INTO inventory_customers (tenant, name, domain, sort_name, search, listed_at)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant) DO UPDATE SET name = excluded.name, domain = excluded.domain,
		sort_name = excluded.sort_name, search = excluded.search, listed_at = excluded.listed_at
		WHERE inventory_customers.listed_at <= excluded.listed_at`,
		c.Tenant, name, text(c.Domain), searchText(name), searchText(name, c.Domain, c.Tenant), stamp(at))
	return err
}

// SaveInventoryRow keeps a customer's subscriptions in the place of those that were known. What was seen earlier than what is
// kept is ignored. Whose customer it is and which plans are recorded is kept elsewhere, and not taken from the row.
func (r *Register) SaveInventoryRow(ctx context.Context, row upgrade.InventoryRow) error {
	if row.Tenant == "" || row.SeenAt.IsZero() {
		return invalid("bad_customer", "a customer of the inventory has no tenant id, or was never seen")
	}
	return r.tx(ctx, func(tx *sql.Tx) error {
		if err := saveListed(ctx, tx, upgrade.Customer{Tenant: row.Tenant, Name: row.Name, Domain: row.Domain}, row.SeenAt); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, "UPDATE inventory_customers SET seen_at = $2 WHERE tenant = $1 AND seen_at <= $2", row.Tenant, stamp(row.SeenAt))
		if err != nil {
			return err
		}
		if changed, err := done.RowsAffected(); err != nil || changed == 0 {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM inventory_lines WHERE tenant = $1", row.Tenant); err != nil {
			return err
		}
		return saveLines(ctx, tx, row)
	})
}

func saveLines(ctx context.Context, tx *sql.Tx, row upgrade.InventoryRow) error {
	for i, l := range row.Subscriptions {
		if _, err := tx.ExecContext(ctx, `INSERT INTO inventory_lines
			(tenant, subscription, place, name, product_sku, offer, seats, used, status, term_ends, inferred)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			row.Tenant, l.Subscription, i, text(l.Name), l.ProductSKU, l.Offer, l.Seats, l.Used, text(l.Status), stamp(l.TermEnds), listed(l.Inferred)); err != nil {
			return err
		}
	}
	return nil
}

// listed writes ids so that one of them can be looked for: each between commas.
func listed(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return "," + strings.Join(ids, ",") + ","
}

func unlisted(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.Trim(s, ","), ",")
}

// recordedPlan joins the plan that is recorded of a line, as long as the subscription is still of the offer that it was recorded for.
const recordedPlan = ` LEFT JOIN memberships m ON m.tenant = l.tenant AND m.subscription = l.subscription AND m.plan <> ''
	AND (m.offer = '' OR l.offer = '' OR m.offer = l.offer)`

const selectCustomers = `SELECT c.tenant, c.name, c.domain, c.sort_name, COALESCE(o.reseller, ''), c.seen_at FROM inventory_customers c
	LEFT JOIN reseller_customers o ON o.tenant = c.tenant`

// customerRow is a customer with its place in the list.
type customerRow struct {
	upgrade.InventoryRow
	sort string
}

// Inventory lists customers as the last inventory found them, by name. An empty cursor begins, an empty next cursor ends.
func (r *Register) Inventory(ctx context.Context, f upgrade.InventoryFilter, cursor string, size int) (rows []upgrade.InventoryRow, next string, err error) {
	var c conditions
	c.contains("c.search", f.Search)
	c.among("c.tenant", f.Tenants)
	if f.Reseller != "" {
		c.add("o.reseller = ?", f.Reseller)
	}
	if f.Offer != "" {
		c.add("EXISTS (SELECT 1 FROM inventory_lines l WHERE l.tenant = c.tenant AND l.offer = ?)", f.Offer)
	}
	if f.Plan != "" {
		c.add(`EXISTS (SELECT 1 FROM inventory_lines l`+recordedPlan+` WHERE l.tenant = c.tenant
			AND (m.plan = ? OR m.plan IS NULL AND l.inferred LIKE ? ESCAPE '\'))`, f.Plan, "%,"+pattern.Replace(f.Plan)+",%")
	}
	if cursor != "" {
		name, tenant, err := parseCursor(cursor)
		if err != nil {
			return nil, "", err
		}
		c.add("(c.sort_name, c.tenant) > (?, ?)", name, tenant)
	}
	size = rowsOf(size)
	found, err := query(ctx, r, fmt.Sprintf("%s%s ORDER BY c.sort_name, c.tenant LIMIT %d", selectCustomers, c.where(), size+1), scanCustomer, c.args...)
	if err != nil {
		return nil, "", err
	}
	if len(found) > size {
		found = found[:size]
		next = cursorOf(found[size-1].sort, found[size-1].Tenant)
	}
	rows, err = r.withLines(ctx, found)
	return rows, next, err
}

// InventoryOf is one customer as it is known. Kind NotFound, code unknown_customer.
func (r *Register) InventoryOf(ctx context.Context, tenant string) (upgrade.InventoryRow, error) {
	rows, _, err := r.Inventory(ctx, upgrade.InventoryFilter{Tenants: []string{tenant}}, "", 1)
	switch {
	case err != nil:
		return upgrade.InventoryRow{}, err
	case len(rows) == 0:
		return upgrade.InventoryRow{}, notFound("unknown_customer", "the inventory has no such customer")
	}
	return rows[0], nil
}

func scanCustomer(rows *sql.Rows) (c customerRow, err error) {
	var seen int64
	err = rows.Scan(&c.Tenant, &c.Name, &c.Domain, &c.sort, &c.Reseller, &seen)
	c.SeenAt = moment(seen)
	return c, err
}

// tenantLine is a subscription and whose it is.
type tenantLine struct {
	upgrade.InventoryLine
	tenant string
}

// withLines adds the customers' subscriptions, by one query.
func (r *Register) withLines(ctx context.Context, customers []customerRow) ([]upgrade.InventoryRow, error) {
	rows, place, tenants := make([]upgrade.InventoryRow, len(customers)), map[string]int{}, []string{}
	for i, c := range customers {
		rows[i], place[c.Tenant], tenants = c.InventoryRow, i, append(tenants, c.Tenant)
	}
	var c conditions
	c.among("l.tenant", tenants)
	lines, err := query(ctx, r, `SELECT l.tenant, l.subscription, l.name, l.product_sku, l.offer, l.seats, l.used, l.status, l.term_ends, l.inferred,
		COALESCE(m.plan, '') FROM inventory_lines l`+recordedPlan+c.where()+" ORDER BY l.tenant, l.place", scanLine, c.args...)
	for _, l := range lines {
		row := &rows[place[l.tenant]]
		row.Subscriptions = append(row.Subscriptions, l.InventoryLine)
	}
	return rows, err
}

func scanLine(rows *sql.Rows) (l tenantLine, err error) {
	var ends int64
	var inferred string
	err = rows.Scan(&l.tenant, &l.Subscription, &l.Name, &l.ProductSKU, &l.Offer, &l.Seats, &l.Used, &l.Status, &ends, &inferred, &l.Plan)
	l.TermEnds = moment(ends)
	if l.Plan == "" {
		l.Inferred = unlisted(inferred)
	}
	return l, err
}

// BeginInventory records that an inventory is under way. A repeat, or one that began earlier than the last, changes nothing.
func (r *Register) BeginInventory(ctx context.Context, began time.Time) error {
	_, err := r.exec(ctx, `INSERT INTO inventory (one, customers, failed, began_at, ended_at) VALUES (1, 0, 0, $1, 0)
		ON CONFLICT (one) DO UPDATE SET customers = 0, failed = 0, began_at = excluded.began_at, ended_at = 0, problem = ''
		WHERE inventory.began_at < excluded.began_at`, stamp(began))
	return err
}

// EndInventory records how an inventory went. One that has seen the whole of Partner Center's list forgets the customers that it
// did not meet there; of one that broke off everything stays.
func (r *Register) EndInventory(ctx context.Context, i upgrade.Inventory) error {
	problem := ""
	if i.Problem != nil {
		var err error
		if problem, err = marshal(i.Problem); err != nil {
			return err
		}
	}
	return r.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE inventory SET customers = $1, failed = $2, ended_at = $3, problem = $5 WHERE began_at = $4`,
			i.Customers, i.Failed, stamp(i.EndedAt), stamp(i.BeganAt), problem); err != nil || problem != "" {
			return err
		}
		return forget(ctx, tx, i.BeganAt)
	})
}

// forget deletes the customers whom Partner Center has not listed since a moment.
func forget(ctx context.Context, tx *sql.Tx, since time.Time) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM inventory_lines WHERE tenant IN
		(SELECT tenant FROM inventory_customers WHERE listed_at < $1)`, stamp(since)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM inventory_customers WHERE listed_at < $1", stamp(since))
	return err
}

// LastInventory tells how the last inventory went; zero where there was none yet.
func (r *Register) LastInventory(ctx context.Context) (i upgrade.Inventory, err error) {
	var began, ended int64
	var problem string
	err = r.read.QueryRowContext(ctx, "SELECT customers, failed, began_at, ended_at, problem FROM inventory WHERE one = 1").Scan(&i.Customers, &i.Failed, &began, &ended, &problem)
	if errors.Is(err, sql.ErrNoRows) {
		return i, nil
	}
	i.BeganAt, i.EndedAt = moment(began), moment(ended)
	if err == nil && problem != "" {
		i.Problem = new(upgrade.Problem)
		if err := json.Unmarshal([]byte(problem), i.Problem); err != nil {
			return i, damaged("problem", err)
		}
	}
	return i, r.classify(err)
}
