package mail

import (
	"embed"
	"html/template"
	"strconv"
	"strings"
	"unicode/utf8"

	"uplift/internal/plandoc"
)

//go:embed templates/letter.html
var templateFiles embed.FS

// width is where lines of text break.
const width = 76

// page is what the HTML template sees.
type page struct {
	content
	Provider string
	Logo     string
}

func loadTemplate() (*template.Template, error) {
	plans, err := plandoc.NewRenderer()
	if err != nil {
		return nil, err
	}
	plan := func(d *plandoc.Doc) (template.HTML, error) { return plans.Mail(*d) }
	return template.New("letter.html").Option("missingkey=error").Funcs(template.FuncMap{"plan": plan, "outlook": outlook}).ParseFS(templateFiles, "templates/letter.html")
}

// outlook is HTML for Outlook on Windows alone, which knows no largest width; everybody else reads a comment. It is given
// what stands in our template, and nothing from outside.
func outlook(html string) template.HTML {
	return template.HTML("<!--[if mso]>" + html + "<![endif]-->")
}

func renderHTML(t *template.Template, p page) (string, error) {
	var b strings.Builder
	err := t.Execute(&b, p)
	return b.String(), err
}

// renderText writes the letter for those who read no HTML.
func renderText(p page) string {
	var b strings.Builder
	b.WriteString(p.Title + "\n" + strings.Repeat("=", utf8.RuneCountInString(p.Title)) + "\n\n" + p.Hello + "\n")
	for _, part := range p.Parts {
		b.WriteString("\n")
		part.text(&b)
	}
	b.WriteString("\n-- \n" + p.Provider + "\n")
	for _, line := range p.Footer {
		b.WriteString(wrap(line, ""))
	}
	return b.String()
}

func (p part) text(b *strings.Builder) {
	switch p.Shape {
	case box:
		b.WriteString(wrap(p.Text, "    "))
	case list:
		b.WriteString(wrap(p.Title+":", ""))
		for _, item := range p.Items {
			b.WriteString(hang(item, "  - "))
		}
	case steps:
		for i, item := range p.Items {
			b.WriteString(hang(item, "  "+strconv.Itoa(i+1)+". "))
		}
	case facts:
		for _, f := range p.Facts {
			b.WriteString(hang(f.Value, f.Name+": "))
		}
	case button:
		b.WriteString(p.Title + ":\n\n" + p.Link + "\n") // never broken, or it could not be opened
	case command:
		if p.Title != "" {
			b.WriteString(wrap(p.Title, "") + "\n")
		}
		b.WriteString("    " + p.Text + "\n")
	case section:
		b.WriteString(p.Title + "\n" + strings.Repeat("-", utf8.RuneCountInString(p.Title)) + "\n" + wrap(p.Text, ""))
	case document:
		b.WriteString(wrap(p.Title, "") + "\n" + p.Doc.Body(width))
	default:
		b.WriteString(wrap(p.Text, ""))
	}
}

// hang writes an item whose further lines stand under its first word.
func hang(text, mark string) string {
	indent := strings.Repeat(" ", min(utf8.RuneCountInString(mark), 8))
	return mark + strings.TrimPrefix(wrap(text, indent), indent)
}

// wrap breaks text between words; a word that is longer than a line stays whole.
func wrap(text, indent string) string {
	var b strings.Builder
	used := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case used == 0:
			b.WriteString(indent)
			used = len(indent)
		case used+1+n > width:
			b.WriteString("\n" + indent)
			used = len(indent)
		default:
			b.WriteString(" ")
			used++
		}
		b.WriteString(word)
		used += n
	}
	return b.String() + "\n"
}
