package seal

import (
	"encoding/base64"
	"encoding/binary"
	"unicode/utf8"

	"uplift/upgrade"
)

const (
	// maxUpgradeID is Temporal's own bound for a workflow id, which an upgrade's id becomes a part of.
	maxUpgradeID = 1000
	// maxToken bounds what Parse looks at: a token of the longest upgrade id is shorter.
	maxToken = 2048
	// linkData marks a link, with the version of its contents.
	linkData = "uplift/link/v1"
)

// Links makes and reads the token that an invitation's link carries: which upgrade, and which of its invitations. The
// token shows neither, and cannot be made or changed without the keys. It is a capability: whoever has it can open the
// page, so it is never logged. It has no lifetime of its own. Whether the invitation still stands, and was not replaced
// by a resend, is for the upgrade to say, which knows; a second clock in the token could only disagree.
type Links struct{ keys *Keys }

// NewLinks returns the links under keys. The keys seal them directly, not in an envelope: a link holds no secret, and
// must stay short enough for a mail program not to break it.
func NewLinks(keys *Keys) *Links { return &Links{keys: keys} }

// Token seals an upgrade's id and the number of one of its invitations. The result needs no escaping in a URL.
func (l *Links) Token(upgradeID string, invitation int) (string, error) {
	if !validLink(upgradeID, invitation) {
		return "", &upgrade.Error{Kind: upgrade.Invalid, Code: "no_link",
			Message: "a link needs the id of an upgrade and an invitation number that is not negative"}
	}
	plain := binary.AppendUvarint(nil, uint64(invitation))
	plain = append(plain, upgradeID...)
	sealed, err := l.keys.direct.Encrypt(plain, []byte(linkData))
	if err != nil {
		return "", &upgrade.Error{Kind: upgrade.Unknown, Code: "seal_failed", Message: "a link could not be sealed", Err: err}
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Parse reads a token that Token made. Anything else is an *upgrade.Error of kind Invalid with code "bad_link", which
// repeats nothing of the token and does not say what was wrong with it: who guesses learns nothing.
func (l *Links) Parse(token string) (upgradeID string, invitation int, err error) {
	if len(token) > maxToken {
		return "", 0, badLink()
	}
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	// Go's decoder skips line breaks and ignores spare bits; the comparison leaves each link one spelling.
	if err != nil || base64.RawURLEncoding.EncodeToString(sealed) != token {
		return "", 0, badLink()
	}
	plain, err := l.keys.direct.Decrypt(sealed, []byte(linkData))
	if err != nil {
		return "", 0, badLink()
	}
	number, n := binary.Uvarint(plain)
	if n <= 0 || number > 1<<31-1 || !validLink(string(plain[n:]), int(number)) {
		return "", 0, badLink()
	}
	return string(plain[n:]), int(number), nil
}

func validLink(upgradeID string, invitation int) bool {
	return upgradeID != "" && len(upgradeID) <= maxUpgradeID && utf8.ValidString(upgradeID) &&
		invitation >= 0 && invitation <= 1<<31-1
}

func badLink() error {
	return &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_link", Message: "this link is not valid"}
}
