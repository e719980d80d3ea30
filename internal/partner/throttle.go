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
		// The date is on the service's clock, as is its Date header; ours may differ.
		now, err := http.ParseTime(h.Get("Date"))
		if err != nil {
			now = time.Now()
		}
		return bounded(at.Sub(now))
	}
	m := againIn.FindStringSubmatch(message)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	unit := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour}[strings.ToLower(m[2])]
	return bounded(time.Duration(n) * unit)
}

func bounded(d time.Duration) time.Duration { return min(max(d, 0), maxRetryAfter) }
