package entra

import (
	"embed"
	"html/template"
	"net/http"
)

//go:embed templates/*.html
var templateFiles embed.FS

// templates parses the embedded pages; they are part of the program, so that a
// failure is a mistake of ours.
func templates() *template.Template {
	return template.Must(template.ParseFS(templateFiles, "templates/*.html"))
}

// page is what the templates show. Field ids are part of the contract with
// browser tests: code, username, password, next, signin, accept, deny, other,
// error, done.
type page struct {
	Title string
	// Problem and Number are the sentence with the AADSTS number, and the number.
	Problem string
	Number  int
	// Post is the address of the form and Flow the hidden id of the visit.
	Post, Flow string
	Typed      string
	App        string
	Company    string
	Account    string
	// Delegated and Application are the permissions asked.
	Delegated, Application []string
	Text                   string
	// Everybody says that the answer counts for the whole company.
	Everybody bool
}

// render writes a page that runs no script and stands in no frame. form-action is
// left open, since the last post redirects to the application.
func (s *Server) render(w http.ResponseWriter, name string, data page) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	if err := s.pages.ExecuteTemplate(w, name, data); err != nil {
		s.log.Error("page not shown", "page", name, "error", err)
	}
}

func (p page) with(problem *problem) page {
	if problem != nil {
		p.Problem, p.Number = problem.sentence(), problem.Code
	}
	return p
}

func (s *Server) showCode(w http.ResponseWriter, typed string, p *problem) {
	s.render(w, "code.html", page{Title: "Enter code", Typed: typed}.with(p))
}

func (s *Server) showSignIn(w http.ResponseWriter, in interaction, p *problem) {
	s.render(w, "signin.html", s.visit("Sign in", in).with(p))
}

func (s *Server) showConsent(w http.ResponseWriter, in interaction) {
	s.render(w, "consent.html", s.visit("Permissions requested", in))
}

// showApproval is what somebody sees who may not grant what is asked.
func (s *Server) showApproval(w http.ResponseWriter, in interaction) {
	s.render(w, "approval.html", s.visit("Need admin approval", in).with(problemOf(90094, "access_denied")))
}

func (s *Server) showProblem(w http.ResponseWriter, p *problem) {
	s.render(w, "problem.html", page{Title: "Sorry, but we’re having trouble signing you in"}.with(p))
}

func (s *Server) showDone(w http.ResponseWriter, title, text string) {
	s.render(w, "done.html", page{Title: title, Text: text})
}

// visit fills in what the pages of one visit share.
func (s *Server) visit(title string, in interaction) page {
	segment, tenant := in.authority.segment, in.authority.tenant
	if in.signedIn {
		tenant = in.person.TenantID
	}
	_, company, _ := s.state.TenantByIDOrDomain(tenant)
	account := in.hint
	if in.signedIn {
		account = in.person.UPN
	}
	return page{
		Title: title, Post: "/" + segment + "/login", Flow: in.id, App: in.app.Name, Company: company,
		Account: account, Delegated: in.wanted, Application: in.application,
		Everybody: in.flow == flowAdminConsent,
	}
}
