package register

import (
	"context"
	"database/sql"
	"errors"
)

// SaveFacts keeps what was gathered for an owner, an upgrade or a dry run, under a name: in the place of whatever was kept for it.
func (r *Register) SaveFacts(ctx context.Context, owner, name, tenant string, facts []byte) error {
	_, err := r.exec(ctx, `INSERT INTO facts (owner, name, tenant, body, saved_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (owner) DO UPDATE SET name = excluded.name, tenant = excluded.tenant, body = excluded.body, saved_at = excluded.saved_at`,
		owner, name, tenant, text(string(facts)), stamp(r.now()))
	return err
}

// Facts is what is kept for an owner under a name, nothing where there is none.
func (r *Register) Facts(ctx context.Context, owner, name string) ([]byte, error) {
	var body string
	err := r.read.QueryRowContext(ctx, "SELECT body FROM facts WHERE owner = $1 AND name = $2", owner, name).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return []byte(body), r.classify(err)
}
