package service

import (
	"context"
	"sync"
	"time"

	"uplift/activities"
	"uplift/upgrade"
)

// snag is what is to befall the next call of one method behind the activities' interfaces.
type snag struct {
	mu     sync.Mutex
	method string
	fault  fault
}

// ledger is the register's place: what a database does in the place of each fault, by the errors as the register classifies them.
func ledger(method string) place {
	words := "register, " + method + ": locked, committed and the answer lost, locked twice, no connection free, disk error, no time left, a document that cannot be read, an error that nobody foresaw"
	return place{words: words, arm: func(o *ordeal, f fault) func(error) bool { return o.snag.set(method, f) }}
}

func (s *snag) set(method string, f fault) func(error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.method, s.fault = method, f
	return func(error) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		came := s.method == ""
		s.method = ""
		return came
	}
}

func (s *snag) take(method string) fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.method != method {
		return ""
	}
	s.method = ""
	return s.fault
}

func dbError(kind upgrade.Kind, code string) error {
	return &upgrade.Error{Kind: kind, Code: code, Message: "the register (SQLite) did not do it"}
}

// guard makes one call to the register, or lets its fault happen.
func guard[T any](s *snag, ctx context.Context, method string, call func(context.Context) (T, error)) (out T, err error) {
	var none T
	switch s.take(method) {
	case refused, slowSeconds:
		return none, dbError(upgrade.Transient, "register_busy")
	case slowDate, serverError:
		return none, dbError(upgrade.Transient, "register_unavailable")
	case replyLost:
		if out, err = call(ctx); err != nil {
			return out, err
		}
		return none, dbError(upgrade.Transient, "register_unavailable")
	case hang:
		ctx, cancel := context.WithDeadline(ctx, time.Unix(1, 0))
		defer cancel()
		return call(ctx)
	case cutBody:
		return none, dbError(upgrade.Act, "register_damaged")
	case oddCode:
		return none, dbError(upgrade.Unknown, "register_failed")
	}
	return call(ctx)
}

// guarded is guard for a call that answers nothing.
func guarded(s *snag, ctx context.Context, method string, call func(context.Context) error) error {
	_, err := guard(s, ctx, method, func(ctx context.Context) (struct{}, error) { return struct{}{}, call(ctx) })
	return err
}

// struckRegister is the real register behind a snag. What no row strikes passes as it is.
type struckRegister struct {
	activities.Register
	snag *snag
}

func (r struckRegister) Claim(ctx context.Context, q upgrade.ClaimRequest, abandoned bool) (upgrade.Claim, error) {
	return guard(r.snag, ctx, "Claim", func(ctx context.Context) (upgrade.Claim, error) { return r.Register.Claim(ctx, q, abandoned) })
}

func (r struckRegister) SavePlan(ctx context.Context, id string, p upgrade.Plan) error {
	return guarded(r.snag, ctx, "SavePlan", func(ctx context.Context) error { return r.Register.SavePlan(ctx, id, p) })
}

func (r struckRegister) SaveCode(ctx context.Context, id string, n int, c upgrade.PendingCode) error {
	return guarded(r.snag, ctx, "SaveCode", func(ctx context.Context) error { return r.Register.SaveCode(ctx, id, n, c) })
}

func (r struckRegister) SaveTokens(ctx context.Context, id string, n int, t upgrade.Tokens) error {
	return guarded(r.snag, ctx, "SaveTokens", func(ctx context.Context) error { return r.Register.SaveTokens(ctx, id, n, t) })
}

func (r struckRegister) SaveEvidence(ctx context.Context, id string, n int, e upgrade.Evidence) error {
	return guarded(r.snag, ctx, "SaveEvidence", func(ctx context.Context) error { return r.Register.SaveEvidence(ctx, id, n, e) })
}

func (r struckRegister) DestroyTokens(ctx context.Context, id string) error {
	return guarded(r.snag, ctx, "DestroyTokens", func(ctx context.Context) error { return r.Register.DestroyTokens(ctx, id) })
}

func (r struckRegister) SaveSnapshots(ctx context.Context, id string, all []upgrade.Snapshot) error {
	return guarded(r.snag, ctx, "SaveSnapshots", func(ctx context.Context) error { return r.Register.SaveSnapshots(ctx, id, all) })
}

func (r struckRegister) MarkLocationSet(ctx context.Context, id, user, country string) error {
	return guarded(r.snag, ctx, "MarkLocationSet", func(ctx context.Context) error { return r.Register.MarkLocationSet(ctx, id, user, country) })
}

func (r struckRegister) SaveReports(ctx context.Context, id string, all []upgrade.UserReport) error {
	return guarded(r.snag, ctx, "SaveReports", func(ctx context.Context) error { return r.Register.SaveReports(ctx, id, all) })
}

