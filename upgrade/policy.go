package upgrade

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Policy is every wait of an upgrade. It is returned by the claim from the worker's settings and kept in history, so
// that a running upgrade keeps the waits it began with.
type Policy struct {
	Reminders       []Wait `json:"reminders"`       // after the invitation
	Expiry          Wait   `json:"expiry"`          // of an unanswered invitation
	PollFirst       Wait   `json:"pollFirst"`       // first look for a change to show
	PollMost        Wait   `json:"pollMost"`        // longest pause between two looks
	TellAfter       Wait   `json:"tellAfter"`       // operator told that provisioning takes long
	ParkAfter       Wait   `json:"parkAfter"`       // provisioning parked
	CheckFresh      Wait   `json:"checkFresh"`      // how long a check stays good
	ParkReminder    Wait   `json:"parkReminder"`    // between two reminders of a parked upgrade
	Propagation     Wait   `json:"propagation"`     // how long a fresh consent may take to show
	Patience        Wait   `json:"patience"`        // how long a step is retried before it parks
	CodeWindow      Wait   `json:"codeWindow"`      // the window of CodesPerWindow
	CodesPerWindow  int    `json:"codesPerWindow"`  // device codes in a window
	ConfirmReminder Wait   `json:"confirmReminder"` // between two reminders of an unconfirmed plan
	LicenseSettle   Wait   `json:"licenseSettle"`   // how long licences may take to become active
	RenewalDistance Wait   `json:"renewalDistance"` // no change this close before a renewal
	// Callbacks are the pauses between the attempts at one callback, each counted from the failure before it. The product's are
	// those that Standard Webhooks recommends.
	Callbacks []Wait `json:"callbacks,omitempty"`
	// Pace is how many times faster than the clock all of this runs, Microsoft included, which only a simulated one does;
	// 0 is the clock's own pace. It divides the waits that Microsoft names.
	Pace float64 `json:"pace,omitempty"`
}

// Wait is a duration that reads and writes itself as Go spells it, such as 336h0m0s.
type Wait time.Duration

// D is the wait as the standard library's type.
func (w Wait) D() time.Duration { return time.Duration(w) }

// MarshalText spells the wait.
func (w Wait) MarshalText() ([]byte, error) { return []byte(time.Duration(w).String()), nil }

// UnmarshalText reads what time.ParseDuration reads, and days such as 14d.
func (w *Wait) UnmarshalText(b []byte) error {
	d, err := parseWait(string(b))
	*w = Wait(d)
	return err
}

func parseWait(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		if err != nil || !(math.Abs(n) <= 100_000) { // also what is not a number
			return 0, fmt.Errorf("%q is no duration", s)
		}
		return time.Duration(n * float64(24*time.Hour)), nil
	}
	return time.ParseDuration(s)
}

const day = Wait(24 * time.Hour)

// DefaultPolicy is the product's: reminders after 1, 3 and 6 days, expiry after 14, polls from 30 seconds to 5
// minutes, the operator told after an hour, parked after 48.
func DefaultPolicy() Policy {
	return Policy{
		Reminders: []Wait{day, 3 * day, 6 * day}, Expiry: 14 * day,
		PollFirst: Wait(30 * time.Second), PollMost: Wait(5 * time.Minute),
		TellAfter: Wait(time.Hour), ParkAfter: Wait(48 * time.Hour),
		CheckFresh: Wait(15 * time.Minute), ParkReminder: day, Propagation: Wait(10 * time.Minute),
		Patience: Wait(6 * time.Hour), CodeWindow: Wait(15 * time.Minute), CodesPerWindow: 3,
		ConfirmReminder: day, LicenseSettle: Wait(30 * time.Minute), RenewalDistance: day,
		Callbacks: []Wait{Wait(5 * time.Second), Wait(5 * time.Minute), Wait(30 * time.Minute), Wait(2 * time.Hour), Wait(5 * time.Hour),
			Wait(10 * time.Hour), Wait(14 * time.Hour), Wait(20 * time.Hour), Wait(24 * time.Hour)},
	}
}

