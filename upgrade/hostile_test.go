package upgrade_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"uplift/upgrade"
)

// TestHostileInput gives what is as large as may be sent and made to be costly: each is refused by name, soon, and with an
// answer that is no load itself.
func TestHostileInput(t *testing.T) {
	filled := func(head, one, tail string) string {
		return head + strings.TrimSuffix(strings.Repeat(one, (upgrade.MaxInput-len(head)-len(tail))/len(one)), ",") + tail
	}
	var users strings.Builder
	for i := 0; users.Len() < upgrade.MaxInput-1000; i++ {
		fmt.Fprintf(&users, `"%x@b.cc",`, i)
	}
	long := strings.Repeat("x", 1000_000)
	var unknown strings.Builder
	for i := 0; unknown.Len() < upgrade.MaxInput-100; i++ {
		fmt.Fprintf(&unknown, `"%x":1,`, i)
	}
	for name, c := range map[string]struct{ input, code string }{
		"too large":                 {`{"order":"` + strings.Repeat("x", upgrade.MaxInput) + `"}`, "too_large"},
		"deep lists":                {filled(`{"order":`, "[", ""), "too_deep"},
		"deep objects":              {filled("", `{"a":`, ""), "too_deep"},
		"deep within a known field": {`{"target":{"totals":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}}", "too_deep"},
		"one field very often":      {filled("{", `"a":1,`, "}"), "more_problems"},
		"very many unknown fields":  {"{" + strings.TrimSuffix(unknown.String(), ",") + "}", "more_problems"},
		"very many wrong types":     {filled(`{"sources":[`, "1,", "]}"), "more_problems"},
		"a long name around much":   {filled(`{"`+strings.Repeat("n", 500_000)+`":[`, "1,", "]}"), "unknown_field"},
		"a long name":               {`{"` + long + `":1}`, "unknown_field"},
		"very many users":           {`{"licenses":{"who":"users","users":[` + strings.TrimSuffix(users.String(), ",") + `]}}`, "too_many"},
		"very many sources":         {filled(`{"sources":[`, `"5c000000-0000-4000-8000-000000000001",`, "]}"), "too_many"},
		"very many totals":          {filled(`{"target":{"totals":[`, `{"offer":"a"},`, "]}}"), "too_many"},
		"a long plan":               {`{"target":{"plan":"` + long + `","seats":1}}`, "too_long"},
		"a long offer":              {`{"target":{"totals":[{"offer":"` + long + `","seats":1}]}}`, "too_long"},
		"a long language":           {`{"administrator":{"mail":"a@b.example","language":"en` + strings.Repeat("-abcdefgh", 10_000) + `"}}`, "bad_language"},
		"a long market":             {`{"market":"` + long + `"}`, "bad_country"},
		"a long group":              {`{"licenses":{"who":"holders","group":"` + long + `"}}`, "users_contradict"},
		"a long word":               {`{"consent":"` + long + `"}`, "unknown_value"},
		"a long number":             {`{"attempt":` + strings.Repeat("9", 1000_000) + `}`, "wrong_type"},
		"a number beyond any":       {`{"target":{"plan":"a","seats":1e400}}`, "wrong_type"},
		"a number beyond int":       {`{"target":{"plan":"a","seats":9223372036854775808}}`, "wrong_type"},
		"a broken character":        {"{\"order\":\"a\xff\"}", "not_utf8"},
		"a broken name":             {"{\"order\xc3\":\"a\"}", "not_utf8"},
		"twice in other letters":    {`{"order":"a","ORDER":"b"}`, "duplicate_field"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, ps := upgrade.ParseOrder([]byte(c.input))
			if !ps.Has(c.code) {
				t.Errorf("%.500s, not %s", ps.Error(), c.code)
			}
			said(t, ps)
			runtime.ReadMemStats(&after)
			if took, most := after.TotalAlloc-before.TotalAlloc, uint64(1000*len(c.input)+1<<20); took > most { // some hundred bytes for each of the input
				t.Errorf("it took %d bytes for %d", took, len(c.input))
			}
		})
	}
}

// TestHostileSignal holds what a stranger's claim and an update may make others keep.
func TestHostileSignal(t *testing.T) {
	long := strings.Repeat("x", upgrade.MaxMessage-100)
	for name, c := range map[string]struct{ input, code string }{
		"a long reason":     {`{"decision":"declined","reason":"` + long + `"}`, "bad_text"},
		"a long name":       {`{"decision":"declined","by":"` + long + `"}`, "bad_text"},
		"a long decision":   {`{"decision":"` + long + `"}`, "unknown_value"},
		"a long method":     {`{"decision":"granted","method":"` + long + `"}`, "unknown_value"},
		"an unknown field":  {`{"` + long[:90] + `":1}`, "unknown_field"},
		"two megabytes":     {`{"decision":"declined","reason":"` + long + long + `"}`, "too_large"},
		"a broken encoding": {"{\"decision\":\"declined\",\"reason\":\"\xe4\"}", "not_utf8"},
	} {
		_, ps := upgrade.ParseConsent([]byte(c.input))
		if size := len(ps.Error()); !ps.Has(c.code) || size > 8<<10 {
			t.Errorf("%s: %.300s of %d bytes, not %s", name, ps.Error(), size, c.code)
		}
	}
	for _, input := range []string{`{"decision":"declined","by":"` + strings.Repeat("\\ud83d\\ude00", 1000) + `","reason":"` + strings.Repeat("\\ud83d\\ude00", 1000) + `"}`} {
		if _, ps := upgrade.ParseConsent([]byte(input)); len(ps) > 0 { // the longest that may be said
			t.Errorf("%d bytes: %v", len(input), ps)
		}
	}
	for name, v := range map[string]any{"confirm": &upgrade.Confirm{}, "approve": &upgrade.Approve{}} {
		if ps := upgrade.ParseUpdate([]byte(`{"by":"ada","digest":"`+long+`"}`), v); !ps.Has("too_long") {
			t.Errorf("%s with a long digest: %v", name, ps)
		}
	}
}
