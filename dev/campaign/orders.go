package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"uplift/dev/internal/ledgercheck"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// offerIDs are our catalogue's names of what the simulator knows by part number.
var offerIDs = map[string]string{
	cloud.BusinessBasic: "business-basic", cloud.BusinessStandard: "business-standard", cloud.BusinessPremium: "business-premium",
	cloud.TeamsPhone: "teams-phone-standard", cloud.AppsForBusiness: "apps-for-business", cloud.Office365E3: "office-365-e3",
}

// job is one order, and who does what about it.
type job struct {
	order    ledgercheck.Order
	customer *customer
	body     map[string]any
	kind     string
	person   string        // what the administrator does
	after    time.Duration // when it comes
}

// json is the order as billing would send it.
func (j *job) json() []byte {
	out, err := json.Marshal(j.body)
	if err != nil {
		panic(err) // it holds strings and numbers
	}
	return out
}

// kind is a kind of work: it furnishes the customer and says what is ordered.
type kind struct {
	name   string
	weight int
	make   func(dice *rand.Rand, c *customer, o *ask)
}

// ask is what an order asks for.
type ask struct {
	want     map[string]int // totals, by part number
	plan     string         // the plan by which they are asked for; empty: as totals
	seats    int
	from, to string
	users    int  // of the customer's people without a licence; 0: the holders
	nobody   bool // nobody moves
	residue  bool
}

// atRenewal is the kind of work that waits for days.
const atRenewal = "fall at the renewal"

// between is a number from a to b.
func between(dice *rand.Rand, a, b int) int { return a + dice.IntN(b-a+1) }

// age is that of a subscription: seldom so young that its seats can be given back.
func age(dice *rand.Rand) time.Duration {
	if dice.IntN(4) == 0 {
		return time.Duration(between(dice, 1, 24)) * time.Hour
	}
	return time.Duration(between(dice, 20, 90)) * day
}

// basic is a customer with Business Basic.
func basic(dice *rand.Rand, c *customer, most int) (seats, holders int) {
	holders = between(dice, 0, most)
	seats = holders + between(dice, 1, 5)
	c.holds(cloud.BusinessBasic, seats, age(dice))
	c.holders(dice, cloud.BusinessBasic, holders)
	return seats, holders
}

