package mail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"uplift/upgrade"
)

// Codes of what this package says of a mail server.
const (
	codeRefused     = "mail_refused"
	codeSender      = "mail_sender_refused"
	codeDenied      = "mail_denied"
	codeNoTLS       = "mail_no_tls"
	codeLater       = "mail_later"
	codeUnreachable = "mail_unavailable"
)

// enhanced is RFC 3463's status code.
var enhanced = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}$`)

// classify says what an error of go-mail means. The cause is dropped where it is a server's answer, since that mostly
// quotes the reader's address; its numbers are kept.
func classify(err error) error {
	if err == nil {
		return nil
	}
	var send *gomail.SendError
	if errors.As(err, &send) {
		return fromSend(send)
	}
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return fromGreeting(answer)
	}
	if denied(err) {
		return &upgrade.Error{Kind: upgrade.Act, Code: codeDenied, Message: "the mail server takes no sign-in in a way that is safe here"}
	}
	if strings.Contains(err.Error(), "does not support STARTTLS") {
		return &upgrade.Error{Kind: upgrade.Act, Code: codeNoTLS, Message: "the mail server offers no TLS, and letters are not sent in plain over a network"}
	}
	if text := err.Error(); strings.Contains(text, "x509: ") || strings.Contains(text, "tls: ") {
		return &upgrade.Error{Kind: upgrade.Act, Code: codeNoTLS, Message: "the mail server's certificate is not trusted, or TLS with it fails", Err: err}
	}
	if passing(err) {
		return &upgrade.Error{Kind: upgrade.Transient, Code: codeUnreachable, Message: "the mail server does not answer", Err: err}
	}
	return &upgrade.Error{Kind: upgrade.Unknown, Code: "mail_failed", Message: "the mail could not be sent"}
}

// denied knows go-mail's errors for "no common way to sign in".
func denied(err error) bool {
	for _, one := range []error{gomail.ErrNoSupportedAuthDiscovered, gomail.ErrPlainAuthNotSupported, gomail.ErrLoginAuthNotSupported} {
		if errors.Is(err, one) {
			return true
		}
	}
	return strings.Contains(err.Error(), "does not support SMTP AUTH")
}

// fromSend classifies the answer to a command of the mail's delivery.
func fromSend(e *gomail.SendError) error {
	code := e.ErrorCode()
	said := fmt.Sprint(code)
	if status := e.EnhancedStatusCode(); enhanced.MatchString(status) {
		said += " " + status
	}
	out := &upgrade.Error{Kind: upgrade.Refused, Code: codeRefused, Message: "the mail server refused the mail: " + said}
	switch {
	case code >= 400 && code < 500:
		out.Kind, out.Code, out.Message = upgrade.Transient, codeLater, "the mail server asks to try later: "+said
	case code >= 500 && e.Reason == gomail.ErrSMTPMailFrom:
		out.Kind, out.Code, out.Message = upgrade.Act, codeSender, "the mail server takes no mail from our address: "+said
	case code >= 500 && e.Reason == gomail.ErrSMTPRcptTo:
		out.Message = "the mail server refused the reader's address: " + said
	case code >= 500:
	case e.Reason == gomail.ErrGetSender, e.Reason == gomail.ErrGetRcpts, e.Reason == gomail.ErrNoUnencoded:
		out.Kind, out.Code, out.Message = upgrade.Invalid, "bad_mail", "the mail's addresses cannot be used"
	default:
		// No number: the connection broke. Whether the server has the mail is not known, and its Message-ID makes a
		// second copy harmless.
		out.Kind, out.Code, out.Message = upgrade.Transient, codeUnreachable, "the connection to the mail server broke"
	}
	return out
}

// fromGreeting classifies an answer before the mail: to the greeting, STARTTLS or the sign-in.
func fromGreeting(e *textproto.Error) error {
	switch {
	case e.Code >= 400 && e.Code < 500:
		return &upgrade.Error{Kind: upgrade.Transient, Code: codeLater, Message: fmt.Sprintf("the mail server asks to try later: %d", e.Code)}
	case e.Code == 530, e.Code == 534, e.Code == 535, e.Code == 538:
		return &upgrade.Error{Kind: upgrade.Act, Code: codeDenied, Message: fmt.Sprintf("the mail server does not accept our sign-in: %d", e.Code)}
	}
	return &upgrade.Error{Kind: upgrade.Act, Code: codeSender, Message: fmt.Sprintf("the mail server does not want to speak to us: %d", e.Code)}
}

func passing(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed)
}
