package consent_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"uplift/upgrade"
)

func TestStart(t *testing.T) {
	w := newWorld()
	rec := w.do(http.MethodPost, target+"/start", "", "Sec-Fetch-Site", "same-origin")
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != target {
		t.Fatalf("%d %s", rec.Code, rec.Header().Get("Location"))
	}
	if len(w.started) != 1 || w.started[0].Invitation != 2 {
		t.Errorf("%+v", w.started)
	}
	contains(t, w.get(target).Body.String(), "ABCD-1234")
	if w.do(http.MethodPost, target+"/start", ""); len(w.started) != 1 {
		t.Error("a second code was asked for while the first is good")
	}
	if strings.Contains(w.log.String(), token) || strings.Contains(w.log.String(), "ABCD") {
		t.Errorf("the log says too much: %s", w.log.String())
	}
}

func TestStartRefused(t *testing.T) {
	w := newWorld()
	w.startErr = &upgrade.Error{Kind: upgrade.Refused, Code: "too_many_codes", Message: "Three codes were made in the last quarter hour."}
	rec := w.do(http.MethodPost, target+"/start", "")
	if rec.Code != 409 {
		t.Errorf("%d", rec.Code)
	}
	contains(t, rec.Body.String(), "No code could be given", "Three codes were made", "Start authentication")
	w.startErr = errors.New("temporal is away")
	if rec := w.do(http.MethodPost, target+"/start", ""); rec.Code != 503 || strings.Contains(rec.Body.String(), "temporal is away") {
		t.Errorf("%d", rec.Code)
	}
}

func TestDeclineInTwoSteps(t *testing.T) {
	w := newWorld()
	contains(t, w.get(target+"/decline").Body.String(), "Decline the upgrade?", "<textarea", "Go back")
	if w.asked() {
		t.Fatal("the first step declined")
	}
	form := url.Values{"reason": {" too dear\x00 " + strings.Repeat("é", 2000)}}.Encode()
	rec := w.do(http.MethodPost, target+"/decline", form, "Sec-Fetch-Site", "same-origin")
	if rec.Code != http.StatusSeeOther || len(w.consents) != 1 {
		t.Fatalf("%d %v", rec.Code, w.consents)
	}
	c := w.consents[0]
	if c.Decision != upgrade.DeclinedDecision || c.Invitation != 2 || !strings.HasPrefix(c.Reason, "too dear é") || len([]rune(c.Reason)) != 1000 {
		t.Errorf("%+v", c)
	}
	contains(t, w.get(rec.Header().Get("Location")).Body.String(), "You declined")
	w.do(http.MethodPost, target+"/decline", form)
	if len(w.consents) != 1 {
		t.Error("declined twice")
	}
	if rec := w.get(target + "/decline"); rec.Code != http.StatusSeeOther {
		t.Errorf("the form is offered after the end: %d", rec.Code)
	}
}

func TestDeclineIsAcknowledgedBeforeItIsTakenUp(t *testing.T) {
	w := newWorld()
	contains(t, w.get(target+"?answer=declined").Body.String(), "Your answer was sent")
}

func TestBodiesAreBounded(t *testing.T) {
	w := newWorld()
	rec := w.do(http.MethodPost, target+"/decline", "reason="+strings.Repeat("x", 20<<10))
	if rec.Code != http.StatusRequestEntityTooLarge || w.asked() {
		t.Errorf("%d", rec.Code)
	}
}

func TestMalformedFormIsNotTooLarge(t *testing.T) {
	w := newWorld()
	rec := w.do(http.MethodPost, target+"/decline", "reason=%zz")
	if rec.Code != http.StatusBadRequest || w.asked() {
		t.Errorf("%d", rec.Code)
	}
	contains(t, rec.Body.String(), "nothing was done")
}

func TestPostsOfOtherOriginsAreRefused(t *testing.T) {
	w := newWorld()
	for _, headers := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
	} {
		for _, path := range []string{"/start", "/decline"} {
			rec := w.do(http.MethodPost, target+path, "reason=x", headers...)
			if rec.Code != http.StatusForbidden {
				t.Errorf("%v %s: %d", headers, path, rec.Code)
			}
			contains(t, rec.Body.String(), "did not come from this page")
		}
	}
	if w.asked() || strings.Contains(w.log.String(), token) {
		t.Error("asked, or logged the token")
	}
}
