package service

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

const (
	customer = "0c000000-0000-4000-8000-0000000000cc"
	domain   = "customer.example"
	day      = 24 * time.Hour
	teams    = "57ff2da0-773e-42df-b2af-ffb7a2317929" // TEAMS1
)

// kindOfWork is a customer and an offer that becomes another.
type kindOfWork struct {
	name   string
	held   func(direction) map[string]int // seats by offer, before
	ask    map[direction]map[string]int   // totals ordered; a plan has none
	from   string                         // the offer whose users may move
	to     string                         // the offer that they receive
	legacy bool                           // a traditional subscription
	falls  bool                           // the target is the lesser offer
}

type direction string

const (
	up       direction = "up"
	down     direction = "down"
	toZero   direction = "to zero"
	fromZero direction = "from zero"
)

const (
	basic    = "business-basic"
	standard = "business-standard"
	premium  = "business-premium"
	phone    = "teams-phone-standard"
)

// partNumbers are the simulator's names.
var partNumbers = map[string]string{basic: cloud.BusinessBasic, standard: cloud.BusinessStandard, premium: cloud.BusinessPremium, phone: cloud.TeamsPhone}

func always(held map[string]int) func(direction) map[string]int {
	return func(direction) map[string]int { return held }
}

func kindsOfWork() []kindOfWork {
	type totals = map[string]int
	return []kindOfWork{
		{"resize or purchase", func(d direction) totals {
			if d == fromZero {
				return nil
			}
			return totals{basic: 6}
		}, map[direction]totals{up: {basic: 9}, down: {basic: 5}, toZero: {basic: 0}, fromZero: {basic: 5}}, basic, basic, false, false},
		{"transition", always(totals{basic: 6}), map[direction]totals{
			up: {basic: 0, premium: 9}, down: {basic: 0, premium: 5}, toZero: {basic: 0, premium: 6}, fromZero: {basic: 2, premium: 4},
		}, basic, premium, false, false},
		{"transition into the existing", always(totals{basic: 6, premium: 3}), map[direction]totals{
			up: {basic: 0, premium: 12}, down: {basic: 0, premium: 8}, toZero: {basic: 0, premium: 9}, fromZero: {basic: 2, premium: 7},
		}, basic, premium, false, false},
		{"replacement", always(totals{premium: 6}), map[direction]totals{
			up: {premium: 0, basic: 9}, down: {premium: 0, basic: 5}, toZero: {premium: 0, basic: 6}, fromZero: {premium: 2, basic: 4},
		}, premium, basic, false, true},
		{"mix", func(d direction) totals {
			if d == fromZero {
				return totals{basic: 6}
			}
			return totals{basic: 6, phone: 3}
		}, map[direction]totals{
			up: {basic: 0, premium: 6, phone: 5}, down: {basic: 0, premium: 6, phone: 2}, toZero: {basic: 0, premium: 6, phone: 0}, fromZero: {basic: 0, premium: 6, phone: 4},
		}, basic, premium, false, false},
		{"traditional upgrade", always(totals{basic: 6}), map[direction]totals{
			up: {basic: 0, standard: 9}, down: {basic: 0, standard: 5}, toZero: {basic: 0, standard: 6}, fromZero: {basic: 2, standard: 4},
		}, basic, standard, true, false},
	}
}

// holdersOf is how many users hold the offer that is given up.
const holdersOf = 4

// TestEveryKindOfOrder drives each kind of work up, down, to zero and from zero, inside and outside the return window, for the
// holders, for listed users and for nobody, with residue refused and with residue kept until the renewal; and compares what the
// tenant holds with what was ordered: at the end, and after the renewal where something was left until then.
func TestEveryKindOfOrder(t *testing.T) {
	t.Parallel()
	var cases atomic.Int32
	t.Cleanup(func() { t.Logf("%d cases were carried through", cases.Load()) })
	for _, k := range kindsOfWork() {
		for _, d := range []direction{up, down, toZero, fromZero} {
			for _, inside := range []bool{true, false} {
				for _, who := range []upgrade.Who{upgrade.Holders, upgrade.Listed, upgrade.Nobody} {
					for _, residue := range []string{"refuse", "at-renewal"} {
						name := fmt.Sprintf("%s/%s/%s/%s/%s", k.name, d, map[bool]string{true: "inside", false: "outside"}[inside], who, residue)
						t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
							t.Parallel()
							cases.Add(1)
							k.drive(t, d, inside, who, residue)
						})
					}
				}
			}
		}
	}
}

