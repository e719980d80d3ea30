package desk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"uplift/internal/portal/access"
	"uplift/internal/portal/desk"
	"uplift/upgrade"
)

// order is one that a person would place for a customer.
func order(id, tenant string) []byte {
	b, _ := json.Marshal(map[string]any{"order": id, "tenant": tenant, "consent": "link", "target": map[string]any{"plan": "business-basic", "seats": 5}})
	return b
}

// what is asked of the desk about a customer: its tenant, and the order id of its upgrade.
type about struct{ tenant, order string }

// asked are the desk's methods.
var asked = map[string]func(ctx context.Context, l *lab, who access.Who, a about) error{
	"Place": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.Place(ctx, who, order("new-"+a.order, a.tenant))
		return err
	},
	"DryRun": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.DryRun(ctx, who, order("new-"+a.order, a.tenant))
		return err
	},
	"RunAgain": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.RunAgain(ctx, who, a.order)
		return err
	},
	"Status": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.Status(ctx, who, a.order)
		return err
	},
	"Dossier": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.Dossier(ctx, who, a.order)
		return err
	},
	"Plan": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.Plan(ctx, who, a.order)
		return err
	},
	"Users": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.Users(ctx, who, a.order, "", 1)
		return err
	},
	"Confirm": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.Confirm(ctx, who, a.order, upgrade.Confirm{Request: upgrade.Request{By: "forged"}})
		return err
	},
	"Approve": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.Approve(ctx, who, a.order, upgrade.Approve{Request: upgrade.Request{By: "forged"}})
		return err
	},
	"Cancel": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.Cancel(ctx, who, a.order, "")
		return err
	},
	"Revoke": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.Revoke(ctx, who, a.order, "")
		return err
	},
	"Resend": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.Resend(ctx, who, a.order, "")
		return err
	},
	"Link": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.Link(ctx, who, a.order)
		return err
	},
	"Resolve": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.Resolve(ctx, who, a.order, upgrade.Resolve{Request: upgrade.Request{By: "forged"}})
		return err
	},
	"ReplayCallbacks": func(ctx context.Context, l *lab, who access.Who, a about) error {
		return l.ReplayCallbacks(ctx, who, a.order, 0)
	},
	"Customer": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.Customer(ctx, who, a.tenant)
		return err
	},
	"StoreUsers": func(ctx context.Context, l *lab, who access.Who, a about) error {
		return l.StoreUsers(ctx, who, a.tenant, "list", []string{"ada@x.example"})
	},
	"SetPlan": func(ctx context.Context, l *lab, who access.Who, a about) error {
		return l.SetPlan(ctx, who, a.tenant, "s", "p", "o")
	},
	"PlaceBatch": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.PlaceBatch(ctx, who, batch("new-"+a.order, a.tenant))
		return err
	},
	"Batch": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.Batch(ctx, who, a.order)
		return err
	},
	"BatchLines": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, _, err := l.BatchLines(ctx, who, a.order, upgrade.BatchLineFilter{}, 0, 10)
		return err
	},
	"BatchResult": func(ctx context.Context, l *lab, who access.Who, a about) error {
		return l.BatchResult(ctx, who, a.order, io.Discard)
	},
	"BatchSums": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.BatchSums(ctx, who, a.order)
		return err
	},
	"BatchPlan": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, _, err := l.BatchPlan(ctx, who, a.order, 1)
		return err
	},
	"StartBatch": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.StartBatch(ctx, who, a.order, upgrade.StartBatch{Request: upgrade.Request{By: "forged"}})
		return err
	},
	"CancelBatch": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.CancelBatch(ctx, who, a.order, upgrade.CancelBatch{Request: upgrade.Request{By: "forged"}})
		return err
	},
	"PauseBatch": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.PauseBatch(ctx, who, a.order, "")
		return err
	},
	"ResumeBatch": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.ResumeBatch(ctx, who, a.order, "")
		return err
	},
	"RunBatchAgain": func(ctx context.Context, l *lab, who access.Who, a about) error {
		_, err := l.RunBatchAgain(ctx, who, a.order, upgrade.RunBatchAgain{Request: upgrade.Request{By: "forged"}})
		return err
	},

	"FailedCallbacks": func(ctx context.Context, l *lab, who access.Who, _ about) error {
		_, err := l.FailedCallbacks(ctx, who, 1)
		return err
	},
	"TakeInventory": func(ctx context.Context, l *lab, who access.Who, _ about) error { return l.TakeInventory(ctx, who) },
	"ManagementPlans": func(ctx context.Context, l *lab, who access.Who, _ about) error {
		_, err := l.ManagementPlans(ctx, who)
		return err
	},
	"MakeManagementPlan": func(ctx context.Context, l *lab, who access.Who, _ about) error {
		return l.MakeManagementPlan(ctx, who, upgrade.ManagementPlan{ID: "m", MadeBy: "forged"})
	},
	"AddReseller": func(ctx context.Context, l *lab, who access.Who, _ about) error {
		return l.AddReseller(ctx, who, "r", "R")
	},
	"SetReseller": func(ctx context.Context, l *lab, who access.Who, a about) error {
		return l.SetReseller(ctx, who, a.tenant, "r")
	},
	"Subscribe": func(ctx context.Context, l *lab, who access.Who, _ about) error {
		return l.Subscribe(ctx, who, "r", "m", upgrade.ResellerForm{})
	},
	"EndSubscription": func(ctx context.Context, l *lab, who access.Who, _ about) error {
		return l.EndSubscription(ctx, who, "r")
	},
	"Prices": func(ctx context.Context, l *lab, who access.Who, _ about) error {
		_, err := l.Prices(ctx, who)
		return err
	},
	"SavePrices": func(ctx context.Context, l *lab, who access.Who, _ about) error {
		return l.SavePrices(ctx, who, nil, now)
	},
}

