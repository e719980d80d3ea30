package access

import (
	"regexp"
	"slices"
	"testing"

	"uplift/internal/portal/web"
)

var usedKey = regexp.MustCompile(`\.T "([^"]+)"`)

// Every text that a page can ask for exists, none is left over, and every language has all of them.
func TestTexts(t *testing.T) {
	all, err := web.LoadTexts(textFiles, "texts")
	if err != nil {
		t.Fatal(err)
	}
	source, err := templateFiles.ReadFile("templates/page.html")
	if err != nil {
		t.Fatal(err)
	}
	needed := []string{"provider.unnamed"}
	for _, m := range usedKey.FindAllSubmatch(source, -1) {
		needed = append(needed, string(m[1]))
	}
	for _, s := range states() {
		needed = append(needed, "state."+string(s)+".title", "state."+string(s)+".text")
	}
	for _, r := range Roles() {
		needed = append(needed, "role."+string(r))
	}
	for language, words := range all {
		for _, key := range needed {
			if words[key] == "" {
				t.Errorf("%s.json lacks %s", language, key)
			}
		}
		for key := range words {
			if !slices.Contains(needed, key) {
				t.Errorf("%s.json has %s, which nothing shows", language, key)
			}
		}
	}
}
