package cloud

import (
	"maps"
	"strings"
	"time"

	"uplift/internal/sim/entra"
)

// Faults is a profile: how often each fault strikes and how long the lags are.
type Faults struct {
	// Name identifies the profile; an empty name stands for Misbehaving.
	Name string
	// Chance is the probability of a fault at each occasion, 0 to 1.
	Chance map[Fault]float64
	Lags   Lags
}

// Lags are the delays of the cloud, in virtual time but where said otherwise.
type Lags struct {
	// Provisioning is how long commerce needs to reach the directory. No figure is
	// published.
	Provisioning time.Duration
	// StatusRefresh is how long provisioningstatus goes on saying "pending" after
	// that; the page says it is refreshed about every 15 minutes.
	StatusRefresh time.Duration
	// Transition is Started to Completed of the Conversion; 36 minutes in the sample.
	Transition time.Duration
	// Reassignment is the licence transfer after the directory heard of the
	// conversion. No figure is published.
	Reassignment time.Duration
	// Order is checkout to subscription; at most 15 minutes.
	Order time.Duration
	// NotReady is how long a new or moved subscription refuses updates with 800082.
	NotReady time.Duration
	// Accepted is how long an update answered with 202 takes.
	Accepted time.Duration
	// PendingLock is how long 900278 lasts; up to 24 hours.
	PendingLock time.Duration
	// Renewal is how long after midnight UTC a renewal is worked off; up to 24 hours.
	Renewal time.Duration
	// Consent is how long a consent needs until tokens show it; about 30 seconds.
	Consent time.Duration
	// Replica is how long a replica may show the state before a write; 2–5 minutes.
	Replica time.Duration
	// UsageLocation is how long a location just set may count as invalid.
	UsageLocation time.Duration
	// GroupLicensing is how long a change of a group's licences takes.
	GroupLicensing time.Duration
	// Jitter varies every lag by up to this share, either way.
	Jitter float64
	// RetryAfter is what Retry-After asks for, in real time.
	RetryAfter time.Duration
	// Hang is how long a hanging request is held, in real time.
	Hang time.Duration
}

// Polite is a profile without faults and with lags of a second or two. Some of
// its lags belong to faults, and matter only when one is injected.
func Polite() Faults {
	return Faults{Name: "polite", Chance: map[Fault]float64{}, Lags: Lags{
		Provisioning: 2 * time.Second, Transition: 2 * time.Second, Reassignment: time.Second,
		Order: time.Second, Consent: time.Second, GroupLicensing: time.Second,
		Accepted: 2 * time.Second, PendingLock: 2 * time.Second, Replica: 2 * time.Second, UsageLocation: 2 * time.Second,
		RetryAfter: time.Second, Hang: time.Minute,
	}}
}

// Misbehaving is the default: everything at a low probability, with the lags
// that Microsoft's pages and the field report.
func Misbehaving() Faults {
	f := Faults{Name: "misbehaving", Chance: map[Fault]float64{}, Lags: Lags{
		Provisioning: 10 * time.Minute, StatusRefresh: 5 * time.Minute, Transition: 36 * time.Minute,
		Reassignment: 20 * time.Minute, Order: 5 * time.Minute, NotReady: 10 * time.Minute,
		Accepted: 5 * time.Minute, PendingLock: 2 * time.Hour, Renewal: 6 * time.Hour,
		Consent: 30 * time.Second, Replica: 3 * time.Minute, UsageLocation: 20 * time.Second,
		GroupLicensing: 5 * time.Minute, Jitter: 0.5, RetryAfter: 2 * time.Second, Hang: time.Minute,
	}}
	for _, fault := range All() {
		f.Chance[fault] = 0.02
	}
	for _, common := range []Fault{Throttled, ThrottledDate, ThrottledBare, ServerError, Unavailable, CutAfterEffect, AnswerLost} {
		f.Chance[common] = 0.01
	}
	for _, ordered := range []Fault{Refused, UndocumentedCode} {
		delete(f.Chance, ordered)
	}
	for _, rare := range []Fault{Hang, TransitionFails, PendingOperation, NotReady, Accepted, BusinessErrorOK, StaleAvailability} {
		f.Chance[rare] = 0.005
	}
	for _, variant := range []Fault{StartedBlank, HistoryWrapper, EventsCapital, SeatReassignment, ByteOrderMark,
		NumberCodes, TransferWipesPlans, LocationUnsettled, NoRefundable, PlainDecreaseRefusal, EligibilityBare} {
		f.Chance[variant] = 0.25
	}
	for _, fault := range entra.Faults() {
		f.Chance[Fault(fault)] = 0.005 // most of them need a person to act, so they are rare
	}
	delete(f.Chance, Fault(entra.FaultRefused))
	delete(f.Chance, Fault(entra.FaultUndocumentedCode))
	for _, passing := range []string{entra.FaultTransient, entra.FaultThrottled, entra.FaultGatewayPage, entra.FaultRequestLost,
		entra.FaultWrongDataCentre, entra.FaultServicePrincipalRace, entra.FaultAppNotReplicated, entra.FaultSlowConsent} {
		f.Chance[Fault(passing)] = 0.02
	}
	return f
}

