package consent

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"uplift/internal/plandoc"
	"uplift/internal/portal/web"
	"uplift/upgrade"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// Every word of the page stands in texts/LANGUAGE.json. {provider} and {company} stand for their names.
//
//go:embed texts/*.json
var textFiles embed.FS

// pages are the templates, the words and the assets, read once.
type pages struct {
	template *template.Template
	plans    *plandoc.Renderer
	texts    web.Texts
	assets   *web.Assets
	version  string // of all assets
}

func newPages() *pages {
	p, err := readPages()
	if err != nil {
		// What is read is built in: this fails in the first test run or never.
		panic(fmt.Sprintf("consent: %v", err))
	}
	return p
}

func readPages() (*pages, error) {
	p := &pages{}
	var err error
	if p.texts, err = web.LoadTexts(textFiles, "texts"); err != nil {
		return nil, err
	}
	if p.template, err = template.ParseFS(templateFiles, "templates/*.html"); err != nil {
		return nil, err
	}
	if p.plans, err = plandoc.NewRenderer(); err != nil {
		return nil, err
	}
	if p.assets, err = web.LoadAssets(assetFiles, "assets"); err != nil {
		return nil, err
	}
	shared, err := web.Shared()
	if err != nil {
		return nil, err
	}
	p.version = p.assets.Version + shared.Version
	return p, nil
}

// page is what a template sees.
type page struct {
	view
	Lang     string
	Provider web.Provider
	Assets   string // the version in the assets' addresses
	texts    web.Texts
	now      time.Time
}

// T is a text of the catalogue in the page's language.
func (p page) T(key string) string {
	return strings.NewReplacer("{provider}", p.provider(), "{company}", p.company()).Replace(p.texts.Text(p.Lang, key))
}

func (p page) provider() string {
	if p.Provider.Name != "" {
		return p.Provider.Name
	}
	return p.texts.Text(p.Lang, "provider.unnamed")
}

func (p page) company() string {
	if p.Company != "" {
		return p.Company
	}
	return p.texts.Text(p.Lang, "company.unnamed")
}

// Title and Text are the state's.
func (p page) Title() string { return p.T("state." + string(p.State) + ".title") }

// Text is the state's sentence or two.
func (p page) Text() string { return p.T("state." + string(p.State) + ".text") }

// Trouble says what went wrong in the page's language where the catalogue knows the code, else as it was reported.
func (p page) Trouble(one *upgrade.Problem) string {
	if s := p.T("problem." + one.Code); s != "" {
		return s
	}
	return one.Message
}

// Remedy says what to do about it, likewise.
func (p page) Remedy(one *upgrade.Problem) string {
	if s := p.T("remedy." + one.Code); s != "" {
		return s
	}
	if one.Remedy != "" {
		return one.Remedy
	}
	return p.T("remedy.other")
}

// Why says why a permission is asked.
func (p page) Why(permission string) string {
	if s := p.T("permission." + permission); s != "" {
		return s
	}
	return p.T("permissions.other")
}

// Left is how many seconds the code is still good: a browser counts them down by a clock of its own, which need not be right.
func (p page) Left() int { return int(p.Code.ExpiresAt.Sub(p.now) / time.Second) }

// Moment is a time for people whose zone we do not know; the script rewrites it in their own.
func (p page) Moment(t time.Time) string { return web.Moment(t) }

// Machine is a time for scripts.
func (p page) Machine(t time.Time) string { return web.Machine(t) }

// show writes a page.
func (p *site) show(w http.ResponseWriter, r *http.Request, code int, v view) {
	var b bytes.Buffer
	err := p.pages.template.ExecuteTemplate(&b, "page.html", page{
		view: v, Lang: p.pages.texts.Language(r), Provider: p.Provider, Assets: p.pages.version, texts: p.pages.texts, now: p.Now(),
	})
	if err != nil {
		p.Log.Error("a page could not be written", "error", err.Error())
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	if p.Admin != nil {
		web.AllowForms(w, p.Admin.Origin()) // the button's redirect
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "Accept-Language")
	w.WriteHeader(code)
	_, _ = w.Write(b.Bytes())
}
