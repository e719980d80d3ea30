package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"uplift/internal/portal/access"
	"uplift/internal/portal/desk"
	"uplift/upgrade"
)

const tenant = "0c000000-0000-4000-8000-000000000001"

// upgrades is Temporal with one upgrade, A-1. What a test does not use panics.
type upgrades struct {
	desk.Upgrades
	mu     sync.Mutex
	status upgrade.Status
	said   []string
	err    error
	filter upgrade.ListFilter
	reads  int
}

func (u *upgrades) Status(_ context.Context, id string) (upgrade.Status, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.reads++
	if u.err != nil {
		return upgrade.Status{}, u.err
	}
	if id != "A-1" && id != "upgrade/A-1" {
		return upgrade.Status{}, &upgrade.Error{Kind: upgrade.NotFound, Code: "no_such_upgrade", Message: "there is no upgrade " + id}
	}
	return u.status, nil
}

func (u *upgrades) set(change func(*upgrade.Status)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	change(&u.status)
}

func (u *upgrades) say(words string) (upgrade.Reply, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.said = append(u.said, words)
	return upgrade.Reply{Message: "as you say"}, u.err
}

func (u *upgrades) Start(_ context.Context, o []byte) (upgrade.Started, error) {
	parsed, _ := upgrade.ParseOrder(o)
	_, err := u.say("start " + parsed.ID + " for " + parsed.PlacedBy)
	return upgrade.Started{Order: parsed.ID, WorkflowID: "upgrade/" + parsed.ID, Attempt: 1}, err
}

func (u *upgrades) Retry(_ context.Context, id string) (upgrade.Started, error) {
	_, err := u.say("retry " + id)
	return upgrade.Started{Order: id, Attempt: 2}, err
}

func (u *upgrades) DryRun(_ context.Context, o []byte) (upgrade.Plan, error) {
	return upgrade.Plan{Order: "A-2", Digest: "d"}, u.err
}

func (u *upgrades) PlanOf(context.Context, string) (upgrade.Plan, error) {
	return upgrade.Plan{Order: "A-1", Digest: "d"}, u.err
}

func (u *upgrades) Page(_ context.Context, f upgrade.ListFilter, cursor string, size int) ([]upgrade.ListRow, string, error) {
	u.filter = f
	if cursor == "" && size == 2 {
		return []upgrade.ListRow{{Order: "A-3"}, {Order: "A-2"}}, "more", u.err
	}
	return nil, "", u.err
}

func (u *upgrades) Confirm(_ context.Context, id string, in upgrade.Confirm) (upgrade.Reply, error) {
	return u.say("confirm " + id + " " + in.Digest + " by " + in.By + " since " + in.Reason)
}

func (u *upgrades) Approve(_ context.Context, id string, in upgrade.Approve) (upgrade.Reply, error) {
	return u.say("approve " + id + " " + in.Digest + " by " + in.By)
}

func (u *upgrades) Cancel(_ context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return u.say("cancel " + id + " by " + in.By + " since " + in.Reason)
}

func (u *upgrades) Resend(_ context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return u.say("resend " + id + " by " + in.By)
}

func (u *upgrades) Revoke(_ context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return u.say("revoke " + id + " by " + in.By)
}

func (u *upgrades) Resolve(_ context.Context, id string, in upgrade.Resolve) (upgrade.Reply, error) {
	return u.say("resolve " + id + " " + string(in.Answer) + " by " + in.By)
}

func (u *upgrades) ReplayCallbacks(_ context.Context, id string, sequence int) error {
	_, err := u.say("replay " + id + " " + string(rune('0'+sequence)))
	return err
}

func (u *upgrades) LookAtCustomer(_ context.Context, t string) (upgrade.CustomerView, error) {
	return upgrade.CustomerView{Customer: upgrade.Customer{Tenant: t}}, u.err
}

// register knows the order A-1, and what hangs on it.
type register struct {
	desk.Register
	last  *upgrade.Order
	batch *upgrade.Batch
}

