package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"uplift/upgrade"
)

// small is a valid catalogue, small enough to be broken by hand.
const small = `{
  "version": 1,
  "servicePlans": [
    {"id": "57ff2da0-773e-42df-b2af-ffb7a2317929", "name": "TEAMS1", "friendly": "Microsoft Teams", "class": "user"},
    {"id": "4828c8ec-dc2e-4779-b502-87ac9ce28ab7", "name": "MCOEV", "friendly": "Teams Phone", "class": "user"}
  ],
  "services": [{"name": "Teams", "plans": ["TEAMS1", "MCOEV"]}],
  "rules": {"requires": [{"plan": "MCOEV", "anyOf": ["TEAMS1"], "verified": "unverified", "source": "a test"}]},
  "offers": [
    {"id": "basic", "name": "Basic", "skuPartNumber": "B", "skuId": "3b555118-da6a-4418-894f-7df1e2096870",
     "productSku": "CFQ7TTC0LH18:0001", "family": "business", "minSeats": 1, "maxSeats": 300,
     "servicePlans": ["TEAMS1"], "verified": "microsoft", "source": "a test"},
    {"id": "phone", "name": "Phone", "skuPartNumber": "P", "skuId": "e43b5b99-8dfb-405f-9987-dc307f34bcbd", "family": "teams-phone",
     "servicePlans": ["MCOEV"], "addOn": true, "requires": ["TEAMS1"], "verified": "microsoft", "source": "a test"}
  ],
  "plans": [{"id": "hosted", "name": "Hosted", "licence": "basic", "bundled": ["phone"], "markets": ["DE"]}],
  "paths": [{"from": "basic", "to": "phone", "commerce": "legacy", "kinds": ["replace"], "verified": "unverified", "source": "a test"}]
}`

