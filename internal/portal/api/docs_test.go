package api

import (
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"uplift/internal/portal/access"
)

func document(t *testing.T) map[string]any {
	t.Helper()
	_, doc := newLab(t).ask("GET", "/v1/openapi.json", "")
	if doc["openapi"] != "3.1.0" {
		t.Fatalf("%.200v", doc)
	}
	return doc
}

// Every route is an operation of the document, and the other way round; every operation says what it does and what goes wrong.
func TestDocumentHasEveryRoute(t *testing.T) {
	doc := document(t)
	var described, routed []string
	for path, item := range doc["paths"].(map[string]any) {
		for method, one := range item.(map[string]any) {
			op := one.(map[string]any)
			described = append(described, strings.ToUpper(method)+" "+path)
			if op["summary"] == "" || op["description"] == nil || op["operationId"] == "" || op["responses"].(map[string]any)["default"] == nil || len(op["tags"].([]any)) != 1 {
				t.Errorf("%s %s: %v", method, path, op)
			}
		}
	}
	for _, r := range newLab(t).routes {
		if r.Rule.Door != access.Public {
			routed = append(routed, r.Pattern)
		}
	}
	slices.Sort(described)
	slices.Sort(routed)
	if !slices.Equal(described, routed) {
		t.Errorf("described %v\nrouted %v", described, routed)
	}
}

// Every type and field is described, or is described by the type that it refers to; and no type stands there for nobody.
func TestDocumentDescribesEverything(t *testing.T) {
	doc := document(t)
	text, _ := json.Marshal(doc)
	for name, one := range doc["components"].(map[string]any)["schemas"].(map[string]any) {
		if !strings.Contains(string(text), `"#/components/schemas/`+name+`"`) {
			t.Errorf("nobody refers to %s", name)
		}
		for field, p := range one.(map[string]any)["properties"].(map[string]any) {
			if property := p.(map[string]any); property["description"] == nil && property["$ref"] == nil {
				t.Errorf("%s.%s is not described", name, field)
			}
		}
	}
}

// The page shows every operation and every type, and asks for nothing but its own style.
func TestDocsPage(t *testing.T) {
	l := newLab(t)
	r, _ := l.ask("GET", "/v1/docs", "")
	text, _ := io.ReadAll(r.Body)
	page := string(text)
	if r.StatusCode != 200 || !strings.Contains(r.Header.Get("Content-Type"), "text/html") {
		t.Fatalf("%d %v", r.StatusCode, r.Header)
	}
	doc := document(t)
	for _, item := range doc["paths"].(map[string]any) {
		for _, one := range item.(map[string]any) {
			if id := one.(map[string]any)["operationId"].(string); !strings.Contains(page, `<article id="`+id+`">`) || !strings.Contains(page, `href="#`+id+`"`) {
				t.Errorf("%s is not shown", id)
			}
		}
	}
	for name := range doc["components"].(map[string]any)["schemas"].(map[string]any) {
		if !strings.Contains(page, `<article id="type-`+name+`">`) {
			t.Errorf("%s is not shown", name)
		}
	}
	for _, bad := range []string{"<script", "<style", "style=", "http://", "onclick", "<img"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"#]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(m[1], "/v1/") {
			t.Errorf("the page asks for %s", m[1])
		}
		if r, _ := l.ask("GET", m[1], ""); r.StatusCode != 200 {
			t.Errorf("%s: %d", m[1], r.StatusCode)
		}
	}
	for _, target := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `id="`+target[1]+`"`) {
			t.Errorf("the page leads nowhere: #%s", target[1])
		}
	}
}
