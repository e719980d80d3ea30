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
	made = regexp.MustCompile(`^(state|problem|remedy|milestone|permission)\.|^(provider|company)\.unnamed$|^start\.refused$|^permissions\.other$`)
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
	needed = append(needed, "provider.unnamed", "company.unnamed", "start.refused", "permissions.other", "remedy.other")
	// What a plan may ask, and whatever refuses an administrator's sign-in.
	for _, name := range []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All", "GroupMember.Read.All", "Group.ReadWrite.All", "Directory.Read.All"} {
		needed = append(needed, "permission."+name)
	}
	for _, code := range append(said(), "personal_account", "admin_needed", "access_denied", "code_used", "sign_in_lost", "no_proof", "expired_token") {
		needed = append(needed, "problem."+code, "remedy."+code)
	}
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
