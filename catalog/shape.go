package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"uplift/upgrade"
)

// maxProblems bounds what is said about one text.
const maxProblems = 1000

// checker collects problems, each with its place and line.
type checker struct {
	problems upgrade.Problems
	broken   bool           // the text is no JSON at all, and nothing more can be said
	at       map[string]int // the line of each path in the text; nil when there is no text
	marked   map[string]bool
	names    map[string]ServicePlan // the service plans by name, for references
}

// add records a problem, once for each place and code.
func (k *checker) add(path, code, message, remedy string) {
	if k.marked[path+" "+code] || k.marked[path+" wrong_type"] {
		return
	}
	if k.marked == nil {
		k.marked = map[string]bool{}
	}
	k.marked[path+" "+code] = true
	if len(k.problems) >= maxProblems {
		if len(k.problems) == maxProblems {
			k.problems.Add("", "too_many_problems", "there are more problems than are listed here", "mend these first")
		}
		return
	}
	if n := k.line(path); n > 0 {
		message = fmt.Sprintf("%s (line %d)", message, n)
	}
	k.problems.Add(path, code, message, remedy)
}

// line is the line of a path, or of the nearest thing around it, or 0.
func (k *checker) line(path string) int {
	for path != "" {
		if n, found := k.at[path]; found {
			return n
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 0
}

// inspect compares the text with the fields of T: unknown and doubled fields, and values of the wrong type. Standard
// decoding would let field names in another case pass, and doubled fields, and would stop at the first problem.
func inspect[T any](data []byte) *checker {
	k := &checker{at: map[string]int{}}
	if !utf8.Valid(data) {
		k.broken = true
		k.add("", "bad_encoding", "the catalogue is not UTF-8", "save it as UTF-8")
		return k
	}
	var anything any
	if err := json.Unmarshal(data, &anything); err != nil {
		k.broken = true
		where := ""
		if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
			where = fmt.Sprintf(" (line %d)", 1+bytes.Count(data[:min(int(bad.Offset), len(data))], []byte("\n")))
		}
		k.add("", "malformed_json", fmt.Sprintf("the catalogue is not JSON: %v%s", err, where), "mend the JSON")
		return k
	}
	w := walker{checker: k, data: data, dec: json.NewDecoder(bytes.NewReader(data)), line: 1}
	w.dec.UseNumber()
	w.value("", reflect.TypeFor[T]())
	return k
}

// walker goes through a JSON text that is known to be well-formed.
type walker struct {
	*checker
	data []byte
	dec  *json.Decoder
	seen int // bytes whose lines were counted
	line int
}

func (w *walker) next() json.Token {
	token, err := w.dec.Token()
	if err != nil && !errors.Is(err, io.EOF) {
		panic(fmt.Sprintf("catalog: a well-formed text does not parse: %v", err)) // inspect has parsed it before
	}
	end := int(w.dec.InputOffset())
	w.line += bytes.Count(w.data[w.seen:end], []byte("\n"))
	w.seen = end
	return token
}

// value reads one value. want is nil where any value will do, since its field is unknown.
func (w *walker) value(path string, want reflect.Type) {
	token := w.next()
	w.at[path] = w.line
	switch t := token.(type) {
	case json.Delim:
		found, kind, read := "an object", reflect.Struct, w.object
		if t == '[' {
			found, kind, read = "a list", reflect.Slice, w.array
		}
		if inside := w.expect(path, want, found, kind); inside != nil {
			read(path, inside)
		} else {
			w.skip()
		}
	case string:
		w.expect(path, want, "a text", reflect.String)
	case bool:
		w.expect(path, want, "true or false", reflect.Bool)
	case json.Number:
		if w.expect(path, want, "a number", reflect.Int) != nil {
			if n, err := strconv.ParseInt(t.String(), 10, 32); err != nil || n < 0 {
				w.add(path, "wrong_type", fmt.Sprintf("%s is not a whole number from 0 to 2147483647", t), "give a whole number")
			}
		}
	default:
		w.expect(path, want, "null", reflect.Invalid)
	}
}

// expect returns want when it is of the kind that was found, and nil, with a problem, when it is not.
func (w *walker) expect(path string, want reflect.Type, found string, kind reflect.Kind) reflect.Type {
	if want == nil || want.Kind() == kind {
		return want
	}
	wanted := map[reflect.Kind]string{reflect.Struct: "an object", reflect.Slice: "a list", reflect.String: "a text",
		reflect.Bool: "true or false", reflect.Int: "a whole number"}[want.Kind()]
	w.add(path, "wrong_type", fmt.Sprintf("here stands %s instead of %s", found, wanted), "give "+wanted)
	return nil
}

func (w *walker) object(path string, want reflect.Type) {
	known := map[string]reflect.Type{}
	for i := range want.NumField() {
		name, _, _ := strings.Cut(want.Field(i).Tag.Get("json"), ",")
		known[name] = want.Field(i).Type
	}
	seen := map[string]bool{}
	for w.dec.More() {
		key, _ := w.next().(string)
		place := key
		if path != "" {
			place = path + "." + key
		}
		field, found := known[key]
		w.at[place] = w.line
		if !found {
			w.add(place, "unknown_field", fmt.Sprintf("there is no field %q", key), "remove it, or mend its name")
		}
		if seen[key] {
			w.add(place, "duplicate_field", fmt.Sprintf("the field %q stands here twice", key), "keep one of them")
		}
		seen[key] = true
		w.value(place, field)
	}
	w.next()
}

func (w *walker) array(path string, want reflect.Type) {
	for i := 0; w.dec.More(); i++ {
		w.value(fmt.Sprintf("%s[%d]", path, i), want.Elem())
	}
	w.next()
}

// skip reads to the end of an object or a list whose content says nothing to us.
func (w *walker) skip() {
	for depth := 1; depth > 0; {
		switch w.next() {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
}
