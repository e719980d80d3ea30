package errorbook

import (
	"strings"
	"testing"
)

// FuzzFind: whatever Microsoft says, what is found is a row of the service that was asked about and fits what was said; and
// a row is found again by what it says itself.
func FuzzFind(f *testing.F) {
	for _, r := range All()[:20] {
		f.Add(string(r.Service), r.Code, r.Status, r.Message)
	}
	f.Add("graph", "Request_BadRequest", 400, "License assignment cannot be done for user with INVALID USAGE LOCATION.")
	f.Add("entra", "", -1, "\xff\u212a")
	f.Fuzz(func(t *testing.T, service, code string, status int, said string) {
		r, ok := Find(Service(service), code, status, said)
		fits := string(r.Service) == service && (r.Status == 0 || r.Status == status) &&
			(r.Text != "" && strings.Contains(strings.ToLower(said), r.Text) || r.Text == "" && strings.EqualFold(r.Code, code))
		if ok && !fits {
			t.Errorf("%q, %d, %q is taken for %s", code, status, said, r.ID())
		}
		if r, ok := OfStatus(Service(service), status); ok && (string(r.Service) != service || !strings.HasPrefix(r.Code, "http_")) {
			t.Errorf("the status %d is taken for %s", status, r.ID())
		}
		if r, ok := Told(code, said); ok && (!strings.EqualFold(r.Code, code) || code == "") {
			t.Errorf("%q is taken for %s", code, r.ID())
		}
	})
}
