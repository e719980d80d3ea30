package upgrade

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
)

// Secret is a credential: a token, a key, a device code, a client secret. However it is printed, logged or
// marshalled it shows as [redacted]; only Reveal gives the text, so that a search for Reveal finds every use.
//
// fmt asks no method of an unexported field, and encoding/json none of a map's key: what keeps a Secret in one of them
// must not be printed as a whole.
type Secret string

const redacted = "[redacted]"

// Reveal returns the secret itself. Its callers are the places that hand it to the vendor or to a sealed store.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret from whatever asks for its text.
func (s Secret) String() string { return redacted }

// GoString hides the secret from whatever asks for its Go syntax.
func (s Secret) GoString() string { return redacted }

// Format hides the secret from every verb of fmt for which vet accepts it, and most others: without it %d would print
// the text, as a complaint about the verb.
func (s Secret) Format(f fmt.State, verb rune) {
	text := redacted
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = io.WriteString(f, text) // fmt's own buffer: it never fails
}

// MarshalText hides the secret from JSON and from every other text encoder.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue hides the secret from structured logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