func (r *register) LastRecorded(_ context.Context, id string) (upgrade.Recorded, error) {
	if r.last == nil || id != r.last.ID {
		return upgrade.Recorded{}, &upgrade.Error{Kind: upgrade.NotFound, Code: "unknown_order"}
	}
	return upgrade.Recorded{Upgrade: id + "#1", OrderID: id, Attempt: 1, WorkflowID: "upgrade/" + id, Order: r.last}, nil
}

func (*register) Evidence(context.Context, string) ([]upgrade.Evidence, error)      { return nil, nil }
func (*register) Answers(context.Context, string) ([]upgrade.OperatorAnswer, error) { return nil, nil }
func (*register) Deliveries(context.Context, string) ([]upgrade.Delivery, error) {
	return []upgrade.Delivery{{Sequence: 1, Destination: "billing", State: upgrade.DeliveryDelivered}}, nil
}

func (*register) Reports(_ context.Context, _, after string, limit int) (page []upgrade.UserReport, _ error) {
	for _, id := range []string{"a", "b", "c"} {
		if id > after && len(page) < limit {
			page = append(page, upgrade.UserReport{User: id})
		}
	}
	return page, nil
}

func (*register) Inventory(_ context.Context, f upgrade.InventoryFilter, cursor string, _ int) ([]upgrade.InventoryRow, string, error) {
	return []upgrade.InventoryRow{{Tenant: tenant, Name: f.Search + cursor}}, "", nil
}

func (*register) LastInventory(context.Context) (upgrade.Inventory, error) {
	return upgrade.Inventory{Customers: 1}, nil
}

func (*register) CustomersOf(context.Context, string) ([]string, error) { return []string{tenant}, nil }
func (*register) ResellerOf(context.Context, string) (string, error)    { return "other", nil }

// lab is the API without a door: who asks is set by the test.
type lab struct {
	*testing.T
	upgrades *upgrades
	register *register
	routes   []access.Route
	mux      *http.ServeMux
	who      access.Who
	stop     chan struct{}
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{T: t, upgrades: &upgrades{status: upgrade.Status{Order: "A-1", Upgrade: "A-1#1", WorkflowID: "upgrade/A-1", Tenant: tenant, Stage: upgrade.Invited,
		Invitation: &upgrade.Invitation{Number: 1, Code: &upgrade.Authentication{UserCode: "SECRET123"}}, Turn: upgrade.Turn{HasLock: true}}},
		register: &register{}, mux: http.NewServeMux(), who: access.Who{Subject: "app-1", Name: "Billing", Roles: []access.Role{access.Billing}}, stop: make(chan struct{})}
	l.routes = Routes(Options{Desk: desk.New(desk.Options{Upgrades: l.upgrades, Register: l.register}), Stop: l.stop, Every: 5 * time.Millisecond,
		Catalog: Catalog{Offers: []CatalogOffer{{ID: "business-basic", Name: "Business Basic"}}, Plans: []CatalogPlan{}}})
	for _, r := range l.routes {
		l.mux.HandleFunc(r.Pattern, func(w http.ResponseWriter, q *http.Request) {
			r.Handler.ServeHTTP(w, q.WithContext(access.With(q.Context(), l.who)))
		})
	}
	return l
}