// listing are the methods that answer less to those who see less, and refuse nobody; and what asks nothing of anybody.
var listing = []string{"List", "Recorded", "Customers", "Resellers", "LastInventory", "Canonical", "Batches"}

// Groups of methods, by what is needed for them.
var (
	looks   = []string{"DryRun", "Status", "Dossier", "Plan", "Users", "Customer", "Batch", "BatchLines", "BatchResult", "BatchSums", "BatchPlan"}
	decides = []string{"Place", "RunAgain", "Confirm", "Cancel", "Revoke", "Resolve", "SetPlan", "StoreUsers", "PlaceBatch", "StartBatch", "CancelBatch", "PauseBatch", "ResumeBatch", "RunBatchAgain"}
	invites = []string{"Resend", "Link"}
	office  = []string{"MakeManagementPlan", "AddReseller", "SetReseller", "Subscribe", "EndSubscription", "SavePrices", "Approve"}
	house   = []string{"ManagementPlans", "Prices", "TakeInventory"}
)

// TestWhoMayWhat: who × method × whose customer. What is not in a list is refused with a kind, and has had no effect.
func TestWhoMayWhat(t *testing.T) {
	const all, replay, failed = "", "ReplayCallbacks", "FailedCallbacks"
	customers := map[string]about{"harbor's": {harborTenant, "harbor"}, "quayside's": {quaysideTenant, "quayside"}, "the provider's": {ownTenant, "own"}}
	for name, c := range map[string]struct {
		who  access.Who
		may  map[string][]string // by whose customer; all: whosever
		gone bool                // other customers do not exist
	}{
		"operator":                         {person("Olga", access.Operator), map[string][]string{all: slices.Concat(looks, decides, invites, office, house, []string{replay, failed})}, false},
		"helpdesk":                         {person("Hilde", access.Helpdesk), map[string][]string{all: slices.Concat(looks, invites, house, []string{failed})}, false},
		"engineer":                         {person("Emil", access.Engineer), map[string][]string{all: slices.Concat(looks, house, []string{replay, failed})}, false},
		"billing":                          {person("billing", access.Billing), map[string][]string{all: slices.Concat(looks, decides, invites, []string{replay, failed})}, false},
		"entitled reseller":                {resellers("Rosa", "harbor-it"), map[string][]string{"harbor's": slices.Concat(looks, decides, invites)}, true},
		"reseller whose entitlement ended": {resellers("Quentin", "quayside"), map[string][]string{"quayside's": looks}, true},
		"reseller never entitled":          {resellers("Nora", "never"), nil, true},
		"reseller that is unknown":         {resellers("Ulf", "unknown"), nil, true},
		"reseller without a name":          {resellers("Nemo", ""), nil, true},
		"nobody":                           {access.Who{}, nil, true},
		"helpdesk and reseller":            {access.Who{Name: "Hera", Roles: []access.Role{access.Helpdesk, access.Reseller}, Reseller: "quayside"}, map[string][]string{all: slices.Concat(looks, invites, house, []string{failed})}, false},
	} {
		for whose, a := range customers {
			for method, ask := range asked {
				l := newLab()
				err := ask(t.Context(), l, c.who, a)
				may := slices.Contains(c.may[all], method) || slices.Contains(c.may[whose], method)
				what := fmt.Sprintf("%s, %s of %s customer", name, method, whose)
				switch {
				case may && err != nil:
					t.Errorf("%s: %v", what, err)
				case !may && err == nil:
					t.Errorf("%s: was let in", what)
				case !may && len(l.effects()) > 0:
					t.Errorf("%s: had the effect %v", what, l.effects())
				case !may && c.gone && slices.Contains(slices.Concat(looks, decides, invites), method) && !slices.Contains(c.may[whose], "Status") && upgrade.KindOf(err) != upgrade.NotFound:
					t.Errorf("%s: %v tells that it exists", what, err)
				case !may && upgrade.KindOf(err) != upgrade.NotFound && upgrade.KindOf(err) != upgrade.Act:
					t.Errorf("%s: %v", what, err)
				}
				if may && strings.Contains(strings.Join(l.effects(), " "), "forged") {
					t.Errorf("%s: on whose word it was done can be forged: %v", what, l.effects())
				}
			}
		}
	}
}