func (r struckRegister) Reports(ctx context.Context, id, after string, limit int) ([]upgrade.UserReport, error) {
	return guard(r.snag, ctx, "Reports", func(ctx context.Context) ([]upgrade.UserReport, error) {
		return r.Register.Reports(ctx, id, after, limit)
	})
}

func (r struckRegister) SaveUserList(ctx context.Context, tenant, name string, part int, users []string, at time.Time) error {
	return guarded(r.snag, ctx, "SaveUserList", func(ctx context.Context) error { return r.Register.SaveUserList(ctx, tenant, name, part, users, at) })
}

func (r struckRegister) Journal(ctx context.Context, id, step, note string) (string, error) {
	return guard(r.snag, ctx, "Journal", func(ctx context.Context) (string, error) { return r.Register.Journal(ctx, id, step, note) })
}

func (r struckRegister) JournalRequest(ctx context.Context, by, id, step, note string) (string, error) {
	return guard(r.snag, ctx, "JournalRequest", func(ctx context.Context) (string, error) { return r.Register.JournalRequest(ctx, by, id, step, note) })
}

func (r struckRegister) SaveFacts(ctx context.Context, owner, name, tenant string, facts []byte) error {
	return guarded(r.snag, ctx, "SaveFacts", func(ctx context.Context) error { return r.Register.SaveFacts(ctx, owner, name, tenant, facts) })
}

func (r struckRegister) Facts(ctx context.Context, owner, name string) ([]byte, error) {
	return guard(r.snag, ctx, "Facts", func(ctx context.Context) ([]byte, error) { return r.Register.Facts(ctx, owner, name) })
}

func (r struckRegister) RecordAnswer(ctx context.Context, id string, a upgrade.OperatorAnswer) error {
	return guarded(r.snag, ctx, "RecordAnswer", func(ctx context.Context) error { return r.Register.RecordAnswer(ctx, id, a) })
}

func (r struckRegister) SaveMembership(ctx context.Context, tenant, subscription, plan, offer string, at time.Time) error {
	return guarded(r.snag, ctx, "SaveMembership", func(ctx context.Context) error {
		return r.Register.SaveMembership(ctx, tenant, subscription, plan, offer, at)
	})
}

func (r struckRegister) RecordEnd(ctx context.Context, id string, result upgrade.Result) error {
	return guarded(r.snag, ctx, "RecordEnd", func(ctx context.Context) error { return r.Register.RecordEnd(ctx, id, result) })
}

func (r struckRegister) SavePrices(ctx context.Context, list []upgrade.Price, at time.Time) error {
	return guarded(r.snag, ctx, "SavePrices", func(ctx context.Context) error { return r.Register.SavePrices(ctx, list, at) })
}

func (r struckRegister) Prices(ctx context.Context, market string) ([]upgrade.Price, error) {
	return guard(r.snag, ctx, "Prices", func(ctx context.Context) ([]upgrade.Price, error) { return r.Register.Prices(ctx, market) })
}

func (r struckRegister) SaveCallback(ctx context.Context, id, fact string, c upgrade.Callback) (int, error) {
	return guard(r.snag, ctx, "SaveCallback", func(ctx context.Context) (int, error) { return r.Register.SaveCallback(ctx, id, fact, c) })
}

func (r struckRegister) Callback(ctx context.Context, id string, sequence int) (upgrade.Callback, error) {
	return guard(r.snag, ctx, "Callback", func(ctx context.Context) (upgrade.Callback, error) {
		return r.Register.Callback(ctx, id, sequence)
	})
}

func (r struckRegister) SaveDelivery(ctx context.Context, d upgrade.Delivery) error {
	return guarded(r.snag, ctx, "SaveDelivery", func(ctx context.Context) error { return r.Register.SaveDelivery(ctx, d) })
}

func (r struckRegister) Deliveries(ctx context.Context, id string) ([]upgrade.Delivery, error) {
	return guard(r.snag, ctx, "Deliveries", func(ctx context.Context) ([]upgrade.Delivery, error) { return r.Register.Deliveries(ctx, id) })
}

// struckCleaner is the register's other face.
type struckCleaner struct {
	activities.Cleaner
	snag *snag
}

func (c struckCleaner) Prune(ctx context.Context, now time.Time) (upgrade.Pruned, error) {
	return guard(c.snag, ctx, "Prune", func(ctx context.Context) (upgrade.Pruned, error) { return c.Cleaner.Prune(ctx, now) })
}

// struckLinks are the links, whose keys are all that can fail.
type struckLinks struct {
	activities.Links
	snag *snag
}

func (l struckLinks) Link(workflowID, upgradeID string, invitation int) (upgrade.Secret, error) {
	return guard(l.snag, context.Background(), "Link", func(context.Context) (upgrade.Secret, error) {
		return l.Links.Link(workflowID, upgradeID, invitation)
	})
}
