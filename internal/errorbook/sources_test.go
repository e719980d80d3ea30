package errorbook

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// atStart are codes of settings that keep a process from starting: who reads them has the remedy beside them.
var atStart = []string{"two_credentials", "wrong_key", "no_client_id", "bad_entra_options", "bad_url"}

// coined are the ways in which our code gives an error or a problem its code.
var coined = regexp.MustCompile(`(?:Code:\s*|(?:refused|waiting|refusal|rejected|invalid|signInProblem)\(|ignoreCode\(ctx, |(?:m\.no|Add)\([^,\n]*, |u\.add\()"([a-z]+(?:_[a-z]+)*)"`)

// TestOurOwnCodesAreInTheBook reads the sources: who invents a code writes its row, so that nobody meets one that
// `starter errors` cannot explain.
func TestOurOwnCodesAreInTheBook(t *testing.T) {
	found := 0
	for _, dir := range []string{"activities", "workflows", "internal/planning", "internal/entra", "internal/graph", "internal/partner", "internal/callback"} {
		names, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(dir), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range coined.FindAllStringSubmatch(string(source), -1) {
				found++
				if _, ok := Told(m[1], ""); !ok && !slices.Contains(atStart, m[1]) {
					t.Errorf("%s has the code %q, which has no row in ours.json", name, m[1])
				}
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d codes were found: the pattern no longer fits the sources", found)
	}
}