// TestEveryMethodIsAsked: a method of the desk that is added has its place in the tables above.
func TestEveryMethodIsAsked(t *testing.T) {
	known := slices.Concat(looks, decides, invites, office, house, listing, []string{"ReplayCallbacks", "FailedCallbacks"})
	kind := reflect.TypeFor[*desk.Desk]()
	for i := range kind.NumMethod() {
		if name := kind.Method(i).Name; !slices.Contains(known, name) || !slices.Contains(listing, name) && asked[name] == nil {
			t.Errorf("the method %s is in no table", name)
		}
	}
	for name := range maps.Keys(asked) {
		if !slices.Contains(known, name) {
			t.Errorf("%s is in no group", name)
		}
	}
}

// TestListsAreNarrowed: lists show everything to the provider's people, a reseller's customers to its people, and nobody to others.
func TestListsAreNarrowed(t *testing.T) {
	for name, c := range map[string]struct {
		who       access.Who
		tenants   []string // nil: everybody
		resellers int
	}{
		"operator": {person("Olga", access.Operator), nil, 2},
		"helpdesk": {person("Hilde", access.Helpdesk), nil, 2},
		"reseller": {resellers("Rosa", "harbor-it"), []string{harborTenant}, 1},
		"ended":    {resellers("Quentin", "quayside"), []string{quaysideTenant}, 1},
		"unknown":  {resellers("Ulf", "unknown"), []string{}, 0},
		"nameless": {resellers("Nemo", ""), []string{}, 0},
		"nobody":   {access.Who{}, []string{}, 0},
	} {
		l, ctx := newLab(), t.Context()
		same := func(what string, got []string) {
			if (got == nil) != (c.tenants == nil) || !slices.Equal(got, c.tenants) {
				t.Errorf("%s: %s by %v, not %v", name, what, got, c.tenants)
			}
		}
		// A filter that names others' customers is narrowed all the same.
		if _, _, err := l.List(ctx, c.who, upgrade.ListFilter{Tenants: c.tenants}, "", 1); err != nil {
			t.Error(err)
		}
		same("upgrades", l.temporal.filter.Tenants)
		if _, _, err := l.Recorded(ctx, c.who, upgrade.RecordedFilter{}, "", 1); err != nil {
			t.Error(err)
		}
		same("recorded", l.books.tenants)
		if _, _, err := l.Customers(ctx, c.who, upgrade.InventoryFilter{}, "", 1); err != nil {
			t.Error(err)
		}
		same("customers", l.books.tenants)
		if c.tenants != nil {
			if _, _, err := l.Customers(ctx, c.who, upgrade.InventoryFilter{Tenants: []string{ownTenant}}, "", 1); err != nil {
				t.Error(err)
			}
			same("customers that were asked for", l.books.tenants)
		}
		if found, err := l.Resellers(ctx, c.who); err != nil || len(found) != c.resellers {
			t.Errorf("%s sees the resellers %v, %v", name, found, err)
		}
	}
}