func (k kindOfWork) drive(t *testing.T, d direction, inside bool, who upgrade.Who, residue string) {
	t.Helper()
	age := 60 * day
	if inside {
		age = 2 * day
	}
	before := k.held(d)
	var held []cloud.SubscriptionSpec
	for _, offer := range []string{basic, standard, premium, phone} {
		if before[offer] > 0 {
			held = append(held, cloud.SubscriptionSpec{Part: partNumbers[offer], Quantity: before[offer], Age: age, Legacy: k.legacy})
		}
	}
	b := newBench(t, held, k.users(before, d)...)
	var totals []map[string]any
	for _, offer := range []string{basic, standard, premium, phone} {
		if seats, ok := k.ask[d][offer]; ok {
			totals = append(totals, map[string]any{"offer": offer, "seats": seats})
		}
	}
	b.order["target"], b.order["residue"] = map[string]any{"totals": totals}, residue
	licenses := map[string]any{"who": who}
	if who == upgrade.Listed {
		licenses["users"] = k.listed(d)
	}
	b.order["licenses"] = licenses
	if k.legacy {
		b.partnerUser()
	}
	people := b.holders()
	r := b.run()
	seats := b.seats()
	b.wait(12 * time.Hour) // the directory shows it all

	want, code := k.expect(d, inside, who, residue)
	if r.End != want || code != "" && !r.Reasons.Has(code) || b.parked > 0 {
		t.Fatalf("it ended %s, not %s %s: %v\n%s", r.End, want, code, r.Reasons, strings.Join(b.steps, "\n"))
	}
	ordered := map[string]int{}
	maps.Copy(ordered, before)
	maps.Copy(ordered, k.ask[d])
	maps.DeleteFunc(ordered, func(_ string, seats int) bool { return seats == 0 })
	moved := people
	if who != upgrade.Nobody {
		moved = k.moved(people, who, d)
	}
	switch r.End {
	case upgrade.Ineligible:
		b.same("what the customer holds", seats, before)
		b.same("who holds what", b.holders(), people)
		return
	case upgrade.CompletedWithResidue:
		left := maps.Clone(ordered)
		for _, one := range r.Residue {
			left[one.Offer] += one.Seats
			if one.Until.Before(b.cloud.State.Now()) {
				t.Errorf("the residue %+v lies in the past", one)
			}
		}
		if k.falls {
			left = before // all of it changes on the day
		}
		b.same("what the customer holds, residue included", seats, left)
		b.wait(366 * day)
		b.same("what the customer holds after the renewal", b.seats(), ordered)
	default:
		b.same("what the customer holds", seats, ordered)
	}
	b.same("who holds what", b.holders(), moved)
}

// expect is how the order must end: an oracle that knows the customer and nothing of how the plan is made.
func (k kindOfWork) expect(d direction, inside bool, who upgrade.Who, residue string) (upgrade.End, string) {
	before, after := k.held(d), k.ask[d]
	seated := 0
	if len(k.users(before, d)[0].Licences) > 0 {
		seated = holdersOf
	}
	fewer := false // seats have to be given back, for which Microsoft has its window
	sum := 0
	for offer, seats := range after {
		sum += seats - before[offer]
		fewer = fewer || offer == phone && seats < before[offer]
	}
	fewer = fewer || sum < 0
	switch {
	case k.falls && residue == "refuse":
		return upgrade.Ineligible, "only_at_renewal"
	case k.falls && d == fromZero:
		return upgrade.Ineligible, "part_at_renewal"
	case k.legacy && d == fromZero:
		return upgrade.Ineligible, "legacy_whole_only"
	case fewer && !inside && residue == "refuse" && !k.falls && !k.legacy:
		return upgrade.Ineligible, "window_closed"
	case who == upgrade.Nobody && k.from != k.to && !k.falls && after[k.from] < seated:
		return upgrade.Ineligible, "seats_below_users"
	case k.falls && who == upgrade.Nobody:
		return upgrade.CompletedWithResidue, ""
	case k.falls:
		return upgrade.Completed, "" // the order waits for the day, and moves the users
	case fewer && !inside && !k.legacy: // traditional seats can be given back at any time
		return upgrade.CompletedWithResidue, ""
	}
	return upgrade.Completed, ""
}

// moved is who must hold what in the end.
func (k kindOfWork) moved(people []string, who upgrade.Who, d direction) []string {
	var out []string
	for _, p := range people {
		out = append(out, strings.Replace(p, " "+k.from, " "+k.to, 1))
	}
	if who == upgrade.Listed && len(people) == 0 && k.ask[d][k.to] > 0 {
		for _, u := range k.listed(d) {
			out = append(out, strings.TrimSuffix(u, "@"+domain)+" "+k.to)
		}
	}
	slices.Sort(out)
	return out
}

// users are four who hold what is given up, of whom the first has Teams switched off, and one who holds nothing.
func (k kindOfWork) users(before map[string]int, d direction) []cloud.UserSpec {
	users := make([]cloud.UserSpec, holdersOf+1)
	if before[k.from] == 0 || k.from == k.to && d == toZero {
		return users
	}
	o, _ := cloud.OfferByPart(partNumbers[k.from])
	for i := range holdersOf {
		users[i].Licences = []cloud.LicenceChange{{SKU: o.SKU}}
	}
	users[0].Licences[0].Disabled = []string{teams}
	return users
}

// listed are all whom the order moves.
func (k kindOfWork) listed(d direction) []string {
	var out []string
	for i := range holdersOf {
		out = append(out, fmt.Sprintf("u%d@%s", i+1, domain))
	}
	return out
}
