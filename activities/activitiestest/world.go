// Package activitiestest has in-memory fakes of everything that the activities reach: Partner Center, the customers'
// directories, Entra's sign-in, the register, the mail. They keep real accounts: seats are counted, windows close, a
// transition's licence transfer forgets which services were switched off. Whatever happens stands in a ledger, so that a
// test can say that nothing happened twice.
//
// Where to find what:
//
//   - world.go: the world and its clock; customer.go: how a test fills it
//   - faults.go: refusals before the effect and replies lost after it
//   - commerce.go, transitions.go, purchases.go, legacy.go: Partner Center
//   - directory.go, licenses.go, groups.go: the customer's tenant
//   - authority.go: sign-ins by a pretend administrator
//   - register.go, records.go: what outlives Temporal; inventory.go: the copy of all customers; resellers.go: resellers; batches.go: batches
//   - mail.go: letters and links
//   - callbacks.go: destinations of callbacks, and what they were told
//   - executions.go, gate.go: Temporal's executions, and a gate that gives turns
package activitiestest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"uplift/activities"
	"uplift/catalog"
	"uplift/internal/planning"
	"uplift/upgrade"
)

// World is everything outside Temporal. It may be used by many goroutines.
type World struct {
	Catalog *catalog.Catalog
	// Guards and Observe are the provider's settings; set them before the activities are made.
	Guards  planning.Guards
	Observe bool
	// Lag is how long Microsoft takes to provision a change. Set it before the run, or by SetLag.
	lag time.Duration

	mu        sync.Mutex
	now       func() time.Time
	customers map[string]*Customer
	faults    map[string]*fault
	calls     map[string]int
	requests  map[string][]string // request ids, by method, as they came
	answered  map[string]bool     // request ids that had their effect
	ledger    []Effect
	codes     map[string]*deviceCode
	people    []Person
	closed    map[string]bool
	running   []upgrade.Status // past their consent
	orders    map[string]*orderRow
	upgrades  map[string]*upgradeRow
	members   map[string]Membership
	letters   []upgrade.Letter
	transits  []*transit
	carts     map[string]*cart
	purchases []*purchase
	lists     map[string][][]string // of a customer's users, by tenant and name
	minted    int
	facts     map[string]gatheredFacts // by owner

	partnerIn   bool   // the provider's own user has signed in
	partnerCode string // and this is what Entra says of it since

	notified     map[string][]upgrade.CallbackDue
	destinations []*Destination

	prices   []upgrade.Price
	pricesAt time.Time

	inventory map[string]*inventoryEntry // by tenant
	taken     upgrade.Inventory          // the last inventory
	listed    int                        // customers on a page of Partner Center's list
	resellers map[string]*Reseller
	batches   map[string]*batchEntry
	slots     int // of the gate
}

// New makes an empty world whose time is told by now; nil: the wall clock. Microsoft provisions within two minutes.
func New(now func() time.Time) *World {
	if now == nil {
		now = time.Now
	}
	return &World{
		Catalog: catalog.Load(), lag: 2 * time.Minute, now: now,
		customers: map[string]*Customer{}, faults: map[string]*fault{}, calls: map[string]int{}, requests: map[string][]string{}, answered: map[string]bool{},
		codes: map[string]*deviceCode{}, closed: map[string]bool{}, notified: map[string][]upgrade.CallbackDue{},
		orders: map[string]*orderRow{}, upgrades: map[string]*upgradeRow{}, members: map[string]Membership{}, lists: map[string][][]string{}, carts: map[string]*cart{},
		facts: map[string]gatheredFacts{}, inventory: map[string]*inventoryEntry{}, listed: 100, resellers: map[string]*Reseller{}, batches: map[string]*batchEntry{}, slots: upgrade.DefaultSlots,
	}
}

// Activities are the real activities over this world.
func (w *World) Activities() *activities.Activities {
	all := &activities.Activities{
		Register: Register{w}, Inventory: Inventory{w}, Batches: Batches{w}, Partner: PartnerUser{w}, Executions: Executions{w}, Authority: Authority{w}, Directory: Directory{w},
		Commerce: Commerce{w}, Mailer: Mailer{w}, Links: Links{w}, Catalog: w.Catalog, Now: w.Now, Wait: shortly,
		Settings: activities.Settings{Policy: upgrade.DefaultPolicy(), OperatorMail: "operator@provider.example", Guards: w.Guards, Observe: w.Observe},
	}
	if len(w.destinations) > 0 {
		all.Callbacks = Callbacks{w}
	}
	return all
}

// shortly is a pause that keeps nobody waiting: what passes in this world does so by its own clock.
func shortly(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(min(d, 20*time.Millisecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// SetClock gives the world another clock; a further execution of the test environment has its own.
func (w *World) SetClock(now func() time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = now
}

// Now is the world's time.
func (w *World) Now() time.Time { return w.now().UTC() }

// SetLag changes how long Microsoft takes to provision; what is under way keeps its time.
func (w *World) SetLag(lag time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lag = lag
}

// Effect is one thing that was changed at Microsoft.
type Effect struct {
	At   time.Time
	What string // such as "seats SUBSCRIPTION 10→15"
}

// note writes an effect down; the world is locked.
func (w *World) note(what string) { w.ledger = append(w.ledger, Effect{At: w.Now(), What: what}) }

// Effects are the effects whose words begin with the prefix, oldest first.
func (w *World) Effects(prefix string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for _, e := range w.ledger {
		if strings.HasPrefix(e.What, prefix) {
			all = append(all, e.What)
		}
	}
	return all
}

// When are the times of the effects whose words begin with the prefix, oldest first.
func (w *World) When(prefix string) []time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []time.Time
	for _, e := range w.ledger {
		if strings.HasPrefix(e.What, prefix) {
			all = append(all, e.At)
		}
	}
	return all
}

// Calls is how often a method was called, such as "Commerce.SetSeats".
func (w *World) Calls(method string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls[method]
}

// AllCalls is how often each method was called.
func (w *World) AllCalls() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.calls)
}

// asked writes down a request's id, whatever becomes of it.
func (w *World) asked(method string, id upgrade.WriteID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests[method] = append(w.requests[method], id.Request)
}

// Requests are the ids of a method's requests in the order in which they came, also of those that were refused.
func (w *World) Requests(method string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.requests[method])
}

// settle lets everything happen that is due; the world is locked.
func (w *World) settle() {
	now := w.Now()
	for _, t := range w.transits {
		t.settle(w, now)
	}
	for _, p := range w.purchases {
		p.settle(w, now)
	}
	for _, c := range w.customers {
		for _, s := range c.subscriptions {
			s.renew(w, now)
			if !s.due.IsZero() && !now.Before(s.due) {
				s.due, s.shownSeats, s.shownSKU = time.Time{}, s.Seats, w.skuOf(s.Subscription)
			}
		}
		for _, g := range c.groups {
			if !g.due.IsZero() && !now.Before(g.due) {
				w.follow(c, g)
			}
		}
	}
}

// skuOf is the directory's id of what a subscription is.
func (w *World) skuOf(s upgrade.Subscription) string {
	offer, ok := w.offerOf(s)
	if !ok {
		return ""
	}
	return offer.SKUID
}

func sorted(s []string) []string {
	c := slices.Clone(s)
	slices.Sort(c)
	return c
}