// TestReadProblems breaks the small catalogue in one place each and expects the problem at its place.
func TestReadProblems(t *testing.T) {
	for _, test := range []struct{ old, new, path, code string }{
		{`"version": 1`, `"version": 2`, "version", "unsupported_version"},
		{`"version": 1,`, ``, "version", "unsupported_version"},
		{`"version": 1`, `"version": "1"`, "version", "wrong_type"},
		{`"version": 1`, `"version": 1.5`, "version", "wrong_type"},
		{`"version": 1`, `"version": 1, "version": 1`, "version", "duplicate_field"},
		{`"version": 1`, `"Version": 1`, "Version", "unknown_field"},
		{`"version": 1`, `"version": 1, "extra": {"deep": [1, {"a": null}]}`, "extra", "unknown_field"},
		{`"minSeats": 1`, `"minSeats": -1`, "offers[0].minSeats", "wrong_type"},
		{`"minSeats": 1`, `"minSeats": 1e2`, "offers[0].minSeats", "wrong_type"},
		{`"minSeats": 1`, `"minSeats": 301`, "offers[0].minSeats", "bad_limits"},
		{`"addOn": true`, `"addOn": "yes"`, "offers[1].addOn", "wrong_type"},
		{`"addOn": true`, `"addOn": false`, "offers[1].requires", "not_an_add_on"},
		{`"id": "basic"`, `"id": "Basic One"`, "offers[0].id", "bad_id"},
		{`"id": "basic"`, `"id": null`, "offers[0].id", "wrong_type"},
		{`"id": "phone"`, `"id": "basic"`, "offers[1].id", "duplicate_id"},
		{`"name": "Phone"`, `"name": "BASIC"`, "offers[1].name", "duplicate_name"},
		{`"name": "Phone"`, `"name": " "`, "offers[1].name", "missing"},
		{`"skuPartNumber": "P"`, `"skuPartNumber": "b"`, "offers[1].skuPartNumber", "duplicate_part_number"},
		{`"skuPartNumber": "P", `, ``, "offers[1].skuPartNumber", "missing"},
		{`"skuId": "3b555118-`, `"skuId": "3B555118-`, "offers[0].skuId", "bad_guid"},
		{`"skuId": "3b555118-`, `"skuId": "`, "offers[0].skuId", "bad_guid"},
		{`e43b5b99-8dfb-405f-9987-dc307f34bcbd`, `3b555118-da6a-4418-894f-7df1e2096870`, "offers[1].skuId", "duplicate_guid"},
		{`"skuId": "e43b5b99-8dfb-405f-9987-dc307f34bcbd", `, ``, "offers[1].skuId", "missing"},
		{`CFQ7TTC0LH18:0001`, `CFQ7TTC0LH18:0001:K971`, "offers[0].productSku", "bad_product_sku"},
		{`"family": "teams-phone"`, `"productSku": "CFQ7TTC0LH18:0001", "family": "teams-phone"`, "offers[1].productSku", "duplicate_product_sku"},
		{`"family": "teams-phone"`, `"otherProductSkus": ["CFQ7TTC0LH18:0001"], "family": "teams-phone"`, "offers[1].otherProductSkus[0]", "duplicate_product_sku"},
		{`"family": "teams-phone"`, `"otherProductSkus": [""], "family": "teams-phone"`, "offers[1].otherProductSkus[0]", "bad_product_sku"},
		{`"family": "teams-phone"`, `"family": "telephones"`, "offers[1].family", "unknown_value"},
		{`"family": "business"`, `"family": "business", "edition": "gold"`, "offers[0].edition", "unknown_value"},
		{`"family": "business"`, `"family": "business", "markets": ["UK"]`, "offers[0].markets[0]", "bad_market"},
		{`"family": "business"`, `"family": "business", "markets": ["GB", "in"]`, "offers[0].markets[1]", "bad_market"},
		{`"family": "business"`, `"family": "business", "markets": ["GB"], "excludedMarkets": ["IN", "GB"]`, "offers[0].excludedMarkets[1]", "duplicate_market"},
		{`"servicePlans": ["MCOEV"]`, `"servicePlans": ["MCOEV", "MCOEV"]`, "offers[1].servicePlans[1]", "duplicate_reference"},
		{`"servicePlans": ["MCOEV"]`, `"servicePlans": ["MCOEV2"]`, "offers[1].servicePlans[0]", "unknown_reference"},
		{`"servicePlans": ["MCOEV"]`, `"servicePlans": []`, "offers[1].servicePlans", "missing"},
		{`"servicePlans": ["MCOEV"]`, `"servicePlans": "MCOEV"`, "offers[1].servicePlans", "wrong_type"},
		{`"servicePlans": ["TEAMS1"], "verified": "microsoft"`, `"servicePlans": ["TEAMS1"], "verified": "sure"`, "offers[0].verified", "unknown_value"},
		{`"name": "MCOEV", `, `"name": "TEAMS1", `, "servicePlans[1].name", "duplicate_id"},
		{`4828c8ec-dc2e-4779-b502-87ac9ce28ab7`, `57ff2da0-773e-42df-b2af-ffb7a2317929`, "servicePlans[1].id", "duplicate_guid"},
		{`"class": "user"},`, `"class": "user", "class": "user"},`, "servicePlans[0].class", "duplicate_field"},
		{`"class": "user"},`, `"class": "users"},`, "servicePlans[0].class", "unknown_value"},
		{`"plans": ["TEAMS1", "MCOEV"]`, `"plans": ["TEAMS1"]`, "services[0].plans", "too_few"},
		{`"plans": ["TEAMS1", "MCOEV"]`, `"plans": ["TEAMS1", "TEAMS1"]`, "services[0].plans[1]", "duplicate_reference"},
		{`"anyOf": ["TEAMS1"]`, `"anyOf": ["MCOEV"]`, "rules.requires[0].anyOf", "self_reference"},
		{`"anyOf": ["TEAMS1"]`, `"anyOf": []`, "rules.requires[0].anyOf", "too_few"},
		{`"rules": {`, `"rules": {"exclusive": [{"plans": ["TEAMS1"], "verified": "unverified", "source": "x"}], `, "rules.exclusive[0].plans", "too_few"},
		{`"rules": {`, `"rules": {"includes": [{"plan": "TEAMS1", "includes": ["TEAMS1"], "verified": "unverified", "source": "x"}], `, "rules.includes[0].includes", "self_reference"},
		{`"rules": {`, `"rules": {"includes": [{"plan": "TEAMS1", "includes": [], "verified": "unverified", "source": ""}], `, "rules.includes[0].source", "missing"},
		{`"licence": "basic"`, `"licence": "none"`, "plans[0].licence", "unknown_reference"},
		{`"licence": "basic"`, `"licence": "phone"`, "plans[0].licence", "add_on_as_licence"},
		{`"bundled": ["phone"]`, `"bundled": ["basic"]`, "plans[0].bundled[0]", "duplicate_reference"},
		{`"requires": ["TEAMS1"]`, `"requires": ["MCOEV"]`, "plans[0].bundled[0]", "requirement_missing"},
		{`"family": "business"`, `"family": "business", "markets": ["IN"]`, "plans[0].markets[0]", "not_sold_there"},
		{`, "markets": ["DE"]`, `, "markets": ["XX"]`, "plans[0].markets[0]", "bad_market"},
		{`"to": "phone"`, `"to": "basic"`, "paths[0].to", "self_reference"},
		{`"to": "phone"`, `"to": "nowhere"`, "paths[0].to", "unknown_reference"},
		{`"commerce": "legacy"`, `"commerce": "old"`, "paths[0].commerce", "unknown_value"},
		{`"kinds": ["replace"]`, `"kinds": []`, "paths[0].kinds", "missing"},
		{`"kinds": ["replace"]`, `"kinds": ["magic"]`, "paths[0].kinds[0]", "unknown_value"},
		{`"kinds": ["replace"]`, `"kinds": ["replace", "replace"]`, "paths[0].kinds[1]", "duplicate_reference"},
		{small, `{"version": 1`, "", "malformed_json"},
		{small, small + small, "", "malformed_json"},
		{small, "", "", "malformed_json"},
		{small, `[]`, "", "wrong_type"},
		{small, `null`, "", "wrong_type"},
		{small, `{}`, "offers", "too_few"},
		{"Basic", "\xff", "", "bad_encoding"},
		{small, strings.Repeat("[", 200000), "", "malformed_json"},
		{small, `{"offers": [` + strings.Repeat("1,", 5000) + `1]}`, "", "too_many_problems"},
		{small, strings.Repeat(" ", maxBytes) + small, "", "too_large"},
	} {
		if !strings.Contains(small, test.old) {
			t.Fatalf("%s is not in the small catalogue", test.old)
		}
		_, err := Read(strings.NewReader(strings.Replace(small, test.old, test.new, 1)))
		var problems upgrade.Problems
		errors.As(err, &problems)
		found := false
		for _, p := range problems {
			found = found || p.Path == test.path && p.Code == test.code && p.Message != "" && p.Remedy != ""
		}
		if !found {
			t.Errorf("%.60s → %.60s: want %s at %q, got:\n%v", test.old, test.new, test.code, test.path, err)
		}
	}
}