// ask makes a request and reads the answer; header are pairs.
func (l *lab) ask(method, path, body string, header ...string) (*http.Response, map[string]any) {
	l.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	q := httptest.NewRequest(method, path, in)
	if body != "" {
		q.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		q.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	l.mux.ServeHTTP(w, q)
	out := map[string]any{}
	if text := w.Body.Bytes(); len(text) > 0 && strings.Contains(w.Header().Get("Content-Type"), "json") {
		if err := json.Unmarshal(text, &out); err != nil {
			l.Fatalf("%s %s: %s", method, path, text)
		}
	}
	return w.Result(), out
}

const goodOrder = `{"order":"A-1","tenant":"` + tenant + `","target":{"plan":"business-premium","seats":25},"consent":"link"}`

func TestPlaceOrder(t *testing.T) {
	l := newLab(t)
	r, out := l.ask("POST", "/v1/upgrades", goodOrder)
	if r.StatusCode != 201 || r.Header.Get("Location") != "/v1/upgrades/A-1" || out["workflowId"] != "upgrade/A-1" || out["existing"] != false {
		t.Errorf("%d %v %v", r.StatusCode, r.Header, out)
	}
	if !slices.Equal(l.upgrades.said, []string{"start A-1 for Billing"}) {
		t.Errorf("%v", l.upgrades.said)
	}
	o, _ := upgrade.ParseOrder([]byte(goodOrder))
	o.PlacedBy = "Billing"
	l.register.last = &o
	if r, out := l.ask("POST", "/v1/upgrades", goodOrder); r.StatusCode != 200 || out["existing"] != true || len(l.upgrades.said) != 1 {
		t.Errorf("again: %d %v", r.StatusCode, out)
	}
	r, out = l.ask("POST", "/v1/upgrades", strings.Replace(goodOrder, "25", "26", 1))
	if r.StatusCode != 409 || out["code"] != "other_order" || r.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("another: %d %v", r.StatusCode, out)
	}
}

func TestBadOrders(t *testing.T) {
	l := newLab(t)
	r, out := l.ask("POST", "/v1/upgrades", `{"order":"A-1","tenant":"x","target":{"totals":[{"offer":"a","seats":1},{"offer":"b","seats":-1}]},"colour":1}`)
	if r.StatusCode != 422 || out["code"] != "bad_order" || out["type"] != "about:blank" || out["status"] != 422.0 {
		t.Errorf("%d %v", r.StatusCode, out)
	}
	pointers := map[string]bool{}
	for _, one := range out["errors"].([]any) {
		e := one.(map[string]any)
		if e["code"] == "" || e["detail"] == "" {
			t.Errorf("%v", e)
		}
		p, _ := e["pointer"].(string)
		pointers[p] = true
	}
	for _, want := range []string{"/colour"} {
		if !pointers[want] {
			t.Errorf("no problem at %s: %v", want, out["errors"])
		}
	}
	r, out = l.ask("POST", "/v1/upgrades", `{"order":"A-1","tenant":"`+tenant+`","consent":"link","target":{"totals":[{"offer":"a","seats":1},{"offer":"b","seats":-1}]}}`)
	if text, _ := json.Marshal(out); !strings.Contains(string(text), `"/target/totals/1/seats"`) {
		t.Errorf("%d %s", r.StatusCode, text)
	}
	for body, status := range map[string]int{"": 400, "{": 422, `[1]`: 422, `{"order":"A-1"}`: 422, strings.Repeat("x", upgrade.MaxInput+10): 413} {
		if r, out := l.ask("POST", "/v1/upgrades", body); r.StatusCode != status || out["code"] == nil {
			t.Errorf("%.20q: %d %v", body, r.StatusCode, out)
		}
	}
	if r, _ := l.ask("POST", "/v1/upgrades", strings.Replace(goodOrder, "{", `{"attempt":2,`, 1)); r.StatusCode != 422 {
		t.Errorf("a further attempt: %d", r.StatusCode)
	}
	if len(l.upgrades.said) != 0 {
		t.Errorf("%v", l.upgrades.said)
	}
}

