package consent

import (
	"regexp"
	"slices"
	"testing"

	"uplift/internal/portal/web"
)

var (
	usedKey = regexp.MustCompile(`\.T "([^"]+)"`)
	// made are the keys that code makes from what it is given.
	made = regexp.MustCompile(`^(state|problem|remedy|milestone)\.|^(provider|company)\.unnamed$|^start\.refused$`)
)

// Every text that a page can ask for exists, none is left over, and every language has all of them.
func TestTexts(t *testing.T) {
	all, err := web.LoadTexts(textFiles, "texts")
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
		if all[web.Fallback][key] == "" {
			t.Errorf("%s.json lacks %s", web.Fallback, key)
		}
	}
	for key := range all[web.Fallback] {
		if !made.MatchString(key) && !slices.Contains(used, key) {
			t.Errorf("%s.json has %s, which nothing shows", web.Fallback, key)
		}
		for language, words := range all {
			if words[key] == "" {
				t.Errorf("%s.json lacks %s", language, key)
			}
		}
	}
}
