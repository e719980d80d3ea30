package register

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"uplift/upgrade"
)

// pageRows is how many rows a page of a list has unless somebody says otherwise, and the most that it may have.
const (
	pageRows    = 50
	maxPageRows = 500
)

// rowsOf bounds the size of a page.
func rowsOf(size int) int {
	if size <= 0 {
		return pageRows
	}
	return min(size, maxPageRows)
}

// cursorOf is where a page ends: the sort key of its last row, and its id. It is a place in the order and not a count, so that
// what is added or goes away meanwhile neither repeats nor hides a row.
func cursorOf(key, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(key + "\x00" + id))
}

// parseCursor reads what cursorOf has written. Kind Invalid, code bad_cursor: it is none of ours.
func parseCursor(cursor string) (key, id string, err error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	key, id, ok := strings.Cut(string(text), "\x00")
	if err != nil || !ok {
		return "", "", invalid("bad_cursor", "the cursor is none of ours: begin without one")
	}
	return key, id, nil
}

// cursorAt is cursorOf for a list by time.
func cursorAt(at time.Time, id string) string {
	return cursorOf(strconv.FormatInt(stamp(at), 10), id)
}

// earlier narrows a list by time, the latest first, to what comes after a page; the columns are those of the time and the id.
func (c *conditions) earlier(columns, cursor string) error {
	key, id, err := parseCursor(cursor)
	if err != nil {
		return err
	}
	at, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return invalid("bad_cursor", "the cursor is none of ours: begin without one")
	}
	c.add("("+columns+") < (?, ?)", at, id)
	return nil
}

// conditions collects what a list is narrowed by.
type conditions struct {
	parts []string
	args  []any
}

// add appends a condition in which each ? stands for the next argument.
func (c *conditions) add(text string, args ...any) {
	for _, a := range args {
		c.args = append(c.args, a)
		text = strings.Replace(text, "?", "$"+strconv.Itoa(len(c.args)), 1)
	}
	c.parts = append(c.parts, text)
}

// among narrows to the values of a list; nil is everything, an empty list nothing.
func (c *conditions) among(column string, values []string) {
	if values == nil {
		return
	}
	marks := make([]string, len(values))
	args := make([]any, len(values))
	for i, v := range values {
		marks[i], args[i] = "?", v
	}
	if len(values) == 0 {
		c.parts = append(c.parts, "1 = 0")
		return
	}
	c.add(column+" IN ("+strings.Join(marks, ", ")+")", args...)
}

// contains narrows to what has a text in it, in any case; the column holds small letters.
func (c *conditions) contains(column, part string) {
	if part = strings.TrimSpace(part); part != "" {
		c.add(column+` LIKE ? ESCAPE '\'`, "%"+pattern.Replace(strings.ToLower(text(part)))+"%")
	}
}

// pattern takes the meaning from the signs of LIKE.
var pattern = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// where is all of it, as SQL says it.
func (c *conditions) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.parts, " AND ")
}

// searchText is what a list is searched in: small letters, since the databases know only those of ASCII.
func searchText(parts ...string) string { return strings.ToLower(text(strings.Join(parts, "\n"))) }

const selectRecorded = `SELECT upgrade_id, order_id, attempt, tenant, customer, headline, reseller, workflow_id, order_hash, end_name,
	claimed_at, ended_at, CASE WHEN customer = '' THEN plan_json ELSE '' END`

// Recorded lists attempts at orders, the latest claim first. An empty cursor begins, an empty next cursor ends.
func (r *Register) Recorded(ctx context.Context, f upgrade.RecordedFilter, cursor string, size int) (rows []upgrade.Recorded, next string, err error) {
	var c conditions
	for _, equal := range [][2]string{{"tenant", strings.ToLower(f.Tenant)}, {"order_id", f.OrderID}, {"reseller", f.Reseller}, {"end_name", string(f.End)}} {
		if equal[1] != "" {
			c.add(equal[0]+" = ?", equal[1])
		}
	}
	if f.Ended {
		c.parts = append(c.parts, "end_name <> ''")
	}
	c.among("tenant", f.Tenants)
	c.contains("search", f.Search)
	if cursor != "" {
		if err := c.earlier("claimed_at, upgrade_id", cursor); err != nil {
			return nil, "", err
		}
	}
	size = rowsOf(size)
	rows, err = query(ctx, r, fmt.Sprintf("%s FROM upgrades%s ORDER BY claimed_at DESC, upgrade_id DESC LIMIT %d", selectRecorded, c.where(), size+1), scanRecorded, c.args...)
	if err != nil || len(rows) <= size {
		return rows, "", err
	}
	last := rows[size-1]
	return rows[:size], cursorAt(last.ClaimedAt, last.Upgrade), nil
}

