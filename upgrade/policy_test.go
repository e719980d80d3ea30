package upgrade_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"uplift/upgrade"
)

// TestDefaultPolicy pins the product's figures.
func TestDefaultPolicy(t *testing.T) {
	b, err := json.Marshal(upgrade.DefaultPolicy())
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"reminders":["24h0m0s","72h0m0s","144h0m0s"],"expiry":"336h0m0s","pollFirst":"30s","pollMost":"5m0s","tellAfter":"1h0m0s",` +
		`"parkAfter":"48h0m0s","checkFresh":"15m0s","parkReminder":"24h0m0s","propagation":"10m0s","patience":"6h0m0s","codeWindow":"15m0s",` +
		`"codesPerWindow":3,"confirmReminder":"24h0m0s","licenseSettle":"30m0s","renewalDistance":"24h0m0s",` +
		`"callbacks":["5s","5m0s","30m0s","2h0m0s","5h0m0s","10h0m0s","14h0m0s","20h0m0s","24h0m0s"]}`
	if string(b) != want {
		t.Errorf("the defaults became\n%s", b)
	}
	var back upgrade.Policy
	if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(back, upgrade.DefaultPolicy()) {
		t.Errorf("what is written does not read back: %v %+v", err, back)
	}
	if p, err := upgrade.ParsePolicy(""); err != nil || !reflect.DeepEqual(p, upgrade.DefaultPolicy()) {
		t.Errorf("no setting is not the defaults: %v", err)
	}
}

func TestParsePolicy(t *testing.T) {
	day := 24 * time.Hour
	waits := func(all ...time.Duration) []upgrade.Wait {
		w := make([]upgrade.Wait, len(all))
		for i, one := range all {
			w[i] = upgrade.Wait(one)
		}
		return w
	}
	for _, c := range []struct {
		setting string
		want    func(p *upgrade.Policy)
	}{
		{"expiry=7d", func(p *upgrade.Policy) { p.Expiry = upgrade.Wait(7 * day) }},
		{" expiry=180h , pollFirst=1.5s,", func(p *upgrade.Policy) {
			p.Expiry, p.PollFirst = upgrade.Wait(180*time.Hour), upgrade.Wait(1500*time.Millisecond)
		}},
		{"reminders=0.5d/3d", func(p *upgrade.Policy) { p.Reminders = waits(12*time.Hour, 3*day) }},
		{"codesPerWindow=20", func(p *upgrade.Policy) { p.CodesPerWindow = 20 }},
		{"renewalDistance=0s", func(p *upgrade.Policy) { p.RenewalDistance = 0 }},
		{"pace=1", func(*upgrade.Policy) {}},
		// A single wait stands as it is, wherever it stands; Microsoft's renewal keeps its distance at every pace.
		{"pollMost=1s,pace=86400,pollFirst=20ms", func(p *upgrade.Policy) {
			second := time.Second
			p.Reminders, p.Expiry = waits(second, 3*second, 6*second), upgrade.Wait(14*second)
			p.PollFirst, p.PollMost = upgrade.Wait(20*time.Millisecond), upgrade.Wait(second)
			p.TellAfter, p.ParkAfter = upgrade.Wait(time.Hour/86400), upgrade.Wait(2*second)
			p.CheckFresh, p.ParkReminder = upgrade.Wait(15*time.Minute/86400), upgrade.Wait(second)
			p.Propagation, p.Patience = upgrade.Wait(10*time.Minute/86400), upgrade.Wait(250*time.Millisecond)
			p.CodeWindow, p.ConfirmReminder = upgrade.Wait(15*time.Minute/86400), upgrade.Wait(second)
			p.LicenseSettle = upgrade.Wait(30 * time.Minute / 86400)
			p.Callbacks = waits(time.Millisecond, 5*time.Minute/86400, 30*time.Minute/86400, 2*time.Hour/86400, 5*time.Hour/86400,
				10*time.Hour/86400, 14*time.Hour/86400, 20*time.Hour/86400, second)
			p.Pace = 86400
		}},
	} {
		want := upgrade.DefaultPolicy()
		c.want(&want)
		if got, err := upgrade.ParsePolicy(c.setting); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\n%+v\nnot\n%+v", c.setting, err, got, want)
		}
	}
	if fast, err := upgrade.ParsePolicy("pace=86400"); err != nil || fast.PollFirst.D() != 5*time.Millisecond {
		t.Errorf("a pace stops at what the waits may be at least: %v %v", err, fast.PollFirst.D())
	}
	if p := upgrade.DefaultPolicy(); p.Reminders[0].D() != day {
		t.Error("a pace changed the defaults themselves")
	}
}

func TestParsePolicyRefuses(t *testing.T) {
	for setting, want := range map[string]string{
		"expiry":             `"expiry" has no value`,
		"pace=fast":          "must be a number",
		"pace=0":             "must be a number",
		"pace=2000000":       "must be a number",
		"pace=NaN":           "must be a number",
		"pace=10x":           "must be a number",
		"patiance=1h":        "patiance: there is no such field [unknown_field]",
		"expiry=soon":        "expiry: \"soon\" stands where a duration such as 36h is expected [wrong_type]",
		"expiry=NaNd":        "[wrong_type]",
		"expiry=7xd":         "[wrong_type]",
		"expiry=1e300d":      "[wrong_type]",
		"expiry=91d":         "expiry: 2184h0m0s lies outside 100ms to 2160h0m0s [out_of_bounds]",
		"expiry=-1h":         "[out_of_bounds]",
		"pollFirst=1ms":      "pollFirst: 1ms lies outside",
		"renewalDistance=8d": "renewalDistance:",
		"pollFirst=6m":       "pollMost: the longest pause is shorter than the first [out_of_order]",
		"tellAfter=48h":      "parkAfter: parking must come after telling the operator [out_of_order]",
		"codesPerWindow=0":   "codesPerWindow: 1 to 20",
		"codesPerWindow=21":  "codesPerWindow: 1 to 20",
		"codesPerWindow=x":   "policy:",
		"codesPerWindow=3.5": "[wrong_type]",
		"reminders=3d/1d":    "reminders must rise",
		"reminders=1d/14d":   "reminders must rise",
		"reminders=0s":       "reminders must rise",
		"reminders=":         "reminders[0]",
		"codesPerWindow=0,expiry=91d,pollFirst=0": "codesPerWindow",
	} {
		_, err := upgrade.ParsePolicy(setting)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\ndoes not say %s", setting, err, want)
		}
	}
	_, err := upgrade.ParsePolicy("codesPerWindow=0,expiry=91d,pollFirst=6m")
	var ps upgrade.Problems
	if !errors.As(err, &ps) || at(ps) != lines("expiry out_of_bounds", "pollMost out_of_order", "codesPerWindow out_of_bounds") {
		t.Errorf("not every problem is told: %v", err)
	}
}
