package importtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestArrows(t *testing.T) {
	g := load(t)
	if len(g.ours()) < 10 {
		t.Fatalf("go list found %v only", g.ours())
	}
	for _, wrong := range g.broken() {
		t.Error(wrong)
	}
}

// broken are the edges that no rule allows, a sentence each.
func (g graph) broken() []string {
	var wrong []string
	for _, path := range g.ours() {
		r, ok := ruleOf(path)
		if !ok {
			wrong = append(wrong, path+" has no rule: say in rules_test.go who it may import")
			continue
		}
		for _, to := range g[path].Imports {
			if g[to].Standard && !among(r.direct, to) || !g[to].Standard && among(r.may, to) {
				continue
			}
			wrong = append(wrong, fmt.Sprintf("%s imports %s: %s", path, to, r.says))
		}
		if way := g.way(path, outside(r.never, path)); way != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %s", strings.Join(way, " → "), r.says))
		}
		wrong = append(wrong, g.meets(path)...)
	}
	return wrong
}

// meets are the imports, those of tests included, that are reserved for another package.
func (g graph) meets(path string) []string {
	var wrong []string
	p := g[path]
	for _, to := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
		for _, o := range only {
			if among(o.packages, to) && !among(o.importer, path) {
				wrong = append(wrong, fmt.Sprintf("%s imports %s: %s", path, to, o.says))
			}
		}
	}
	for _, o := range only {
		if o.importer == nil && g.way(path, o.packages) != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %s", strings.Join(g.way(path, o.packages), " → "), o.says))
		}
	}
	return wrong
}

// outside is the patterns but those that mean the package itself or what stands below it.
func outside(patterns []string, path string) []string {
	return slices.DeleteFunc(slices.Clone(patterns), func(p string) bool { return matches(p, path) && p != "uplift/..." })
}

// ruleOf is the rule whose pattern fits best.
func ruleOf(path string) (best rule, ok bool) {
	for _, r := range rules {
		if matches(r.pattern, path) && len(r.pattern) > len(best.pattern) {
			best, ok = r, true
		}
	}
	return best, ok
}

// TestBadEdges: each of these made-up edges is reported, with the sentence of the rule that it breaks.
func TestBadEdges(t *testing.T) {
	for _, c := range []struct {
		name  string
		edges graph
		want  string
	}{
		{"a noun that imports", graph{"uplift/upgrade": {Imports: []string{"uplift/catalog"}}}, "uplift/upgrade imports uplift/catalog: upgrade is the nouns"},
		{"a noun with a network", graph{"uplift/upgrade": {Imports: []string{"net/http"}}}, "uplift/upgrade → net/http: upgrade is the nouns"},
		{"a catalogue with a clock", graph{"uplift/catalog": {Imports: []string{"time"}}}, "uplift/catalog imports time: catalog is pure"},
		{"a workflow that reads the catalogue", graph{"uplift/workflows": {Imports: []string{"uplift/catalog"}}}, "uplift/workflows imports uplift/catalog: workflows are deterministic"},
		{"a workflow that reaches zap", graph{
			"uplift/workflows":           {Imports: []string{"go.temporal.io/sdk/log"}},
			"go.temporal.io/sdk/log":     {Imports: []string{"example.com/logs"}},
			"example.com/logs":           {Imports: []string{"go.uber.org/zap/zapcore"}},
			"go.uber.org/zap/zapcore":    {},
			"go.uber.org/zap/unrelated":  {},
			"example.com/logs/unrelated": {},
		}, "uplift/workflows → go.temporal.io/sdk/log → example.com/logs → go.uber.org/zap/zapcore: workflows are deterministic"},
		{"a noun that reaches an adapter for an activity", graph{
			"uplift/activities": {Imports: []string{"uplift/catalog"}},
			"uplift/catalog":    {Imports: []string{"uplift/upgrade", "uplift/internal/graph"}},
		}, "uplift/activities → uplift/catalog → uplift/internal/graph: activities know their own small interfaces"},
		{"two adapters that meet", graph{"uplift/internal/entra": {Imports: []string{"uplift/internal/register"}}}, "uplift/internal/entra imports uplift/internal/register: entra adapts"},
		{"a simulator that shares our structs", graph{"uplift/internal/sim/partner": {Imports: []string{"uplift/internal/partner"}}}, "uplift/internal/sim/partner imports uplift/internal/partner: sim is written"},
		{"a main that touches an adapter", graph{"uplift/worker": {Imports: []string{"uplift/internal/partner"}}}, "uplift/worker imports uplift/internal/partner: a main wires"},
		{"a test that meets msgraph", graph{"uplift/internal/portal": {XTestImports: []string{"github.com/microsoftgraph/msgraph-sdk-go"}}}, "uplift/internal/portal imports github.com/microsoftgraph/msgraph-sdk-go: only internal/graph"},
		{"a server far away", graph{
			"uplift/internal/service": {Imports: []string{"go.temporal.io/sdk/x"}},
			"go.temporal.io/sdk/x":    {Imports: []string{"go.temporal.io/server/common"}},
		}, "uplift/internal/service → go.temporal.io/sdk/x → go.temporal.io/server/common: the Temporal server lives"},
		{"a package that nobody thought about", graph{"uplift/util": {}}, "uplift/util has no rule"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, std := range []string{"time", "net/http"} {
				c.edges[std] = pkg{Standard: true}
			}
			wrong := c.edges.broken()
			if !slices.ContainsFunc(wrong, func(w string) bool { return strings.HasPrefix(w, c.want) }) {
				t.Errorf("nothing says %q but\n%s", c.want, strings.Join(wrong, "\n"))
			}
		})
	}
}

// TestGoodEdges: what the rules allow is not reported.
func TestGoodEdges(t *testing.T) {
	g := graph{
		"time":                         {Standard: true, Imports: []string{"net/http"}}, // of no concern
		"net/http":                     {Standard: true},
		"uplift/upgrade":               {Imports: []string{"time"}},
		"uplift/internal/planning":     {Imports: []string{"uplift/upgrade"}, TestImports: []string{"os"}},
		"uplift/internal/seal":         {Imports: []string{"uplift/internal/keyfile", "github.com/tink-crypto/tink-go/v2/aead"}},
		"uplift/internal/keyfile":      {Imports: []string{"uplift/upgrade"}},
		"uplift/internal/register":     {Imports: []string{"uplift/internal/register/sql", "uplift/internal/seal"}},
		"uplift/internal/register/sql": {},
		"uplift/workflows":             {XTestImports: []string{"uplift/catalog"}},
	}
	if wrong := g.broken(); len(wrong) > 0 {
		t.Errorf("reported without reason:\n%s", strings.Join(wrong, "\n"))
	}
}
