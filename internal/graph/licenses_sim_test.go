package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// TestSimOutcomesInOrder holds that each change gets its own outcome, whatever order the parts are answered in, when some of them are
// throttled.
func TestSimOutcomesInOrder(t *testing.T) {
	l := newLab(t)
	var changes []upgrade.LicenseChange
	for i := range 6 {
		name := fmt.Sprint("user", i)
		l.person(name, "GB", cloud.LicenceChange{SKU: sku(cloud.BusinessBasic)})
		changes = append(changes, upgrade.LicenseChange{User: name, Add: []upgrade.License{{SKUID: sku(cloud.BusinessBasic), DisabledPlans: []string{teams}}}})
	}
	throttled := []string{"user1", "user3", "user4"}
	for _, name := range throttled {
		l.state.Inject(cloud.ThrottledPart, cloud.Matcher{Path: "/users/" + name}, 1)
	}
	changes = append(changes, upgrade.LicenseChange{User: "user0"}) // names no licence, and is not sent
	out, err := l.AssignLicenses(t.Context(), application, id("order"), changes)
	if err != nil || len(out) != len(changes) {
		t.Fatalf("%+v, %v", out, err)
	}
	for i, o := range out[:6] {
		held, _ := l.read(o.User).License(sku(cloud.BusinessBasic))
		switch changed := len(held.DisabledPlans) == 1; {
		case o.User != changes[i].User:
			t.Errorf("outcome %d is of %s", i, o.User)
		case o.Err == nil && !changed:
			t.Errorf("%s was accepted and shows nothing", o.User)
		case o.Err != nil && (changed || o.Err.Kind != upgrade.Throttled || o.Err.RetryAfter <= 0):
			t.Errorf("%s: %v, retry after %v, changed: %t", o.User, o.Err, o.Err.RetryAfter, changed)
		}
		if (o.Err != nil) != slices.Contains(throttled, o.User) {
			t.Errorf("%s: %v", o.User, o.Err)
		}
	}
	if e := out[6].Err; e == nil || e.Kind != upgrade.Invalid {
		t.Errorf("a change of nothing: %v", e)
	}
	again, err := l.AssignLicenses(t.Context(), application, id("again"), changes[1:2]) // waits for the Retry-After
	if err != nil || again[0].Err != nil {
		t.Errorf("after the Retry-After: %+v, %v", again, err)
	}
}

// TestSimConflict holds that writes which meet in the tenant are told from those that must not be repeated.
func TestSimConflict(t *testing.T) {
	l := newLab(t)
	l.person("ann", "GB", cloud.LicenceChange{SKU: sku(cloud.BusinessBasic)})
	l.state.Inject(cloud.ConcurrencyViolation, cloud.Matcher{Path: "/users/ann"}, 1)
	change := []upgrade.LicenseChange{{User: "ann", Add: []upgrade.License{{SKUID: sku(cloud.BusinessBasic), DisabledPlans: []string{teams}}}}}
	out, err := l.AssignLicenses(t.Context(), application, id("first"), change)
	if err != nil || out[0].Err == nil || out[0].Err.Kind != upgrade.Transient || out[0].Err.Code != "Directory_ConcurrencyViolation" {
		t.Fatalf("%+v, %v", out, err)
	}
	if out, err = l.AssignLicenses(t.Context(), application, id("second"), change); err != nil || out[0].Err != nil {
		t.Errorf("again: %+v, %v", out, err)
	}
}

// TestSimLicensed pages through the holders with the state of their services.
func TestSimLicensed(t *testing.T) {
	l := newLab(t)
	for i := range 5 {
		l.person(fmt.Sprint("user", i), "GB", cloud.LicenceChange{SKU: sku(cloud.BusinessBasic), Disabled: []string{teams}})
	}
	seen, pages := map[string]bool{}, 0
	for at := ""; ; pages++ {
		page, next, err := l.Licensed(t.Context(), application, sku(cloud.BusinessBasic), at)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page {
			seen[u.ID] = true
			off := 0
			for _, s := range u.Services {
				if s.State != "Enabled" {
					off++
				}
			}
			if len(u.Services) < 5 || off != 1 {
				t.Errorf("%s: %d of %d services off", u.ID, off, len(u.Services))
			}
		}
		if at = next; at == "" {
			break
		}
	}
	if len(seen) != 5 || pages != 2 {
		t.Errorf("%d users on %d pages", len(seen), pages+1)
	}
}
