package upgrade

import "log/slog"

// Secret is a credential: a token, a key, a device code, a client secret. However it is printed, logged or
// marshalled it shows as [redacted]; only Reveal gives the text, so that a search for Reveal finds every use.
type Secret string

const redacted = "[redacted]"

// Reveal returns the secret itself. Its callers are the places that hand it to the vendor or to a sealed store.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret from fmt's %s and %v.
func (s Secret) String() string { return redacted }

// GoString hides the secret from fmt's %#v.
func (s Secret) GoString() string { return redacted }

// MarshalText hides the secret from JSON and from every other text encoder.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue hides the secret from structured logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
