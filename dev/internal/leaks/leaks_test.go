package leaks

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"testing"
)

const hidden = `s3cret/+"of&the<house>`

// Every spelling is found, wherever it stands; what only resembles the secret is not.
func TestSpellings(t *testing.T) {
	search, err := New([]Secret{{"password", hidden}, {"token", "eyJhbGciOiJub25lIn0.e30."}})
	if err != nil {
		t.Fatal(err)
	}
	quoted, _ := json.Marshal(map[string]string{"password": hidden})
	for name, text := range map[string]string{
		"plain":        "the password is " + hidden,
		"at the end":   hidden,
		"JSON":         string(quoted),
		"HTML":         template.HTMLEscapeString(hidden),
		"query":        "https://host/?" + url.Values{"password": {hidden}}.Encode(),
		"path":         "https://host/" + url.PathEscape(hidden),
		"hex":          fmt.Sprintf("%x", "a"+hidden),
		"upper hex":    fmt.Sprintf("%X", hidden),
		"between nuls": "\x00" + hidden + "\x00",
	} {
		if hits := search.In([]byte(text)); len(hits) != 1 || hits[0].Kind != "password" {
			t.Errorf("%s: found %v in %q", name, hits, text)
		}
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		for offset := range 7 {
			text := encoding.EncodeToString([]byte(strings.Repeat("x", offset) + hidden + strings.Repeat("y", offset)))
			if hits := search.In([]byte(text)); len(hits) != 1 || hits[0].Spelling != "base64" {
				t.Errorf("base64 at %d: %v in %s", offset, hits, text)
			}
		}
	}
	for _, text := range []string{"", "s3cret", strings.ToUpper(hidden), hidden[1:], hex.EncodeToString([]byte(hidden[:10]))} {
		if hits := search.In([]byte(text)); len(hits) != 0 {
			t.Errorf("found %v in %q", hits, text)
		}
	}
	if hits := search.In([]byte(hidden + " eyJhbGciOiJub25lIn0.e30. " + hidden)); len(hits) != 2 {
		t.Errorf("of two secrets, one twice: %v", hits)
	}
}

func TestHitsHideTheSecret(t *testing.T) {
	search, _ := New([]Secret{{"password", hidden}})
	if text := fmt.Sprint(search.In([]byte(hidden))); strings.Contains(text, hidden) || !strings.Contains(text, "password") {
		t.Errorf("a hit reads %s", text)
	}
	if _, err := New([]Secret{{"code", "short"}}); err == nil {
		t.Error("a secret of five bytes is looked for")
	}
}
