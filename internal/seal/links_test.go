package seal_test

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"uplift/internal/seal"
	"uplift/upgrade"
)

func TestLinks(t *testing.T) {
	links := seal.NewLinks(seal.Dev("link"))
	for _, want := range []struct {
		id         string
		invitation int
	}{{"PO-1042", 0}, {"PO-1042", 1}, {"upgrade/42 ü", 300}, {strings.Repeat("x", 1000), 1<<31 - 1}} {
		token, err := links.Token(want.id, want.invitation)
		if err != nil {
			t.Fatal(err)
		}
		if url.QueryEscape(token) != token || url.PathEscape(token) != token {
			t.Errorf("%s needs escaping", token)
		}
		raw, _ := base64.RawURLEncoding.DecodeString(token)
		if strings.Contains(string(raw), want.id) {
			t.Errorf("the token shows the upgrade %q", want.id)
		}
		id, invitation, err := links.Parse(token)
		if err != nil || id != want.id || invitation != want.invitation {
			t.Errorf("%+v came back as %q, %d, %v", want, id, invitation, err)
		}
	}
	for _, bad := range []struct {
		id         string
		invitation int
	}{{"", 1}, {"PO", -1}, {"\xff", 1}, {strings.Repeat("x", 1001), 1}} {
		if _, err := links.Token(bad.id, bad.invitation); upgrade.CodeOf(err) != "no_link" {
			t.Errorf("%+v: %v, want no_link", bad, err)
		}
	}
}

func TestLinksRefuse(t *testing.T) {
	keys := seal.Dev("link")
	links := seal.NewLinks(keys)
	token, _ := links.Token("PO-1042", 1)
	foreign, _ := seal.NewLinks(seal.Dev("another")).Token("PO-1042", 1)
	record, _ := keys.Seal("PO-1042", "row")
	for name, bad := range map[string]string{
		"nothing":            "",
		"words":              "PO-1042",
		"cut":                token[:len(token)-2],
		"changed":            token[:8] + string(other(token[8])) + token[9:],
		"longer":             token + "AAAA",
		"padded":             token + "=",
		"line break":         token[:20] + "\n" + token[20:],
		"standard alphabet":  "+/" + token[2:],
		"another key":        foreign,
		"a record":           base64.RawURLEncoding.EncodeToString(record),
		"very long":          strings.Repeat("A", 1<<16),
		"another last digit": token[:len(token)-1] + string(other(token[len(token)-1])),
	} {
		id, invitation, err := links.Parse(bad)
		if upgrade.CodeOf(err) != "bad_link" || upgrade.KindOf(err) != upgrade.Invalid || id != "" || invitation != 0 {
			t.Errorf("%s: %q, %d, %v, want bad_link", name, id, invitation, err)
		}
	}
}

func other(c byte) byte {
	if c == 'A' {
		return 'B'
	}
	return 'A'
}

func FuzzLinksParse(f *testing.F) {
	links := seal.NewLinks(seal.Dev("link"))
	for _, id := range []string{"PO-1", "upgrade/PO-2"} {
		token, err := links.Token(id, len(id))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(token)
	}
	f.Add("")
	f.Add("AAAA\r\n")
	f.Fuzz(func(t *testing.T, token string) {
		id, invitation, err := links.Parse(token)
		switch {
		case err != nil:
			if upgrade.CodeOf(err) != "bad_link" {
				t.Fatalf("%q: %v", token, err)
			}
		case id != "PO-1" && id != "upgrade/PO-2" || invitation != len(id):
			t.Fatalf("%q, which nobody made, was read as %q, %d", token, id, invitation)
		}
	})
}
