package partner

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter bounds what a vendor may ask for; anything longer is a mistake that would look like a hang.
const maxRetryAfter = 24 * time.Hour

var againIn = regexp.MustCompile(`(?i)again in (\d{1,6}) (second|minute|hour)`)

// retryAfter reads how long the service asks us to stay away: the header, as seconds or as a date, else the sentence
// of the gateway's message. 0: it did not say.
// https://learn.microsoft.com/en-us/partner-center/developer/api-throttling-guidance
func retryAfter(h http.Header, message string) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		return bounded(time.Duration(min(max(seconds, 0), maxRetryAfter.Seconds()) * float64(time.Second)))
	}
	if at, err := http.ParseTime(value); err == nil {
		return bounded(until(at, h))
	}
	m := againIn.FindStringSubmatch(message)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	unit := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour}[strings.ToLower(m[2])]
	return bounded(time.Duration(n) * unit)
}

// until is how far away a date is: by the reply's own Date header, since our clock may differ from the service's, and
// by our clock, since a gateway in between may have written one of the two. The sooner that is not past counts.
func until(at time.Time, h http.Header) time.Duration {
	ours := time.Until(at)
	sent, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return ours
	}
	theirs := at.Sub(sent)
	if ours <= 0 || theirs > 0 && theirs < ours {
		return theirs
	}
	return ours
}

func bounded(d time.Duration) time.Duration { return min(max(d, 0), maxRetryAfter) }
