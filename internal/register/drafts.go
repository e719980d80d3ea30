package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// SaveDraft keeps an order that somebody is writing, in the place of what was kept of it before.
func (r *Register) SaveDraft(ctx context.Context, owner, id string, draft json.RawMessage, at time.Time) error {
	if owner == "" || id == "" || len(draft) == 0 {
		return invalid("bad_draft", "a draft has an owner, an id and a content")
	}
	_, err := r.exec(ctx, `INSERT INTO drafts (owner, draft_id, document, saved_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (owner, draft_id) DO UPDATE SET document = excluded.document, saved_at = excluded.saved_at`,
		owner, id, string(draft), stamp(at))
	return err
}

// Draft is Kind NotFound where the owner has no such draft.
func (r *Register) Draft(ctx context.Context, owner, id string) (json.RawMessage, error) {
	var document string
	err := r.read.QueryRowContext(ctx, "SELECT document FROM drafts WHERE owner = $1 AND draft_id = $2", owner, id).Scan(&document)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("no_draft", "there is no such draft")
	}
	return json.RawMessage(document), r.classify(err)
}

// DeleteDraft forgets a draft. One that is not there is no error.
func (r *Register) DeleteDraft(ctx context.Context, owner, id string) error {
	_, err := r.exec(ctx, "DELETE FROM drafts WHERE owner = $1 AND draft_id = $2", owner, id)
	return err
}