// TestPlaceOnce: the same order is the same upgrade, while it runs, after its end, and when Temporal and the order's own text are
// forgotten; another content under the id is a conflict.
func TestPlaceOnce(t *testing.T) {
	billing := person("billing", access.Billing)
	other := []byte(strings.Replace(string(order("A-1", harborTenant)), `"seats":5`, `"seats":6`, 1))
	for name, record := range map[string]func(*lab, upgrade.Order){
		"running, not claimed yet": func(*lab, upgrade.Order) {},
		"running": func(l *lab, o upgrade.Order) {
			l.books.recorded[o.ID] = upgrade.Recorded{Upgrade: "A-1#1", OrderID: o.ID, Attempt: 1, WorkflowID: "upgrade/A-1", Order: &o, Hash: o.Hash()}
		},
		"ended, second attempt": func(l *lab, o upgrade.Order) {
			l.books.recorded[o.ID] = upgrade.Recorded{Upgrade: "A-1#2", OrderID: o.ID, Attempt: 2, WorkflowID: "upgrade/A-1", End: upgrade.Completed, Order: &o}
		},
		"forgotten by Temporal": func(l *lab, o upgrade.Order) {
			l.temporal.started = nil
			l.books.recorded[o.ID] = upgrade.Recorded{Upgrade: "A-1#1", OrderID: o.ID, Attempt: 1, WorkflowID: "upgrade/A-1", End: upgrade.Completed, Order: &o, Hash: o.Hash()}
		},
		"its text forgotten": func(l *lab, o upgrade.Order) {
			l.temporal.started = nil
			l.books.recorded[o.ID] = upgrade.Recorded{Upgrade: "A-1#1", OrderID: o.ID, Attempt: 1, WorkflowID: "upgrade/A-1", End: upgrade.Completed, Hash: o.Hash()}
		},
	} {
		l := newLab()
		first, err := l.Place(t.Context(), billing, order("A-1", harborTenant))
		if err != nil || first.Existing {
			t.Fatalf("%s: %+v, %v", name, first, err)
		}
		record(l, l.temporal.started[0])
		again, err := l.Place(t.Context(), billing, order("A-1", strings.ToUpper(harborTenant)))
		if err != nil || !again.Existing || again.WorkflowID != first.WorkflowID {
			t.Errorf("%s: the same order again: %+v, %v", name, again, err)
		}
		if _, err := l.Place(t.Context(), billing, other); upgrade.KindOf(err) != upgrade.Conflict || upgrade.CodeOf(err) != "other_order" {
			t.Errorf("%s: another content: %v", name, err)
		}
		if n := len(l.temporal.started); n > 1 {
			t.Errorf("%s: %d upgrades", name, n)
		}
	}
}

// TestWhoseOrder: who places an order stands in it, whatever the order says; so does the reseller of a reseller's people.
func TestWhoseOrder(t *testing.T) {
	placed := func(who access.Who, change string) (upgrade.Order, error) {
		l := newLab()
		text := strings.Replace(string(order("A-1", harborTenant)), "{", "{"+change, 1)
		if _, err := l.Place(t.Context(), who, []byte(text)); err != nil {
			return upgrade.Order{}, err
		}
		return l.temporal.started[0], nil
	}
	if o, err := placed(person("Olga", access.Operator), `"placedBy":"forged",`); err != nil || o.PlacedBy != "Olga" || o.Reseller != "" {
		t.Errorf("%+v, %v", o, err)
	}
	if o, err := placed(person("Olga", access.Operator), `"reseller":"harbor-it",`); err != nil || o.Reseller != "harbor-it" {
		t.Errorf("%+v, %v", o, err)
	}
	if o, err := placed(resellers("Rosa", "harbor-it"), ""); err != nil || o.PlacedBy != "Rosa" || o.Reseller != "harbor-it" {
		t.Errorf("%+v, %v", o, err)
	}
	if _, err := placed(resellers("Rosa", "harbor-it"), `"reseller":"quayside",`); upgrade.KindOf(err) != upgrade.Invalid {
		t.Errorf("another reseller's order: %v", err)
	}
	if _, err := placed(person("Olga", access.Operator), `"attempt":2,`); upgrade.KindOf(err) != upgrade.Invalid {
		t.Errorf("a further attempt: %v", err)
	}
}

