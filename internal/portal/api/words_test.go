package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"uplift/upgrade"
)

var update = flag.Bool("update", false, "write descriptions.json anew, from the comments of package upgrade")

var (
	docLink  = regexp.MustCompile(`\[([A-Za-z.]+)\]`)
	jsonName = regexp.MustCompile(`json:"([A-Za-z]+)`)
)

// TestDescriptions: what the document says of a type is what its author wrote beside it.
func TestDescriptions(t *testing.T) {
	got := map[string]string{}
	names, err := filepath.Glob("../../../upgrade/*.go")
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			decl, ok := n.(*ast.GenDecl)
			if !ok {
				return true
			}
			for _, spec := range decl.Specs {
				if one, ok := spec.(*ast.TypeSpec); ok && one.Name.IsExported() {
					describeType(got, one, decl.Doc)
				}
			}
			return false
		})
	}
	text, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if *update {
		if err := os.WriteFile("descriptions.json", text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(text, descriptions) {
		t.Error("descriptions.json is out of date: go test ./internal/portal/api -run Descriptions -update")
	}
}

func describeType(into map[string]string, one *ast.TypeSpec, doc *ast.CommentGroup) {
	fields, ok := one.Type.(*ast.StructType)
	if !ok {
		return
	}
	if words := wordsOf(doc); words != "" {
		into[one.Name.Name] = words
	}
	for _, f := range fields.Fields.List {
		words := wordsOf(f.Doc)
		if words == "" {
			words = wordsOf(f.Comment)
		}
		if f.Tag == nil || words == "" {
			continue
		}
		if m := jsonName.FindStringSubmatch(f.Tag.Value); m != nil {
			into[one.Name.Name+"."+m[1]] = words
		}
	}
}

// wordsOf is a comment as a sentence, without links to other types.
func wordsOf(c *ast.CommentGroup) string {
	if c == nil {
		return ""
	}
	return sentence(docLink.ReplaceAllString(strings.Join(strings.Fields(c.Text()), " "), "$1"))
}

// TestOrderHasTheFieldsOfAnOrder: what the document describes and what is read are the same, but for what placing an order sets by
// itself.
func TestOrderHasTheFieldsOfAnOrder(t *testing.T) {
	described, read := names(reflect.TypeFor[order](), ""), names(reflect.TypeFor[upgrade.Order](), "")
	read = slices.DeleteFunc(read, func(n string) bool { return n == "placedBy" || n == "attempt" })
	if !slices.Equal(described, read) {
		t.Errorf("described\n%v\nread\n%v", described, read)
	}
}

// TestOrderBatchHasTheFieldsOfABatch: likewise of a batch, whose orders leave to the rows what is each row's own.
func TestOrderBatchHasTheFieldsOfABatch(t *testing.T) {
	described, read := names(reflect.TypeFor[orderBatch](), ""), names(reflect.TypeFor[upgrade.BatchInput](), "")
	rows := []string{"order", "tenant", "sources", "batch", "placedBy", "attempt", "reseller", "target.seats", "target.totals", "target.totals.offer", "target.totals.seats",
		"licenses.users", "licenses.group", "licenses.file"}
	read = slices.DeleteFunc(read, func(n string) bool {
		return slices.Contains(rows, strings.TrimPrefix(n, "each.")) && strings.HasPrefix(n, "each.")
	})
	if !slices.Equal(described, read) {
		t.Errorf("described\n%v\nread\n%v", described, read)
	}
}

func names(of reflect.Type, at string) []string {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || of.PkgPath() == "time" {
		return nil
	}
	var all []string
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		all = append(append(all, at+name), names(of.Field(i).Type, at+name+".")...)
	}
	slices.Sort(all)
	return all
}
