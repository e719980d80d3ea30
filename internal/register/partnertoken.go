package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"uplift/upgrade"
)

// partnerContext is what the partner's token is sealed for. There is one row, and it is no upgrade's.
const partnerContext = "partner_token"

// SavePartnerToken keeps the sign-in of the partner's own user. at is when the person signed in: a renewal gives the same
// again, with the rotated tokens, and the register notes when it came. The one row is replaced, except by the renewal of
// an earlier sign-in than the one that it holds: a worker that renews while a person signs in anew must not bring the old
// sign-in back. It is not pruned: who watches it says when it has died.
func (r *Register) SavePartnerToken(ctx context.Context, t upgrade.Tokens, who upgrade.Identity, at time.Time) error {
	sealed, err := r.seal(sealedTokens{t.Access.Reveal(), t.Refresh.Reveal(), t.ID.Reveal(), t.ExpiresAt, t.Scopes}, partnerContext)
	if err != nil {
		return err
	}
	person, err := json.Marshal(who)
	if err != nil {
		return invalid("bad_document", "the person cannot be written as JSON")
	}
	_, err = r.exec(ctx, `INSERT INTO partner_token (one, sealed, who, signed_in_at, refreshed_at) VALUES (1, $1, $2, $3, $4)
		ON CONFLICT (one) DO UPDATE SET sealed = excluded.sealed, who = excluded.who,
			signed_in_at = excluded.signed_in_at, refreshed_at = excluded.refreshed_at
		WHERE excluded.signed_in_at >= partner_token.signed_in_at`,
		sealed, text(string(person)), stamp(at), stamp(r.now()))
	return err
}

// PartnerToken returns the sign-in of the partner's own user, when the person signed in and when the tokens were last
// renewed. Kind NotFound, code no_partner_token, when nobody has signed in.
func (r *Register) PartnerToken(ctx context.Context) (tokens upgrade.Tokens, signedInAt, refreshedAt time.Time, who upgrade.Identity, err error) {
	var sealed []byte
	var person string
	var signedIn, refreshed int64
	err = r.read.QueryRowContext(ctx, "SELECT sealed, who, signed_in_at, refreshed_at FROM partner_token WHERE one = 1").
		Scan(&sealed, &person, &signedIn, &refreshed)
	if errors.Is(err, sql.ErrNoRows) {
		return tokens, signedInAt, refreshedAt, who, notFound("no_partner_token", "nobody of the partner has signed in")
	}
	if err != nil {
		return tokens, signedInAt, refreshedAt, who, r.classify(err)
	}
	var t sealedTokens
	if err = r.unseal(sealed, partnerContext, &t); err != nil {
		return tokens, signedInAt, refreshedAt, who, err
	}
	if err = json.Unmarshal([]byte(person), &who); err != nil {
		return tokens, signedInAt, refreshedAt, upgrade.Identity{}, damaged("sign-in", nil)
	}
	tokens = upgrade.Tokens{Access: upgrade.Secret(t.Access), Refresh: upgrade.Secret(t.Refresh), ID: upgrade.Secret(t.ID),
		ExpiresAt: t.ExpiresAt, Scopes: t.Scopes}
	return tokens, moment(signedIn), moment(refreshed), who, nil
}
