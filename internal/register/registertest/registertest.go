// Package registertest holds what every register must do, the real one on each database and the fakes of tests alike.
package registertest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"uplift/upgrade"
)

// Register is what upgrades ask of a register.
type Register interface {
	Claim(ctx context.Context, r upgrade.ClaimRequest, abandoned bool) (upgrade.Claim, error)
	SavePlan(ctx context.Context, upgradeID string, p upgrade.Plan) error
	SaveCode(ctx context.Context, upgradeID string, invitation int, c upgrade.PendingCode) error
	Code(ctx context.Context, upgradeID string, invitation int) (upgrade.PendingCode, error)
	SaveTokens(ctx context.Context, upgradeID string, invitation int, t upgrade.Tokens) error
	Tokens(ctx context.Context, upgradeID string, invitation int) (upgrade.Tokens, error)
	SaveEvidence(ctx context.Context, upgradeID string, invitation int, e upgrade.Evidence) error
	DestroyTokens(ctx context.Context, upgradeID string) error
	SaveSnapshots(ctx context.Context, upgradeID string, s []upgrade.Snapshot) error
	Snapshots(ctx context.Context, upgradeID, after string, limit int) ([]upgrade.Snapshot, error)
	SnapshotsOf(ctx context.Context, upgradeID string, users []string) ([]upgrade.Snapshot, error)
	MarkLocationSet(ctx context.Context, upgradeID, user, country string) error
	SaveReports(ctx context.Context, upgradeID string, r []upgrade.UserReport) error
	Reports(ctx context.Context, upgradeID, after string, limit int) ([]upgrade.UserReport, error)
	Journal(ctx context.Context, upgradeID, step, note string) (stored string, err error)
	JournalRequest(ctx context.Context, by, upgradeID, step, note string) (stored string, err error)
	Note(ctx context.Context, upgradeID, step string) (note string, ok bool, err error)
	SaveFacts(ctx context.Context, owner, name, tenant string, facts []byte) error
	Facts(ctx context.Context, owner, name string) ([]byte, error)
	RecordAnswer(ctx context.Context, upgradeID string, a upgrade.OperatorAnswer) error
	SaveMembership(ctx context.Context, tenant, subscription, plan, offer string, at time.Time) error
	RecordEnd(ctx context.Context, upgradeID string, r upgrade.Result) error
	Plan(ctx context.Context, upgradeID string) (upgrade.Plan, error)
	SavePrices(ctx context.Context, list []upgrade.Price, at time.Time) error
	Prices(ctx context.Context, market string) ([]upgrade.Price, error)
	LatestUpgrade(ctx context.Context, order string) (string, error)
	SaveUserList(ctx context.Context, tenant, name string, part int, users []string, at time.Time) error
	UserList(ctx context.Context, tenant, name string, part int) ([]string, error)
	SaveCallback(ctx context.Context, upgradeID, fact string, c upgrade.Callback) (sequence int, err error)
	Callback(ctx context.Context, upgradeID string, sequence int) (upgrade.Callback, error)
	SaveDelivery(ctx context.Context, d upgrade.Delivery) error
	Deliveries(ctx context.Context, upgradeID string) ([]upgrade.Delivery, error)
	FailedDeliveries(ctx context.Context, limit int) ([]upgrade.Delivery, error)
}

// PartnerTokens is what a register does beside its upgrades, for the partner's own user. The fakes of upgrades' tests have
// no need of it.
type PartnerTokens interface {
	SavePartnerToken(ctx context.Context, t upgrade.Tokens, who upgrade.Identity, at time.Time) error
	PartnerToken(ctx context.Context) (tokens upgrade.Tokens, signedInAt, refreshedAt time.Time, who upgrade.Identity, err error)
}

// Conformance runs every test, each on a register of its own that open makes.
func Conformance(t *testing.T, open func(t *testing.T) Register) {
	for name, test := range map[string]func(*kit){
		"first claim and its repeat":             firstClaim,
		"a second start":                         secondStart,
		"next attempts":                          nextAttempts,
		"an attempt after an abandoned one":      abandonedAttempt,
		"an attempt abandoned before the change": abandonedBefore,
		"a note":                                 note,
		"reset executions":                       resetExecutions,
		"bad claims":                             badClaims,
		"claims at once":                         claimsAtOnce,
		"next attempts at once":                  attemptsAtOnce,
		"codes and tokens":                       codesAndTokens,
		"snapshots":                              snapshots,
		"reports":                                reports,
		"journal":                                journal,
		"facts":                                  gathered,
		"notes":                                  notes,
		"unknown upgrades":                       unknownUpgrades,
		"plans":                                  plans,
		"price list":                             priceList,
		"lists of users":                         userLists,
		"the latest upgrade":                     latestUpgrade,
		"callbacks":                              callbacks,
		"callbacks at once":                      callbacksAtOnce,
		"deliveries":                             deliveries,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(&kit{T: t, ctx: context.Background(), Register: open(t)})
		})
	}
}

// kit is a test with its register.
type kit struct {
	*testing.T
	Register
	ctx context.Context
}

// At is the time of everything that happens here, exact to the microsecond as registers are.
var at = time.Date(2026, 3, 14, 9, 26, 53, 589_793_000, time.UTC)

// order is an order as strict parsing would give it.
func order(id string, attempt int) upgrade.Order {
	return upgrade.Order{ID: id, Attempt: attempt, Tenant: "11111111-2222-3333-4444-555555555555",
		Target: upgrade.Target{Totals: []upgrade.Total{{Offer: "business-premium", Seats: 25}}}, Consent: upgrade.ByLink}
}

// otherOrder has the same id and another content.
func otherOrder(id string, attempt int) upgrade.Order {
	o := order(id, attempt)
	o.Target.Totals[0].Seats = 26
	return o
}

func (k *kit) ok(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

func (k *kit) kind(err error, want upgrade.Kind) {
	k.Helper()
	if err == nil || upgrade.KindOf(err) != want {
		k.Errorf("error %v, want kind %s", err, want)
	}
}

func (k *kit) same(got, want any) {
	k.Helper()
	if !reflect.DeepEqual(got, want) {
		k.Errorf("got  %#v\nwant %#v", got, want)
	}
}

// claim claims as workflow "w" + run.
func (k *kit) claim(o upgrade.Order, workflow string, abandoned bool) upgrade.Claim {
	k.Helper()
	c, err := k.Claim(k.ctx, upgrade.ClaimRequest{Order: o, WorkflowID: workflow, FirstRun: workflow + "-run", At: at}, abandoned)
	k.ok(err)
	return c
}

func (k *kit) end(upgradeID string, end upgrade.End) {
	k.Helper()
	k.ok(k.RecordEnd(k.ctx, upgradeID, upgrade.Result{Upgrade: upgradeID, End: end, EndedAt: at.Add(time.Hour)}))
}

// claimed makes an upgrade to hang things on.
func (k *kit) claimed() string {
	k.Helper()
	return k.claim(order("4711", 0), "upgrade/4711", false).Upgrade
}
