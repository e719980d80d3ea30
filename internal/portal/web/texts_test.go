package web

import (
	"net/http/httptest"
	"testing"
)

func TestLanguage(t *testing.T) {
	all := Texts{"en": {"a": "one", "b": "two"}, "de": {"a": "eins"}}
	for accepted, want := range map[string]string{"": "en", "de-AT,de;q=0.9,en;q=0.8": "de", "fr, DE;q=0.5": "de", "fr": "en", ";;,": "en"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Language", accepted)
		if got := all.Language(r); got != want {
			t.Errorf("%q: %s, want %s", accepted, got, want)
		}
	}
	if all.Text("de", "a") != "eins" || all.Text("de", "b") != "two" || all.Text("de", "c") != "" {
		t.Error("texts fall back to the wrong language")
	}
}
