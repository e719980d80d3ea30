package mail

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"uplift/upgrade"
)

// server is a mail server that answers a command as told, once it begins with a given word; "greeting" is before any.
func server(t *testing.T, word, answer, extensions string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go converse(conn, word, answer, extensions)
		}
	}()
	return "smtp://" + l.Addr().String()
}

func converse(conn net.Conn, word, answer, extensions string) {
	defer conn.Close()
	said := func(command, otherwise string) bool {
		if command == word {
			otherwise = answer
		}
		if otherwise == "" {
			return false // hangs up
		}
		_, err := fmt.Fprint(conn, otherwise+"\r\n")
		return err == nil
	}
	if !said("greeting", "220 ready") {
		return
	}
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		command, _, _ := strings.Cut(lines.Text(), " ")
		ok := false
		switch command {
		case "EHLO":
			ok = said(command, "250-here"+extensions+"\r\n250 ENHANCEDSTATUSCODES")
		case "DATA":
			if ok = said(command, "354 go on"); ok && word != command {
				for lines.Scan() && lines.Text() != "." {
				}
				ok = said("end", "250 taken")
			}
		case "QUIT":
			_ = said(command, "221 bye")
			return
		default:
			ok = said(command, "250 ok")
		}
		if !ok {
			return
		}
	}
}

func TestClassify(t *testing.T) {
	for _, test := range []struct {
		word, answer string
		kind         upgrade.Kind
		code         string
	}{
		{"greeting", "421 too busy", upgrade.Transient, codeLater},
		{"greeting", "554 go away", upgrade.Act, codeSender},
		{"greeting", "", upgrade.Transient, codeUnreachable},
		{"MAIL", "451 later", upgrade.Transient, codeLater},
		{"MAIL", "550 5.7.1 licences@provider.example may not send", upgrade.Act, codeSender},
		{"RCPT", "450 4.2.0 greylisted ada@contoso.example", upgrade.Transient, codeLater},
		{"RCPT", "550 5.1.1 no such user ada@contoso.example", upgrade.Refused, codeRefused},
		{"RCPT", "", upgrade.Transient, codeUnreachable},
		{"DATA", "452 full", upgrade.Transient, codeLater},
		{"end", "554 5.7.1 spam", upgrade.Refused, codeRefused},
		{"end", "", upgrade.Transient, codeUnreachable},
	} {
		m := testMailer(t, func(o *Options) { o.URL = server(t, test.word, test.answer, "") })
		err := m.Send(context.Background(), base(upgrade.LetterInvitation, false))
		if upgrade.KindOf(err) != test.kind || upgrade.CodeOf(err) != test.code {
			t.Errorf("%s %q: %v, want %s %s", test.word, test.answer, err, test.kind, test.code)
			continue
		}
		if text := err.Error(); strings.Contains(text, "contoso") || strings.Contains(text, "AbC-123") {
			t.Errorf("%s %q says %q", test.word, test.answer, text)
		}
	}
	for _, word := range []string{"QUIT", "RSET"} { // after the mail was taken, nothing is an error
		m := testMailer(t, func(o *Options) { o.URL = server(t, word, "", "") })
		if err := m.Send(context.Background(), base(upgrade.LetterInvitation, false)); err != nil {
			t.Errorf("%s: %v", word, err)
		}
	}
	m := testMailer(t, func(o *Options) {
		o.URL, o.User, o.Password = server(t, "AUTH", "535 5.7.8 no", "\r\n250-AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256"), "user", "hidden"
	})
	if err := m.Send(context.Background(), base(upgrade.LetterInvitation, false)); upgrade.CodeOf(err) != codeDenied || strings.Contains(err.Error(), "hidden") {
		t.Errorf("a refused sign-in: %v", err)
	}
	m = testMailer(t, func(o *Options) { o.URL, o.User, o.Password = server(t, "", "", ""), "user", "hidden" })
	if err := m.Send(context.Background(), base(upgrade.LetterInvitation, false)); upgrade.CodeOf(err) != codeDenied {
		t.Errorf("no sign-in is offered: %v", err)
	}
}

// TestTLSIsMandatory: an address that is not loopback must offer STARTTLS. The one used is, to a dialler, this machine.
func TestTLSIsMandatory(t *testing.T) {
	url := strings.Replace(server(t, "", "", ""), "127.0.0.1", "0.0.0.0", 1)
	for plain, code := range map[bool]string{false: codeNoTLS, true: ""} {
		m := testMailer(t, func(o *Options) { o.URL, o.PlainText = url, plain })
		if err := m.Send(context.Background(), base(upgrade.LetterInvitation, false)); upgrade.CodeOf(err) != code {
			t.Errorf("plain text allowed %v: %v", plain, err)
		}
	}
}
