package mailbox

import (
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

//go:embed templates/*.html
var templateFiles embed.FS

// pageCSP lets a page show its own style and frame the body of a mail; bodyCSP
// lets that body show itself and nothing else: no script, no form, no picture
// from outside. A link opens in a tab of its own.
const (
	pageCSP = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	bodyCSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'; " +
		"sandbox allow-popups allow-popups-to-escape-sandbox"
)

// pages shows the messages.
type pages struct {
	box       *Mailbox
	templates *template.Template
}

// routes lists every address of the page and its API.
func (m *Mailbox) routes() http.Handler {
	p := pages{box: m, templates: template.Must(
		template.New("").Funcs(template.FuncMap{"linked": linked}).ParseFS(templateFiles, "templates/*.html"))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.list)
	mux.HandleFunc("GET /messages/{id}", p.one(p.show))
	mux.HandleFunc("GET /messages/{id}/html", p.one(p.body))
	mux.HandleFunc("GET /messages/{id}/raw", p.one(p.raw))
	mux.HandleFunc("GET /api/messages", p.apiList)
	mux.HandleFunc("GET /api/messages/{id}", p.one(p.apiOne))
	return m.sameHost(mux)
}

// sameHost refuses requests under another name, so that a web page elsewhere
// cannot read the mails by pointing its own name at this machine.
func (m *Mailbox) sameHost(next http.Handler) http.Handler {
	_, port, _ := strings.Cut(m.httpAddr, "]:")
	if port == "" {
		port = m.httpAddr[strings.LastIndex(m.httpAddr, ":")+1:]
	}
	allowed := []string{m.httpAddr, "localhost:" + port, "127.0.0.1:" + port}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(allowed, r.Host) {
			http.Error(w, "the mailbox answers under its own address only", http.StatusMisdirectedRequest)
			return
		}
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// one finds the message that an address names.
func (p pages) one(serve func(http.ResponseWriter, *http.Request, Message)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(r.PathValue("id"))
		msg, ok := p.box.message(id)
		if err != nil || !ok {
			http.Error(w, "no such message", http.StatusNotFound)
			return
		}
		serve(w, r, msg)
	}
}

func (p pages) list(w http.ResponseWriter, _ *http.Request) {
	messages := p.box.Messages()
	slices.Reverse(messages)
	p.render(w, "list.html", messages)
}

func (p pages) show(w http.ResponseWriter, _ *http.Request, msg Message) {
	p.render(w, "message.html", msg)
}

// body shows the HTML body. The base element makes every link leave the frame.
func (p pages) body(w http.ResponseWriter, _ *http.Request, msg Message) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", bodyCSP)
	_, _ = w.Write([]byte(`<base target="_blank">` + msg.HTML))
}

func (p pages) raw(w http.ResponseWriter, _ *http.Request, msg Message) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	_, _ = w.Write([]byte(msg.Raw))
}

func (p pages) apiList(w http.ResponseWriter, r *http.Request) {
	messages := p.box.Messages()
	if to := r.URL.Query().Get("to"); to != "" {
		messages = slices.DeleteFunc(messages, func(msg Message) bool {
			return !slices.ContainsFunc(msg.To, func(rcpt string) bool { return strings.EqualFold(rcpt, to) })
		})
	}
	if messages == nil {
		messages = []Message{}
	}
	p.json(w, messages)
}

func (p pages) apiOne(w http.ResponseWriter, _ *http.Request, msg Message) { p.json(w, msg) }

func (p pages) json(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		p.box.log.Error("mailbox answer not written", "error", err)
	}
}

func (p pages) render(w http.ResponseWriter, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", pageCSP)
	if err := p.templates.ExecuteTemplate(w, name, data); err != nil {
		p.box.log.Error("mailbox page not shown", "page", name, "error", err)
	}
}

// address finds links in plain text; a full stop or a bracket at the end belongs
// to the sentence.
var address = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)\]]`)

// linked escapes a text and makes its links clickable.
func linked(text string) template.HTML {
	var out strings.Builder
	last := 0
	for _, at := range address.FindAllStringIndex(text, -1) {
		out.WriteString(template.HTMLEscapeString(text[last:at[0]]))
		link := text[at[0]:at[1]]
		if _, err := url.Parse(link); err == nil {
			escaped := template.HTMLEscapeString(link)
			link = `<a target="_blank" rel="noopener noreferrer" href="` + escaped + `">` + escaped + `</a>`
		} else {
			link = template.HTMLEscapeString(link)
		}
		out.WriteString(link)
		last = at[1]
	}
	out.WriteString(template.HTMLEscapeString(text[last:]))
	return template.HTML(out.String())
}
