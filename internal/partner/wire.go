package partner

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// text is a string that some answers give as a number.
type text string

// UnmarshalJSON reads a string, a number, a boolean or null.
func (t *text) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	switch {
	case bytes.Equal(data, []byte("null")):
		*t = ""
	case len(data) > 0 && data[0] == '"':
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		*t = text(strings.TrimSpace(s))
	case len(data) > 0 && (data[0] == '{' || data[0] == '['):
		return fmt.Errorf("a text is expected")
	default:
		*t = text(data)
	}
	return nil
}

// word is an enumeration's value in lower case without blanks ("Started " is one that Microsoft's page shows). Values
// that we do not know stay as they are.
type word string

// UnmarshalJSON reads what text reads.
func (w *word) UnmarshalJSON(data []byte) error {
	var t text
	if err := t.UnmarshalJSON(data); err != nil {
		return err
	}
	*w = word(strings.ToLower(string(t)))
	return nil
}

// maxCount bounds a number of seats; Microsoft's own maximum is ten million.
const maxCount = 100_000_000

// count is a number of seats, which some answers give as a string. Null and the empty string are 0; a fraction, a
// negative or an absurd number is an error, since seats are never guessed.
type count int

// UnmarshalJSON reads a whole number or a string of one.
func (c *count) UnmarshalJSON(data []byte) error {
	var t text
	if err := t.UnmarshalJSON(data); err != nil {
		return err
	}
	if t == "" {
		*c = 0
		return nil
	}
	f, err := strconv.ParseFloat(string(t), 64)
	if err != nil || f != float64(int64(f)) || f < 0 || f > maxCount {
		return errors.New("this is no number of seats")
	}
	*c = count(f)
	return nil
}

// moment is a time in UTC. Microsoft's "no date" values (null, empty, the year 1) and what is no time at all are the
// zero time: an unknown date opens no window.
type moment struct{ time.Time }

var momentForms = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02"}

// UnmarshalJSON reads the forms that Partner Center's answers show.
func (m *moment) UnmarshalJSON(data []byte) error {
	m.Time = time.Time{}
	var t text
	if err := t.UnmarshalJSON(data); err != nil {
		return err
	}
	for _, form := range momentForms {
		if at, err := time.Parse(form, string(t)); err == nil {
			if at.Year() > 1 && at.Year() < 9999 {
				m.Time = at.UTC()
			}
			return nil
		}
	}
	return nil
}

// shorten cuts a text to at most n runes.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}
