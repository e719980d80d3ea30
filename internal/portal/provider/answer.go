package provider

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

// request is a request of somebody whom the route's rule has let in.
type request struct {
	*http.Request
	w   http.ResponseWriter
	who access.Who
}

// order is the order that the address names.
func (q *request) order() string { return q.PathValue("order") }

// text is a form's field without the blanks around it.
func (q *request) text(name string) string {
	return strings.TrimSpace(strings.ToValidUTF8(q.PostFormValue(name), ""))
}

// texts are all of a form's fields of a name.
func (q *request) texts(name string) []string {
	_ = q.PostFormValue(name) // which reads the form, where the way in has not
	return q.PostForm[name]
}

// answer is a page, or a place to go to.
type answer struct {
	template string
	title    string
	section  string // of the navigation
	code     int    // 0 is 200
	data     any
	follow   string // the stream that the page follows; empty: none
	version  string // of what the page shows

	to   string
	said *said // on the page, or on the one that is gone to
}

func seeOther(to string) answer { return answer{to: to} }

// saying is a place to go to, with a sentence that is read there.
func saying(to, words string) answer { return answer{to: to, said: &said{Words: words}} }

// handler makes an answer. Of a post, an error is said on the page that the form was on.
type handler func(*request) (answer, error)

// get serves a page.
func (p *provider) get(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &request{Request: r, w: w}
		q.who, _ = access.From(r.Context())
		a, err := h(q)
		if err != nil {
			p.refuse(q, err)
			return
		}
		p.write(q, a)
	})
}

// post serves a form, which the way in has read already, within its bound.
func (p *provider) post(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &request{Request: r, w: w}
		q.who, _ = access.From(r.Context())
		a, err := h(q)
		if err != nil {
			a = answer{to: back(q), said: saidOf(err)}
			p.Log.Info("a form was refused", "path", r.URL.Path, "by", q.who.By(), "code", upgrade.CodeOf(err))
		}
		p.write(q, a)
	})
}

// badFile is a file of a form that cannot be read.
func badFile() error {
	return &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_form", Message: "the file cannot be read; open the page again"}
}

// back is the page that a form of ours was on: the address above the action's own.
func back(q *request) string {
	if from := q.PostFormValue("from"); localPath(from) {
		return from
	}
	path := q.URL.Path
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return "/upgrades"
}

// localPath tells whether an address leads to a page of ours, and to nobody else's.
func localPath(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "" && u.Host == "" && u.User == nil && strings.HasPrefix(s, "/") &&
		!strings.HasPrefix(s, "//") && !strings.ContainsAny(s, "\\\r\n\t")
}

// write writes an answer.
func (p *provider) write(q *request, a answer) {
	if a.to != "" {
		if a.said != nil {
			p.remember(q.w, *a.said)
		}
		http.Redirect(q.w, q.Request, a.to, http.StatusSeeOther)
		return
	}
	said := a.said
	if said == nil && q.Method == http.MethodGet && q.Header.Get("X-Follow") == "" {
		said = p.recall(q)
	}
	var b bytes.Buffer
	if err := p.templates.render(&b, a.template, p.pageOf(q, a, said)); err != nil {
		p.Log.Error("a page could not be written", "page", a.template, "error", err.Error())
		http.Error(q.w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	q.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if a.code != 0 {
		q.w.WriteHeader(a.code)
	}
	_, _ = q.w.Write(b.Bytes())
}

// refuse shows why there is no page.
func (p *provider) refuse(q *request, err error) {
	if q.Context().Err() != nil {
		return // nobody is there to read it
	}
	code := statusOf(err)
	if code >= http.StatusInternalServerError {
		p.Log.Error("a page could not be made", "path", q.URL.Path, "error", err.Error())
		q.w.Header().Set("Retry-After", "10")
	}
	p.write(q, answer{template: "problem", title: titleOf(code), code: code, said: &said{}, data: saidOf(err)})
}

func statusOf(err error) int {
	switch upgrade.KindOf(err) {
	case upgrade.NotFound:
		return http.StatusNotFound
	case upgrade.Invalid:
		return http.StatusBadRequest
	case upgrade.Conflict, upgrade.Refused:
		return http.StatusConflict
	case upgrade.Act:
		return http.StatusForbidden
	}
	return http.StatusServiceUnavailable
}

func titleOf(code int) string {
	switch code {
	case http.StatusNotFound:
		return "Not found"
	case http.StatusForbidden:
		return "Not allowed"
	case http.StatusBadRequest, http.StatusConflict:
		return "That does not work"
	}
	return "Not now"
}
