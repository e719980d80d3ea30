package upgrade

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Decision is an administrator's word.
type Decision string

// The decisions.
const (
	Granted          Decision = "granted"
	DeclinedDecision Decision = "declined"
)

// Method is how a granted consent can be proved.
type Method string

// The methods.
const (
	DeviceCode   Method = "device_code"
	AdminConsent Method = "admin_consent"
	Existing     Method = "existing"
	// DelegatedAdmin and Preconsented are the partner's own user's ways. No signal claims them.
	DelegatedAdmin Method = "gdap"
	Preconsented   Method = "partner_preconsent"
)

// Consent is the payload of the signal "consent". It is a claim: nothing is believed of it until proof that we obtain
// ourselves says the same.
type Consent struct {
	Decision   Decision `json:"decision"`
	By         string   `json:"by,omitempty"`
	Method     Method   `json:"method,omitempty"`
	Reason     string   `json:"reason,omitempty"`
	Invitation int      `json:"invitation,omitempty"` // the invitation answered; 0: the present one
}

// maxReason bounds a text that a stranger may give, in characters.
const maxReason = 1000

// ParseConsent reads the signal's payload strictly.
func ParseConsent(data []byte) (Consent, Problems) {
	var c Consent
	if ps := decodeStrict(data, &c, MaxMessage); len(ps) > 0 {
		return Consent{}, ps
	}
	var ps Problems
	oneOf(&ps, "decision", c.Decision, Granted, DeclinedDecision)
	if c.Decision == Granted {
		oneOf(&ps, "method", c.Method, DeviceCode, AdminConsent, Existing)
	} else {
		oneOf(&ps, "method", c.Method, "", DeviceCode, AdminConsent, Existing)
	}
	checkText(&ps, "by", c.By)
	checkText(&ps, "reason", c.Reason)
	if c.Invitation < 0 {
		ps.Add("invitation", "bad_invitation", "an invitation has a positive number", "leave it out for the present invitation")
	}
	return c, ps
}

func checkText(ps *Problems, path, s string) {
	if utf8.RuneCountInString(s) > maxReason || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		ps.Add(path, "bad_text", "the text is too long or not plain text", "shorten it")
	}
}

// Evidence is what is kept of a consent: who, when, how, and which scopes. Never a token.
type Evidence struct {
	Tenant     string    `json:"tenant"`
	ObjectID   string    `json:"objectId,omitempty"` // empty for an application's own token
	Name       string    `json:"name,omitempty"`
	Method     Method    `json:"method"`
	Scopes     []string  `json:"scopes,omitempty"` // delegated scopes, or application roles
	Roles      []string  `json:"roles,omitempty"`  // directory role template ids of the person
	By         string    `json:"by,omitempty"`     // whom the claim named; not proven
	VerifiedAt time.Time `json:"verifiedAt"`
}

// Authentication is the answer of the update startAuthentication. The device code itself stays in the register.
type Authentication struct {
	UserCode        string    `json:"userCode"`
	VerificationURI string    `json:"verificationUri"`
	ExpiresAt       time.Time `json:"expiresAt"`
	Invitation      int       `json:"invitation"`
}

// Answer is what an operator may say to a parked upgrade.
type Answer string

// The answers.
const (
	Retry   Answer = "retry"
	Skip    Answer = "skip"
	UndoIt  Answer = "undo"
	Abandon Answer = "abandon"
)

// Request is the input common to the updates: who asks and why. Every update takes a JSON object; without one it is
// empty.
type Request struct {
	By     string `json:"by,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// StartAuthentication is the input of the update of that name.
type StartAuthentication struct {
	Invitation int `json:"invitation,omitempty"` // the invitation whose link was opened; 0: the present one
}

// Confirm is the input of the update confirm.
type Confirm struct {
	Request
	Digest string `json:"digest"`          // of the plan that was read
	Seats  int    `json:"seats,omitempty"` // another number of seats than the plan's; 0: the plan's
}

// Resolve is the input of the update resolve.
type Resolve struct {
	Request
	Answer Answer `json:"answer"`
}

// Approve is the input of the update approve: the word of a second person.
type Approve struct {
	Request
	Digest string `json:"digest"` // of the plan that was read
}

// Reply answers an update in words: what will happen now.
type Reply struct {
	Message    string `json:"message"`
	Link       string `json:"link,omitempty"` // resend: the new invitation's link; a capability, not to be logged
	Invitation int    `json:"invitation,omitempty"`
}

// ParseUpdate reads an update's input strictly into v, which points to one of the inputs above. No input at all is an
// empty object.
func ParseUpdate(data []byte, v any) Problems {
	if said := bytes.TrimSpace(data); len(said) == 0 || string(said) == "null" {
		data = []byte("{}")
	}
	ps := decodeStrict(data, v, MaxMessage)
	if len(ps) > 0 {
		return ps
	}
	switch in := v.(type) {
	case *Request:
		in.check(&ps)
	case *StartAuthentication:
		if in.Invitation < 0 {
			ps.Add("invitation", "bad_invitation", "an invitation has a positive number", "leave it out for the present invitation")
		}
	case *Confirm:
		in.Request.check(&ps)
		if in.Digest == "" {
			ps.Add("digest", "no_digest", "the plan's digest is missing", "read the plan and give its digest, so that what you confirm is what you read")
		}
		checkLength(&ps, "digest", in.Digest)
		if in.Seats != 0 {
			checkSeats(&ps, "seats", in.Seats, 1)
		}
	case *SetSlots:
		in.Request.check(&ps)
		if in.Slots == nil || *in.Slots < 0 || *in.Slots > MaxSlots {
			ps.Add("slots", "bad_slots", fmt.Sprintf("the number of slots lies between 0, the brake, and %d", MaxSlots), "give a number")
		}
	case *Approve:
		in.Request.check(&ps)
		if in.By == "" {
			ps.Add("by", "no_name", "an approval names who gives it", "say who you are")
		}
		if in.Digest == "" {
			ps.Add("digest", "no_digest", "the plan's digest is missing", "read the plan and give its digest, so that what you approve is what you read")
		}
		checkLength(&ps, "digest", in.Digest)
	case *StartBatch:
		in.Request.check(&ps)
	case *CancelBatch:
		in.Request.check(&ps)
		checkRows(&ps, in.Rows)
	case *RunBatchAgain:
		in.Request.check(&ps)
		checkRows(&ps, in.Rows)
	case *Resolve:
		in.Request.check(&ps)
		oneOf(&ps, "answer", in.Answer, Retry, Skip, UndoIt, Abandon)
	}
	return ps
}

func (r Request) check(ps *Problems) {
	checkText(ps, "by", r.By)
	checkText(ps, "reason", r.Reason)
}
