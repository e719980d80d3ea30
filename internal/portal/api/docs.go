package api

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"uplift/internal/portal/access"
)

//go:embed templates/docs.html assets/docs.css
var files embed.FS

// documents are the routes of the document and of the page that shows it. All is made once: nothing of it depends on a request.
func (s *server) documents() []access.Route {
	doc := s.api.OpenAPI()
	asJSON := must(json.MarshalIndent(doc, "", "  "))
	asYAML := must(doc.YAML())
	older := must(s.older())
	page := must(render(doc))
	style := must(files.ReadFile("assets/docs.css"))
	const json, yaml = "application/openapi+json", "application/openapi+yaml"
	return []access.Route{
		open("/v1/openapi.json", json, asJSON), open("/v1/openapi.yaml", yaml, asYAML), open("/v1/openapi-3.0.json", json, older),
		open("/v1/docs", "text/html; charset=utf-8", page), open("/v1/docs.css", "text/css; charset=utf-8", style),
	}
}

// older is the document for readers of OpenAPI 3.0, which has no webhooks, and nothing beside a $ref.
func (s *server) older() ([]byte, error) {
	doc := *s.api.OpenAPI()
	doc.Webhooks = nil
	text, err := doc.Downgrade()
	if err != nil {
		return nil, err
	}
	var all any
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	alone(all)
	return json.MarshalIndent(all, "", "  ")
}

// alone takes away what stands beside a $ref.
func alone(v any) {
	switch v := v.(type) {
	case map[string]any:
		ref, ok := v["$ref"].(string)
		if ok {
			clear(v)
			v["$ref"] = ref
		}
		for _, one := range v {
			alone(one)
		}
	case []any:
		for _, one := range v {
			alone(one)
		}
	}
}

// must is for what is part of the program: it does not fail, or every test does.
func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

// open is a document that anybody may read.
func open(path, contentType string, data []byte) access.Route {
	return access.Route{Pattern: "GET " + path, Rule: access.Rule{Door: access.Public}, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(data)
	})}
}

// The page's own view of the document.
type (
	docsView struct {
		Title, Version string
		Words          []string
		Token          string
		Groups         []docsGroup
		Schemas        []docsSchema
	}
	docsGroup struct {
		Name, Words string
		Operations  []docsOperation
	}
	docsOperation struct {
		ID, Method, Path, Summary, Words string
		Parameters                       []docsField
		Body                             *docsType
		Answers                          []docsAnswer
	}
	docsAnswer struct {
		Status, Words string
		Body          *docsType
	}
	docsField struct {
		Name, In, Words string
		Required        bool
		Type            docsType
		Limits          []string
	}
	docsSchema struct {
		Name, Words string
		Fields      []docsField
	}
	docsType struct {
		Words string // before the name, such as "list of"
		Name  string
		Ref   bool
	}
)

// render makes the page.
func render(doc *huma.OpenAPI) ([]byte, error) {
	t, err := template.ParseFS(files, "templates/docs.html")
	if err != nil {
		return nil, err
	}
	v := docsView{Title: doc.Info.Title, Version: doc.Info.Version, Words: strings.Split(doc.Info.Description, "\n\n"), Token: tokenWords}
	for _, tag := range doc.Tags {
		v.Groups = append(v.Groups, docsGroup{Name: tag.Name, Words: tag.Description, Operations: operationsOf(doc, tag.Name)})
	}
	all := doc.Components.Schemas.Map()
	for _, name := range sortedKeys(all) {
		v.Schemas = append(v.Schemas, docsSchema{Name: name, Words: all[name].Description, Fields: fieldsOf(all[name])})
	}
	var out bytes.Buffer
	err = t.Execute(&out, v)
	return out.Bytes(), err
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// operationsOf are the operations of a group, by path, and the webhooks after them.
func operationsOf(doc *huma.OpenAPI, tag string) []docsOperation {
	var list []docsOperation
	for _, paths := range []map[string]*huma.PathItem{doc.Paths, doc.Webhooks} {
		for _, path := range sortedKeys(paths) {
			item := paths[path]
			for _, one := range []struct {
				method string
				op     *huma.Operation
			}{{http.MethodGet, item.Get}, {http.MethodPost, item.Post}} {
				if one.op == nil || !slices.Contains(one.op.Tags, tag) {
					continue
				}
				list = append(list, operationOf(one.method, path, one.op))
			}
		}
	}
	return list
}

func operationOf(method, path string, op *huma.Operation) docsOperation {
	out := docsOperation{ID: op.OperationID, Method: method, Path: path, Summary: op.Summary, Words: op.Description}
	if !strings.HasPrefix(path, "/") {
		out.Path = "your own address"
	}
	for _, p := range op.Parameters {
		out.Parameters = append(out.Parameters, docsField{Name: p.Name, In: p.In, Words: p.Description, Required: p.Required, Type: typeOf(p.Schema), Limits: limitsOf(p.Schema)})
	}
	if op.RequestBody != nil {
		out.Body = contentOf(op.RequestBody.Content)
	}
	for _, status := range sortedKeys(op.Responses) {
		out.Answers = append(out.Answers, docsAnswer{Status: status, Words: op.Responses[status].Description, Body: contentOf(op.Responses[status].Content)})
	}
	return out
}

func contentOf(content map[string]*huma.MediaType) *docsType {
	for _, kind := range sortedKeys(content) {
		t := typeOf(content[kind].Schema)
		return &t
	}
	return nil
}

func fieldsOf(s *huma.Schema) []docsField {
	var list []docsField
	for _, name := range sortedKeys(s.Properties) {
		p := s.Properties[name]
		list = append(list, docsField{Name: name, Words: p.Description, Required: slices.Contains(s.Required, name), Type: typeOf(p), Limits: limitsOf(p)})
	}
	return list
}

// typeOf names a type, with a link where it has a section of its own.
func typeOf(s *huma.Schema) docsType {
	switch {
	case s == nil:
		return docsType{Name: "anything"}
	case s.Ref != "":
		return docsType{Name: s.Ref[strings.LastIndex(s.Ref, "/")+1:], Ref: true}
	case s.Type == huma.TypeArray:
		t := typeOf(s.Items)
		t.Words = strings.TrimSpace("list of " + t.Words)
		return t
	case s.Type == "":
		return docsType{Name: "anything"}
	case s.Format != "" && s.Type == huma.TypeString:
		return docsType{Name: s.Type + ", " + s.Format}
	}
	return docsType{Name: s.Type}
}
