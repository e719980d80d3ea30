package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"

	"uplift/upgrade"
)

// maxPage bounds a page of users.
const maxPage = 1000

func pageOf(limit int) int {
	if limit <= 0 || limit > maxPage {
		return maxPage
	}
	return limit
}

// SaveSnapshots keeps the first photograph of each user; a later one of the same user is ignored.
func (r *Register) SaveSnapshots(ctx context.Context, upgradeID string, list []upgrade.Snapshot) error {
	documents := make([]string, len(list))
	for i, s := range list {
		var err error
		if documents[i], err = marshal(s.User); err != nil {
			return err
		}
		if s.User.ID == "" {
			return invalid("bad_snapshot", "a photographed user has no id")
		}
	}
	now := stamp(r.now())
	return r.tx(ctx, func(tx *sql.Tx) error {
		for i, s := range list {
			if _, err := tx.ExecContext(ctx, `INSERT INTO snapshots (upgrade_id, user_id, document, location_set, taken_at)
				VALUES ($1, $2, $3, $4, $5) ON CONFLICT (upgrade_id, user_id) DO NOTHING`,
				upgradeID, s.User.ID, documents[i], s.LocationSet, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// Snapshots pages through the snapshots in order of the users' ids, beginning after the id given. A limit of 0, or one
// above 1000, means 1000.
func (r *Register) Snapshots(ctx context.Context, upgradeID, after string, limit int) ([]upgrade.Snapshot, error) {
	return query(ctx, r, `SELECT document, location_set FROM snapshots WHERE upgrade_id = $1 AND user_id > $2
		ORDER BY user_id LIMIT $3`, scanSnapshot, upgradeID, after, pageOf(limit))
}

// SnapshotsOf are the snapshots of these users, at most 1000; who was not photographed is left out.
func (r *Register) SnapshotsOf(ctx context.Context, upgradeID string, users []string) ([]upgrade.Snapshot, error) {
	if len(users) > maxPage {
		return nil, invalid("too_many", "at most 1000 snapshots are read at once")
	}
	if len(users) == 0 {
		return nil, nil
	}
	args, places := []any{upgradeID}, make([]string, len(users))
	for i, id := range users {
		args, places[i] = append(args, id), "$"+strconv.Itoa(i+2)
	}
	return query(ctx, r, "SELECT document, location_set FROM snapshots WHERE upgrade_id = $1 AND user_id IN ("+strings.Join(places, ", ")+") ORDER BY user_id",
		scanSnapshot, args...)
}

func scanSnapshot(rows *sql.Rows) (s upgrade.Snapshot, err error) {
	var document string
	if err := rows.Scan(&document, &s.LocationSet); err != nil {
		return s, err
	}
	if err := json.Unmarshal([]byte(document), &s.User); err != nil {
		return s, damaged("snapshot", err)
	}
	return s, nil
}

// MarkLocationSet records that we set a photographed user's usage location; called before the write. Kind NotFound where
// the user was not photographed, since then nothing could be put back.
func (r *Register) MarkLocationSet(ctx context.Context, upgradeID, user, country string) error {
	changed, err := r.exec(ctx, "UPDATE snapshots SET location_set = $3 WHERE upgrade_id = $1 AND user_id = $2", upgradeID, user, country)
	if err == nil && changed == 0 {
		return notFound("no_snapshot", "the user was not photographed in this upgrade")
	}
	return err
}

// SaveReports keeps the latest report of each user.
func (r *Register) SaveReports(ctx context.Context, upgradeID string, list []upgrade.UserReport) error {
	documents := make([]string, len(list))
	for i, one := range list {
		var err error
		if documents[i], err = marshal(one); err != nil {
			return err
		}
		if one.User == "" {
			return invalid("bad_report", "a report names no user")
		}
	}
	now := stamp(r.now())
	return r.tx(ctx, func(tx *sql.Tx) error {
		for i, one := range list {
			if _, err := tx.ExecContext(ctx, `INSERT INTO reports (upgrade_id, user_id, outcome, document, reported_at)
				VALUES ($1, $2, $3, $4, $5) ON CONFLICT (upgrade_id, user_id)
				DO UPDATE SET outcome = excluded.outcome, document = excluded.document, reported_at = excluded.reported_at`,
				upgradeID, one.User, string(one.Outcome), documents[i], now); err != nil {
				return err
			}
		}
		return nil
	})
}

// Reports pages through the reports as Snapshots does.
func (r *Register) Reports(ctx context.Context, upgradeID, after string, limit int) ([]upgrade.UserReport, error) {
	return query(ctx, r, `SELECT document FROM reports WHERE upgrade_id = $1 AND user_id > $2
		ORDER BY user_id LIMIT $3`, scanReport, upgradeID, after, pageOf(limit))
}

func scanReport(rows *sql.Rows) (one upgrade.UserReport, err error) {
	var document string
	if err := rows.Scan(&document); err != nil {
		return one, err
	}
	if err := json.Unmarshal([]byte(document), &one); err != nil {
		return one, damaged("report", err)
	}
	return one, nil
}