func (f Faults) clone() Faults {
	f.Chance = maps.Clone(f.Chance)
	if f.Chance == nil {
		f.Chance = map[Fault]float64{}
	}
	return f
}

// Matcher narrows an injected fault; empty members match everything.
type Matcher struct {
	Method string // exact, for example PATCH
	Path   string // a part of the path
	Tenant string // exact tenant id
}

func (m Matcher) fits(o Origin) bool {
	return (m.Method == "" || strings.EqualFold(m.Method, o.Method)) &&
		(m.Path == "" || strings.Contains(o.Path, m.Path)) &&
		(m.Tenant == "" || m.Tenant == o.Tenant)
}

type injection struct {
	fault Fault
	match Matcher
	left  int
}

// Inject makes fault strike at the next times occasions that fit match, whatever
// the profile says. A negative count means always.
func (c *Cloud) Inject(fault Fault, match Matcher, times int) {
	c.enter()
	defer c.leave()
	if times != 0 {
		c.injected = append(c.injected, injection{fault, match, times})
	}
}

// SetFaults replaces the profile and drops what was injected.
func (c *Cloud) SetFaults(f Faults) {
	c.enter()
	defer c.leave()
	c.faults, c.injected = f.clone(), nil
}

// Profile is the present profile.
func (c *Cloud) Profile() Faults {
	c.enter()
	defer c.leave()
	return c.faults.clone()
}

// Roll says whether fault strikes at this occasion.
func (c *Cloud) Roll(fault Fault, o Origin) bool {
	c.enter()
	defer c.leave()
	return c.roll(fault, o)
}

// Struck counts the faults that have struck, also those that leave no line in the ledger.
func (c *Cloud) Struck() map[Fault]int {
	c.enter()
	defer c.leave()
	return maps.Clone(c.struck)
}

func (c *Cloud) roll(fault Fault, o Origin) bool {
	strikes := c.strikes(fault, o)
	if strikes {
		c.struck[fault]++
	}
	return strikes
}

func (c *Cloud) strikes(fault Fault, o Origin) bool {
	for i := range c.injected {
		in := &c.injected[i]
		if in.fault == fault && in.left != 0 && in.match.fits(o) {
			if in.left > 0 {
				in.left--
			}
			return true
		}
	}
	chance := c.faults.Chance[fault]
	return chance > 0 && c.dice.Float64() < chance
}

// Shuffle orders n things by the seeded dice.
func (c *Cloud) Shuffle(n int, swap func(i, j int)) {
	c.enter()
	defer c.leave()
	if c.faults.Name != "polite" {
		c.dice.Shuffle(n, swap)
		return
	}
	for i, j := 0, n-1; i < j; i, j = i+1, j-1 { // still not the order that was asked
		swap(i, j)
	}
}

// lag is d with the profile's jitter.
func (c *Cloud) lag(d time.Duration) time.Duration {
	j := c.faults.Lags.Jitter
	if d <= 0 || j <= 0 {
		return d
	}
	return time.Duration(float64(d) * (1 - j + 2*j*c.dice.Float64()))
}