func TestSteering(t *testing.T) {
	l := newLab(t)
	for _, c := range []struct {
		path, body string
		status     int
		said       string
	}{
		{"cancel", "", 200, "cancel upgrade/A-1 by Billing since "},
		{"cancel", `{"reason":"twice"}`, 200, "cancel upgrade/A-1 by Billing since twice"},
		{"confirm", `{"digest":"d","reason":"read"}`, 200, "confirm upgrade/A-1 d by Billing since read"},
		{"resend", "", 200, "resend upgrade/A-1 by Billing"},
		{"revoke", "", 200, "revoke upgrade/A-1 by Billing"},
		{"resolve", `{"answer":"retry"}`, 200, "resolve upgrade/A-1 retry by Billing"},
		{"retry", "", 201, "retry A-1"},
		{"callbacks/replay", `{"sequence":1}`, 202, "replay A-1#1 1"},
		{"callbacks/replay", "", 202, "replay A-1#1 0"},
		{"confirm", "", 400, ""},
		{"confirm", `{}`, 422, ""},
		{"confirm", `{"digest":"d","by":"Mallory"}`, 422, ""},
		{"cancel", `{"by":"Mallory"}`, 422, ""},
		{"resolve", `{"answer":"maybe"}`, 422, ""},
		{"approve", `{"digest":"d"}`, 403, ""},
	} {
		l.upgrades.said = nil
		r, out := l.ask("POST", "/v1/upgrades/A-1/"+c.path, c.body)
		if got := strings.Join(l.upgrades.said, "; "); r.StatusCode != c.status || got != c.said {
			t.Errorf("%s %s: %d %v, said %q", c.path, c.body, r.StatusCode, out, got)
		}
		if r.StatusCode >= 400 && (out["code"] == nil || out["title"] == nil) {
			t.Errorf("%s: %v", c.path, out)
		}
	}
	l.who.Roles = []access.Role{access.Operator}
	if r, _ := l.ask("POST", "/v1/upgrades/upgrade%2FA-1/approve", `{"digest":"d"}`); r.StatusCode != 200 {
		t.Errorf("an operator: %d", r.StatusCode)
	}
}

func TestReading(t *testing.T) {
	l := newLab(t)
	r, out := l.ask("GET", "/v1/upgrades/A-1", "")
	text, _ := json.Marshal(out)
	if r.StatusCode != 200 || out["stage"] != "invited" || out["version"] == "" || r.Header.Get("ETag") != `"`+out["version"].(string)+`"` ||
		strings.Contains(string(text), "SECRET123") || out["turn"] != nil {
		t.Errorf("%d %s", r.StatusCode, text)
	}
	if r, out := l.ask("GET", "/v1/upgrades/A-9", ""); r.StatusCode != 404 || out["code"] == nil {
		t.Errorf("%d %v", r.StatusCode, out)
	}
	r, out = l.ask("GET", "/v1/upgrades?limit=2&stage=invited&tenant="+strings.ToUpper(tenant)+"&needsOperator=true&open=true&batch=w&order=A-1&offer=o", "")
	if r.StatusCode != 200 || len(out["items"].([]any)) != 2 || out["next"] != "more" {
		t.Errorf("%d %v", r.StatusCode, out)
	}
	if f := l.upgrades.filter; f.Tenant != tenant || f.Stage != upgrade.Invited || !f.NeedsOperator || !f.Open || f.Batch != "w" || f.Order != "A-1" || f.Offer != "o" || f.Tenants != nil {
		t.Errorf("%+v", f)
	}
	if _, out := l.ask("GET", "/v1/upgrades?cursor=more", ""); len(out["items"].([]any)) != 0 || out["next"] != nil {
		t.Errorf("%v", out)
	}
	for _, query := range []string{"limit=0", "limit=1000", "limit=x", "stage=nowhere", "colour=blue"} {
		if r, out := l.ask("GET", "/v1/upgrades?"+query, ""); r.StatusCode != 422 || out["code"] != "bad_input" || out["errors"].([]any)[0].(map[string]any)["parameter"] != strings.SplitN(query, "=", 2)[0] {
			t.Errorf("%s: %d %v", query, r.StatusCode, out)
		}
	}
	if _, out := l.ask("GET", "/v1/upgrades/A-1/users?limit=2", ""); len(out["items"].([]any)) != 2 || out["next"] != "b" {
		t.Errorf("%v", out)
	}
	if _, out := l.ask("GET", "/v1/upgrades/A-1/users?limit=2&after=b", ""); len(out["items"].([]any)) != 1 || out["next"] != nil {
		t.Errorf("%v", out)
	}
	for path, want := range map[string]string{"/v1/upgrades/A-1/plan": `"digest":"d"`, "/v1/upgrades/A-1/callbacks": `"destination":"billing"`, "/v1/catalog": `"business-basic"`,
		"/v1/customers?search=co": `"name":"co"`, "/v1/customers/" + tenant: tenant} {
		r, out := l.ask("GET", path, "")
		if text, _ := json.Marshal(out); r.StatusCode != 200 || !strings.Contains(string(text), want) {
			t.Errorf("%s: %d %s", path, r.StatusCode, text)
		}
	}
	if r, out := l.ask("POST", "/v1/plans", strings.Replace(goodOrder, "A-1", "A-2", 1)); r.StatusCode != 200 || out["digest"] != "d" {
		t.Errorf("%d %v", r.StatusCode, out)
	}
	l.who = access.Who{Roles: []access.Role{access.Reseller}, Reseller: "mine"}
	if r, _ := l.ask("GET", "/v1/upgrades/A-1", ""); r.StatusCode != 404 {
		t.Errorf("another reseller's customer: %d", r.StatusCode)
	}
}

