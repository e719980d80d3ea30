package upgrade

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Problem is one thing that is wrong with what somebody gave us, or one reason why an upgrade cannot be made:
// where it is, a code that does not change between releases, a sentence, and what to do about it.
type Problem struct {
	Path    string `json:"path,omitempty"` // the field's path in the input, such as target.totals[1].seats; empty for a whole
	Code    string `json:"code"`           // stable, in snake_case
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
	// Customer and Billing are the sentences for the two readers who know neither Partner Center nor us; the message is
	// the operator's. Empty: the message will do for everybody.
	Customer string `json:"customer,omitempty"`
	Billing  string `json:"billing,omitempty"`
}

// String is the problem on one line.
func (p Problem) String() string {
	var b strings.Builder
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	fmt.Fprintf(&b, "%s [%s]", p.Message, p.Code)
	if p.Remedy != "" {
		b.WriteString(" → " + p.Remedy)
	}
	return b.String()
}

// Problems is every problem that was found, never only the first. It is an error when it is not empty.
type Problems []Problem

// Bounds of what is told of one input: whoever sends rubbish must not get more of it back, into a status or a mail.
const (
	maxTold     = 200  // problems of JSON that is not what it should be
	maxToldPath = 200  // characters of a place
	maxToldText = 1000 // characters of a sentence
)

// Add appends a problem. Its place and its sentences are shortened where they repeat much of the input.
func (p *Problems) Add(path, code, message, remedy string) {
	*p = append(*p, Problem{Path: shorten(path, maxToldPath), Code: code, Message: shorten(message, maxToldText), Remedy: shorten(remedy, maxToldText)})
}

// full tells whether no more problems of JSON are listed.
func (p Problems) full() bool { return len(p) >= maxTold }

// more says that not all problems are listed, where that is so.
func (p *Problems) more() {
	if p.full() {
		p.Add("", "more_problems", "more problems are not listed", "correct these first")
	}
}

// shorten cuts a text to at most n characters, of which the last then is an ellipsis.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	if r := []rune(s[:min(len(s), (n+1)*utf8.UTFMax)]); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// Err returns the problems as an error, or nil when there are none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// Has tells whether a problem with this code is among them.
func (p Problems) Has(code string) bool {
	for _, one := range p {
		if one.Code == code {
			return true
		}
	}
	return false
}

// Error lists the problems, a line each.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// ForCustomer is what the customer reads of the problems: in the customer's sentences where there are any, since the
// operator's name places and interfaces that the customer does not know, and without what operators wrote for one another.
// What reads the same is said once.
func (p Problems) ForCustomer() Problems {
	var out Problems
	said := map[string]bool{}
	for _, one := range p {
		switch {
		case one.Code == "cancelled" || one.Code == "revoked":
			one = Problem{Code: one.Code, Message: "Your provider has withdrawn the change."}
		case one.Customer != "":
			one = Problem{Code: one.Code, Message: one.Customer}
		}
		one.Billing = ""
		if !said[one.Message] {
			said[one.Message] = true
			out = append(out, one)
		}
	}
	return out
}