func scanRecorded(rows *sql.Rows) (upgrade.Recorded, error) {
	one, _, err := readRecorded(rows)
	return one, err
}

// readRecorded reads a row and what follows it. A row of before there were columns for it says the customer in its plan.
func readRecorded(rows *sql.Rows, more ...any) (one upgrade.Recorded, plan string, err error) {
	var claimed, ended int64
	into := []any{&one.Upgrade, &one.OrderID, &one.Attempt, &one.Tenant, &one.Customer, &one.Headline, &one.Reseller, &one.WorkflowID, &one.Hash, &one.End, &claimed, &ended, &plan}
	if err := rows.Scan(append(into, more...)...); err != nil {
		return one, "", err
	}
	one.ClaimedAt, one.EndedAt = moment(claimed), moment(ended)
	if plan != "" {
		var p upgrade.Plan
		if json.Unmarshal([]byte(plan), &p) == nil {
			one.Customer, one.Headline = p.Customer.Name, p.Headline
		}
	}
	return one, plan, nil
}

// LastRecorded is the last attempt at an order, with the order and its result. Kind NotFound when there is none.
func (r *Register) LastRecorded(ctx context.Context, order string) (upgrade.Recorded, error) {
	found, err := query(ctx, r, selectRecorded+", order_json, result_json FROM upgrades WHERE order_id = $1 ORDER BY attempt DESC LIMIT 1", scanWhole, order)
	if err != nil {
		return upgrade.Recorded{}, err
	}
	if len(found) == 0 {
		return upgrade.Recorded{}, notFound("unknown_order", "the register knows no such order")
	}
	return found[0], nil
}

func scanWhole(rows *sql.Rows) (upgrade.Recorded, error) {
	var order, result string
	one, _, err := readRecorded(rows, &order, &result)
	if err != nil {
		return one, err
	}
	if order != "" {
		one.Order = new(upgrade.Order)
		if err := json.Unmarshal([]byte(order), one.Order); err != nil {
			return one, damaged("order", err)
		}
	}
	if result != "" && one.End != "" {
		one.Result = new(upgrade.Result)
		if err := json.Unmarshal([]byte(result), one.Result); err != nil {
			return one, damaged("result", err)
		}
	}
	return one, nil
}

// Audit keeps what a person did.
func (r *Register) Audit(ctx context.Context, e upgrade.AuditEntry) error {
	return r.tx(ctx, func(tx *sql.Tx) error { return audit(ctx, tx, e) })
}

// Audited lists what people did, the latest first; about narrows it to one tenant, reseller, plan or upgrade.
func (r *Register) Audited(ctx context.Context, about string, limit int) ([]upgrade.AuditEntry, error) {
	return query(ctx, r, `SELECT at, said_by, what, about, detail FROM audit WHERE $1 = '' OR about = $1
		ORDER BY at DESC, entry_id LIMIT $2`, scanAudit, about, rowsOf(limit))
}

func scanAudit(rows *sql.Rows) (e upgrade.AuditEntry, err error) {
	var at int64
	err = rows.Scan(&at, &e.By, &e.What, &e.About, &e.Detail)
	e.At = moment(at)
	return e, err
}

// auditNow is audit for what happens at a moment that the caller names.
func auditNow(ctx context.Context, tx *sql.Tx, at time.Time, by, what, about, detail string) error {
	return audit(ctx, tx, upgrade.AuditEntry{At: at, By: by, What: what, About: about, Detail: detail})
}
