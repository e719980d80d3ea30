package provider

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"uplift/internal/plandoc"
	"uplift/internal/portal/access"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// templates are the pages by name. Each has the layout and the parts around it.
type templates struct {
	pages map[string]*template.Template
	plans *plandoc.Renderer
}

// readTemplates reads what is built in, which fails in the first test run or never.
func readTemplates() templates {
	t := templates{pages: map[string]*template.Template{}}
	files, err := templateFiles.ReadDir("templates")
	if err != nil {
		panic(err)
	}
	shared := template.Must(template.New("").Funcs(functions).ParseFS(templateFiles, "templates/layout.html", "templates/parts.html"))
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".html")
		if name == "layout" || name == "parts" {
			continue
		}
		t.pages[name] = template.Must(template.Must(shared.Clone()).ParseFS(templateFiles, "templates/"+f.Name()))
	}
	if t.plans, err = plandoc.NewRenderer(); err != nil {
		panic(err)
	}
	return t
}

func (t templates) render(w io.Writer, name string, p page) error {
	one, ok := t.pages[name]
	if !ok {
		return fmt.Errorf("there is no page %q", name)
	}
	return one.ExecuteTemplate(w, "layout.html", p)
}

// page is what a template sees.
type page struct {
	Title    string
	Provider string
	Who      access.Who
	Nav      []place
	Said     *said
	Token    string // of the session's forms
	Assets   string // the version in the assets' addresses
	Follow   string
	Version  string
	Path     string // this page's own address, for forms that come back to it
	Data     any
}

// place is an entry of the navigation.
type place struct {
	Name, Path string
	Here       bool
}

func (p *provider) pageOf(q *request, a answer, s *said) page {
	out := page{
		Title: a.title, Provider: p.Provider, Who: q.who, Said: s, Assets: p.assets.version, Follow: a.follow, Version: a.version,
		Path: q.URL.RequestURI(), Data: a.data,
	}
	if out.Provider == "" {
		out.Provider = "Uplift"
	}
	if s != nil && s.Words == "" && len(s.Problems) == 0 {
		out.Said = nil
	}
	if p.FormToken != nil {
		out.Token = p.FormToken(q.Context())
	}
	for _, one := range []struct {
		place
		roles []access.Role
	}{
		{place{Name: "Upgrades", Path: "/upgrades"}, everybody},
		{place{Name: "Bulk", Path: "/batches"}, everybody},
		{place{Name: "Invitations", Path: "/invitations"}, everybody},
		{place{Name: "Customers", Path: "/customers"}, everybody},
		{place{Name: "Plans", Path: "/plans"}, house},
		{place{Name: "Resellers", Path: "/resellers"}, everybody},
		{place{Name: "Prices", Path: "/prices"}, house},
		{place{Name: "Callbacks", Path: "/callbacks"}, house},
	} {
		if q.who.Has(one.roles...) {
			one.Here = one.Path == a.section
			out.Nav = append(out.Nav, one.place)
		}
	}
	return out
}

// Decides tells whether the role may change things; whether a reseller may now is said when it tries.
func (p page) Decides() bool { return p.Who.Has(deciding...) }

// Operates, Invites and Replays tell the same of what is for these roles.
func (p page) Operates() bool { return p.Who.Has(operators...) }
func (p page) Invites() bool  { return p.Who.Has(inviting...) }
func (p page) Replays() bool  { return p.Who.Has(replaying...) }

// House tells whether somebody is of the provider's own people.
func (p page) House() bool { return p.Who.Has(house...) }

// assets are the style, the script and the icon.
type assets struct {
	files   map[string][]byte
	version string // their address changes with them, so that they may be kept
}

func readAssets() assets {
	a := assets{files: map[string][]byte{}}
	files, err := assetFiles.ReadDir("assets")
	if err != nil {
		panic(err) // built in
	}
	sum := sha256.New()
	for _, f := range files {
		data, err := assetFiles.ReadFile(path.Join("assets", f.Name()))
		if err != nil {
			panic(err)
		}
		a.files[f.Name()] = data
		sum.Write(data)
	}
	a.version = hex.EncodeToString(sum.Sum(nil)[:6])
	return a
}

func (a assets) serve(w http.ResponseWriter, r *http.Request) {
	data, ok := a.files[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(r.PathValue("name"))))
	w.Header().Set("Cache-Control", "public, max-age=86400")
	http.ServeContent(w, r, r.PathValue("name"), time.Time{}, bytes.NewReader(data))
}
