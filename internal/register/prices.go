package register

import (
	"context"
	"database/sql"
	"time"

	"uplift/upgrade"
)

// SavePrices puts a whole price list in the place of the one before. A list that is older than the stored one is ignored, so
// that an upload which is repeated late does not bring old prices back.
func (r *Register) SavePrices(ctx context.Context, list []upgrade.Price, at time.Time) error {
	return r.tx(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `INSERT INTO price_list (list, saved_at) VALUES (1, $1)
			ON CONFLICT (list) DO UPDATE SET saved_at = excluded.saved_at WHERE price_list.saved_at <= excluded.saved_at`, stamp(at))
		if err != nil {
			return err
		}
		if changed, err := done.RowsAffected(); err != nil || changed == 0 {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM prices"); err != nil {
			return err
		}
		insert, err := tx.PrepareContext(ctx, `INSERT INTO prices (offer, market, term, billing_cycle, currency, minor) VALUES ($1, $2, $3, $4, $5, $6)`)
		if err != nil {
			return err
		}
		defer insert.Close()
		for _, p := range list {
			if _, err := insert.ExecContext(ctx, p.Offer, p.Market, p.Term, p.BillingCycle, p.Currency, p.Minor); err != nil {
				return err
			}
		}
		return nil
	})
}

// Prices returns the prices of a market and those that hold everywhere; without a market, the whole list. They come in order
// of offer, market, term and billing cycle.
func (r *Register) Prices(ctx context.Context, market string) ([]upgrade.Price, error) {
	return query(ctx, r, `SELECT offer, market, term, billing_cycle, currency, minor FROM prices
		WHERE $1 = '' OR market = '' OR market = $1 ORDER BY offer, market, term, billing_cycle`, scanPrice, market)
}

func scanPrice(rows *sql.Rows) (p upgrade.Price, err error) {
	err = rows.Scan(&p.Offer, &p.Market, &p.Term, &p.BillingCycle, &p.Currency, &p.Minor)
	return p, err
}
