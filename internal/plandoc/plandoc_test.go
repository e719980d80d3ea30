package plandoc_test

import (
	"encoding/json"
	"flag"
	"html"
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"uplift/internal/plandoc"
	"uplift/upgrade"
)

var update = flag.Bool("update", false, "write the golden files anew, to be read in the diff")

// plans are the plans of testdata, as planning made them.
func plans(t testing.TB) map[string]upgrade.Plan {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d plans, %v", len(files), err)
	}
	all := map[string]upgrade.Plan{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var p upgrade.Plan
		if ps := upgrade.DecodeStrict(data, &p); len(ps) > 0 {
			t.Fatalf("%s: %v", file, ps)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = p
	}
	return all
}

func renderer(t testing.TB) *plandoc.Renderer {
	t.Helper()
	r, err := plandoc.NewRenderer()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestGolden compares each rendering with the files that a person has read: -update writes them.
func TestGolden(t *testing.T) {
	r := renderer(t)
	for name, p := range plans(t) {
		t.Run(name, func(t *testing.T) {
			whole, customer := plandoc.Of(p), plandoc.ForCustomer(p)
			golden(t, name+".txt", whole.Text(plandoc.Width))
			golden(t, name+".customer.txt", customer.Text(plandoc.Width))
			html, err := r.Fragment(whole)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".html", string(html))
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("%s is not as it was (%v):\n%s", name, err, got)
	}
}

// TestWidth: no line is longer than asked for, but for a single word that is.
func TestWidth(t *testing.T) {
	for name, p := range plans(t) {
		for _, width := range []int{40, 76, 80, 120} {
			for line := range strings.Lines(plandoc.Of(p).Text(width)) {
				line = strings.TrimRight(line, "\n")
				if n := utf8.RuneCountInString(line); n > width && width >= 76 && !strings.HasPrefix(line, "    starter ") {
					t.Errorf("%s at %d: %d characters: %s", name, width, n, line)
				}
				if line != strings.TrimRight(line, " ") {
					t.Errorf("%s: blanks at the end of %q", name, line)
				}
			}
		}
	}
}

// TestNothingEmpty: a section that has nothing to say is not there, and an empty plan has none but its verdict.
func TestNothingEmpty(t *testing.T) {
	if d := plandoc.ForCustomer(upgrade.Plan{}); len(d.Sections) != 0 {
		t.Errorf("%+v", d.Sections)
	}
	d := plandoc.Of(upgrade.Plan{Reasons: upgrade.Problems{{Code: "malformed_json", Message: "malformed JSON"}}})
	if ids := ids(d); !slices.Equal(ids, []string{"change", "reasons"}) {
		t.Errorf("the sections are %v", ids)
	}
	for name, p := range plans(t) {
		for _, s := range plandoc.Of(p).Sections {
			if s.ID == "" || s.Title == "" || len(s.Blocks) == 0 {
				t.Errorf("%s: %+v", name, s)
			}
		}
	}
}

func ids(d plandoc.Doc) []string {
	var all []string
	for _, s := range d.Sections {
		all = append(all, s.ID)
	}
	return all
}

// TestForCustomer: reasons, costs, notes and the digest are between the provider's people.
func TestForCustomer(t *testing.T) {
	for name, p := range plans(t) {
		p.Notes, p.Approval = []string{"a note"}, "an approval"
		said := plandoc.ForCustomer(p).Text(plandoc.Width)
		for _, kept := range []string{p.Digest, "a note", "an approval", "EUR", "agreement", "[", "starter "} {
			if strings.Contains(said, kept) {
				t.Errorf("%s tells the customer %q:\n%s", name, kept, said)
			}
		}
	}
}

func TestWithout(t *testing.T) {
	p := plans(t)["transition"]
	d := plandoc.Of(p)
	if rest := d.Without("confirm", "cost"); len(rest.Sections) != len(d.Sections)-2 || slices.Contains(ids(rest), "confirm") {
		t.Errorf("%v of %v", ids(rest), ids(d))
	}
}

// TestHostile: what comes from outside neither moves a cursor, nor turns a line around, nor becomes an element.
func TestHostile(t *testing.T) {
	const evil = "x\x1b[2J<script>alert(1)</script>\u202e\r\n\"'&"
	var p upgrade.Plan
	data, err := json.Marshal(plans(t)["partial"])
	if err != nil {
		t.Fatal(err)
	}
	quoted, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	inner := string(quoted[1 : len(quoted)-1])
	for _, word := range []string{"Microsoft 365", "Contoso Dental", "ada@", "Move ", "10000000-"} {
		data = []byte(strings.ReplaceAll(string(data), word, inner+word))
	}
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	p.Reasons = upgrade.Problems{{Path: evil, Code: evil, Message: evil, Remedy: evil}}
	p.Permissions = append(p.Permissions, evil)
	d := plandoc.Of(p)
	said := d.Text(plandoc.Width)
	for _, r := range said {
		if r != '\n' && (r < ' ' || r == 0x7f || r == '\u202e') {
			t.Fatalf("the text holds %U", r)
		}
	}
	r := renderer(t)
	for name, render := range map[string]func(plandoc.Doc) (string, error){
		"fragment": func(d plandoc.Doc) (string, error) { h, err := r.Fragment(d); return string(h), err },
		"mail":     func(d plandoc.Doc) (string, error) { h, err := r.Mail(d); return string(h), err },
		"page":     func(d plandoc.Doc) (string, error) { h, err := r.Page(d); return string(h), err },
	} {
		html, err := render(d)
		if err != nil || strings.Contains(html, "<script") || strings.ContainsAny(html, "\x1b\u202e") || !strings.Contains(html, "&lt;script&gt;") {
			t.Errorf("%s: %v\n%s", name, err, html)
		}
		if name == "fragment" && (strings.Contains(html, "style=") || strings.Contains(html, "<style")) {
			t.Errorf("the fragment has a style of its own:\n%s", html)
		}
	}
}

// TestDates: dates in sentences are written out, and what only looks like one stays.
func TestDates(t *testing.T) {
	for in, want := range map[string]string{
		"until about 2026-03-09, seven":           "until about 9 March 2026, seven",
		"renews at 2026-03-03T09:00:00Z, and":     "renews at 3 March 2026, 09:00 UTC, and",
		"at 2026-03-03T09:00:00+02:00":            "at 3 March 2026, 07:00 UTC",
		"the order A-2026-03-09 and 2026-03-09-1": "the order A-2026-03-09 and 2026-03-09-1",
		"2026-13-09": "2026-13-09",
	} {
		d := plandoc.Of(upgrade.Plan{Notes: []string{in}})
		if got := d.Sections[len(d.Sections)-1].Blocks[0].Items[0].Text; got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
}

// TestAllFormsSayTheSame looks for every string of the document in each rendering.
func TestAllFormsSayTheSame(t *testing.T) {
	r := renderer(t)
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	for name, p := range plans(t) {
		d := plandoc.Of(p)
		mail, err := r.Mail(d)
		if err != nil {
			t.Fatal(err)
		}
		page, err := r.Page(d)
		if err != nil {
			t.Fatal(err)
		}
		text := squeeze(d.Text(200)) // wide, so that no cell is broken
		for _, said := range everything(d) {
			if said = squeeze(said); !strings.Contains(text, said) {
				t.Errorf("%s: the text lacks %q", name, said)
			}
			for form, rendered := range map[string]template.HTML{"mail": mail, "page": page} {
				if !strings.Contains(squeeze(html.UnescapeString(string(rendered))), said) {
					t.Errorf("%s: the %s lacks %q", name, form, said)
				}
			}
		}
	}
}

// everything is every string of a document.
func everything(d plandoc.Doc) []string {
	var all []string
	for _, s := range d.Sections {
		all = append(all, s.Title)
		for _, b := range s.Blocks {
			all = append(all, b.Text, b.Command)
			for _, it := range b.Items {
				all = append(append(all, it.Text, it.Code), it.More...)
			}
			for _, f := range b.Facts {
				all = append(all, f.Name, f.Value)
			}
			if b.Table != nil {
				for _, row := range append([][]string{b.Table.Head}, b.Table.Rows...) {
					for _, cell := range row {
						all = append(all, strings.Split(cell, "\n")...)
					}
				}
			}
		}
	}
	return all
}
