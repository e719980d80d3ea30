package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"uplift/upgrade"
)

// sealedCode and sealedTokens are what is sealed. They spell the secrets out, which upgrade.Secret refuses to do.
type sealedCode struct {
	DeviceCode      string        `json:"deviceCode"`
	UserCode        string        `json:"userCode"`
	VerificationURI string        `json:"verificationUri"`
	Interval        time.Duration `json:"interval"`
	ExpiresAt       time.Time     `json:"expiresAt"`
}

type sealedTokens struct {
	Access    string    `json:"access"`
	Refresh   string    `json:"refresh"`
	ID        string    `json:"id"`
	ExpiresAt time.Time `json:"expiresAt"`
	Scopes    []string  `json:"scopes"`
}

func sealContext(table, upgradeID string, invitation int) string {
	return fmt.Sprintf("%s/%s/%d", table, upgradeID, invitation)
}

func (r *Register) seal(v any, context string) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, invalid("bad_document", "the secret cannot be written as JSON")
	}
	defer clear(plain)
	return r.keys.Seal(upgrade.Secret(plain), context)
}

func (r *Register) unseal(sealed []byte, context string, v any) error {
	plain, err := r.keys.Unseal(sealed, context)
	if err != nil {
		return err
	}
	if json.Unmarshal([]byte(plain.Reveal()), v) != nil {
		return damaged("sealed record", nil) // the cause could quote the secret
	}
	return nil
}

// keepSecret writes a code or a token of an upgrade that has no end yet. Its row is held meanwhile: what an activity brings
// that was under way when the end was recorded, and every secret destroyed, is not kept. Kind Refused, code upgrade_ended.
func (r *Register) keepSecret(ctx context.Context, upgradeID, query string, args ...any) error {
	return r.tx(ctx, func(tx *sql.Tx) error {
		held, err := tx.ExecContext(ctx, "UPDATE upgrades SET end_name = end_name WHERE upgrade_id = $1 AND end_name = ''", upgradeID)
		if err != nil {
			return err
		}
		if n, err := held.RowsAffected(); err != nil || n > 0 {
			if err == nil {
				_, err = tx.ExecContext(ctx, query, args...)
			}
			return err
		}
		var end string
		err = tx.QueryRowContext(ctx, "SELECT end_name FROM upgrades WHERE upgrade_id = $1", upgradeID).Scan(&end)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return notFound(codeUnknownUpgrade, "no claim has this upgrade id")
		case err != nil:
			return err
		}
		return &upgrade.Error{Kind: upgrade.Refused, Code: "upgrade_ended", Message: "the upgrade has ended; nothing secret of it is kept any more"}
	})
}

// SaveCode keeps a pending device code of an upgrade that has not ended; a newer one of the same invitation takes its place.
func (r *Register) SaveCode(ctx context.Context, upgradeID string, invitation int, c upgrade.PendingCode) error {
	sealed, err := r.seal(sealedCode{c.DeviceCode.Reveal(), c.UserCode, c.VerificationURI, c.Interval, c.ExpiresAt},
		sealContext("codes", upgradeID, invitation))
	if err != nil {
		return err
	}
	return r.keepSecret(ctx, upgradeID, `INSERT INTO codes (upgrade_id, invitation, sealed, expires_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (upgrade_id, invitation) DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at`,
		upgradeID, invitation, sealed, stamp(c.ExpiresAt))
}

// Code returns the pending device code, expired or not; Kind NotFound when there is none.
func (r *Register) Code(ctx context.Context, upgradeID string, invitation int) (upgrade.PendingCode, error) {
	sealed, err := r.sealed(ctx, "codes", upgradeID, invitation)
	if err != nil {
		return upgrade.PendingCode{}, err
	}
	var c sealedCode
	if err := r.unseal(sealed, sealContext("codes", upgradeID, invitation), &c); err != nil {
		return upgrade.PendingCode{}, err
	}
	return upgrade.PendingCode{DeviceCode: upgrade.Secret(c.DeviceCode), UserCode: c.UserCode,
		VerificationURI: c.VerificationURI, Interval: c.Interval, ExpiresAt: c.ExpiresAt}, nil
}

// SaveTokens keeps the delegated tokens of an upgrade that has not ended. A refresh calls it again with the rotated ones, which take the old ones' place.
func (r *Register) SaveTokens(ctx context.Context, upgradeID string, invitation int, t upgrade.Tokens) error {
	sealed, err := r.seal(sealedTokens{t.Access.Reveal(), t.Refresh.Reveal(), t.ID.Reveal(), t.ExpiresAt, t.Scopes},
		sealContext("tokens", upgradeID, invitation))
	if err != nil {
		return err
	}
	return r.keepSecret(ctx, upgradeID, `INSERT INTO tokens (upgrade_id, invitation, sealed, saved_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (upgrade_id, invitation) DO UPDATE SET sealed = excluded.sealed, saved_at = excluded.saved_at`,
		upgradeID, invitation, sealed, stamp(r.now()))
}

// Tokens returns the delegated tokens, Kind NotFound when there are none.
func (r *Register) Tokens(ctx context.Context, upgradeID string, invitation int) (upgrade.Tokens, error) {
	sealed, err := r.sealed(ctx, "tokens", upgradeID, invitation)
	if err != nil {
		return upgrade.Tokens{}, err
	}
	var t sealedTokens
	if err := r.unseal(sealed, sealContext("tokens", upgradeID, invitation), &t); err != nil {
		return upgrade.Tokens{}, err
	}
	return upgrade.Tokens{Access: upgrade.Secret(t.Access), Refresh: upgrade.Secret(t.Refresh), ID: upgrade.Secret(t.ID),
		ExpiresAt: t.ExpiresAt, Scopes: t.Scopes}, nil
}

// sealed reads a sealed record of codes or tokens.
func (r *Register) sealed(ctx context.Context, table, upgradeID string, invitation int) ([]byte, error) {
	var sealed []byte
	err := r.read.QueryRowContext(ctx, "SELECT sealed FROM "+table+" WHERE upgrade_id = $1 AND invitation = $2",
		upgradeID, invitation).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("no_"+table, "the register holds no "+table+" of this invitation")
	}
	return sealed, r.classify(err)
}

// DestroyTokens deletes every code and token of the upgrade.
func (r *Register) DestroyTokens(ctx context.Context, upgradeID string) error {
	return r.tx(ctx, func(tx *sql.Tx) error { return destroyTokens(ctx, tx, upgradeID) })
}

func destroyTokens(ctx context.Context, tx *sql.Tx, upgradeID string) error {
	for _, table := range []string{"codes", "tokens"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE upgrade_id = $1", upgradeID); err != nil {
			return err
		}
	}
	return nil
}
