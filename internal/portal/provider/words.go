package provider

import (
	"fmt"
	"html/template"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"uplift/upgrade"
)

// functions are the templates'.
var functions = template.FuncMap{
	"moment":     moment,
	"day":        day,
	"ago":        ago,
	"plural":     plural,
	"stage":      stageWords,
	"ending":     endWords,
	"sentence":   sentence,
	"minutes":    duration,
	"answer":     answerWords,
	"delivery":   deliveryWords,
	"outcome":    outcomeWords,
	"work":       func(w upgrade.Work) string { return string(w) },
	"join":       strings.Join,
	"method":     methodWords,
	"dict":       dict,
	"batchstate": batchStateWords,
	"rowstate":   rowStateWords,
	"counts":     countWords,
	"at":         placeWords,
	"percent":    func(share float64) int { return int(share*100 + 0.5) },
}

// dict hands several values on to a part.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("a name without a value")
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("%v is no name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// moment is a time that the script rewrites in the reader's own zone.
func moment(t time.Time) template.HTML {
	if t.IsZero() {
		return "–"
	}
	t = t.UTC()
	return template.HTML(`<time datetime="` + t.Format(time.RFC3339) + `">` + t.Format("2 Jan 2006, 15:04 UTC") + `</time>`)
}

// day is a date.
func day(t time.Time) template.HTML {
	if t.IsZero() {
		return "–"
	}
	t = t.UTC()
	return template.HTML(`<time datetime="` + t.Format(time.DateOnly) + `">` + t.Format("2 Jan 2006") + `</time>`)
}

// ago is a stretch of time up to a moment.
func ago(t, now time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return duration(now.Sub(t))
}

// duration is a length of time in its largest unit.
func duration(d time.Duration) string {
	switch {
	case d < 0:
		return "0 minutes"
	case d < time.Minute:
		return plural(int(d/time.Second), "second")
	case d < 2*time.Hour:
		return plural(int(d/time.Minute), "minute")
	case d < 48*time.Hour:
		return plural(int(d/time.Hour), "hour")
	}
	return plural(int(d/(24*time.Hour)), "day")
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// sentence begins with a capital letter and ends with a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	r, n := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(r)) + s[n:]
	if !strings.ContainsAny(s[len(s)-1:], ".!?:") {
		s += "."
	}
	return s
}

// stageWords says where an upgrade stands.
func stageWords(s upgrade.Stage) string {
	words := map[upgrade.Stage]string{
		upgrade.Planning: "Planning", upgrade.Invited: "Waiting for consent", upgrade.Consented: "Verifying the consent",
		upgrade.Checking: "Checking with Microsoft", upgrade.Confirming: "Waiting for confirmation", upgrade.Queued: "Waiting for its turn",
		upgrade.Changing: "Changing the subscription", upgrade.Scheduled: "Scheduled for the renewal", upgrade.Assigning: "Moving users",
		upgrade.Settling: "Releasing what was left", upgrade.Undoing: "Undoing", upgrade.Notifying: "Sending the last messages", upgrade.Ended: "Ended",
	}[s]
	if words == "" {
		return string(s)
	}
	return words
}

// endWords says how an upgrade ended.
func endWords(e upgrade.End) string { return capital(e.Words()) }

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

func lower(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

var rowPlace = regexp.MustCompile(`^rows\[(\d+)\]`)

// placeWords says where in a list a problem is; empty where it is in none.
func placeWords(path string) string {
	if strings.HasPrefix(path, "line ") {
		return capital(path) + ": "
	}
	if m := rowPlace.FindStringSubmatch(path); m != nil {
		n, _ := strconv.Atoi(m[1])
		return fmt.Sprintf("Row %d: ", n+1)
	}
	return ""
}

// answerWords says what an answer to a parked upgrade does.
func answerWords(a upgrade.Answer) string {
	return map[upgrade.Answer]string{
		upgrade.Retry: "Try the step again", upgrade.Skip: "Go on without it", upgrade.UndoIt: "Undo what was done", upgrade.Abandon: "Give up, and leave everything as it is now",
	}[a]
}

func deliveryWords(s upgrade.DeliveryState) string {
	return map[upgrade.DeliveryState]string{upgrade.DeliveryPending: "Waiting for another try", upgrade.DeliveryDelivered: "Delivered", upgrade.DeliveryFailed: "Given up"}[s]
}

func outcomeWords(o upgrade.UserOutcome) string {
	return map[upgrade.UserOutcome]string{
		upgrade.UserMoved: "Moved", upgrade.UserUnchanged: "Nothing to do", upgrade.UserFailed: "Not moved", upgrade.UserRestored: "Put back",
	}[o]
}

func methodWords(m upgrade.Method) string {
	return map[upgrade.Method]string{
		upgrade.DeviceCode: "a code, typed at Microsoft’s sign-in", upgrade.AdminConsent: "consent in the browser", upgrade.Existing: "an earlier consent",
		upgrade.DelegatedAdmin: "delegated administration", upgrade.Preconsented: "partner pre-consent",
	}[m]
}
