package errorbook

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// All is every row, in the book's order.
func All() []Row { return slices.Clone(book().rows) }

// Find is the row of a service's answer: its code, its HTTP status and what it said. Of several that fit, the one with a
// part of the message goes before the one with a status, and that before the one with the code alone. Where Microsoft tells
// by its message, the code beside it varies and is not asked for.
func Find(s Service, code string, status int, said string) (Row, bool) {
	said = strings.ToLower(said)
	best, rank := Row{}, 0
	for _, r := range book().rows {
		if r.Service != s || r.Status != 0 && r.Status != status {
			continue
		}
		n := 1
		switch {
		case r.Text != "" && !strings.Contains(said, r.Text):
			continue
		case r.Text != "":
			n = 3
		case !strings.EqualFold(r.Code, code):
			continue
		case r.Status != 0:
			n = 2
		}
		if n > rank {
			best, rank = r, n
		}
	}
	return best, rank > 0
}

// OfStatus is the row of an HTTP status by itself, for an answer whose code says nothing to us. A trouble of the service's
// own that has no row is like any other.
func OfStatus(s Service, status int) (Row, bool) {
	for _, r := range book().rows {
		if r.Service == s && r.Status == status && strings.HasPrefix(r.Code, "http_") {
			return r, true
		}
	}
	if status > 500 && s != Graph {
		return OfStatus(s, 500)
	}
	return Row{}, false
}

// Told is the row of an error that has a code and a message already, whosever it is. Where several rows carry the code,
// the one whose words begin the message is meant; else the first.
func Told(code, message string) (Row, bool) {
	var first *Row
	for i, r := range book().rows {
		if code == "" || !strings.EqualFold(r.Code, code) || r.As != "" {
			continue
		}
		if strings.HasPrefix(message, r.Message) {
			return r, true
		}
		if first == nil {
			first = &book().rows[i]
		}
	}
	if first == nil {
		return Row{}, false
	}
	return *first, true
}

// Means is the class in words.
func (c Class) Means() string { return book().Classes[c].Means }

// Write is a kind of request that changes something at Microsoft.
type Write string

// The writes.
const (
	Seats      Write = "seats"      // another number of seats
	Transition Write = "transition" // a subscription becomes another offer
	Order      Write = "order"      // something is bought
	Cancel     Write = "cancel"     // a subscription ends
	Renewal    Write = "renewal"    // what happens at the renewal
)

// SettleOf is how long a write of this kind may take to show after a lost reply, by Microsoft's clock. Where Microsoft
// gives no figure it says false, and the policy's is to be used.
func SettleOf(w Write) (time.Duration, bool) {
	d, ok := book().Writes[w]
	return d.D(), ok
}

// DefaultSettle is how long a write may take to show where neither its kind nor the answer has a figure of its own: the
// default of the policy's tellAfter, which is what an installation goes by.
func DefaultSettle() time.Duration { return book().Settle.D() }

// SettleAfter is how long an earlier request may still be accepted, where a later one was answered with this code. False:
// the code tells nothing of it.
func SettleAfter(s Service, code string) (time.Duration, bool) {
	for _, r := range book().rows {
		if r.Service == s && r.Code == code && r.Settle != 0 {
			return r.Settle.D(), true
		}
	}
	return 0, false
}

// ID names a row so that no other has the name.
func (r Row) ID() string {
	id := string(r.Service) + " " + r.Code
	if r.Status != 0 {
		id += fmt.Sprintf(" with HTTP %d", r.Status)
	}
	if r.Text != "" {
		id += fmt.Sprintf(" saying %q", r.Text)
	}
	return id
}
