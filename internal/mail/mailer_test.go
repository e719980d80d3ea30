package mail

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	stdmail "net/mail"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"uplift/internal/sim/mailbox"
	"uplift/upgrade"
)

// mapFS is a folder of texts.
type mapFS map[string]string

// Open implements fs.FS.
func (m mapFS) Open(name string) (fs.File, error) {
	files := fstest.MapFS{}
	for path, text := range m {
		files[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return files.Open(name)
}

func openBox(t *testing.T) (*mailbox.Mailbox, *Mailer) {
	t.Helper()
	box, err := mailbox.Start(t.Context(), mailbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Close)
	return box, testMailer(t, func(o *Options) { o.URL = "smtp://" + box.SMTPAddr() })
}

// TestSend sends every letter to the simulated mailbox and reads what arrived.
func TestSend(t *testing.T) {
	box, m := openBox(t)
	for name, letter := range letters() {
		letter.ID = upgrade.UUID(name)
		if err := m.Send(context.Background(), letter); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all := box.Messages()
		got := all[0]
		for _, one := range all {
			if one.MessageID == letter.ID+"@provider.example" {
				got = one
			}
		}
		subject, text, html := render(t, m, letter)
		squeeze := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
		if got.Problem != "" || got.Subject != short(subject) || squeeze(got.Text) != squeeze(text) || squeeze(got.HTML) != squeeze(html) {
			t.Errorf("%s arrived otherwise: %+v", name, got)
		}
		if len(got.To) != 1 || got.To[0] != letter.To || !strings.Contains(got.From, "Nordwind Cloud") || got.Headers["Reply-To"][0] != "<help@provider.example>" {
			t.Errorf("%s: to %v from %s, reply to %v", name, got.To, got.From, got.Headers["Reply-To"])
		}
		head, _, _ := strings.Cut(got.Raw, "\r\n\r\n")
		if strings.Contains(head, "AbC-123") || got.Headers["Auto-Submitted"][0] != "auto-generated" {
			t.Errorf("%s: headers %s", name, head)
		}
	}
}

// TestRetries sends one letter again after each kind of trouble: one mail, however many copies.
func TestRetries(t *testing.T) {
	box, m := openBox(t)
	letter := base(upgrade.LetterInvitation, false)
	box.FailNext(1)
	if err := m.Send(context.Background(), letter); upgrade.KindOf(err) != upgrade.Transient || upgrade.CodeOf(err) != codeLater {
		t.Errorf("a 4xx: %v", err)
	}
	box.LoseReplies(1)
	if err := m.Send(context.Background(), letter); upgrade.KindOf(err) != upgrade.Transient {
		t.Errorf("a lost reply: %v", err)
	}
	if err := m.Send(context.Background(), letter); err != nil {
		t.Error(err)
	}
	if got := box.Messages(); len(got) != 1 || got[0].Copies != 2 || got[0].MessageID != letter.ID+"@provider.example" {
		t.Errorf("%+v", got)
	}
	box.Close()
	err := m.Send(context.Background(), letter)
	if upgrade.KindOf(err) != upgrade.Transient || upgrade.CodeOf(err) != codeUnreachable {
		t.Errorf("nobody listens: %v", err)
	}
	if strings.Contains(err.Error(), letter.To) || strings.Contains(err.Error(), testLink) {
		t.Errorf("the error tells too much: %v", err)
	}
}

func TestOptions(t *testing.T) {
	_, err := New(Options{URL: "http://host", From: "nobody", Provider: Branding{ReplyTo: "x", LogoURL: "http://host/logo.png"}})
	var ps upgrade.Problems
	if !errors.As(err, &ps) || len(ps) != 4 || upgrade.KindOf(err) != upgrade.Invalid {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{"", "smtp://", "smtp://host:0", "smtp://host:99999", "smtp://user:hidden@host/path", "smtp://user:hidden@ho st"} {
		if _, err := New(Options{URL: bad, From: "a@example.com"}); upgrade.KindOf(err) != upgrade.Invalid || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, bad := range []string{"help@example.com\r\nBcc: b@example.com", "a@example.com, b@example.com", "Help <help@example.com>"} {
		if _, err := New(Options{URL: "smtp://host", From: "a@example.com", Provider: Branding{ReplyTo: bad}}); upgrade.KindOf(err) != upgrade.Invalid {
			t.Errorf("answers to %q: %v", bad, err)
		}
	}
	for _, o := range []Options{
		{URL: "smtps://user:secret@mail.example.com", From: "Example <a@example.com>"},
		{URL: "smtp://[::1]:2525", From: "a@example.com"},
		{URL: "smtp://mail.example.com", User: "u", Password: "p", From: "a@example.com", PlainText: true},
	} {
		if _, err := New(o); err != nil {
			t.Errorf("%s: %v", o.URL, err)
		}
	}
	for from, want := range map[string]string{"Example Ltd <a@example.com>": "Example Ltd", "a@example.com": "example.com"} {
		if m := testMailer(t, func(o *Options) { o.From, o.Provider.Name = from, "" }); m.provider != want {
			t.Errorf("%s: provider %q, want %q", from, m.provider, want)
		}
	}
}

func TestMessageID(t *testing.T) {
	for id, want := range map[string]string{"a-b.c": "a-b.c@x.example", "a>b": "", "a..b": "", "a\r\nb": "", strings.Repeat("a", 200): ""} {
		got := messageID(id, "f@x.example")
		if want == "" {
			want = upgrade.UUID("mail", id) + "@x.example"
		}
		if got != want || got != messageID(id, "f@x.example") {
			t.Errorf("%q: %s, want %s", id, got, want)
		}
	}
}

// FuzzHeaders puts hostile text wherever a letter has text from outside: the mail has the headers that we wrote and the
// one reader.
func FuzzHeaders(f *testing.F) {
	f.Add("ada@contoso.example", "Ada\r\nBcc: eve@example.com", "Contoso\nX: y", "id>\r\nX: y", "order\x00", "\u202eevil\u2028line")
	f.Add(`"a b"@example.com`, "=?utf-8?q?=0d=0aBcc:_x?=", "{provider}{link}", "a.b", "'; rm -rf /", strings.Repeat("ü", 500))
	f.Add("a@b, c@d", "<x>", "</style><script>alert(1)</script>", "", "", "")
	m, err := New(Options{URL: "smtp://127.0.0.1:25", From: "licences@provider.example", Now: func() time.Time { return day(1) }})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, to, name, company, id, order, headline string) {
		letter := with(base(upgrade.LetterInvitation, false), func(l *upgrade.Letter) {
			l.To, l.ToName, l.Company, l.ID, l.Order, l.Headline = to, name, company, id, order, headline
			l.Gains, l.Reasons = []string{headline}, upgrade.Problems{{Message: company, Remedy: name}}
		})
		msg, err := m.message(letter)
		if err != nil {
			if upgrade.KindOf(err) != upgrade.Invalid {
				t.Fatalf("%v", err)
			}
			return
		}
		var raw bytes.Buffer
		if _, err := msg.WriteTo(&raw); err != nil {
			t.Fatalf("%v", err)
		}
		got, err := stdmail.ReadMessage(&raw)
		if err != nil {
			t.Fatalf("%v\n%s", err, raw.String())
		}
		allowed := map[string]bool{"Date": true, "Mime-Version": true, "Message-Id": true, "Subject": true, "User-Agent": true, "X-Mailer": true,
			"Auto-Submitted": true, "X-Auto-Response-Suppress": true, "Content-Language": true, "From": true, "To": true, "Content-Type": true}
		for header, values := range got.Header {
			if !allowed[header] || len(values) != 1 {
				t.Errorf("header %s: %q", header, values)
			}
		}
		readers, err := got.Header.AddressList("To")
		if err != nil || len(readers) != 1 || readers[0].Address != to {
			t.Errorf("readers %v, %v; want %q", readers, err, to)
		}
		if _, _, html := render(t, m, letter); strings.Contains(html, "<script") {
			t.Error("the HTML has a script")
		}
	})
}

// TestCheck signs in and sends nothing.
func TestCheck(t *testing.T) {
	box, m := openBox(t)
	if err := m.Check(context.Background()); err != nil || len(box.Messages()) != 0 {
		t.Errorf("%v, %d mails", err, len(box.Messages()))
	}
	stranger := testMailer(t, func(o *Options) { o.URL, o.User, o.Password = "smtp://"+box.SMTPAddr(), "ada", "hidden" })
	if err := stranger.Check(context.Background()); upgrade.CodeOf(err) != codeDenied || strings.Contains(err.Error(), "hidden") {
		t.Errorf("a server without sign-in: %v", err)
	}
	box.Close()
	if err := m.Check(context.Background()); upgrade.CodeOf(err) != codeUnreachable {
		t.Errorf("nobody listens: %v", err)
	}
}
