package mailbox

import (
	"io"
	"time"

	"github.com/emersion/go-smtp"
)

// newSMTP makes the server. It asks for authentication only where the options name a user: only this machine reaches it.
func (m *Mailbox) newSMTP() *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{box: m, conn: c}, nil
	}))
	server.Domain = "mailbox.test"
	server.MaxMessageBytes = maxMessageBytes
	server.MaxRecipients = 100
	server.ReadTimeout = time.Minute
	server.WriteTimeout = time.Minute
	server.EnableSMTPUTF8 = true
	server.AllowInsecureAuth = true // CRAM-MD5 shows no password
	server.ErrorLog = quiet{m}
	return server
}

// quiet sends the library's complaints to the log as debug lines: most are
// connections that LoseReplies has dropped.
type quiet struct{ box *Mailbox }

func (q quiet) Printf(format string, v ...any) { q.box.log.Debug("smtp", "line", format, "values", v) }
func (q quiet) Println(v ...any)               { q.box.log.Debug("smtp", "values", v) }

// session takes the mails of one connection.
type session struct {
	box  *Mailbox
	conn *smtp.Conn
	from string
	to   []string
	// signedIn tells whether the client has proved to know the password.
	signedIn bool
}

// Reset forgets the message under way.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout ends the connection; nothing is held.
func (s *session) Logout() error { return nil }

// Mail takes the sender of the envelope.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.box.user != "" && !s.signedIn {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

// Rcpt takes one recipient of the envelope.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

// Data takes the message, or fails as the hooks say.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.box.spend(&s.box.failing) {
		s.box.log.Info("mail refused for now", "from", s.from, "to", s.to)
		return &smtp.SMTPError{
			Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0},
			Message: "Requested action aborted: try again later",
		}
	}
	msg := parse(raw)
	msg.EnvelopeFrom, msg.To, msg.Received = s.from, s.to, s.box.clock()
	s.box.keep(msg)
	s.box.log.Info("mail taken", "from", s.from, "to", s.to, "messageId", msg.MessageID)
	if s.box.spend(&s.box.losing) {
		_ = s.conn.Conn().Close()
	}
	return nil
}
