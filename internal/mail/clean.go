package mail

import (
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"uplift/upgrade"
)

// maxLine bounds a value from outside, in characters. A reason may have a thousand (see upgrade.ParseConsent).
const maxLine = 1200

// line makes a value from outside fit to stand on a line of its own or in a header: no line breaks, no other controls, no
// marks that turn the direction of writing, bounded.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Bidi_Control, r):
			return -1
		case unicode.IsControl(r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > maxLine {
		s = string([]rune(s)[:maxLine-1]) + "…"
	}
	return s
}

// short is line for a header.
func short(s string) string {
	if s = line(s); utf8.RuneCountInString(s) > 150 {
		s = string([]rune(s)[:149]) + "…"
	}
	return s
}

// address reads one plain address; a list, a group or a display name is none.
func address(s string) (*mail.Address, bool) {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 || line(s) != s {
		return nil, false
	}
	return &mail.Address{Address: a.Address}, true
}

// cleaned is the letter with everything from outside made fit. Addresses and the link are checked where they are used.
func cleaned(l upgrade.Letter) upgrade.Letter {
	for _, s := range []*string{&l.ToName, &l.Order, &l.WorkflowID, &l.Company, &l.Headline, &l.Digest, &l.Undo, &l.Approval} {
		*s = line(*s)
	}
	l.Gains, l.Losses, l.Permissions = lines(l.Gains), lines(l.Losses), lines(l.Permissions)
	l.Reasons = append(upgrade.Problems(nil), l.Reasons...)
	for i, p := range l.Reasons {
		l.Reasons[i] = upgrade.Problem{Path: line(p.Path), Code: line(p.Code), Message: line(p.Message), Remedy: line(p.Remedy)}
	}
	l.Before, l.After = holdings(l.Before), holdings(l.After)
	l.Residue = append([]upgrade.Residual(nil), l.Residue...)
	for i := range l.Residue {
		l.Residue[i].Name, l.Residue[i].Offer = line(l.Residue[i].Name), line(l.Residue[i].Offer)
	}
	if l.SignIn != nil && l.SignIn.Problem != nil {
		s, p := *l.SignIn, *l.SignIn.Problem
		p.Code, p.Message, p.Remedy = line(p.Code), line(p.Message), line(p.Remedy)
		s.Problem, l.SignIn = &p, &s
	}
	if l.Delivery != nil {
		d := *l.Delivery
		for _, s := range []*string{(*string)(&d.Type), &d.Upgrade, &d.ID, &d.Destination} {
			*s = line(*s)
		}
		if d.Problem != nil {
			p := *d.Problem
			p.Code, p.Message, p.Remedy = line(p.Code), line(p.Message), line(p.Remedy)
			d.Problem = &p
		}
		l.Delivery = &d
	}
	if l.Batch != nil {
		b := *l.Batch
		for _, s := range []*string{&b.Batch.ID, &b.Batch.Source, &b.Batch.Each.Target.Plan, &b.Batch.PlacedBy, &b.Batch.Reseller, (*string)(&b.State)} {
			*s = line(*s)
		}
		b.Reasons = append([]upgrade.BatchReason(nil), b.Reasons...)
		for i := range b.Reasons {
			p := &b.Reasons[i].Problem
			p.Code, p.Message, p.Remedy = line(p.Code), line(p.Message), line(p.Remedy)
		}
		l.Batch = &b
	}
	if l.Parked != nil {
		p := *l.Parked
		for _, s := range []*string{&p.Step, &p.Reason, &p.Code, &p.Correlation, &p.Remedy, &p.Page} {
			*s = line(*s)
		}
		l.Parked = &p
	}
	return l
}

func lines(in []string) []string {
	var out []string
	for _, s := range in {
		if s = line(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func holdings(in []upgrade.Holding) []upgrade.Holding {
	out := append([]upgrade.Holding(nil), in...)
	for i := range out {
		out[i].Name, out[i].Offer = line(out[i].Name), line(out[i].Offer)
	}
	return out
}

// link checks the consent page's address. The error does not quote it.
func link(s upgrade.Secret) (string, error) {
	text := s.Reveal()
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || line(text) != text || strings.ContainsAny(text, ` <>"`) {
		return "", &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_link", Message: "the letter has no link that can be opened"}
	}
	return text, nil
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9._:/@%+=-]+$`)

// shell writes an argument so that it can be pasted into a POSIX shell.
func shell(s string) string {
	if plainWord.MatchString(s) && !strings.HasPrefix(s, "-") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