func TestLongPoll(t *testing.T) {
	l := newLab(t)
	_, first := l.ask("GET", "/v1/upgrades/A-1", "")
	version := first["version"].(string)
	change := func() {
		time.Sleep(30 * time.Millisecond)
		l.upgrades.set(func(s *upgrade.Status) { s.Stage = upgrade.Consented })
	}
	go change()
	began := time.Now()
	if r, out := l.ask("GET", "/v1/upgrades/A-1?wait=60s&since="+version, ""); r.StatusCode != 200 || out["stage"] != "consented" || time.Since(began) > time.Minute {
		t.Errorf("%d %v after %s", r.StatusCode, out["stage"], time.Since(began))
	}
	if _, out := l.ask("GET", "/v1/upgrades/A-1?wait=60s&since="+version, ""); out["stage"] != "consented" || time.Since(began) > time.Minute {
		t.Error("what has changed meanwhile is waited for")
	}
	r, out := l.ask("GET", "/v1/upgrades/A-1?wait=20ms", "")
	if r.StatusCode != 200 || out["stage"] != "consented" {
		t.Errorf("nothing changed: %d", r.StatusCode)
	}
	tag := r.Header.Get("ETag")
	if r, out := l.ask("GET", "/v1/upgrades/A-1?wait=20ms", "", "If-None-Match", tag); r.StatusCode != 304 || len(out) != 0 || r.Header.Get("ETag") != tag {
		t.Errorf("nothing changed: %d %v %v", r.StatusCode, out, r.Header)
	}
	if r, _ := l.ask("GET", "/v1/upgrades/A-1", "", "If-None-Match", `W/`+tag); r.StatusCode != 304 {
		t.Errorf("without wait: %d", r.StatusCode)
	}
	for _, wait := range []string{"61s", "2m", "-1s", "soon", "1h"} {
		if r, out := l.ask("GET", "/v1/upgrades/A-1?wait="+wait, ""); r.StatusCode != 422 || out["code"] != "bad_input" {
			t.Errorf("%s: %d %v", wait, r.StatusCode, out)
		}
	}
	l.upgrades.set(func(s *upgrade.Status) { s.Stage, s.End = upgrade.Ended, upgrade.Declined })
	began = time.Now()
	if _, out := l.ask("GET", "/v1/upgrades/A-1?wait=60s", ""); out["end"] != "declined" || time.Since(began) > time.Minute {
		t.Error("an end is waited for")
	}
	l.upgrades.set(func(s *upgrade.Status) { s.Stage, s.End = upgrade.Invited, "" })
	time.AfterFunc(20*time.Millisecond, func() { close(l.stop) })
	if r, _ := l.ask("GET", "/v1/upgrades/A-1?wait=60s", ""); r.StatusCode != 200 || time.Since(began) > time.Minute {
		t.Error("a server that stops is waited for")
	}
}

