package provider

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"

	"uplift/upgrade"
)

// said is what is said to somebody once.
type said struct {
	Words    string           `json:"words,omitempty"`
	Bad      bool             `json:"bad,omitempty"` // it was refused, or it failed
	Problems upgrade.Problems `json:"problems,omitempty"`
}

// saidOf is an error as the person reads it. What is ours and passes by itself is not told in detail: that is for the log.
func saidOf(err error) *said {
	s := &said{Bad: true, Words: "That could not be done now. Nothing is lost: try again in a moment."}
	var problems upgrade.Problems
	if errors.As(err, &problems) && len(problems) > 0 {
		s.Problems = problems
		s.Words = "That does not work yet:"
		if len(problems) == 1 {
			s.Words = "That does not work:"
		}
		return s
	}
	var e *upgrade.Error
	if !errors.As(err, &e) || e.Message == "" {
		return s
	}
	switch e.Kind {
	case upgrade.Transient, upgrade.Unknown, upgrade.Throttled, upgrade.Ambiguous:
	default:
		s.Words = sentence(e.Message)
	}
	return s
}

const (
	saidCookie  = "uplift_said"
	saidContext = "desk-said"
	maxSaid     = 2500 // bytes: a cookie has room for no more, sealed
	saidSeconds = 60
)

// remember puts what is said into the browser, sealed, for its next page.
func (p *provider) remember(w http.ResponseWriter, s said) {
	data, err := json.Marshal(s)
	if err == nil && len(data) > maxSaid {
		data, err = json.Marshal(said{Bad: s.Bad, Words: s.Words + " There are more problems than can be shown here: correct these first.", Problems: s.Problems[:min(3, len(s.Problems))]})
	}
	if err != nil || len(data) > maxSaid {
		data = []byte(`{"bad":true,"words":"That does not work, and the reasons are too long to be shown here."}`)
	}
	sealed, err := p.Sealer.Seal(upgrade.Secret(data), saidContext)
	if err != nil {
		p.Log.Error("what is said could not be sealed", "error", err.Error())
		return
	}
	http.SetCookie(w, p.cookie(base64.RawURLEncoding.EncodeToString(sealed), saidSeconds))
}

// recall takes it out again.
func (p *provider) recall(q *request) *said {
	c, err := q.Cookie(saidCookie)
	if err != nil {
		return nil
	}
	http.SetCookie(q.w, p.cookie("", -1))
	sealed, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return nil
	}
	plain, err := p.Sealer.Unseal(sealed, saidContext)
	if err != nil {
		return nil
	}
	var s said
	if json.Unmarshal([]byte(plain.Reveal()), &s) != nil {
		return nil
	}
	return &s
}

func (p *provider) cookie(value string, seconds int) *http.Cookie {
	return &http.Cookie{Name: saidCookie, Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: p.Secure, SameSite: http.SameSiteLaxMode}
}
