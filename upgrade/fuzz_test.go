package upgrade_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"uplift/upgrade"
)

// FuzzParseOrder: no input breaks the reader, every problem is well said, and an order that is accepted is read again
// from its canonical form as the same order.
func FuzzParseOrder(f *testing.F) {
	f.Add(input(f, nil))
	f.Add(input(f, m{"notBefore": "2026-03-02T01:00:00.5+01:00", "purchase": m{"autoRenew": false}, "beside": true, "attempt": 3}))
	f.Add(input(f, m{"licenses": m{"who": "users", "users": []any{"ſ@b.example", "İ@B.example"}}, "onUserFailure": m{"action": "undo", "share": 1e-9}}))
	f.Add([]byte(`{"order":"a","ORDER":"b","x":[[[]]]}`))
	f.Add([]byte("\xef\xbb\xbf{\"tenant\":\"\xff\"}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		o, ps := upgrade.ParseOrder(data)
		said(t, ps)
		if len(ps) > 0 {
			return
		}
		again, ps := upgrade.ParseOrder(o.Canonical())
		if len(ps) > 0 {
			t.Fatalf("the canonical form of an accepted order is refused: %v\n%s", ps, o.Canonical())
		}
		if again.Hash() != o.Hash() || string(again.Canonical()) != string(o.Canonical()) {
			t.Errorf("read again it is another order:\n%s\n%s", o.Canonical(), again.Canonical())
		}
	})
}

// FuzzParseConsent: a claim is refused in words, or it is one, and reads back as it is written.
func FuzzParseConsent(f *testing.F) {
	f.Add([]byte(`{"decision":"granted","by":"ada","method":"device_code","invitation":2}`))
	f.Add([]byte(`{"decision":"declined","reason":"\ud800"}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, ps := upgrade.ParseConsent(data)
		said(t, ps)
		if len(ps) == 0 && (c.Decision != upgrade.Granted && c.Decision != upgrade.DeclinedDecision || c.Decision == upgrade.Granted && c.Method == "" || c.Invitation < 0) {
			t.Errorf("accepted: %+v", c)
		}
		if len(ps) > 0 {
			return
		}
		written, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if again, ps := upgrade.ParseConsent(written); len(ps) > 0 || again != c {
			t.Errorf("%s reads as %+v again, %v", written, again, ps)
		}
	})
}

// FuzzParseUpdate: every input of an update is refused in words, or reads back as it is written, within its bounds.
func FuzzParseUpdate(f *testing.F) {
	for _, s := range []string{"", "null", `{"by":"ada"}`, `{"digest":"d","seats":5}`, `{"answer":"retry"}`, `{"invitation":1}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, v := range []any{&upgrade.Request{}, &upgrade.StartAuthentication{}, &upgrade.Confirm{}, &upgrade.Resolve{}, &upgrade.Approve{}, &upgrade.SetSlots{}, &upgrade.StartBatch{}, &upgrade.CancelBatch{}, &upgrade.RunBatchAgain{}} {
			ps := upgrade.ParseUpdate(data, v)
			said(t, ps)
			if c, ok := v.(*upgrade.Confirm); ok && len(ps) == 0 && (c.Digest == "" || c.Seats < 0 || c.Seats > upgrade.MaxSeats) {
				t.Errorf("accepted: %+v", c)
			}
			if a, ok := v.(*upgrade.Approve); ok && len(ps) == 0 && (a.By == "" || a.Digest == "") {
				t.Errorf("accepted: %+v", a)
			}
			if len(ps) > 0 {
				continue
			}
			written, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			again := reflect.New(reflect.TypeOf(v).Elem()).Interface()
			if ps := upgrade.ParseUpdate(written, again); len(ps) > 0 || !reflect.DeepEqual(again, v) {
				t.Errorf("%s reads as %+v again, %v", written, again, ps)
			}
		}
	})
}

// FuzzParseTurnWanted: what the gate is told is refused in words, or is complete, short, and reads back as it is written.
func FuzzParseTurnWanted(f *testing.F) {
	f.Add([]byte(`{"workflow":"upgrade/A-1","firstRun":"r","number":1,"tenant":"5c000000-0000-4000-8000-000000000001","slot":true,"lock":true,"priority":"bulk","group":"A-1"}`))
	f.Add([]byte(`{"workflow":"","number":-1,"slot":true}`))
	f.Add([]byte(`{"workflow":"` + strings.Repeat("x", 5000) + `","firstRun":"r","number":1,"tenant":"5c000000-0000-4000-8000-000000000001","priority":"soon"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		w, ps := upgrade.ParseTurnWanted(data)
		said(t, ps)
		if len(ps) > 0 {
			return
		}
		if w.Workflow == "" || w.Number < 1 || !upgrade.IsGUID(w.Tenant) || w.Slot && !w.Lock || len(w.Workflow)+len(w.FirstRun)+len(w.Group) > 2500 {
			t.Errorf("accepted: %+v", w)
		}
		written, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		if again, ps := upgrade.ParseTurnWanted(written); len(ps) > 0 || again != w {
			t.Errorf("%s reads as %+v again, %v", written, again, ps)
		}
	})
}

// FuzzParsePolicy: what is accepted lies within the bounds, and reads back as it is written.
func FuzzParsePolicy(f *testing.F) {
	for _, s := range []string{"", "pace=86400", "expiry=7d,reminders=1d/3d", "codesPerWindow=2,pollFirst=1s", "pace=NaN", "expiry=1e9d", "codesPerWindow={}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := upgrade.ParsePolicy(s)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "policy: ") && !strings.Contains(err.Error(), "] → ") {
				t.Errorf("badly said: %v", err)
			}
			return
		}
		if ps := p.Check(); len(ps) > 0 {
			t.Errorf("%q is accepted: %v", s, ps)
		}
		for _, r := range p.Reminders {
			text, _ := r.MarshalText()
			var back upgrade.Wait
			if err := back.UnmarshalText(text); err != nil || !reflect.DeepEqual(back, r) {
				t.Errorf("%s reads back as %s: %v", text, back.D(), err)
			}
		}
	})
}

// said holds that every problem is well said, and that all of them together are no load.
func said(t *testing.T, ps upgrade.Problems) {
	t.Helper()
	for _, p := range ps {
		if p.Code == "" || p.Message == "" || p.Remedy == "" || !utf8.ValidString(p.Path+p.Message) {
			t.Errorf("badly said: %#v", p)
		}
	}
	if size := len(ps.Error()); size > 512<<10 {
		t.Errorf("%d problems have %d bytes", len(ps), size)
	}
}
