package graph_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/graph"
)

// switched switches a service of the user's licence off or on, which needs no seat.
func (l *lab) switched(user string, off bool) answer {
	var disabled []string
	if off {
		disabled = []string{planTeams}
	}
	return l.send(all, "POST", "/users/"+user+"/assignLicense", licences(add(cloud.BusinessBasic, disabled...)))
}

// TestWriteQuota holds that the quota of writes is a bucket: a hint from 0.8 on, 429 with a Retry-After when it is empty, and room
// again as the clock goes on.
func TestWriteQuota(t *testing.T) {
	l := newLab(t)
	l.user("ann", "GB", cloud.BusinessBasic)
	if a := l.switched("ann", true); a.status != 200 || a.header.Get("x-ms-throttle-limit-percentage") != "" {
		t.Fatalf("with a full bucket: %d %v", a.status, a.header)
	}
	key := "graph-writes/client/" + tenant
	if share, wait := l.state.Draw(key, 2500, 3000, 150*time.Second); share < 0.83 || share > 0.84 || wait != 0 {
		t.Fatalf("%v of the quota, wait %v", share, wait)
	}
	if a := l.switched("ann", false); a.status != 200 || a.header.Get("x-ms-throttle-limit-percentage") != "0.8" {
		t.Errorf("at 0.8 of the quota: %d %v", a.status, a.header)
	}
	graph.Drain(l.state, "client", tenant)
	a := l.switched("ann", true)
	after, _ := strconv.Atoi(a.header.Get("Retry-After"))
	if a.status != 429 || after < 1 || a.header.Get("x-ms-throttle-information") != "WriteLimitExceeded" || a.header.Get("x-ms-throttle-limit-percentage") != "1.0" {
		t.Errorf("with an empty bucket: %d %v", a.status, a.header)
	}
	if a := l.send(all, "GET", "/users/ann", nil); a.status != 200 {
		t.Errorf("a read is refused for the writes: %d", a.status)
	}
	l.state.Advance(10 * time.Second) // 200 writes
	if a := l.switched("ann", true); a.status != 200 || a.header.Get("x-ms-throttle-limit-percentage") != "0.9" {
		t.Errorf("ten seconds later: %d %v", a.status, a.header)
	}
	l.state.Draw(key, 100_000, 3000, 150*time.Second)
	if share, _ := l.state.Draw(key, 0, 3000, 150*time.Second); share > 1.8 {
		t.Errorf("overdrawn to %v", share)
	}
	l.state.Advance(150 * time.Second)
	if share, _ := l.state.Draw(key, 0, 3000, 150*time.Second); share > 0.81 {
		t.Errorf("a window later %v of the quota are used", share)
	}
}

// TestSeatsAreCounted holds that the count of seats in use, which is kept, is that of the users.
func TestSeatsAreCounted(t *testing.T) {
	l := newLab(t)
	for i := range 3 {
		l.user(fmt.Sprint("u", i), "GB")
	}
	consumed := func(part string) int {
		for _, s := range l.state.SubscribedSKUs(tenant) {
			if s.Offer.PartNumber == part {
				return s.Consumed
			}
		}
		return 0
	}
	check := func(what string, basic, standard int) {
		t.Helper()
		if b, s := consumed(cloud.BusinessBasic), consumed(cloud.BusinessStandard); b != basic || s != standard {
			t.Errorf("%s: %d and %d seats in use, not %d and %d", what, b, s, basic, standard)
		}
	}
	check("nobody", 0, 0)
	for i := range 3 {
		l.send(all, "POST", fmt.Sprintf("/users/u%d/assignLicense", i), licences(add(cloud.BusinessBasic))).want(t, 200, "")
	}
	check("three", 3, 0)
	l.send(all, "POST", "/users/u0/assignLicense", licences(add(cloud.BusinessStandard), sku(cloud.BusinessBasic))).want(t, 200, "")
	l.send(all, "POST", "/users/u1/assignLicense", licences(add(cloud.BusinessBasic, planTeams))).want(t, 200, "")
	check("one moved", 2, 1)
	l.user("u3", "GB", cloud.BusinessBasic)
	check("one came", 3, 1)
	l.state.AddGroup(tenant, cloud.GroupSpec{ID: "g", Name: "Group", Members: []string{"u1", "u2"}, Licences: []cloud.LicenceChange{{SKU: sku(cloud.BusinessBasic)}}})
	l.state.Advance(time.Minute)
	check("two hold it by a group besides", 3, 1)
	l.send(all, "POST", "/users/u2/assignLicense", licences(nil, sku(cloud.BusinessBasic))).want(t, 200, "")
	check("one of them by the group alone", 3, 1)
}
