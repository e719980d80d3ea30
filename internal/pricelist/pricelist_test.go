package pricelist_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"uplift/catalog"
	"uplift/internal/pricelist"
	"uplift/upgrade"
)

const head = "offer,market,term,billingCycle,currency,price\n"

func TestParse(t *testing.T) {
	list, ps := pricelist.Parse([]byte("\xef\xbb\xbf"+head+
		"business-basic,,P1Y,monthly,EUR,5.60\r\n"+
		"business-basic,JP,P1Y,monthly,JPY,899\n"+
		"\"business-premium\",,P3Y,triennial,EUR,700\n"+
		"business-premium,KW,P1M,monthly,KWD,6.1\n"+
		"business-standard,,P1Y,annual,EUR,0\n"), catalog.Load())
	want := []upgrade.Price{
		{Offer: "business-basic", Term: "P1Y", BillingCycle: "monthly", Currency: "EUR", Minor: 560},
		{Offer: "business-basic", Market: "JP", Term: "P1Y", BillingCycle: "monthly", Currency: "JPY", Minor: 899},
		{Offer: "business-premium", Term: "P3Y", BillingCycle: "triennial", Currency: "EUR", Minor: 70000},
		{Offer: "business-premium", Market: "KW", Term: "P1M", BillingCycle: "monthly", Currency: "KWD", Minor: 6100},
		{Offer: "business-standard", Term: "P1Y", BillingCycle: "annual", Currency: "EUR"},
	}
	if len(ps) > 0 || !reflect.DeepEqual(list, want) {
		t.Fatalf("%v\n%+v", ps, list)
	}
	var out bytes.Buffer
	if err := pricelist.Write(&out, list); err != nil {
		t.Fatal(err)
	}
	back, ps := pricelist.Parse(out.Bytes(), catalog.Load())
	if len(ps) > 0 || !reflect.DeepEqual(back, want) {
		t.Errorf("what was written is read as %v\n%+v", ps, back)
	}
}

// TestProblems: every line that is wrong is named, with its code.
func TestProblems(t *testing.T) {
	good := "business-basic,,P1Y,monthly,EUR,5.60\n"
	for name, c := range map[string]struct{ text, want string }{
		"empty":                {"", " empty"},
		"other columns":        {"offer,price\nx,1\n", "line 1 bad_header"},
		"other order":          {"market,offer,term,billingCycle,currency,price\n", "line 1 bad_header"},
		"not text":             {head + "\xff\xfe", " not_utf8"},
		"too large":            {head + strings.Repeat("x", upgrade.MaxInput), " too_large"},
		"no rows":              {head, " no_prices"},
		"a quote":              {head + good + `"business-basic,GB` + "\n", " malformed_csv"},
		"fields":               {head + "business-basic,P1Y,monthly,EUR,5.60\n" + good, "line 2 bad_row"},
		"semicolons":           {head + "business-basic;;P1Y;monthly;EUR;5,60\n", "line 2 bad_row"},
		"offer":                {head + good + "busines-basic,,P1Y,annual,EUR,1\n", "line 3 unknown_offer"},
		"market":               {head + "business-basic,uk,P1Y,monthly,EUR,1\n", "line 2 bad_market"},
		"term":                 {head + "business-basic,,P2Y,monthly,EUR,1\n", "line 2 bad_term"},
		"cycle":                {head + "business-basic,,P1Y,weekly,EUR,1\n", "line 2 bad_billing_cycle"},
		"cycle of the term":    {head + "business-basic,,P1M,annual,EUR,1\n", "line 2 bad_billing_cycle"},
		"currency":             {head + "business-basic,,P1Y,monthly,Euro,1\n", "line 2 bad_currency"},
		"comma":                {head + "business-basic,,P1Y,monthly,EUR,\"1,50\"\n", "line 2 bad_price"},
		"negative":             {head + "business-basic,,P1Y,monthly,EUR,-1\n", "line 2 bad_price"},
		"exponent":             {head + "business-basic,,P1Y,monthly,EUR,1e3\n", "line 2 bad_price"},
		"no price":             {head + "business-basic,,P1Y,monthly,EUR,\n", "line 2 bad_price"},
		"too exact":            {head + "business-basic,,P1Y,monthly,EUR,1.505\n", "line 2 bad_price"},
		"too exact for yen":    {head + "business-basic,,P1Y,monthly,JPY,1.5\n", "line 2 bad_price"},
		"too large a price":    {head + "business-basic,,P1Y,monthly,EUR,999999999\n", "line 2 bad_price"},
		"twice":                {head + good + good, "line 3 price_twice"},
		"two currencies":       {head + good + "business-premium,,P1Y,monthly,USD,20\n", "line 3 several_currencies"},
		"blanks are no offer":  {head + " business-basic,,P1Y,monthly,EUR,1\n", "line 2 unknown_offer"},
		"all of them at once":  {head + "x,y,z,w,v,u\n" + good + "x,y,z,w,v,1\n", "line 2 bad_price; line 4 unknown_offer; line 4 bad_market; line 4 bad_term; line 4 bad_currency"},
		"a blank line is none": {head + "\n" + good + "\nx,,P1Y,monthly,EUR,1\n", "line 5 unknown_offer"},
	} {
		t.Run(name, func(t *testing.T) {
			_, ps := pricelist.Parse([]byte(c.text), catalog.Load())
			var all []string
			for _, p := range ps {
				all = append(all, p.Path+" "+p.Code)
				if p.Message == "" || p.Remedy == "" {
					t.Errorf("without a sentence or a remedy: %+v", p)
				}
			}
			if got := strings.Join(all, "; "); got != c.want {
				t.Errorf("%s\n%v", got, ps)
			}
		})
	}
}

