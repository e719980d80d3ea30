package upgrade

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// checkShape compares a JSON object with the type that it is meant for, and reports every unknown field and every value
// of another type with its path. encoding/json stops at the first, and forgets the path of an unknown one. What is left
// without them is the second answer.
func checkShape(data []byte, v any) (Problems, []byte) {
	var ps Problems
	var tree any
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&tree); err != nil {
		return decodeProblem(err), nil
	}
	walkShape(&ps, "", tree, reflect.TypeOf(v).Elem())
	ps.more()
	rest, err := json.Marshal(tree)
	if err != nil {
		return decodeProblem(err), nil
	}
	return ps, rest
}

// walkShape tells whether the value fits its type; what does not is removed from what contains it.
func walkShape(ps *Problems, path string, value any, t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if value == nil || ps.full() {
		return true
	}
	if readsItself(t) {
		return leaf(ps, path, value, t)
	}
	switch t.Kind() {
	case reflect.Struct:
		object, ok := value.(map[string]any)
		if !ok {
			return wrongType(ps, path, value, "an object")
		}
		known := fields(t)
		for _, name := range sortedNames(object) {
			if ps.full() {
				break
			}
			at := strings.TrimPrefix(path+"."+name, ".")
			field, ok := known[fold(name)]
			if !ok {
				ps.Add(at, "unknown_field", "there is no such field", "remove it, or correct its name")
			}
			if !ok || !walkShape(ps, at, object[name], field) {
				delete(object, name)
			}
		}
		return true
	case reflect.Slice:
		list, ok := value.([]any)
		if !ok {
			return wrongType(ps, path, value, "a list")
		}
		for i, one := range list {
			if !walkShape(ps, fmt.Sprintf("%s[%d]", path, i), one, t.Elem()) {
				list[i] = nil
			}
		}
		return true
	}
	return leaf(ps, path, value, t)
}

// leaf tries the value on its type.
func leaf(ps *Problems, path string, value any, t reflect.Type) bool {
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, reflect.New(t).Interface())
	}
	if err != nil {
		return wrongType(ps, path, value, wordFor(t))
	}
	return true
}

func wrongType(ps *Problems, path string, value any, want string) bool {
	got := "a list"
	switch v := value.(type) {
	case json.Number:
		got = v.String()
	case string:
		got = fmt.Sprintf("%.40q", v)
	case bool:
		got = fmt.Sprint(v)
	case map[string]any:
		got = "an object"
	}
	ps.Add(path, "wrong_type", fmt.Sprintf("%s stands where %s is expected", got, want), "see the order's description in the README")
	return false
}

func wordFor(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		if !readsItself(t) {
			return "a whole number"
		}
		return "a duration such as 36h"
	case reflect.Float64:
		return "a number"
	case reflect.Struct:
		return "a time such as 2026-03-02T09:00:00Z"
	}
	return "text"
}

// readsItself tells whether the type has its own way of reading JSON, such as a time.
func readsItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// fields are the JSON fields of a struct by their folded names, those of embedded structs included.
func fields(t reflect.Type) map[string]reflect.Type {
	known := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		known[fold(name)] = f.Type
	}
	return known
}

// fold gives all spellings that encoding/json takes for the same field name one form: that is Unicode's simple folding,
// in which the long ſ is an s and the Kelvin sign a k.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		return least
	}, name)
}

// sortedNames are an object's names in an order that is the same at every replay.
func sortedNames(object map[string]any) []string { return slices.Sorted(maps.Keys(object)) }
