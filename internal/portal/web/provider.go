package web

import (
	"net/url"
	"strings"
	"time"
)

// Provider is who the pages are of.
type Provider struct {
	Name    string // such as "Example Cloud Ltd"; empty: "your provider"
	Support string // a mail address or an https address for questions; empty: none is shown
}

// SupportLink is where questions go, as a link; empty where there is none.
func (p Provider) SupportLink() string {
	if Link(p.Support) != "" {
		return p.Support
	}
	if strings.Contains(p.Support, "@") {
		return "mailto:" + p.Support
	}
	return ""
}

// Link lets a page link to what may be a web page, and to nothing else that a string can be.
func Link(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	return u.String()
}

// Moment is a time for people whose zone we do not know; a page's script rewrites it in their own.
func Moment(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// Machine is a time for scripts.
func Machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }
