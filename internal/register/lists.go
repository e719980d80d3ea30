package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"uplift/upgrade"
)

// SaveUserList stores one part of a list of a customer's users; a repeat of a part replaces it. Part 0 begins the list anew.
func (r *Register) SaveUserList(ctx context.Context, tenant, name string, part int, users []string, at time.Time) error {
	if tenant == "" || name == "" || part < 0 || len(users) == 0 {
		return invalid("bad_list", "a list has a customer, a name and users")
	}
	document, err := marshal(users)
	if err != nil {
		return err
	}
	return r.tx(ctx, func(tx *sql.Tx) error {
		if part == 0 {
			if _, err := tx.ExecContext(ctx, "DELETE FROM user_lists WHERE tenant = $1 AND name = $2", tenant, name); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO user_lists (tenant, name, part, users, saved_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (tenant, name, part) DO UPDATE SET users = excluded.users, saved_at = excluded.saved_at`,
			tenant, name, part, document, stamp(at))
		return err
	})
}

// UserList reads one part of a list; the part after the last is empty. Kind Refused, code list_not_found, when there is no such
// list of this customer.
func (r *Register) UserList(ctx context.Context, tenant, name string, part int) ([]string, error) {
	pages, err := query(ctx, r, "SELECT users FROM user_lists WHERE tenant = $1 AND name = $2 AND part = $3", scanList, tenant, name, part)
	switch {
	case err != nil:
		return nil, err
	case len(pages) == 1:
		return pages[0], nil
	case part == 0:
		return nil, &upgrade.Error{Kind: upgrade.Refused, Code: "list_not_found", Message: "the register has no such list of this customer; upload it by: starter users upload"}
	}
	return nil, nil
}

func scanList(rows *sql.Rows) (users []string, err error) {
	var document string
	if err := rows.Scan(&document); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(document), &users); err != nil {
		return nil, damaged("list of users", err)
	}
	return users, nil
}

// LatestUpgrade is the last attempt at an order, Kind NotFound when there is none.
func (r *Register) LatestUpgrade(ctx context.Context, order string) (id string, err error) {
	err = r.read.QueryRowContext(ctx, "SELECT upgrade_id FROM upgrades WHERE order_id = $1 ORDER BY attempt DESC LIMIT 1", order).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", notFound("unknown_order", "the register knows no such order")
	}
	return id, r.classify(err)
}