// Each kind of error has one status, and what is ours to mend is not told.
func TestKinds(t *testing.T) {
	l := newLab(t)
	for _, c := range []struct {
		kind   upgrade.Kind
		code   string
		after  time.Duration
		status int
		want   string
		retry  string
	}{
		{upgrade.Invalid, "bad", 0, 422, "bad", ""},
		{upgrade.NotFound, "gone", 0, 404, "unknown_order", ""}, // the register has the last word
		{upgrade.Conflict, "other_order", 0, 409, "other_order", ""},
		{upgrade.Refused, "wrong_stage", 0, 409, "wrong_stage", ""},
		{upgrade.GrantLost, "lost", 0, 409, "lost", ""},
		{upgrade.Act, "not_allowed", 0, 403, "not_allowed", ""},
		{upgrade.Act, "not_entitled", 0, 403, "not_entitled", ""},
		{upgrade.Throttled, "temporal_busy", 0, 429, "temporal_busy", "5"},
		{upgrade.Throttled, "temporal_busy", 90500 * time.Millisecond, 429, "temporal_busy", "91"},
		{upgrade.Act, "temporal_denied", 0, 503, "unavailable", "60"},
		{upgrade.Transient, "register_busy", 0, 503, "unavailable", "5"},
		{upgrade.Ambiguous, "", 0, 503, "unavailable", "5"},
		{upgrade.Waiting, "", 0, 503, "unavailable", "5"},
		{upgrade.Unknown, "temporal", 0, 500, "internal", ""},
	} {
		l.upgrades.err = &upgrade.Error{Kind: c.kind, Code: c.code, Message: "host db-7 said no", RetryAfter: c.after, Err: errors.New("password=x")}
		r, out := l.ask("POST", "/v1/upgrades/A-1/cancel", "")
		if r.StatusCode != c.status || out["code"] != c.want || r.Header.Get("Retry-After") != c.retry {
			t.Errorf("%s %s: %d %v %v", c.kind, c.code, r.StatusCode, out, r.Header)
		}
		if text, _ := json.Marshal(out); c.status >= 500 && strings.Contains(string(text), "db-7") || strings.Contains(string(text), "password") {
			t.Errorf("%s: %s", c.kind, text)
		}
	}
	l.upgrades.err = errors.New("nil map")
	if r, out := l.ask("GET", "/v1/upgrades/A-1", ""); r.StatusCode != 500 || out["code"] != "internal" {
		t.Errorf("%d %v", r.StatusCode, out)
	}
}

func TestNobodyIsLetInWithoutAName(t *testing.T) {
	l := newLab(t)
	for _, r := range l.routes {
		if r.Rule.Door == access.Public {
			continue
		}
		if r.Rule.Door != access.API || len(r.Rule.Roles) == 0 {
			t.Errorf("%s has the rule %+v", r.Pattern, r.Rule)
		}
		method, path, _ := strings.Cut(r.Pattern, " ")
		path = strings.NewReplacer("{id}", "A-1", "{tenant}", tenant).Replace(path)
		body := ""
		if method == "POST" {
			body = `{"digest":"d"}`
			if strings.HasSuffix(path, "resolve") {
				body = `{"answer":"retry"}`
			}
			if strings.HasPrefix(path, batches) || strings.HasSuffix(path, "replay") || strings.HasSuffix(path, "cancel") || strings.HasSuffix(path, "resend") || strings.HasSuffix(path, "revoke") {
				body = "{}"
			}
		}
		w := httptest.NewRecorder()
		q := httptest.NewRequest(method, path, strings.NewReader(body))
		q.Header.Set("Content-Type", "application/json")
		r.Handler.ServeHTTP(w, q)
		if w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), `"no_token"`) {
			t.Errorf("%s: %d %s", r.Pattern, w.Code, w.Body)
		}
	}
}
