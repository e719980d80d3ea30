package service

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"go.temporal.io/sdk/activity"

	"uplift/activities"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// shares is the transport of every worker in these tests: an activity that asks Partner Center or Graph does so on the queue that is
// for it, and no execution makes more than its share of requests at Partner Center. Whatever story or fault a test is about, it is
// about that as well.
type shares struct {
	*testing.T
	next  http.RoundTripper // nil: http.DefaultTransport
	mu    sync.Mutex
	asked map[string]int // requests at Partner Center, by execution
}

// RoundTrip lets the simulator answer.
func (s *shares) RoundTrip(r *http.Request) (*http.Response, error) {
	if activity.IsActivity(r.Context()) {
		s.look(activity.GetInfo(r.Context()), r)
	}
	return cmp.Or(s.next, http.DefaultTransport).RoundTrip(r)
}

func (s *shares) look(info activity.Info, r *http.Request) {
	name := info.ActivityType.Name
	queue, meant := activities.QueueOf(name), ""
	switch {
	case strings.HasPrefix(r.URL.Path, "/v1.0/"):
		meant = upgrade.QueueGraph
	case !strings.HasPrefix(r.URL.Path, "/v1/"):
		return // Entra, which has no quota that counts
	case r.Method != http.MethodGet, queue != upgrade.QueuePartnerReads:
		meant = upgrade.QueuePartnerWrites
	default:
		meant = upgrade.QueuePartnerReads
	}
	if queue != meant || info.TaskQueue != meant {
		s.Errorf("%s asks %s %s on the queue %q (%q), not %q", name, r.Method, r.URL.Path, info.TaskQueue, queue, meant)
	}
	if meant == upgrade.QueueGraph {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	execution := fmt.Sprint(info.WorkflowExecution.RunID, name, info.ActivityID, info.Attempt)
	if s.asked[execution]++; s.asked[execution] > upgrade.CallsPerActivity {
		s.Errorf("%s makes %d requests at Partner Center in one execution, the last one %s %s", name, s.asked[execution], r.Method, r.URL.Path)
	}
}

// TestShares: what a typical order needs to be planned is asked in one execution, what needs more goes on in a further one, and where
// the consent was there already the check asks nothing of it again.
func TestShares(t *testing.T) {
	for name, row := range map[string]struct {
		held  []cloud.SubscriptionSpec
		order map[string]any
		asked int
	}{
		"another offer": {[]cloud.SubscriptionSpec{sub(cloud.BusinessBasic, 6, 60*day)}, order(totals{basic: 0, premium: 6}), 1},
		"several offers": {[]cloud.SubscriptionSpec{sub(cloud.BusinessBasic, 6, 60*day), sub(cloud.TeamsPhone, 3, 2*day)},
			order(totals{basic: 0, premium: 6, phone: 0}), 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, row.held, staff(cloud.BusinessBasic)...)
			maps.Copy(b.order, row.order)
			if r := b.run(); r.End != upgrade.Completed {
				t.Fatalf("%s: %v\n%s", r.End, r.Reasons, strings.Join(b.steps, "\n"))
			}
			asked := 0
			for _, s := range b.steps {
				if strings.Contains(s, " PlanUpgrade ") {
					asked++
				}
			}
			if asked != row.asked {
				t.Errorf("it was asked in %d executions, not %d:\n%s", asked, row.asked, strings.Join(b.steps, "\n"))
			}
		})
	}
}
