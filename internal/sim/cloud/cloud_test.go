package cloud

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"
)

func noon() time.Time { return time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC) }

func TestClockPacesAndJumps(t *testing.T) {
	c := New(Options{Start: noon(), Pace: 3600, Faults: Polite()})
	begin := time.Now()
	if err := c.Sleep(t.Context(), 3*time.Minute); err != nil {
		t.Fatal(err)
	}
	if spent := time.Since(begin); spent > 2*time.Minute {
		t.Errorf("three minutes at pace 3600 took %s", spent)
	}
	slow := New(Options{Start: noon(), Faults: Polite()})
	var woken sync.WaitGroup
	woken.Go(func() {
		if err := slow.Sleep(t.Context(), time.Hour); err != nil {
			t.Error(err)
		}
	})
	time.Sleep(10 * time.Millisecond)
	slow.Advance(2 * time.Hour)
	woken.Wait()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if slow.Sleep(gone, time.Hour) == nil {
		t.Error("a cancelled sleep must say so")
	}
}

func TestEventsRunInOrderAtTheirOwnTime(t *testing.T) {
	c := New(Options{Start: noon(), Faults: Polite()})
	var got []string
	c.enter()
	note := func(name string) func() { return func() { got = append(got, name+" "+c.at.Format("15:04")) } }
	c.after(2*time.Hour, note("second"))
	c.after(time.Hour, func() { note("first")(); c.after(30*time.Minute, note("nested")) })
	c.leave()
	c.Advance(3 * time.Hour)
	if want := []string{"first 13:00", "nested 13:30", "second 14:00"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestInjectedFaultsAreCounted(t *testing.T) {
	c := New(Options{Faults: Polite()})
	c.Inject(Throttled, Matcher{Method: "PATCH", Path: "/subscriptions/", Tenant: "t"}, 2)
	here := Origin{Method: "PATCH", Path: "/customers/t/subscriptions/1", Tenant: "t"}
	for i, o := range []Origin{{Method: "GET", Path: here.Path, Tenant: "t"}, {Method: "PATCH", Path: "/x", Tenant: "t"}, {Method: "PATCH", Path: here.Path}} {
		if c.Roll(Throttled, o) {
			t.Errorf("occasion %d does not fit", i)
		}
	}
	for i, want := range []bool{true, true, false} {
		if c.Roll(Throttled, here) != want {
			t.Errorf("a fault injected twice must strike twice: occasion %d", i)
		}
	}
}

func TestProfiles(t *testing.T) {
	polite, rough := Polite(), New(Options{}).Profile()
	if rough.Name != "misbehaving" {
		t.Errorf("the default profile is %q", rough.Name)
	}
	for _, f := range All() {
		if f == Refused || f == UndocumentedCode { // only where they are injected
			if polite.Chance[f]+rough.Chance[f] != 0 {
				t.Errorf("%s strikes by itself", f)
			}
			continue
		}
		if polite.Chance[f] != 0 || rough.Chance[f] <= 0 || rough.Chance[f] > 0.3 {
			t.Errorf("%s: %v and %v", f, polite.Chance[f], rough.Chance[f])
		}
	}
}

func TestSameSeedSameRun(t *testing.T) {
	run := func() []string {
		c := New(Options{Seed: 7, Start: noon()})
		id := c.AddTenant(TenantSpec{Domain: "a.example"})
		out := []string{id, c.AddSubscription(id, SubscriptionSpec{Part: BusinessBasic, Quantity: 5})}
		for range 50 {
			if c.Roll(NumberCodes, Origin{}) {
				out = append(out, "struck")
			} else {
				out = append(out, "spared")
			}
		}
		return out
	}
	if !slices.Equal(run(), run()) {
		t.Error("the same seed gave another run")
	}
}

func TestOffersTable(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range Offers() {
		if seen[o.Key()] || seen[o.SKU] || len(o.Plans) == 0 || len(o.SKU) != 36 || o.MaxSeats < o.MinSeats {
			t.Errorf("offer %+v", o)
		}
		seen[o.Key()], seen[o.SKU] = true, true
		for _, target := range append(upgrades(o.PartNumber), legacyUpgrades(o.PartNumber)...) {
			if _, ok := OfferByPart(target); !ok {
				t.Errorf("%s leads to %s, which is not in the table", o.PartNumber, target)
			}
		}
		on := map[string]bool{}
		for _, p := range o.Plans {
			on[p.ID] = true
		}
		if r := violation(map[string]bool{}, on); r != nil && !addOn(o.PartNumber) {
			t.Errorf("%s cannot be assigned alone: %v", o.Name, r)
		}
	}
	for part, plans := range map[string]int{BusinessBasic: 13, BusinessStandard: 37, BusinessPremium: 55, Microsoft365E5: 86} {
		if o, ok := OfferByPart(part); !ok || len(o.Plans) != plans {
			t.Errorf("%s: %d plans, want %d", part, len(o.Plans), plans)
		}
	}
}

// addOn are the offers that need another one beside them.
func addOn(part string) bool {
	return slices.Contains([]string{TeamsPhone, "MCOMEETADV", "MCOTEAMS_ESSENTIALS"}, part)
}

func TestOnceWaitsForTheFirst(t *testing.T) {
	c := New(Options{Faults: Polite()})
	var ran, replays int
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, replayed := c.Once("key", func() Reply {
				time.Sleep(5 * time.Millisecond)
				mu.Lock()
				defer mu.Unlock()
				ran++
				return Reply{Status: 200}
			})
			mu.Lock()
			defer mu.Unlock()
			if replayed {
				replays++
			}
		})
	}
	all.Wait()
	if ran != 1 || replays != 7 {
		t.Errorf("ran %d times, replayed %d", ran, replays)
	}
}

func TestExpiryWithoutRenewal(t *testing.T) {
	c := New(Options{Start: noon(), Faults: Polite()})
	id := c.AddTenant(TenantSpec{Domain: "a.example"})
	sub := c.AddSubscription(id, SubscriptionSpec{Part: BusinessBasic, Quantity: 5, Age: 360 * 24 * time.Hour, NoAutoRenew: true})
	c.Advance(10 * 24 * time.Hour)
	s, _ := c.Subscription(id, sub)
	if s.Status != Expired || c.HoldingsOf(id)[0].Warning != 5 {
		t.Errorf("%s, %+v", s.Status, c.HoldingsOf(id))
	}
}
