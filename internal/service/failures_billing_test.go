package service

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"uplift/internal/callback"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// billingSecret signs the callbacks of these tests, and is nobody's.
const billingSecret = upgrade.Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

// billing is a billing system that believes what is signed, and keeps each callback once.
type billing struct {
	mu     sync.Mutex
	fault  fault
	struck bool
	away   bool // it answers 500 to everything
	taken  []string
	ids    map[string]bool
}

// billed has callbacks go to a billing system.
func billed(o *ordeal) {
	o.billing = &billing{ids: map[string]bool{}}
	server := httptest.NewServer(o.billing)
	o.Cleanup(server.Close)
	sender := callback.New(callback.Options{
		Destinations: []callback.Destination{{Name: "billing", URL: server.URL, Secrets: []upgrade.Secret{billingSecret}}},
		Transport:    o.billing,
	})
	o.acts.Callbacks = sender
	if o.fresh != nil {
		o.fresh.Callbacks = sender
	}
}

// RoundTrip gives up at once where the system is to be silent.
func (b *billing) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.take(hang) {
		ctx, cancel := context.WithDeadline(r.Context(), time.Unix(1, 0))
		defer cancel()
		r = r.WithContext(ctx)
	}
	return http.DefaultTransport.RoundTrip(r)
}

func (b *billing) take(f fault) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fault != f {
		return false
	}
	b.fault, b.struck = "", true
	return true
}

func (b *billing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch {
	case b.take(refused):
		w.WriteHeader(http.StatusBadRequest)
	case b.take(slowSeconds):
		w.Header().Set("Retry-After", fmt.Sprint(int(askedToWait.Seconds())))
		w.WriteHeader(http.StatusTooManyRequests)
	case b.take(slowDate):
		w.Header().Set("Retry-After", time.Now().Add(askedToWait+2*time.Second).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusServiceUnavailable)
	case b.away, b.take(serverError):
		w.WriteHeader(http.StatusInternalServerError)
	case b.take(oddCode):
		w.WriteHeader(http.StatusTeapot)
	case callback.Verify(billingSecret, r.Header, body, false) != nil:
		w.WriteHeader(http.StatusUnauthorized)
	default:
		b.keep(r.Header.Get("webhook-id"), body)
		switch {
		case b.take(replyLost):
			panic(http.ErrAbortHandler)
		case b.take(cutBody):
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "cut")
		}
	}
}

func (b *billing) keep(id string, body []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var c upgrade.Callback
	if err := json.Unmarshal(body, &c); err == nil && !b.ids[id] {
		b.ids[id] = true
		b.taken = append(b.taken, fmt.Sprintf("%d %s", c.Sequence, c.Type))
	}
}

// billingSystem is the place of a callback that is sent.
func billingSystem() place {
	return place{words: "a billing system: 400, taken and the answer lost, 429, 503, 500, silence, an answer that is cut, 418", waits: askedToWait, arm: func(o *ordeal, f fault) func(error) bool {
		o.billing.mu.Lock()
		defer o.billing.mu.Unlock()
		o.billing.fault, o.billing.struck = f, false
		return func(error) bool {
			o.billing.mu.Lock()
			defer o.billing.mu.Unlock()
			o.billing.fault = ""
			return o.billing.struck
		}
	}}
}

// NotifyBilling is known to have been told where Temporal answers.
func (t struckTemporal) NotifyBilling(context.Context, string, upgrade.CallbackDue) error {
	return t.silent("NotifyBilling")
}

// toBilling are the stories in which billing is told.
func toBilling() []story {
	return []story{
		{name: "told to billing", held: []cloud.SubscriptionSpec{sub(cloud.BusinessBasic, 6, 60*day)}, users: staff(cloud.BusinessBasic),
			order: order(totals{basic: 9}, "consent", "existing", "licenses", nobody), setUp: billed},
		{name: "callbacks", setUp: func(o *ordeal) { billed(o); facts(o) }, run: notified},
		{name: "callbacks that nobody takes", setUp: func(o *ordeal) { billed(o); facts(o); o.billing.away = true }, run: notified},
		{name: "the callbacks of an order", setUp: func(o *ordeal) { billed(o); facts(o); opened(o) }, run: func(o *ordeal) (string, error) {
			o.env.ExecuteWorkflow(upgrade.CallbacksWorkflow, upgrade.CallbacksAsked{Order: "order-1"})
			var page upgrade.CallbacksPage
			err := o.env.GetWorkflowResult(&page)
			return fmt.Sprint(page.Upgrade, len(page.Deliveries)), err
		}},
	}
}

// facts are two callbacks in the register.
func facts(o *ordeal) {
	attempted(o)
	for i, t := range []upgrade.CallbackType{upgrade.CallbackConsented, upgrade.CallbackOf(upgrade.Completed)} {
		if _, err := o.acts.Register.SaveCallback(context.Background(), "order-1#1", fmt.Sprint(i), upgrade.Callback{Type: t}); err != nil {
			o.Fatal(err)
		}
	}
}

func opened(o *ordeal) {
	err := o.acts.Register.SaveDelivery(context.Background(), upgrade.Delivery{Upgrade: "order-1#1", Sequence: 1, Destination: "billing", State: upgrade.DeliveryPending})
	if err != nil {
		o.Fatal(err)
	}
}

// notified tells billing of both, and answers what it has taken.
func notified(o *ordeal) (string, error) {
	o.env.RegisterDelayedCallback(func() { // both at once: it ends when nothing is left to be delivered
		for i := range 2 {
			o.env.SignalWorkflow(upgrade.SignalCallback, upgrade.CallbackDue{Sequence: i + 1})
		}
	}, 0)
	o.env.ExecuteWorkflow(upgrade.NotifyWorkflow, upgrade.NotifyStart{Upgrade: "order-1#1"})
	o.billing.mu.Lock()
	defer o.billing.mu.Unlock()
	return strings.Join(slices.Clone(o.billing.taken), ", "), o.env.GetWorkflowError()
}
