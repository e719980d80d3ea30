package upgrade_test

import (
	"strings"
	"testing"

	"uplift/upgrade"
)

// TestDecodeStrict lists what encoding/json would let pass, or stop at.
func TestDecodeStrict(t *testing.T) {
	type inner struct {
		A int   `json:"a"`
		L []int `json:"l"`
	}
	type outer struct {
		S     string       `json:"seats"`
		Inner *inner       `json:"inner"`
		Wait  upgrade.Wait `json:"wait"`
		Rate  float64      `json:"rate"`
	}
	deep := func(n int) string { return `{"x":` + strings.Repeat("[", n) + strings.Repeat("]", n) + "}" }
	for _, c := range []struct{ name, input, want string }{
		{"good", `{"seats":"x","inner":{"a":1,"l":[1,2]},"wait":"2d","rate":0.5}`, ""},
		{"null fields", `{"seats":null,"inner":null,"wait":null}`, ""},
		{"byte order mark", "\xef\xbb\xbf{}", ""},
		{"nothing", "", "empty"},
		{"blanks", " \n\t", "empty"},
		{"byte order mark alone", "\xef\xbb\xbf", "empty"},
		{"null", "null", "not_an_object"},
		{"a list", "[{}]", "not_an_object"},
		{"a number", "7", "not_an_object"},
		{"cut off", `{"seats":"x"`, "malformed_json"},
		{"two commas", `{"seats":"x",,}`, "malformed_json"},
		{"not UTF-16", "{\x00\"", "malformed_json"},
		{"two objects", "{} {}", "trailing_data"},
		{"rubbish after it", "{} x", "trailing_data"},
		{"twice", `{"seats":"x","seats":"y"}`, "seats duplicate_field"},
		{"twice in another case", `{"seats":"x","Seats":"y"}`, "Seats duplicate_field"},
		{"twice with a long s", `{"seats":"x","ſeats":"y"}`, "ſeats duplicate_field"},
		{"twice escaped", `{"seats":"x","\u0073eats":"y"}`, "seats duplicate_field"},
		{"twice, deep down, two of them", `{"inner":{"a":1,"A":2,"l":[],"L":[]}}`, lines("inner.A duplicate_field", "inner.L duplicate_field")},
		{"twice in a list", `{"x":[{},{"b":1,"b":1}]}`, "x[1].b duplicate_field"},
		{"sixteen levels are read, though unknown", deep(15), "x unknown_field"},
		{"seventeen levels", deep(16), "x" + strings.Repeat("[0]", 15) + " too_deep"},
		{"a million levels", deep(500_000), "x" + strings.Repeat("[0]", 15) + " too_deep"},
		{"unknown", `{"seat":"x","inner":{"b":1}}`, lines("inner.b unknown_field", "seat unknown_field")},
		{"wrong types", `{"seats":1,"inner":{"a":"1","l":[1,"2",null,{}]},"wait":5,"rate":"x"}`,
			lines("inner.a wrong_type", "inner.l[1] wrong_type", "inner.l[3] wrong_type", "rate wrong_type", "seats wrong_type", "wait wrong_type")},
		{"a wait that is none", `{"wait":"soon"}`, "wait wrong_type"},
		{"too large a number", `{"inner":{"a":99999999999999999999}}`, "inner.a wrong_type"},
		{"too large a fraction", `{"rate":1e999}`, "rate wrong_type"},
		{"too large", `{"seats":"` + strings.Repeat("x", upgrade.MaxInput) + `"}`, "too_large"},
		{"as large as may be", `{"seats":"` + strings.Repeat("x", upgrade.MaxInput-12) + `"}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var v outer
			if got := at(upgrade.DecodeStrict([]byte(c.input), &v)); got != c.want {
				t.Errorf("the problems are %q, not %q", got, c.want)
			}
		})
	}

	var v outer
	ps := upgrade.DecodeStrict([]byte(`{"seats":"kept","rate":"x","inner":{"a":3}}`), &v)
	if at(ps) != "rate wrong_type" || v.S != "kept" || v.Inner == nil || v.Inner.A != 3 {
		t.Errorf("what can be read beside a wrong field is lost: %v %+v", ps, v)
	}
	if want := `rate: "x" stands where a number is expected [wrong_type] → see the order's description in the README`; ps.Error() != want {
		t.Errorf("%s", ps)
	}
}