// TestReadAll: every problem is reported, each once, with the line where it stands.
func TestReadAll(t *testing.T) {
	text := strings.NewReplacer(`"id": "basic"`, `"id": "Basic", "colour": "red"`, `"maxSeats": 300`, `"maxSeats": "many"`,
		`"kinds": ["replace"]`, `"kinds": ["replace", "magic"]`).Replace(small)
	_, err := Read(strings.NewReader(text))
	want := `offers[0].colour: there is no field "colour" (line 10) [unknown_field] → remove it, or mend its name
offers[0].maxSeats: here stands a text instead of a whole number (line 11) [wrong_type] → give a whole number
offers[0].id: "Basic" is not an id (line 10) [bad_id] → write small letters, digits and single hyphens, such as business-basic
plans[0].licence: there is no offer "basic" (line 16) [unknown_reference] → describe it under offers, or mend the id
paths[0].from: there is no offer "basic" (line 17) [unknown_reference] → describe it under offers, or mend the id
paths[0].kinds[1]: "magic" is not known here (line 17) [unknown_value] → write one of: transition, replace, at-renewal`
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

func TestReadSmall(t *testing.T) {
	c, err := Read(strings.NewReader("\xef\xbb\xbf" + small))
	if err != nil {
		t.Fatal(err)
	}
	o, _ := c.Offer("phone")
	if len(o.ServicePlans) != 1 || o.ServicePlans[0].Friendly != "Teams Phone" || len(o.Requires) != 1 {
		t.Errorf("the offer is %+v", o)
	}
	if _, err := Read(io.MultiReader(strings.NewReader(small), iotest.ErrReader(os.ErrClosed))); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the reader's error became %v", err)
	}
}