// ParsePolicy reads a worker's setting: the empty string for the defaults, or a comma-separated list such as
// "pace=86400" (every wait divided by that number: a day takes a second), "pollFirst=1s", "expiry=7d",
// "reminders=1d/3d". Pace is applied first, single waits as they stand.
func ParsePolicy(s string) (Policy, error) {
	p := DefaultPolicy()
	fields := map[string]json.RawMessage{}
	for _, part := range strings.Split(s, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case name == "" && !ok:
			continue
		case !ok:
			return p, fmt.Errorf("policy: %q has no value; write name=value", part)
		case name == "pace":
			pace, err := strconv.ParseFloat(value, 64)
			if err != nil || !(pace >= 0.001 && pace <= 1e6) { // also what is not a number
				return p, fmt.Errorf("policy: pace=%q must be a number from 0.001 to 1000000", value)
			}
			p = p.paced(pace)
		case name == "codesPerWindow":
			fields[name] = json.RawMessage(value)
		case name == "reminders", name == "callbacks":
			b, _ := json.Marshal(strings.Split(value, "/"))
			fields[name] = b
		default:
			b, _ := json.Marshal(value)
			fields[name] = b
		}
	}
	b, err := json.Marshal(fields)
	if err != nil {
		return p, fmt.Errorf("policy: %w", err)
	}
	if ps := DecodeStrict(b, &p); len(ps) > 0 {
		return p, fmt.Errorf("policy: %w", ps)
	}
	return p, p.Check().Err()
}

// Paced is a wait that Microsoft names, as long as it is by our clock.
func (p Policy) Paced(d time.Duration) time.Duration {
	if p.Pace == 0 {
		return d
	}
	return time.Duration(float64(d) / p.Pace)
}

// waits lists the single waits with their names and bounds.
func (p *Policy) waits() []struct {
	name        string
	wait        *Wait
	least, most Wait
} {
	type row = struct {
		name        string
		wait        *Wait
		least, most Wait
	}
	ms := Wait(time.Millisecond)
	return []row{
		{"expiry", &p.Expiry, 100 * ms, 90 * day},
		{"pollFirst", &p.PollFirst, 5 * ms, day},
		{"pollMost", &p.PollMost, 5 * ms, day},
		{"tellAfter", &p.TellAfter, 20 * ms, 7 * day},
		{"parkAfter", &p.ParkAfter, 40 * ms, 30 * day},
		{"checkFresh", &p.CheckFresh, ms, day},
		{"parkReminder", &p.ParkReminder, 100 * ms, 30 * day},
		{"propagation", &p.Propagation, ms, day},
		{"patience", &p.Patience, 100 * ms, 7 * day},
		{"codeWindow", &p.CodeWindow, ms, day},
		{"confirmReminder", &p.ConfirmReminder, 100 * ms, 30 * day},
		{"licenseSettle", &p.LicenseSettle, ms, 7 * day},
		{"renewalDistance", &p.RenewalDistance, 0, 7 * day},
	}
}

// paced divides every wait.
func (p Policy) paced(pace float64) Policy {
	p.Reminders = slices.Clone(p.Reminders)
	for i := range p.Reminders {
		p.Reminders[i] = Wait(float64(p.Reminders[i]) / pace)
	}
	p.Callbacks = slices.Clone(p.Callbacks)
	for i := range p.Callbacks {
		p.Callbacks[i] = max(Wait(float64(p.Callbacks[i])/pace), Wait(time.Millisecond))
	}
	for _, w := range p.waits() {
		if w.name == "renewalDistance" { // compared with Microsoft's clock, not waited for
			continue
		}
		*w.wait = max(Wait(float64(*w.wait)/pace), w.least)
	}
	if p.Pace = pace; pace == 1 {
		p.Pace = 0
	}
	return p
}

// Check returns every wait that is out of its bounds or order.
func (p Policy) Check() Problems {
	var ps Problems
	for _, w := range p.waits() {
		if *w.wait < w.least || *w.wait > w.most {
			ps.Add(w.name, "out_of_bounds", fmt.Sprintf("%s lies outside %s to %s", w.wait.D(), w.least.D(), w.most.D()), "choose a wait within the bounds")
		}
	}
	if p.PollMost < p.PollFirst {
		ps.Add("pollMost", "out_of_order", "the longest pause is shorter than the first", "raise pollMost")
	}
	if p.ParkAfter <= p.TellAfter {
		ps.Add("parkAfter", "out_of_order", "parking must come after telling the operator", "raise parkAfter")
	}
	if p.CodesPerWindow < 1 || p.CodesPerWindow > 20 {
		ps.Add("codesPerWindow", "out_of_bounds", "1 to 20 codes fit in a window", "choose a number within the bounds")
	}
	for i, r := range p.Reminders {
		if r <= 0 || r >= p.Expiry || (i > 0 && r <= p.Reminders[i-1]) {
			ps.Add("reminders", "out_of_order", "reminders must rise and lie before the expiry", "correct their order")
			break
		}
	}
	if len(p.Callbacks) > 20 || slices.ContainsFunc(p.Callbacks, func(w Wait) bool { return w < Wait(time.Millisecond) || w > 7*day }) {
		ps.Add("callbacks", "out_of_bounds", "at most 20 pauses of a millisecond to 7 days lie between the attempts at a callback", "shorten the list, or the pauses")
	}
	return ps
}
