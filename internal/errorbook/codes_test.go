package errorbook

import (
	"fmt"
	"strings"
	"testing"
)

// The codes that Microsoft's pages list and that can meet us, each of them once, as a plain list.
const (
	aadsts = `65001 65004 65002 65005 650056 650051 650052 700016 70001 7000112 700011 500011 90094 90095 90099 50194
		9001023 90124 90130 90002 900023 5000224 90038 50020 50177 50034 50057 50053 50126 50076 50079 50074 50072 50078
		50058 50105 53000 53003 530032 530035 530034 50173 70000 70008 70043 700082 700084 54005 70016 70018 70019 90119
		90120 50134 7000215 7000222 7000218 700025 700027 700020 70011 50196 90055 90006 90033 90024 90090 90087 50033
		50000 50087`
	oauth = `authorization_pending authorization_declined expired_token bad_verification_code slow_down invalid_request
		invalid_grant unauthorized_client invalid_client unsupported_grant_type invalid_resource interaction_required
		temporarily_unavailable consent_required login_required`
	partnerCenter = `401/400 1000 2001 2002 2006 403/2006 2011 2012 2030 2032 2054 2055 2071 2072 2085 2091 2100 3000 4018 6000
		6001 13605 20000 20002 20003 27006 27007 27009 60000 60002 60003 60012 400072 400013 400018 400019 400036 600002
		600049 600050 600051 600061 800001 800002 800003 800004 800005 800007 800008 800009 800014 800015 800016 800017
		800018 800020 800023 800025 800024 800026 800062 800027 800028 800029 800036 800037 800038 800039 800040 800060
		800061 800063 800064 800065 800066 800067 800069 800070 800072 800073 800074 800075 800081 800082 800083 800084
		800087 800085 800086 800088 800089 800090 800091 800093 800094 800095 800096 800097 800098 800107 800121 800122
		90000 900117 900213 900118 900121 900123 900124 900126 900127 900149 900150 900154 900169 900192 900203 900206
		900214 900257 900215 900216 900217 900218 900219 900220 900221 900222 900226 900247 900248 900262 900236 900242
		900244 900245 900246 900258 900259 900260 900261 900263 900267 900268 900269 900270 900275 900277 900278 900279
		900280 900308 900309 900311 900316 900322 900329 900400 900416 900419 900420 501/0`
	partnerStatus = `400 401 403 404 405 406 408 409 412 429 500 501 502 503 504`
	graphStatus   = `400 401 403 404 405 406 408 409 410 411 412 413 415 416 422 423 424 429 500 501 502 503 504 507 509`
	graphNames    = `Request_BadRequest BadRequest Request_ResourceNotFound Authorization_RequestDenied
		InvalidAuthenticationToken Directory_ConcurrencyViolation TooManyRequests Request_ThrottledTemporarily
		ServiceUnavailable UnknownError`
	licenceStates = `CountViolation MutuallyExclusiveViolation DependencyViolation ProhibitedInUsageLocationViolation
		UniquenessViolation Other Unknown`
)

// graphTexts are Microsoft's messages of a refused assignment, as they were reported, with our code for each.
var graphTexts = map[string]string{
	"License assignment cannot be done for user with invalid usage location.":                            "no_usage_location",
	"Subscription with SKU f245ecc8-75af-4f8e-b61f-27d8114de5f3 does not have any available licenses.":   "no_seats",
	"License f245ecc8-75af-4f8e-b61f-27d8114de5f3 does not correspond to a valid company License.":       "sku_not_owned",
	"License assignment failed because service plans 57ff2da0,9aaf7827 are mutually exclusive.":          "conflicting_services",
	"License assignment failed because service plan 57ff2da0 depends on the service plan(s) 9aaf7827":    "dependency",
	"User does not have a corresponding license.":                                                        "license_not_held",
	"User license is inherited from a group membership and it cannot be removed directly from the user.": "inherited_from_group",
	"No license changes provided":                                     "no_changes",
	"Invalid object identifier '0'.":                                  "user_not_found",
	"Cannot convert the literal 'x' to the expected type 'Edm.Guid'.": "",
}

func TestEveryNumberOfEntraIsInTheBook(t *testing.T) {
	for _, n := range strings.Fields(aadsts) {
		known(t, Entra, "AADSTS"+n, 0)
	}
	for _, w := range strings.Fields(oauth) {
		known(t, Entra, w, 0)
	}
}

func TestEveryNumberOfPartnerCenterIsInTheBook(t *testing.T) {
	for _, n := range strings.Fields(partnerCenter) {
		status, code := 400, n
		if before, after, ok := strings.Cut(n, "/"); ok {
			code = after
			if _, err := fmt.Sscan(before, &status); err != nil {
				t.Fatal(err)
			}
			if r := known(t, Partner, code, status); r.Status != status {
				t.Errorf("%s needs its status to be told from others, and its row has none", n)
			}
			continue
		}
		if r := known(t, Partner, code, status); r.Status != 0 {
			t.Errorf("%s is found with status %d only", n, r.Status)
		}
	}
	for list, last := range map[string]int{"transition": 13, "upgrade": 11} {
		for n := range last + 1 {
			if r := known(t, Partner, fmt.Sprintf("%s/%d", list, n), 0); r.Name == "" {
				t.Errorf("%s has no name", r.ID())
			}
		}
	}
	for n := 1; n <= 4; n++ {
		known(t, Partner, fmt.Sprintf("target/%d", n), 0)
	}
	statuses(t, Partner, partnerStatus)
}

func TestEveryAnswerOfGraphIsInTheBook(t *testing.T) {
	for said, as := range graphTexts {
		for _, code := range []string{"Request_BadRequest", "BadRequest"} {
			r, ok := Find(Graph, code, 400, said)
			if !ok || r.As != as || as == "" && r.Trait != Unknown {
				t.Errorf("%s %q is %q (%s), want %q", code, said, r.As, r.Trait, as)
			}
		}
	}
	for _, name := range strings.Fields(graphNames) {
		found := false
		for _, r := range Explain(name, "") {
			found = found || r.Service == Graph && r.Code == name
		}
		if !found {
			t.Errorf("%s is not in the book", name)
		}
	}
	for _, state := range strings.Fields(licenceStates) {
		known(t, Graph, "license_"+state, 0)
	}
	statuses(t, Graph, graphStatus)
}

func known(t *testing.T, s Service, code string, status int) Row {
	t.Helper()
	r, ok := Find(s, code, status, "")
	if !ok {
		t.Errorf("%s %s is not in the book", s, code)
	}
	return r
}

func statuses(t *testing.T, s Service, list string) {
	t.Helper()
	for _, text := range strings.Fields(list) {
		var n int
		if _, err := fmt.Sscan(text, &n); err != nil {
			t.Fatal(err)
		}
		if r, ok := OfStatus(s, n); !ok || r.Status != n {
			t.Errorf("%s: HTTP %d is not in the book", s, n)
		}
	}
}
