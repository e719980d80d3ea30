package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"uplift/upgrade"
)

const selectResellers = `SELECT r.id, r.name, (SELECT COUNT(*) FROM reseller_customers c WHERE c.reseller = r.id),
	COALESCE(e.plan, ''), COALESCE(e.account, ''), COALESCE(e.subdomain, ''), COALESCE(e.from_at, 0), COALESCE(e.until_at, 0),
	COALESCE(e.said_by, ''), COALESCE(e.ended_by, '')
	FROM resellers r LEFT JOIN entitlements e ON e.reseller = r.id
		AND e.number = (SELECT MAX(n.number) FROM entitlements n WHERE n.reseller = r.id)`

// Resellers lists all resellers by name.
func (r *Register) Resellers(ctx context.Context) ([]upgrade.Reseller, error) {
	return query(ctx, r, selectResellers+" ORDER BY r.name, r.id", scanReseller)
}

// Reseller is one of them. Kind NotFound, code reseller_unknown.
func (r *Register) Reseller(ctx context.Context, id string) (upgrade.Reseller, error) {
	found, err := query(ctx, r, selectResellers+" WHERE r.id = $1", scanReseller, id)
	switch {
	case err != nil:
		return upgrade.Reseller{}, err
	case len(found) == 0:
		return upgrade.Reseller{}, unknownReseller()
	}
	return found[0], nil
}

func unknownReseller() error { return notFound("reseller_unknown", "there is no such reseller") }

func scanReseller(rows *sql.Rows) (r upgrade.Reseller, err error) {
	var e upgrade.Entitlement
	var from, until int64
	if err := rows.Scan(&r.ID, &r.Name, &r.Customers, &e.Plan, &e.Form.Account, &e.Form.Subdomain, &from, &until, &e.By, &e.EndedBy); err != nil || e.Plan == "" {
		return r, err
	}
	e.From = moment(from)
	if until != 0 {
		at := moment(until)
		e.Until = &at
	}
	r.Entitlement = &e
	return r, nil
}

// SaveReseller keeps a new reseller, or another name for one. Kind Invalid, with [upgrade.Problems], where it cannot be kept.
func (r *Register) SaveReseller(ctx context.Context, in upgrade.Reseller) error {
	if ps := in.Check(); len(ps) > 0 {
		return bad("bad_reseller", "the reseller cannot be kept", ps)
	}
	_, err := r.exec(ctx, `INSERT INTO resellers (id, name, saved_at) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, saved_at = excluded.saved_at`, in.ID, text(strings.TrimSpace(in.Name)), stamp(r.now()))
	return err
}

func bad(code, message string, ps upgrade.Problems) error {
	return &upgrade.Error{Kind: upgrade.Invalid, Code: code, Message: message, Err: ps}
}

// ResellerOf is whose customer a tenant is; empty: the provider's own.
func (r *Register) ResellerOf(ctx context.Context, tenant string) (reseller string, err error) {
	err = r.read.QueryRowContext(ctx, "SELECT reseller FROM reseller_customers WHERE tenant = $1", strings.ToLower(tenant)).Scan(&reseller)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return reseller, r.classify(err)
}

// CustomersOf are the tenants of a reseller's customers.
func (r *Register) CustomersOf(ctx context.Context, reseller string) ([]string, error) {
	return query(ctx, r, "SELECT tenant FROM reseller_customers WHERE reseller = $1 ORDER BY tenant", func(rows *sql.Rows) (tenant string, err error) {
		err = rows.Scan(&tenant)
		return tenant, err
	}, reseller)
}

