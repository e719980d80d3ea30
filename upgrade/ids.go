package upgrade

import (
	"crypto/sha1" //nolint:gosec // RFC 9562 prescribes SHA-1 for version 5; it is a name, not a protection.
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

var guidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// IsGUID tells whether s is a GUID in lower-case canonical form.
func IsGUID(s string) bool { return guidForm.MatchString(s) }

// namespace is the name space of all version 5 UUIDs made here: any fixed value, never changed.
var namespace = [16]byte{0x75, 0x70, 0x6c, 0x69, 0x66, 0x74, 0x4b, 0x1d, 0x9e, 0x55, 0x6f, 0x21, 0x0c, 0x3a, 0x8d, 0x02}

// UUID derives a version 5 UUID from the parts: the same parts give the same id in every process and at every
// attempt, which is what makes it an idempotency key.
func UUID(parts ...string) string {
	h := sha1.New()
	h.Write(namespace[:])
	h.Write([]byte(strings.Join(parts, "\x00")))
	var u [16]byte
	copy(u[:], h.Sum(nil))
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:16])
}

// OrderOf is the order of an upgrade's id, order#attempt.
func OrderOf(upgradeID string) string {
	order, _, _ := strings.Cut(upgradeID, "#")
	return order
}

// hash is the SHA-256 of b in hex.
func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// WriteID identifies one write at Microsoft. Partner Center takes Request as MS-RequestId, its idempotency key, and
// Correlation as MS-CorrelationId; Graph takes Request as client-request-id.
// https://learn.microsoft.com/en-us/partner-center/developer/headers
type WriteID struct {
	Request     string `json:"request"`
	Correlation string `json:"correlation"`
}

// WriteIDOf returns the id of one step's write. A new epoch begins only after a definite business answer, so that a
// repeat after a lost reply carries the same id.
func WriteIDOf(upgrade, step string, epoch int) WriteID {
	return WriteID{
		Request:     UUID(upgrade, step, fmt.Sprint(epoch)),
		Correlation: UUID(upgrade),
	}
}
