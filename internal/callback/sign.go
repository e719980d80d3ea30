package callback

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"uplift/upgrade"
)

// The headers of a callback.
const (
	HeaderID        = "Webhook-Id"
	HeaderTimestamp = "Webhook-Timestamp"
	HeaderSignature = "Webhook-Signature"
)

// secretPrefix is how the specification writes a symmetric secret.
const secretPrefix = "whsec_"

// The bounds of a secret that the specification recommends, in bytes.
const (
	leastSecret = 24
	mostSecret  = 64
)

// CheckSecret tells whether a secret has the form whsec_ and base64 of 24 to 64 bytes. The error does not repeat it.
func CheckSecret(s upgrade.Secret) error {
	text, ok := strings.CutPrefix(s.Reveal(), secretPrefix)
	if !ok {
		return bad("the secret does not begin with " + secretPrefix)
	}
	key, err := base64.StdEncoding.DecodeString(text)
	switch {
	case err != nil:
		return bad("what follows " + secretPrefix + " is no base64")
	case len(key) < leastSecret || len(key) > mostSecret:
		return bad("the secret has not 24 to 64 bytes")
	}
	return nil
}

func bad(message string) error {
	return &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_secret", Message: message}
}

// sign signs under every secret, so that a receiver may change over from one to the next.
func sign(secrets []upgrade.Secret, id string, at time.Time, body []byte) (string, error) {
	signatures := make([]string, len(secrets))
	for i, s := range secrets {
		if err := CheckSecret(s); err != nil {
			return "", err
		}
		hook, err := standardwebhooks.NewWebhook(s.Reveal())
		if err != nil {
			return "", bad("the secret cannot be used")
		}
		if signatures[i], err = hook.Sign(id, at, body); err != nil {
			return "", err
		}
	}
	return strings.Join(signatures, " "), nil
}

// Verify tells whether a callback was signed under the secret, within five minutes of now unless anyTime is set. The error is Kind
// Invalid where it cannot be verified at all, such as without a header, and Refused where it is not genuine or too old or too new.
func Verify(secret upgrade.Secret, header http.Header, body []byte, anyTime bool) error {
	if err := CheckSecret(secret); err != nil {
		return err
	}
	hook, err := standardwebhooks.NewWebhook(secret.Reveal())
	if err != nil {
		return bad("the secret cannot be used")
	}
	verify := hook.Verify
	if anyTime {
		verify = hook.VerifyIgnoringTimestamp
	}
	switch err := verify(body, header); {
	case err == nil:
		return nil
	case errors.Is(err, standardwebhooks.ErrRequiredHeaders):
		return &upgrade.Error{Kind: upgrade.Invalid, Code: "missing_headers", Message: "webhook-id, webhook-timestamp and webhook-signature are all needed"}
	case errors.Is(err, standardwebhooks.ErrInvalidHeaders):
		return &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_headers", Message: "webhook-timestamp is no number of seconds"}
	case errors.Is(err, standardwebhooks.ErrMessageTooOld):
		return &upgrade.Error{Kind: upgrade.Refused, Code: "too_old", Message: "the callback was sent more than five minutes ago"}
	case errors.Is(err, standardwebhooks.ErrMessageTooNew):
		return &upgrade.Error{Kind: upgrade.Refused, Code: "too_new", Message: "the callback was sent more than five minutes from now"}
	}
	return &upgrade.Error{Kind: upgrade.Refused, Code: "bad_signature", Message: "no signature fits the secret, the headers and the body"}
}
