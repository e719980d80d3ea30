package plandoc

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"uplift/upgrade"
)

// day is a date, written out.
func day(t time.Time) string { return t.UTC().Format("2 January 2006") }

// moment is a time, written out.
func moment(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// isoDate is a date as the plan's own sentences write it.
var isoDate = regexp.MustCompile(`[\w+-]*\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2}))?[\w+-]*`)

// dated writes the dates in a sentence out. What only looks like a date, such as a part of an order id, stays.
func dated(s string) string {
	return isoDate.ReplaceAllStringFunc(s, func(found string) string {
		if t, err := time.Parse(time.RFC3339, found); err == nil {
			return moment(t)
		}
		if t, err := time.Parse(time.DateOnly, found); err == nil {
			return day(t)
		}
		return found
	})
}

// terms is a term and its billing, such as "one year, billed monthly".
func terms(term, billingCycle string) string {
	words := map[string]string{"P1M": "one month", "P1Y": "one year", "P3Y": "three years"}[term]
	if words == "" {
		words = term
	}
	if billingCycle != "" {
		words += ", billed " + map[string]string{"annual": "yearly", "triennial": "once", "monthly": "monthly"}[billingCycle]
	}
	return strings.TrimPrefix(strings.TrimSuffix(words, ", billed "), ", ")
}

// work says what kind of work a step is.
func work(s upgrade.Step) string {
	switch s.Work {
	case upgrade.Resize:
		if s.To < s.From {
			return "A smaller quantity: the subscription stays what it is."
		}
		return "A larger quantity: the subscription stays what it is."
	case upgrade.Transit:
		return transition(s)
	case upgrade.Buy:
		return "A purchase: it makes a new subscription."
	case upgrade.Release:
		if s.To == 0 {
			return "A cancellation: the subscription ends."
		}
		return "Seats are given back: the subscription stays, with fewer of them."
	case upgrade.AtRenewal:
		return atRenewal(s)
	}
	return ""
}

func transition(s upgrade.Step) string {
	switch {
	case s.Legacy:
		return "An upgrade of a traditional subscription, by Microsoft's own call for those: the seats end in a new subscription."
	case s.Into != "":
		return "A transition into an existing subscription: Microsoft moves the seats there."
	case s.Moved > 0:
		return "A transition of a part: Microsoft moves these seats to a new subscription, and the others stay."
	}
	return "A transition: Microsoft turns the subscription into the other offer. It keeps its id and its term."
}

func atRenewal(s upgrade.Step) string {
	when := "at the renewal"
	if s.Date != nil {
		when = "on " + day(*s.Date)
	}
	switch {
	case s.ToOffer != "":
		return "A change at the renewal: it is scheduled now, and Microsoft makes it " + when + "."
	case s.To == 0:
		return "No renewal: it is switched off now, and the subscription ends " + when + "."
	}
	return "Fewer seats at the renewal: it is scheduled now, and takes effect " + when + "."
}

// licences says who moves the users' licences in a transition.
func licences(t upgrade.TransitionType) string {
	if t == upgrade.TransitionWithLicenses {
		return "Microsoft moves the users' licences with it; they are read back and repaired afterwards."
	}
	return ""
}

// enumerated is a list in a sentence.
func enumerated(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// maxString bounds what one string from outside may take.
const maxString = 1200

// plain makes a string fit for a line: no controls, no marks that turn the direction of writing, bounded.
func plain(s string) string {
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
	if utf8.RuneCountInString(s) > maxString {
		s = string([]rune(s)[:maxString-1]) + "…"
	}
	return s
}

// plain is the document with every string made plain, in place.
func (d Doc) plain() Doc {
	for _, s := range d.Sections {
		for i := range s.Blocks {
			b := &s.Blocks[i]
			b.Text, b.Command = plain(b.Text), plain(b.Command)
			for j := range b.Items {
				b.Items[j].Text, b.Items[j].Code = plain(b.Items[j].Text), plain(b.Items[j].Code)
				plainAll(b.Items[j].More)
			}
			for j := range b.Facts {
				b.Facts[j].Value = plain(b.Facts[j].Value)
			}
			if b.Table != nil {
				for _, row := range b.Table.Rows {
					plainCells(row)
				}
			}
		}
	}
	return d
}

func plainAll(all []string) {
	for i, s := range all {
		all[i] = plain(s)
	}
}

func plainCells(row []string) {
	for i, cell := range row {
		lines := strings.Split(cell, "\n")
		plainAll(lines)
		row[i] = strings.Join(lines, "\n")
	}
}
