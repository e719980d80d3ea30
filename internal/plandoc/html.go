package plandoc

import (
	"embed"
	"fmt"
	"html/template"
	"strings"
)

//go:embed templates/*.html
var templateFiles embed.FS

// Renderer renders documents as HTML. It is safe for use by many goroutines.
type Renderer struct{ templates *template.Template }

// NewRenderer parses the templates, which are built in.
func NewRenderer() (*Renderer, error) {
	t, err := template.New("plan").Option("missingkey=error").Funcs(template.FuncMap{"lines": lines}).ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("the plan's templates: %w", err)
	}
	return &Renderer{t}, nil
}

// Fragment is the document's sections for a page of ours: elements with classes, no style and no script, so that it stands
// under a strict content security policy. The title is left to the page.
func (r *Renderer) Fragment(d Doc) (template.HTML, error) { return r.render("fragment.html", d) }

// Mail is the same for mail programs, which know no style sheet: every element carries its own.
func (r *Renderer) Mail(d Doc) (template.HTML, error) { return r.render("mail.html", d) }

// Page is a whole file, to be opened or printed.
func (r *Renderer) Page(d Doc) (template.HTML, error) { return r.render("page.html", d) }

func (r *Renderer) render(name string, d Doc) (template.HTML, error) {
	var b strings.Builder
	if err := r.templates.ExecuteTemplate(&b, name, d); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil //nolint:gosec // html/template has escaped everything.
}

// lines are the lines of a cell.
func lines(cell string) []string { return strings.Split(cell, "\n") }