// SetReseller makes a tenant a reseller's customer; an empty reseller: the provider's own again. Kind Invalid: that is no
// tenant id; NotFound, code reseller_unknown.
func (r *Register) SetReseller(ctx context.Context, tenant, reseller, by string, at time.Time) error {
	if tenant = strings.ToLower(tenant); !upgrade.IsGUID(tenant) {
		return invalid("bad_tenant", "the customer is named by its tenant id, a GUID")
	}
	return r.tx(ctx, func(tx *sql.Tx) error {
		if reseller == "" {
			if _, err := tx.ExecContext(ctx, "DELETE FROM reseller_customers WHERE tenant = $1", tenant); err != nil {
				return err
			}
			return auditNow(ctx, tx, at, by, "customer_of_provider", tenant, "")
		}
		if err := mustReseller(ctx, tx, reseller); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO reseller_customers (tenant, reseller, said_by, since) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant) DO UPDATE SET reseller = excluded.reseller, said_by = excluded.said_by, since = excluded.since`,
			tenant, reseller, text(by), stamp(at)); err != nil {
			return err
		}
		return auditNow(ctx, tx, at, by, "customer_of_reseller", tenant, reseller)
	})
}

// mustReseller refuses a reseller that is not known, and locks one that is: what is said of it comes one after the other.
func mustReseller(ctx context.Context, tx *sql.Tx, id string) error {
	done, err := tx.ExecContext(ctx, "UPDATE resellers SET saved_at = saved_at WHERE id = $1", id)
	if err != nil {
		return err
	}
	if known, err := done.RowsAffected(); err != nil || known > 0 {
		return err
	}
	return unknownReseller()
}

// ManagementPlans lists the plans of the kind "customer management", the oldest first.
func (r *Register) ManagementPlans(ctx context.Context) ([]upgrade.ManagementPlan, error) {
	return query(ctx, r, "SELECT document FROM management_plans ORDER BY made_at, id", func(rows *sql.Rows) (p upgrade.ManagementPlan, err error) {
		var document string
		if err := rows.Scan(&document); err != nil {
			return p, err
		}
		if err := json.Unmarshal([]byte(document), &p); err != nil {
			return p, damaged("management plan", err)
		}
		return p, nil
	})
}

// SaveManagementPlan keeps a new plan. Kind Invalid, with [upgrade.Problems], where it is not one of customer management;
// Conflict, code plan_exists.
func (r *Register) SaveManagementPlan(ctx context.Context, p upgrade.ManagementPlan) error {
	if ps := p.Check(); len(ps) > 0 {
		return bad("bad_management_plan", "this is no customer management plan", ps)
	}
	if p.MadeAt.IsZero() {
		p.MadeAt = r.now()
	}
	document, err := marshal(p)
	if err != nil {
		return err
	}
	return r.tx(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "INSERT INTO management_plans (id, document, made_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING", p.ID, document, stamp(p.MadeAt))
		if err != nil {
			return err
		}
		if made, err := done.RowsAffected(); err != nil || made == 0 {
			return conflictOr(err, "plan_exists", "there is a customer management plan of this id already")
		}
		return auditNow(ctx, tx, p.MadeAt, p.MadeBy, "management_plan_made", p.ID, p.Name)
	})
}

func conflictOr(err error, code, message string) error {
	if err != nil {
		return err
	}
	return &upgrade.Error{Kind: upgrade.Conflict, Code: code, Message: message}
}

// Subscribe subscribes a reseller to a management plan. The form is stored, and nothing is provisioned. Kind Invalid, with
// [upgrade.Problems]: the form is not what Microsoft takes; NotFound, code reseller_unknown or plan_unknown; Conflict, code
// subscribed_already.
func (r *Register) Subscribe(ctx context.Context, reseller string, e upgrade.Entitlement) error {
	if ps := e.Form.Check(); len(ps) > 0 {
		return bad("bad_form", "the form has problems", ps)
	}
	return r.tx(ctx, func(tx *sql.Tx) error {
		if err := mustReseller(ctx, tx, reseller); err != nil {
			return err
		}
		var known, present, last int
		if err := tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM management_plans WHERE id = $2),
			(SELECT COUNT(*) FROM entitlements WHERE reseller = $1 AND (until_at = 0 OR until_at > $3)),
			(SELECT COALESCE(MAX(number), 0) FROM entitlements WHERE reseller = $1)`, reseller, e.Plan, stamp(e.From)).Scan(&known, &present, &last); err != nil {
			return err
		}
		switch {
		case known == 0:
			return notFound("plan_unknown", "there is no such customer management plan")
		case present > 0:
			return conflictOr(nil, "subscribed_already", "the reseller is subscribed to a customer management plan already")
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO entitlements (reseller, number, plan, account, subdomain, from_at, said_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`, reseller, last+1, e.Plan, e.Form.Account, e.Form.Subdomain, stamp(e.From), text(e.By)); err != nil {
			return err
		}
		return auditNow(ctx, tx, e.From, e.By, "reseller_subscribed", reseller, e.Plan)
	})
}

// EndSubscription ends the present one. Kind NotFound, code not_subscribed, where there is none.
func (r *Register) EndSubscription(ctx context.Context, reseller, by string, at time.Time) error {
	return r.tx(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "UPDATE entitlements SET until_at = $2, ended_by = $3 WHERE reseller = $1 AND until_at = 0", reseller, stamp(at), text(by))
		if err != nil {
			return err
		}
		if ended, err := done.RowsAffected(); err != nil || ended == 0 {
			if err == nil {
				err = notFound("not_subscribed", "the reseller is not subscribed to a customer management plan")
			}
			return err
		}
		return auditNow(ctx, tx, at, by, "reseller_ended", reseller, "")
	})
}

// MayUpgrade tells every reason why a reseller may not upgrade a customer at a moment; none: it may.
func (r *Register) MayUpgrade(ctx context.Context, reseller, tenant string, at time.Time) (ps upgrade.Problems, err error) {
	err = r.tx(ctx, func(tx *sql.Tx) (err error) {
		ps, err = mayUpgrade(ctx, tx, reseller, tenant, at)
		return err
	})
	return ps, err
}

func mayUpgrade(ctx context.Context, tx *sql.Tx, reseller, tenant string, at time.Time) (ps upgrade.Problems, err error) {
	var known, owns, entitled int
	if err := tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM resellers WHERE id = $1),
		(SELECT COUNT(*) FROM reseller_customers WHERE reseller = $1 AND tenant = $2),
		(SELECT COUNT(*) FROM entitlements WHERE reseller = $1 AND from_at <= $3 AND (until_at = 0 OR until_at > $3))`,
		reseller, strings.ToLower(tenant), stamp(at)).Scan(&known, &owns, &entitled); err != nil {
		return nil, err
	}
	return upgrade.ResellerProblems(known > 0, owns > 0, entitled > 0), nil
}

// audit writes an entry down.
func audit(ctx context.Context, tx *sql.Tx, e upgrade.AuditEntry) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO audit (entry_id, at, said_by, what, about, detail) VALUES ($1, $2, $3, $4, $5, $6)",
		uuid.NewString(), stamp(e.At), text(e.By), e.What, e.About, text(e.Detail))
	return err
}
