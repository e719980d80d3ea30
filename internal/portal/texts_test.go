package portal

import (
	"net/http/httptest"
	"regexp"
	"slices"
	"testing"
)

var (
	usedKey = regexp.MustCompile(`\.T "([^"]+)"`)
	// made are the keys that code makes from what it is given.
	made = regexp.MustCompile(`^(state|problem|remedy|milestone)\.|^(provider|company)\.unnamed$|^start\.refused$`)
)

// Every text that a page can ask for exists, none is left over, and every language has all of them.
func TestTexts(t *testing.T) {
	all, err := loadTexts()
	if err != nil {
		t.Fatal(err)
	}
	files, err := templateFiles.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	var used []string
	for _, f := range files {
		source, err := templateFiles.ReadFile("templates/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range usedKey.FindAllSubmatch(source, -1) {
			used = append(used, string(m[1]))
		}
	}
	needed := slices.Clone(used)
	for _, s := range states() {
		needed = append(needed, "state."+string(s)+".title", "state."+string(s)+".text")
	}
	for _, m := range (view{State: stateOffer}).Milestones() {
		needed = append(needed, m.Key)
	}
	needed = append(needed, "provider.unnamed", "company.unnamed", "start.refused")
	for _, key := range needed {
		if all[fallback][key] == "" {
			t.Errorf("%s.json lacks %s", fallback, key)
		}
	}
	for key := range all[fallback] {
		if !made.MatchString(key) && !slices.Contains(used, key) {
			t.Errorf("%s.json has %s, which nothing shows", fallback, key)
		}
		for language, words := range all {
			if words[key] == "" {
				t.Errorf("%s.json lacks %s", language, key)
			}
		}
	}
}

func TestLanguage(t *testing.T) {
	all := texts{"en": {"a": "one", "b": "two"}, "de": {"a": "eins"}}
	for accepted, want := range map[string]string{"": "en", "de-AT,de;q=0.9,en;q=0.8": "de", "fr, DE;q=0.5": "de", "fr": "en", ";;,": "en"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Language", accepted)
		if got := all.language(r); got != want {
			t.Errorf("%q: %s, want %s", accepted, got, want)
		}
	}
	if all.text("de", "a") != "eins" || all.text("de", "b") != "two" || all.text("de", "c") != "" {
		t.Error("texts fall back to the wrong language")
	}
}