// TestForgottenByTemporal: the register tells of an upgrade that Temporal has forgotten, to those who may see its customer.
func TestForgottenByTemporal(t *testing.T) {
	l := newLab()
	result := upgrade.Result{End: upgrade.Completed, Plan: "d"}
	l.books.recorded["old"] = upgrade.Recorded{Upgrade: "old#1", OrderID: "old", Attempt: 1, Tenant: harborTenant, Customer: "Contoso", Reseller: "harbor-it",
		WorkflowID: "upgrade/old", End: upgrade.Completed, ClaimedAt: now, EndedAt: now, Result: &result}
	for _, id := range []string{"old", "upgrade/old"} {
		d, err := l.Dossier(t.Context(), resellers("Rosa", "harbor-it"), id)
		if err != nil || d.Status.Stage != upgrade.Ended || d.Status.End != upgrade.Completed || d.Status.Customer != "Contoso" || d.Status.Reseller != "harbor-it" || d.Plan == nil || d.Recorded == nil {
			t.Errorf("%s: %+v, %v", id, d, err)
		}
		if _, err := l.Status(t.Context(), resellers("Quentin", "quayside"), id); upgrade.KindOf(err) != upgrade.NotFound {
			t.Errorf("to another reseller: %v", err)
		}
	}
	if _, err := l.Status(t.Context(), person("Olga", access.Operator), "never"); upgrade.KindOf(err) != upgrade.NotFound {
		t.Errorf("what never was: %v", err)
	}
}

// TestLinkIsWrittenDown: who reads a link is written down, and a link of nobody who is invited is none.
func TestLinkIsWrittenDown(t *testing.T) {
	l, hilde := newLab(), person("Hilde", access.Helpdesk)
	if _, err := l.Link(t.Context(), hilde, "own"); err != nil || len(l.books.audit) != 1 || l.books.audit[0].By != "Hilde" || l.books.audit[0].About != "own#1" {
		t.Errorf("%+v, %v", l.books.audit, err)
	}
	s := l.temporal.statuses["own"]
	s.Stage = upgrade.Changing
	l.temporal.statuses["own"] = s
	if _, err := l.Link(t.Context(), hilde, "own"); upgrade.KindOf(err) != upgrade.Refused || upgrade.CodeOf(err) != "not_invited" {
		t.Errorf("%v", err)
	}
}

// TestJustPlaced: an upgrade that has not claimed its order yet exists for those whose it will be, and for nobody else.
func TestJustPlaced(t *testing.T) {
	l := newLab()
	l.temporal.unclaimed = 2
	if s, err := l.Status(t.Context(), resellers("Rosa", "harbor-it"), "harbor"); err != nil || s.Tenant != harborTenant {
		t.Errorf("%+v, %v", s, err)
	}
	l.temporal.unclaimed = 2
	if _, err := l.Status(t.Context(), resellers("Quentin", "quayside"), "harbor"); upgrade.KindOf(err) != upgrade.NotFound {
		t.Errorf("%v", err)
	}
	l.temporal.unclaimed = 1
	if s, err := l.Status(t.Context(), person("Olga", access.Operator), "harbor"); err != nil || s.Stage != upgrade.Planning {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestListOfManyCustomers: beyond what Temporal takes in a filter, what was placed on the reseller's behalf is listed, and nothing
// of customers that are another's by now.
func TestListOfManyCustomers(t *testing.T) {
	l := newLab()
	for i := range upgrade.MaxListTenants + 1 {
		l.books.many = append(l.books.many, fmt.Sprintf("%08d-2222-3333-4444-555555555555", i))
	}
	l.temporal.rows = []upgrade.ListRow{{Order: "mine", Tenant: l.books.many[7]}, {Order: "moved", Tenant: ownTenant}}
	rows, _, err := l.List(t.Context(), resellers("Rosa", "harbor-it"), upgrade.ListFilter{Reseller: "quayside"}, "", 10)
	if err != nil || len(rows) != 1 || rows[0].Order != "mine" || l.temporal.filter.Reseller != "harbor-it" || l.temporal.filter.Tenants != nil {
		t.Errorf("%+v, %v by %+v", rows, err, l.temporal.filter)
	}
}
