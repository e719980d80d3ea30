package mailbox

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

const cramMD5 = "CRAM-MD5"

// AuthMechanisms lists what a client may prove the password by.
func (s *session) AuthMechanisms() []string {
	if s.box.user == "" {
		return nil
	}
	return []string{cramMD5}
}

// Auth begins a proof.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if s.box.user == "" || mechanism != cramMD5 {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	return &cram{session: s}, nil
}

// cram is one proof by CRAM-MD5: the server's challenge, then the user and the challenge's HMAC under the password.
type cram struct {
	session   *session
	challenge string
}

// Next implements sasl.Server.
func (c *cram) Next(response []byte) (challenge []byte, done bool, err error) {
	if c.challenge == "" {
		c.challenge = "<" + rand.Text() + "@mailbox.test>"
		return []byte(c.challenge), false, nil
	}
	user, digest, _ := strings.Cut(string(response), " ")
	mac := hmac.New(md5.New, []byte(c.session.box.password))
	mac.Write([]byte(c.challenge))
	if user != c.session.box.user || !hmac.Equal([]byte(digest), []byte(hex.EncodeToString(mac.Sum(nil)))) {
		return nil, false, smtp.ErrAuthFailed
	}
	c.session.signedIn = true
	return nil, true, nil
}
