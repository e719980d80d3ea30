package portal

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"uplift/internal/plandoc"
	"uplift/upgrade"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// pages are the templates, the words and the assets, read once.
type pages struct {
	template *template.Template
	plans    *plandoc.Renderer
	texts    texts
	assets   map[string][]byte
	version  string // of the assets: their address changes with them, so that they may be kept
}

func newPages() *pages {
	p, err := readPages()
	if err != nil {
		// What is read is built in: this fails in the first test run or never.
		panic(fmt.Sprintf("portal: %v", err))
	}
	return p
}

func readPages() (*pages, error) {
	p := &pages{assets: map[string][]byte{}}
	var err error
	if p.texts, err = loadTexts(); err != nil {
		return nil, err
	}
	if p.template, err = template.ParseFS(templateFiles, "templates/*.html"); err != nil {
		return nil, err
	}
	if p.plans, err = plandoc.NewRenderer(); err != nil {
		return nil, err
	}
	files, err := assetFiles.ReadDir("assets")
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	for _, f := range files {
		data, err := assetFiles.ReadFile(path.Join("assets", f.Name()))
		if err != nil {
			return nil, err
		}
		p.assets[f.Name()] = data
		sum.Write(data)
	}
	p.version = hex.EncodeToString(sum.Sum(nil)[:6])
	return p, nil
}

func (p *pages) serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	data, ok := p.assets[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	w.Header().Set("Cache-Control", "public, max-age=86400")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
}

// page is what a template sees.
type page struct {
	view
	Lang     string
	Provider Provider
	Assets   string // the version in the assets' addresses
	texts    texts
}

// T is a text of the catalogue in the page's language.
func (p page) T(key string) string {
	return strings.NewReplacer("{provider}", p.provider(), "{company}", p.company()).Replace(p.texts.text(p.Lang, key))
}

func (p page) provider() string {
	if p.Provider.Name != "" {
		return p.Provider.Name
	}
	return p.texts.text(p.Lang, "provider.unnamed")
}

func (p page) company() string {
	if p.Company != "" {
		return p.Company
	}
	return p.texts.text(p.Lang, "company.unnamed")
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
	return one.Remedy
}

// SupportLink is where questions go, as a link; empty where there is none.
func (p page) SupportLink() string {
	if webLink(p.Provider.Support) != "" {
		return p.Provider.Support
	}
	if strings.Contains(p.Provider.Support, "@") {
		return "mailto:" + p.Provider.Support
	}
	return ""
}

// Moment is a time for people whose zone we do not know; the script rewrites it in their own.
func (p page) Moment(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// Machine is a time for scripts.
func (p page) Machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// show writes a page.
func (p *portal) show(w http.ResponseWriter, r *http.Request, code int, v view) {
	var b bytes.Buffer
	err := p.pages.template.ExecuteTemplate(&b, "page.html", page{
		view: v, Lang: p.pages.texts.language(r), Provider: p.Provider, Assets: p.pages.version, texts: p.pages.texts,
	})
	if err != nil {
		p.Log.Error("a page could not be written", "error", err.Error())
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "Accept-Language")
	w.WriteHeader(code)
	_, _ = w.Write(b.Bytes())
}
