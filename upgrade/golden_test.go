package upgrade_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"uplift/upgrade"
)

var update = flag.Bool("update", false, "write the golden files anew; a changed file is a changed contract")

var clock = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// full gives every field of a type a value that tells its place, so that a field cannot be renamed, dropped or left out
// of the JSON unseen. It goes two levels into what contains itself.
func full(t reflect.Type, n *int) reflect.Value {
	v := reflect.New(t).Elem()
	*n++
	switch {
	case t == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(clock.Add(time.Duration(*n) * time.Minute)))
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(full(t.Elem(), n))
	case t.Kind() == reflect.Slice:
		v.Set(reflect.Append(v, full(t.Elem(), n)))
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			v.Field(i).Set(full(t.Field(i).Type, n))
		}
	case t.Kind() == reflect.String:
		v.SetString("text " + string(rune('a'+*n%26)))
	case t.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(int64(*n))
	case v.CanFloat():
		v.SetFloat(float64(*n) / 8)
	default:
		panic("a wire type has a " + t.String())
	}
	return v
}

// TestGolden pins the JSON of everything that crosses a border: every field, and what the least looks like. To add a
// field, run the test with -update and read the difference: lines may be added and nothing else.
func TestGolden(t *testing.T) {
	for name, v := range map[string]any{
		"order": upgrade.Order{}, "plan": upgrade.Plan{}, "status": upgrade.Status{}, "result": upgrade.Result{},
		"consent": upgrade.Consent{}, "request": upgrade.Request{}, "start_authentication": upgrade.StartAuthentication{},
		"authentication": upgrade.Authentication{}, "confirm": upgrade.Confirm{}, "resolve": upgrade.Resolve{}, "reply": upgrade.Reply{},
		"policy": upgrade.Policy{}, "grant": upgrade.Grant{}, "write_id": upgrade.WriteID{}, "snapshot": upgrade.Snapshot{},
		"user_report": upgrade.UserReport{}, "license_change": upgrade.LicenseChange{}, "transition": upgrade.Transition{},
		"transition_request": upgrade.TransitionRequest{}, "subscription": upgrade.Subscription{},
		"turn_gate_start": upgrade.TurnGateStart{}, "turn_given": upgrade.TurnGiven{}, "turns": upgrade.Turns{}, "set_slots": upgrade.SetSlots{},
		"customer_view": upgrade.CustomerView{}, "inventory_start": upgrade.InventoryStart{}, "customer_asked": upgrade.CustomerAsked{},
		"price_list": upgrade.PriceList{}, "prices_stored": upgrade.PricesStored{}, "price_query": upgrade.PriceQuery{},
		"callback": upgrade.Callback{}, "delivery": upgrade.Delivery{}, "notify_start": upgrade.NotifyStart{}, "callback_due": upgrade.CallbackDue{},
		"batch": upgrade.Batch{}, "batch_row": upgrade.BatchRow{}, "batch_start": upgrade.BatchStart{}, "batch_page_start": upgrade.BatchPageStart{}, "row_stands": upgrade.RowStands{},
		"page_stands": upgrade.PageStands{}, "page_steer": upgrade.PageSteer{}, "batch_status": upgrade.BatchStatus{}, "start_batch": upgrade.StartBatch{},
		"cancel_batch": upgrade.CancelBatch{}, "run_batch_again": upgrade.RunBatchAgain{}, "batch_asked": upgrade.BatchAsked{}, "batch_line": upgrade.BatchLine{},
		"callbacks_asked": upgrade.CallbacksAsked{}, "callbacks_page": upgrade.CallbacksPage{},
	} {
		t.Run(name, func(t *testing.T) {
			kind, n := reflect.TypeOf(v), 0
			filled := full(kind, &n).Interface()
			golden(t, name+".json", filled)
			golden(t, name+"_least.json", v)

			text, err := json.Marshal(filled)
			if err != nil {
				t.Fatal(err)
			}
			back := reflect.New(kind)
			if ps := upgrade.DecodeStrict(text, back.Interface()); len(ps) > 0 {
				t.Fatalf("what we write we do not read: %v", ps)
			}
			if !reflect.DeepEqual(back.Elem().Interface(), filled) {
				t.Errorf("what is read is not what was written:\n%+v\n%+v", back.Elem(), filled)
			}
		})
	}
}

func golden(t *testing.T, name string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	file := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: the JSON became\n%s", name, got)
	}
}

// TestMaterial pins the digest of a plan: an operator's confirmation names it, and may come after a deploy.
func TestMaterial(t *testing.T) {
	n := 0
	p, ok := full(reflect.TypeFor[upgrade.Plan](), &n).Interface().(upgrade.Plan)
	if !ok {
		t.Fatal("not a plan")
	}
	p.Seal()
	if p.Digest != "19f2507f51f0a414" {
		t.Errorf("the digest became %s", p.Digest)
	}
	before := p.Material()
	p.Steps[0].Transition, p.Steps[0].CatalogItem, p.Renewal[0].Change.AvailabilityID = "x", "x", "x"
	p.MadeAt, p.Headline, p.Gains, p.Unknown, p.Notes = clock, "x", nil, nil, nil
	if p.Material() != before || p.Renewal[0].Change.AvailabilityID != "x" {
		t.Error("what nobody is asked about again counts, or the plan was changed")
	}
	p.Steps[0].To++
	if p.Material() == before {
		t.Error("seats do not count")
	}
}
