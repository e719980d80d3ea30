package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axeRules are the tags of the rules that pages keep: the Web Content Accessibility Guidelines up to
// 2.2, levels A and AA, and what axe-core calls best practice.
const axeRules = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`

// violation is one broken rule, as axe-core reports it.
type violation struct {
	ID      string `json:"id"`
	Impact  string `json:"impact"`
	Help    string `json:"help"`
	HelpURL string `json:"helpUrl"`
	Nodes   []struct {
		HTML   string   `json:"html"`
		Target []string `json:"target"`
		Why    string   `json:"failureSummary"`
	} `json:"nodes"`
}

// Axe fails the test for every accessibility rule of axe-core that the page breaks, in the colours of
// day and of night. A rule that is left out needs its reason beside it. Name says in the report which
// page it was.
func (b *Browser) Axe(name string, leftOut ...string) {
	b.t.Helper()
	script := axeScript(b.t)
	for _, colours := range []string{"light", "dark"} {
		b.Colours(colours)
		for _, v := range b.violations(script, leftOut) {
			var nodes strings.Builder
			for _, n := range v.Nodes {
				fmt.Fprintf(&nodes, "\n\t%s\n\t\t%s\n\t\t%s", strings.Join(n.Target, " "), n.HTML, strings.ReplaceAll(n.Why, "\n", "\n\t\t"))
			}
			b.t.Errorf("%s, %s: %s (%s, %s): %s%s", name, colours, v.ID, v.Impact, v.HelpURL, v.Help, nodes.String())
		}
	}
	b.Colours("")
}

// Colours has pages believe that the person prefers "light" or "dark"; empty: whatever Chromium does.
func (b *Browser) Colours(scheme string) {
	b.t.Helper()
	b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
}

// violations runs the rules in an isolated world of the page: its scripts see nothing of it, and its
// content security policy, which allows no script of ours, does not count there.
func (b *Browser) violations(script string, leftOut []string) []violation {
	b.t.Helper()
	off := map[string]map[string]bool{}
	for _, rule := range leftOut {
		off[rule] = map[string]bool{"enabled": false}
	}
	rules, err := json.Marshal(off)
	if err != nil {
		b.t.Fatal(err)
	}
	run := script + fmt.Sprintf(`;axe.run(document, {runOnly: %s, rules: %s, resultTypes: ["violations"], iframes: false})
		.then(found => JSON.stringify(found.violations))`, axeRules, rules)
	found := Get(b, isolated(run))
	var all []violation
	if err := json.Unmarshal([]byte(found), &all); err != nil {
		b.t.Fatalf("axe-core answered %.200q: %v", found, err)
	}
	return all
}

// isolated evaluates a promise of a string in a world of its own.
func isolated(expression string) chromedp.Action[string] {
	return func(ctx context.Context, t *chromedp.Target) (string, error) {
		tree, err := cdp.Call(ctx, t, page.GetFrameTree, cdp.Empty{})
		if err != nil {
			return "", err
		}
		world, err := cdp.Call(ctx, t, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: tree.FrameTree.Frame.ID, WorldName: "axe-core"})
		if err != nil {
			return "", err
		}
		yes := true
		got, err := cdp.Call(ctx, t, runtime.Evaluate, runtime.EvaluateParams{
			Expression: expression, ContextID: world.ExecutionContextID, AwaitPromise: &yes, ReturnByValue: &yes,
		})
		if err != nil {
			return "", err
		}
		if e := got.ExceptionDetails; e != nil {
			text := e.Text
			if e.Exception != nil {
				text += " " + e.Exception.Description
			}
			return "", errors.New(text)
		}
		var answer string
		err = json.Unmarshal(got.Result.Value, &answer)
		return answer, err
	}
}
