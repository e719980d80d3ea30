package upgrade_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"uplift/upgrade"
)

// section is a part of the README, from its heading to the next one of the same depth.
func section(t *testing.T, heading string) string {
	t.Helper()
	data, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(data), "\n"+heading+"\n")
	if !ok {
		t.Fatalf("the README has no %q", heading)
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	return text
}

// The README's full example is an order, and has every field that this version carries out.
func TestREADMEExample(t *testing.T) {
	_, rest, _ := strings.Cut(section(t, "## The order"), "```json\n")
	example, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("the README has no example of an order")
	}
	order, problems := upgrade.ParseOrder([]byte(example))
	if len(problems) > 0 {
		t.Fatalf("the README's example is no order: %v", problems)
	}
	if order.Target.Totals == nil || order.Administrator == nil || order.NotBefore == nil {
		t.Errorf("the README's example lacks fields: %s", order.Canonical())
	}
}

// The README describes every field of an order.
func TestREADMEFields(t *testing.T) {
	text := section(t, "## The order")
	for _, path := range fields(reflect.TypeFor[upgrade.Order](), "") {
		name := path[strings.LastIndex(path, ".")+1:]
		if !strings.Contains(text, "`"+path+"`") && !strings.Contains(text, "`"+name+"`") && !strings.Contains(text, `"`+name+`"`) {
			t.Errorf("the README does not describe %s", path)
		}
	}
}

// fields are the paths of a struct's fields in JSON.
func fields(of reflect.Type, at string) []string {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || of.PkgPath() != reflect.TypeFor[upgrade.Order]().PkgPath() {
		return nil
	}
	var paths []string
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		paths = append(paths, at+name)
		paths = append(paths, fields(of.Field(i).Type, at+name+".")...)
	}
	return paths
}

var testLink = regexp.MustCompile("\\[`(Test\\w+)`\\]\\(([^)]+)\\)")

// What the README promises is tested where it says.
func TestREADMEPromises(t *testing.T) {
	rows := strings.Split(section(t, "## What it promises, and how that is tested"), "\n")
	promises := 0
	for _, row := range rows {
		links := testLink.FindAllStringSubmatch(row, -1)
		if strings.HasPrefix(row, "| ") && row[2] >= '0' && row[2] <= '9' {
			if promises++; len(links) == 0 {
				t.Errorf("nothing is said to test: %s", row)
			}
		}
		for _, link := range links {
			source, err := os.ReadFile(filepath.Join("..", link[2]))
			if err != nil || !strings.Contains(string(source), "\nfunc "+link[1]+"(t *testing.T) {") {
				t.Errorf("%s has no %s: %v", link[2], link[1], err)
			}
		}
	}
	if promises != 10 {
		t.Errorf("%d promises of ten", promises)
	}
}