// TestDecode: the same list as JSON, as any Temporal client may send it.
func TestDecode(t *testing.T) {
	list, ps := pricelist.Decode([]byte(`{"by":"anna","prices":[{"offer":"business-basic","market":"GB","term":"P1Y","billingCycle":"monthly","currency":"GBP","minor":490}]}`), catalog.Load())
	if len(ps) > 0 || len(list.Prices) != 1 || list.Prices[0].Minor != 490 || list.By != "anna" {
		t.Errorf("%+v, %v", list, ps)
	}
	for text, code := range map[string]string{
		`{"prices":[{"offer":"business-basic","term":"P1Y","billingCycle":"monthly","currency":"GBP","minor":-1}]}`:  "bad_price",
		`{"prices":[{"offer":"business-basic","term":"P1Y","billingCycle":"monthly","currency":"GBP","minor":1.5}]}`: "wrong_type",
		`{"prices":[]}`: "no_prices", `[]`: "not_an_object", ``: "empty", `{"prices":[{"price":1}]}`: "unknown_field",
	} {
		if _, ps := pricelist.Decode([]byte(text), catalog.Load()); !ps.Has(code) {
			t.Errorf("%s: %v", text, ps)
		}
	}
}

func TestTooMany(t *testing.T) {
	rows := "{}" + strings.Repeat(",{}", upgrade.MaxPrices)
	if _, ps := pricelist.Decode([]byte(`{"prices":[`+rows+`]}`), catalog.Load()); len(ps) != 1 || ps[0].Code != "too_many_prices" {
		t.Errorf("%v", ps)
	}
	if _, ps := pricelist.Decode([]byte(`{"prices":[`+strings.ReplaceAll(rows, "{}", `{"x":1}`)+`]}`), catalog.Load()); len(ps) != 201 {
		t.Errorf("%d problems", len(ps))
	}
	var b strings.Builder
	b.WriteString(head)
	for range upgrade.MaxPrices {
		fmt.Fprintln(&b, "x,,P1Y,monthly,EUR,1")
	}
	if _, ps := pricelist.Parse([]byte(b.String()), catalog.Load()); len(ps) != 201 || ps[200].Code != "more_problems" {
		t.Errorf("%d problems", len(ps))
	}
}

// FuzzParse: whatever is read without problems is written and read again as the same.
func FuzzParse(f *testing.F) {
	f.Add([]byte(head + "business-basic,,P1Y,monthly,EUR,5.60\n"))
	f.Add([]byte(head + "\"business-basic\",\"JP\",P1Y,monthly,JPY,5\n\n"))
	f.Add([]byte("x"))
	c := catalog.Load()
	f.Fuzz(func(t *testing.T, data []byte) {
		list, ps := pricelist.Parse(data, c)
		if len(ps) > 0 {
			return
		}
		var out bytes.Buffer
		if err := pricelist.Write(&out, list); err != nil {
			t.Fatal(err)
		}
		if back, ps := pricelist.Parse(out.Bytes(), c); len(ps) > 0 || !reflect.DeepEqual(back, list) {
			t.Errorf("%v\n%+v\n%+v", ps, back, list)
		}
	})
}