// kinds are all that are ordered.
func kinds() []kind {
	return []kind{
		{"raise", 14, func(d *rand.Rand, c *customer, o *ask) {
			seats, _ := basic(d, c, 12)
			o.want = map[string]int{cloud.BusinessBasic: seats + between(d, 1, 8)}
		}},
		{"lower", 8, func(d *rand.Rand, c *customer, o *ask) {
			holders := between(d, 0, 6)
			c.holds(cloud.BusinessBasic, holders+6, age(d))
			c.holders(d, cloud.BusinessBasic, holders)
			o.want, o.residue = map[string]int{cloud.BusinessBasic: holders + between(d, 1, 5)}, d.IntN(2) == 0
		}},
		{"transition", 20, func(d *rand.Rand, c *customer, o *ask) {
			seats, holders := basic(d, c, 20)
			target := []string{cloud.BusinessStandard, cloud.BusinessPremium, cloud.Office365E3}[d.IntN(3)]
			o.want = map[string]int{cloud.BusinessBasic: 0, target: max(holders, 1, seats+max(0, between(d, -1, 5)))}
			o.from, o.to = cloud.BusinessBasic, target
		}},
		{"partial transition", 10, func(d *rand.Rand, c *customer, o *ask) {
			seats, _ := basic(d, c, 8)
			left := between(d, 1, 3)
			c.subscription[0].Quantity += left + 1
			o.want = map[string]int{cloud.BusinessBasic: left, cloud.BusinessPremium: seats + 1}
			o.from, o.to = cloud.BusinessBasic, cloud.BusinessPremium
		}},
		{"into the existing", 6, func(d *rand.Rand, c *customer, o *ask) {
			n := between(d, 2, 8)
			c.holds(cloud.BusinessBasic, n, 60*day)
			c.holds(cloud.BusinessPremium, 3, 50*day)
			c.holders(d, cloud.BusinessBasic, between(d, 0, n))
			o.want = map[string]int{cloud.BusinessBasic: 0, cloud.BusinessPremium: n + 3 + between(d, 0, 3)}
			o.from, o.to = cloud.BusinessBasic, cloud.BusinessPremium
		}},
		{"purchase", 12, func(d *rand.Rand, c *customer, o *ask) {
			o.users = between(d, 1, 6)
			o.want, o.to = map[string]int{cloud.BusinessPremium: o.users + between(d, 0, 4)}, cloud.BusinessPremium
		}},
		{"mix", 8, func(d *rand.Rand, c *customer, o *ask) {
			seats, _ := basic(d, c, 8)
			phones := between(d, 1, 4)
			c.holds(cloud.TeamsPhone, phones, 60*day)
			o.want = map[string]int{cloud.BusinessBasic: 0, cloud.BusinessPremium: seats, cloud.TeamsPhone: phones + between(d, 0, 4)}
			o.from, o.to = cloud.BusinessBasic, cloud.BusinessPremium
		}},
		{atRenewal, 6, func(d *rand.Rand, c *customer, o *ask) {
			n := between(d, 2, 6)
			c.holds(cloud.BusinessPremium, n, time.Duration(between(d, 335, 355))*day)
			c.holders(d, cloud.BusinessPremium, between(d, 0, n))
			o.want, o.residue = map[string]int{cloud.BusinessPremium: 0, cloud.BusinessBasic: n}, d.IntN(5) > 0
			o.from, o.to = cloud.BusinessPremium, cloud.BusinessBasic
		}},
		{"plan", 10, func(d *rand.Rand, c *customer, o *ask) {
			seats, _ := basic(d, c, 10)
			o.plan, o.seats = "business-premium", seats+between(d, 0, 3)
			o.want = map[string]int{cloud.BusinessBasic: 0, cloud.BusinessPremium: o.seats}
			o.from, o.to = cloud.BusinessBasic, cloud.BusinessPremium
		}},
		{"licences only", 6, func(d *rand.Rand, c *customer, o *ask) {
			o.users = between(d, 1, 5)
			seats := o.users + 2
			c.holds(cloud.BusinessStandard, seats, 60*day)
			o.want, o.to = map[string]int{cloud.BusinessStandard: seats}, cloud.BusinessStandard
		}},
		{"nobody moves", 5, func(d *rand.Rand, c *customer, o *ask) {
			n := between(d, 1, 6)
			c.holds(cloud.BusinessBasic, n, age(d))
			o.want, o.nobody = map[string]int{cloud.BusinessBasic: 0, cloud.BusinessStandard: n + between(d, 0, 3)}, true
		}},
		{"group", 5, func(d *rand.Rand, c *customer, o *ask) {
			n := between(d, 2, 6)
			c.holds(cloud.BusinessStandard, n+4, 60*day)
			c.members(cloud.BusinessStandard, n)
			c.holders(d, cloud.BusinessStandard, 2)
			o.want = map[string]int{cloud.BusinessStandard: 0, cloud.BusinessPremium: n + 4}
			o.from, o.to = cloud.BusinessStandard, cloud.BusinessPremium
		}},
		{"not possible", 4, func(d *rand.Rand, c *customer, o *ask) {
			basic(d, c, 4)
			switch d.IntN(3) {
			case 0:
				c.subscription[0].Status = cloud.Suspended
			case 1:
				c.subscription = append(c.subscription, cloud.SubscriptionSpec{ID: upgrade.UUID(c.tenant, "other"), Part: cloud.BusinessPremium, Quantity: 3, Age: 40 * day, Channel: "another partner"})
			case 2:
				c.subscription[0].Age = 365*day - 12*time.Hour
			}
			o.want = map[string]int{cloud.BusinessBasic: 0, cloud.BusinessPremium: 12}
			o.from, o.to = cloud.BusinessBasic, cloud.BusinessPremium
		}},
	}
}

