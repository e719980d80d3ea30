// Package leaks looks for secrets where none may stand. A test tells it what is secret and what was written, and it finds
// each secret in whatever spelling it may have got there: as it is, in base64 of either alphabet and at any offset within
// something longer, in hexadecimal, quoted for JSON or HTML, and escaped for a URL.
package leaks

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
)

// Secret is what must not be found.
type Secret struct {
	Kind  string
	Value string
}

// Hit is a secret that was found, and how it was spelt.
type Hit struct {
	Kind     string
	Spelling string
	Offset   int
	value    string
}

// String tells where without repeating the secret.
func (h Hit) String() string {
	return fmt.Sprintf("%s (%s, %q…) at %d", h.Kind, h.Spelling, h.value[:4], h.Offset)
}

// shortest is the fewest bytes that can be looked for: less would be found by chance.
const shortest = 8

// Search looks for a set of secrets. It is safe for concurrent use.
type Search struct {
	spellings map[uint64][]spelling // by their first eight bytes
}

type spelling struct {
	secret Secret
	how    string
	text   string
}

// New prepares a search. A secret that is shorter than eight bytes is an error: it would be found everywhere.
func New(secrets []Secret) (*Search, error) {
	s := &Search{spellings: map[uint64][]spelling{}}
	known := map[string]bool{}
	for _, one := range secrets {
		if len(one.Value) < shortest {
			return nil, fmt.Errorf("a secret of kind %q has %d bytes; at least %d can be looked for", one.Kind, len(one.Value), shortest)
		}
		if known[one.Value] {
			continue
		}
		known[one.Value] = true
		for _, as := range spell(one) {
			key := binary.LittleEndian.Uint64([]byte(as.text))
			s.spellings[key] = append(s.spellings[key], as)
		}
	}
	return s, nil
}

// In returns what is found in a text, each secret once.
func (s *Search) In(text []byte) []Hit {
	var hits []Hit
	for i := 0; i+shortest <= len(text); i++ {
		for _, as := range s.spellings[binary.LittleEndian.Uint64(text[i:])] {
			if len(text)-i < len(as.text) || string(text[i:i+len(as.text)]) != as.text ||
				slices.ContainsFunc(hits, func(h Hit) bool { return h.value == as.secret.Value }) {
				continue
			}
			hits = append(hits, Hit{Kind: as.secret.Kind, Spelling: as.how, Offset: i, value: as.secret.Value})
		}
	}
	return hits
}

// spell writes a secret in every way that is looked for, each once.
func spell(one Secret) []spelling {
	var out []spelling
	add := func(how, text string) {
		if len(text) >= shortest && !slices.ContainsFunc(out, func(s spelling) bool { return s.text == text }) {
			out = append(out, spelling{one, how, text})
		}
	}
	add("plain", one.Value)
	quoted, _ := json.Marshal(one.Value) // a string always marshals
	add("JSON", string(quoted[1:len(quoted)-1]))
	add("HTML", html.EscapeString(one.Value))
	add("HTML", strings.ReplaceAll(html.EscapeString(one.Value), "+", "&#43;")) // as html/template has it
	add("URL", url.QueryEscape(one.Value))
	add("URL", url.PathEscape(one.Value))
	add("hex", hex.EncodeToString([]byte(one.Value)))
	add("hex", strings.ToUpper(hex.EncodeToString([]byte(one.Value))))
	for offset := range 3 {
		add("base64", within(base64.RawStdEncoding, one.Value, offset))
		add("base64", within(base64.RawURLEncoding, one.Value, offset))
	}
	return out
}

// within is the part of a longer text's base64 that depends on nothing but the value, which stands offset bytes (of three)
// into it.
func within(encoding *base64.Encoding, value string, offset int) string {
	all := encoding.EncodeToString(append(make([]byte, offset), value...))
	first, last := (offset*8+5)/6, (offset+len(value))*8/6
	return all[first:last]
}
