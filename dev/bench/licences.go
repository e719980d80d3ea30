package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	simgraph "uplift/internal/sim/graph"
)

const (
	// latency is how long the simulated Graph takes for a request, and for each part of a batch besides.
	latency = 50 * time.Millisecond
	// The documented quota of writes of an application in a tenant, which the simulator has, too.
	quotaWrites = 3000
	quotaWindow = 150 * time.Second
)

// atQuota is how long so many writes take at the quota's own limit, from an empty bucket on.
func atQuota(writes int) time.Duration {
	return time.Duration(writes) * quotaWindow / quotaWrites
}

func licences() measure {
	return measure{
		number: 3, title: "Licences moved in one tenant of 300 users",
		method: "One upgrade of a customer with 300 users from Office 365 E3 to Microsoft 365 E3, through the whole product. Graph takes 50 ms for each request and 50 ms for each " +
			"part of a batch, the parts one after another. Counted is the time from the first change of a licence to the last reply. The baseline changes the licences of " +
			"300 users of another tenant of the same simulator by one assignLicense request after another, without looking at anything.",
		missed: "The parts of a batch are worked off one after another, so that what is gained is the number of batches in flight; more than four are refused with 409 in the field.",
		run:    measureLicences,
	}
}

func measureLicences(ctx context.Context, b *bench) ([]figure, error) {
	users := b.size(300, 30)
	var ours, theirs company
	t := &traffic{}
	s, err := b.open(ctx, siteOptions{Policy: "pollFirst=250ms,pollMost=1s", Cloud: sim.Options{Latency: latency, Wrap: t.wrap, Fill: func(state *cloud.Cloud) {
		sim.SeedDemo(state)
		ours, theirs = addCompany(state, 1, users), addCompany(state, 2, users)
	}}})
	if err != nil {
		return nil, err
	}
	defer s.close()
	if err := s.workerHere(ctx); err != nil {
		return nil, err
	}
	if _, err := ours.upgrade(ctx, s, nil); err != nil {
		return nil, err
	}
	took, _ := t.took()
	alone, err := theirs.oneByOne(ctx, s)
	if err != nil {
		return nil, err
	}
	rate := func(d time.Duration) float64 { return float64(users) / d.Seconds() }
	return []figure{{Name: fmt.Sprintf("licences moved, %d users", users), Unit: "/s", Value: rate(took), Baseline: rate(alone),
		Against: "one assignLicense request at a time", Goal: ratioAtLeast(3)}}, nil
}

// oneByOne changes the licences of a company's users by one request after another, as a script would, and answers how long that
// took. The target is another product that the tenant owns.
func (c company) oneByOne(ctx context.Context, s *site) (time.Duration, error) {
	token, err := tokenOf(ctx, s.cloud.URLs().Entra, c.tenant)
	if err != nil {
		return 0, err
	}
	s.cloud.State.AddSubscription(c.tenant, cloud.SubscriptionSpec{Part: cloud.Microsoft365E3, Quantity: len(c.users)})
	from, _ := cloud.OfferByPart(cloud.Office365E3)
	to, _ := cloud.OfferByPart(cloud.Microsoft365E3)
	body, err := json.Marshal(map[string]any{"addLicenses": []any{map[string]any{"skuId": to.SKU, "disabledPlans": []string{}}}, "removeLicenses": []string{from.SKU}})
	if err != nil {
		return 0, err
	}
	began := time.Now()
	for _, user := range c.users {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cloud.URLs().Graph+"/users/"+user+"/assignLicense", bytes.NewReader(body))
		if err != nil {
			return 0, err
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		reply, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, err
		}
		said, err := io.ReadAll(reply.Body)
		_ = reply.Body.Close()
		if err != nil || reply.StatusCode != http.StatusOK {
			return 0, fmt.Errorf("the baseline: %s %s, %v", reply.Status, said, err)
		}
	}
	return time.Since(began), nil
}

// tokenOf is the demonstration application's token for Graph in a tenant.
func tokenOf(ctx context.Context, entra, tenant string) (string, error) {
	form := url.Values{"client_id": {sim.DemoClientID}, "client_secret": {sim.DemoClientSecret}, "grant_type": {"client_credentials"}, "scope": {"https://graph.microsoft.com/.default"}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, entra+"/"+tenant+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer reply.Body.Close()
	var out struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(reply.Body).Decode(&out); err != nil || out.Token == "" {
		return "", fmt.Errorf("no token for the baseline: %s, %v", reply.Status, err)
	}
	return out.Token, nil
}

// quotaPace is how many times faster than the clock Microsoft is where a quota takes minutes.
const quotaPace = 10

func quota() measure {
	return measure{
		number: 4, title: "Licences of 10,000 users under the documented quota",
		method: fmt.Sprintf("The same for 10,000 users. The simulator has the documented quota: a bucket of 3,000 writes that fills within 150 s, empty when the first change comes, and the hint from 0.8 on. "+
			"Its clock, its latency and every wait of the product run %d times faster than ours, and the figures are by its clock. The baseline is what the quota itself allows.", quotaPace),
		missed: "At this pace a tenth of a second of ours is a second of Microsoft's: what this machine computes counts tenfold.",
		run:    measureQuota,
	}
}

func measureQuota(ctx context.Context, b *bench) ([]figure, error) {
	users := b.size(10_000, 100)
	var c company
	t := &traffic{}
	s, err := b.open(ctx, siteOptions{Policy: fmt.Sprintf("pace=%d", quotaPace), Cloud: sim.Options{Latency: latency, Pace: quotaPace, Wrap: t.wrap, Fill: func(state *cloud.Cloud) {
		sim.SeedDemo(state)
		c = addCompany(state, 1, users)
		t.first = func() { simgraph.Drain(state, sim.DemoClientID, c.tenant) }
	}}})
	if err != nil {
		return nil, err
	}
	defer s.close()
	if err := s.workerHere(ctx); err != nil {
		return nil, err
	}
	if _, err := c.upgrade(ctx, s, nil); err != nil {
		return nil, err
	}
	took, wasted := t.took()
	return []figure{
		{Name: fmt.Sprintf("licences moved, %d users, empty bucket", users), Unit: "/s", Value: float64(users) / (took.Seconds() * quotaPace), Baseline: quotaWrites / quotaWindow.Seconds(),
			Against: "the quota's own limit", Goal: ratioAtLeast(0.9)},
		{Name: "changes refused for their number", Unit: "%", Value: 100 * wasted, Goal: atMost(2)},
	}, nil
}