// pick chooses a kind by its weight.
func pick(dice *rand.Rand, s settings) kind {
	all, sum := kinds(), 0
	if s.brief {
		all = slices.DeleteFunc(all, func(k kind) bool { return k.name == atRenewal })
	}
	for _, k := range all {
		if k.name == s.only {
			return k
		}
		sum += k.weight
	}
	n := dice.IntN(sum)
	for _, k := range all {
		if n -= k.weight; n < 0 {
			return k
		}
	}
	return all[0]
}

// newJob makes a customer and an order of a kind.
func newJob(dice *rand.Rand, s settings, number int) *job {
	c, k, o := newCustomer(s.seed, number), pick(dice, s), &ask{}
	k.make(dice, c, o)
	j := &job{customer: c, kind: k.name, order: ledgercheck.Order{ID: fmt.Sprintf("S%d-%04d-A", s.seed, number), Tenant: c.tenant, Want: o.want, From: o.from, To: o.to}}
	licences := map[string]any{"who": "holders"}
	if o.nobody {
		licences = map[string]any{"who": "nobody"}
	}
	if o.users > 0 {
		names := []string{}
		for i := range o.users {
			name := fmt.Sprintf("new%02d", i+1)
			j.order.Users, names = append(j.order.Users, c.person(name, cloud.UserSpec{})), append(names, c.mail(name))
		}
		licences = map[string]any{"who": "users", "users": names}
	}
	j.body = map[string]any{"order": j.order.ID, "tenant": c.tenant, "licenses": licences}
	if o.plan != "" {
		j.body["target"] = map[string]any{"plan": o.plan, "seats": o.seats}
	} else {
		j.body["target"] = map[string]any{"totals": totals(o.want)}
	}
	if o.residue {
		j.body["residue"] = "at-renewal"
	}
	j.manners(dice, s)
	return j
}

// totals are as an order writes them.
func totals(want map[string]int) []map[string]any {
	out := []map[string]any{}
	for _, part := range slices.Sorted(maps.Keys(want)) {
		out = append(out, map[string]any{"offer": offerIDs[part], "seats": want[part]})
	}
	return out
}

// manners says how consent is had, who confirms, and what the administrator does.
func (j *job) manners(dice *rand.Rand, s settings) {
	if s.plain || dice.IntN(10) < 3 {
		j.customer.consented = true
		j.body["consent"], j.person = "existing", nobody
		return
	}
	j.body["administrator"] = map[string]any{"mail": j.customer.mail("admin"), "name": "The administrator"}
	if dice.IntN(6) == 0 {
		j.body["finish"] = "confirm"
	}
	if dice.IntN(8) == 0 {
		j.body["priority"] = []string{"urgent", "bulk"}[dice.IntN(2)]
	}
	if j.person = chooses(dice); s.brief && (j.person == silent || j.person == wrong || j.person == later) {
		j.person = prompt
	}
}

// rival is a second order for the customer of the first, at the same time.
func (j *job) rival(dice *rand.Rand) *job {
	_, holdsBasic := j.order.Want[cloud.BusinessBasic]
	if !holdsBasic || j.order.From == cloud.BusinessPremium {
		return nil
	}
	body := maps.Clone(j.body)
	out := &job{customer: j.customer, kind: "rival", body: body, person: j.person, after: j.after + time.Duration(dice.IntN(6000))*time.Millisecond, order: j.order}
	out.order.ID = j.order.ID[:len(j.order.ID)-1] + "B"
	out.order.Users, out.order.From, out.order.To = nil, "", ""
	out.order.Want = map[string]int{cloud.BusinessBasic: j.customer.subscription[0].Quantity + between(dice, 1, 4)}
	delete(body, "residue")
	if dice.IntN(3) == 0 {
		body["whenBusy"] = "refuse"
	}
	body["order"], body["licenses"] = out.order.ID, map[string]any{"who": "holders"}
	body["target"] = map[string]any{"totals": totals(out.order.Want)}
	return out
}