// TestDigest: layout and order do not count, content does.
func TestDigest(t *testing.T) {
	c := Load()
	var f file
	if err := json.Unmarshal(builtIn, &f); err != nil {
		t.Fatal(err)
	}
	reversed := f
	reversed.Offers = nil
	for _, o := range f.Offers {
		reversed.Offers = append([]fileOffer{o}, reversed.Offers...)
	}
	reversed.Paths = nil
	for _, p := range f.Paths {
		reversed.Paths = append([]Path{p}, reversed.Paths...)
	}
	text, _ := json.MarshalIndent(reversed, "", "\t")
	again, err := Read(bytes.NewReader(text))
	if err != nil || again.Digest() != c.Digest() {
		t.Errorf("the reversed catalogue has the digest %s, not %s (%v)", again.Digest(), c.Digest(), err)
	}
	seen := map[string]string{c.Digest(): "nothing"}
	for _, change := range []struct{ old, new string }{
		{`"maxSeats": 300`, `"maxSeats": 299`}, {`"friendly": "Sway"`, `"friendly": "sway"`}, {`"Hosted Pro"`, `"Hosted"`},
		{`"EXCHANGE_S_STANDARD", "EXCHANGE_S_ENTERPRISE"], "verified"`, `"EXCHANGE_S_ENTERPRISE", "EXCHANGE_S_STANDARD"], "verified"`},
		{`["BPOS_S_TODO_1", "BPOS_S_TODO_2", `, `["BPOS_S_TODO_2", "BPOS_S_TODO_1", `}, {`"transition", "replace"`, `"replace", "transition"`},
	} {
		if !bytes.Contains(builtIn, []byte(change.old)) {
			t.Fatalf("%s is not in the built-in catalogue", change.old)
		}
		other, err := Read(bytes.NewReader(bytes.Replace(builtIn, []byte(change.old), []byte(change.new), 1)))
		if err != nil {
			t.Fatal(err)
		}
		if first, same := seen[other.Digest()]; same {
			t.Errorf("%s and %s have one digest", change.new, first)
		}
		seen[other.Digest()] = change.new
	}
}

// TestWith: what is learned at run time enters, and the catalogue it came to stays as it was.
func TestWith(t *testing.T) {
	c := Load()
	india, _ := c.Offer("business-basic-india")
	basic, _ := c.Offer("business-basic")
	india.SKUID, india.SKUPartNumber, india.ProductSKU = "11111111-2222-3333-4444-555555555555", "BASIC_IN", "CFQ7TTC00000:0001"
	news := ServicePlan{ID: "99999999-2222-3333-4444-555555555555", Name: "NEWS", Friendly: "News", Class: UserService}
	india.ServicePlans = append(basic.ServicePlans, news)
	learned, err := c.With(india)
	if err != nil {
		t.Fatal(err)
	}
	if o, found := learned.OfferBySKUID(india.SKUID); !found || o.ID != india.ID || !o.Has(news.ID) || len(o.ServicePlans) != len(basic.ServicePlans)+1 {
		t.Errorf("learned: %+v", o)
	}
	if learned.Digest() == c.Digest() || len(learned.Offers()) != len(c.Offers()) {
		t.Error("the new catalogue is not a new one of the same length")
	}
	if o, _ := c.Offer(india.ID); o.Known() {
		t.Error("the old catalogue has changed")
	}
	india.SKUID = basic.SKUID
	var problems upgrade.Problems
	if _, err := c.With(india); !errors.As(err, &problems) || !problems.Has("duplicate_guid") {
		t.Errorf("with a SKU that another offer has: %v", err)
	}
}

// TestCopies: a caller who writes into an answer changes nobody else's.
func TestCopies(t *testing.T) {
	c := Load()
	o, _ := c.Offer("business-basic")
	o.ServicePlans[0].Friendly = "spoiled"
	c.Offers()[0].ServicePlans[0].Friendly = "spoiled"
	p, _ := c.Plan("hosted-pro")
	p.Bundled[0] = "spoiled"
	c.Paths()[0].Kinds[0] = "spoiled"
	for _, o := range c.Offers() {
		for _, p := range o.ServicePlans {
			if p.Friendly == "spoiled" {
				t.Fatalf("%s was spoiled", o.ID)
			}
		}
	}
	if p, _ := c.Plan("hosted-pro"); p.Bundled[0] == "spoiled" || c.Paths()[0].Kinds[0] == "spoiled" {
		t.Error("a plan or a path was spoiled")
	}
}

// FuzzRead: whatever the file, Read answers with a catalogue that works or with problems, and never panics.
func FuzzRead(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(strings.Replace(small, `"id"`, `"ID"`, 1)))
	f.Add([]byte(`{"version":1,"offers":[{"id":[]}],"rules":null}`))
	f.Add([]byte("{\"version\":1,\"\":{\"a.b[0]\":[[[]]]}}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Read(bytes.NewReader(text))
		if err != nil {
			var problems upgrade.Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("an error without a problem: %v", err)
			}
			return
		}
		if len(c.Offers()) == 0 || c.Digest() == "" {
			t.Fatal("a catalogue without content was taken")
		}
		for _, p := range c.Paths() {
			if _, err := c.Path(p.From, p.To, ""); err != nil {
				t.Fatal(err)
			}
		}
		for _, o := range c.Offers() {
			if found, _, ok := c.Resolve(string(o.ID)); !ok || found.ID != o.ID {
				t.Fatalf("%s is not found by its id", o.ID)
			}
			c.MapDisabled(o.PlanIDs(), o.PlanIDs(), o.PlanIDs())
		}
	})
}
