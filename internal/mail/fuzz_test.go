package mail

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	stdmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"uplift/upgrade"
)

// kinds are all letters, each written for a customer's administrator and for the operator.
func kinds() []upgrade.LetterKind {
	return []upgrade.LetterKind{upgrade.LetterInvitation, upgrade.LetterReminder, upgrade.LetterDone, upgrade.LetterCouldNot, upgrade.LetterParked,
		upgrade.LetterSlow, upgrade.LetterConfirm, upgrade.LetterApprove, upgrade.LetterLink, upgrade.LetterPartnerSignIn,
		upgrade.LetterCallbackFailed, upgrade.LetterScheduled, upgrade.LetterBatch}
}

// FuzzLetters puts one hostile text into every field of every letter that has text from outside. The mail that is then on the
// wire, read back by another reader, has our headers, once each, the one reader, and two parts that hang together.
func FuzzLetters(f *testing.F) {
	for i := range kinds() {
		f.Add(i, false, "x\r\nBcc: eve@example.com\r\n\r\n<b>", "en")
		f.Add(i, true, "\r\n.\r\nMAIL FROM:<eve@example.com>\r\n", "de\r\nX: y")
		f.Add(i, true, "--boundary--\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>", "en")
		f.Add(i, false, "=?utf-8?q?=0D=0ABcc:_x?= {provider} {link} \u2028\u202e\x00\x1b[2J", "xx")
		f.Add(i, false, strings.Repeat("ü", 4000), "")
		f.Add(i, false, `"><img src=x onerror=alert(1)> javascript:alert(1)`, "en-GB")
	}
	m, err := New(Options{URL: "smtp://127.0.0.1:25", From: "licences@provider.example", Now: func() time.Time { return day(1) }})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, which int, operator bool, text, language string) {
		all := kinds()
		if which < 0 || which >= len(all) {
			return
		}
		letter := filled(all[which], operator, text, language)
		msg, err := m.message(letter)
		if err != nil {
			if upgrade.KindOf(err) != upgrade.Invalid || len(text) > 12 && strings.Contains(err.Error(), text) {
				t.Fatalf("%v", err)
			}
			return
		}
		if to, err := msg.GetRecipients(); err != nil || !slices.Equal(to, []string{"<" + letter.To + ">"}) && !slices.Equal(to, []string{letter.To}) {
			t.Errorf("it goes to %q, %v", to, err)
		}
		var raw bytes.Buffer
		if _, err := msg.WriteTo(&raw); err != nil {
			t.Fatalf("%v", err)
		}
		for _, line := range strings.Split(raw.String(), "\r\n") {
			if len(line) > 998 || strings.ContainsAny(line, "\r\n\x00") {
				t.Fatalf("the mail has the line %.100q", line)
			}
		}
		read(t, raw.Bytes(), letter.To)
	})
}

// filled is a letter that has the text wherever one comes from outside.
func filled(kind upgrade.LetterKind, operator bool, text, language string) upgrade.Letter {
	l := base(kind, operator)
	l.Language, l.ToName, l.Company, l.Headline, l.Order, l.WorkflowID, l.ID = language, text, text, text, text, text, text+"x"
	l.Undo, l.Approval, l.Digest, l.End = text, text, text, upgrade.End(text)
	l.Gains, l.Losses, l.Permissions = []string{text}, []string{text, ""}, []string{text}
	l.Reasons = upgrade.Problems{{Path: text, Code: text, Message: text, Remedy: text, Customer: text, Billing: text}}
	l.Before, l.After = []upgrade.Holding{{Offer: text, Name: text, Seats: 1}}, []upgrade.Holding{{Offer: text, Name: text, Users: -1}}
	l.Residue = []upgrade.Residual{{Offer: text, Name: text}}
	l.Parked = &upgrade.Parked{Step: text, Reason: text, Code: text, Correlation: text, Remedy: text, Page: text, Answers: []upgrade.Answer{upgrade.Answer(text)}}
	l.SignIn = &upgrade.PartnerSignIn{State: upgrade.PartnerSignInHasDied, Problem: &upgrade.Problem{Code: text, Message: text, Remedy: text}}
	l.Delivery = &upgrade.Delivery{Upgrade: text, Type: upgrade.CallbackType(text), ID: text, Destination: text, Problem: &upgrade.Problem{Code: text, Message: text, Remedy: text}}
	wakes := day(31)
	l.Wakes = &wakes
	l.Batch = &upgrade.BatchSummary{State: upgrade.BatchConfirming, Batch: upgrade.BatchView{Batch: upgrade.Batch{ID: text, Source: text, Each: upgrade.Order{Target: upgrade.Target{Plan: text}}, PlacedBy: text}},
		Reasons: []upgrade.BatchReason{{Problem: upgrade.Problem{Path: text, Code: text, Message: text, Remedy: text}, Rows: 2}}}
	p := plan()
	p.Headline, p.Offers[0].Name, p.Lines[0].Name, p.Steps[0].Words, p.Gains[0], p.Undo.Words, p.Permissions[0] = text, text, text, text, text, text, text
	l.Plan = p
	return l
}

// read holds what a mail of ours may be.
func read(t *testing.T, raw []byte, to string) {
	t.Helper()
	got, err := stdmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	allowed := []string{"Date", "Mime-Version", "Message-Id", "Subject", "User-Agent", "X-Mailer", "Auto-Submitted", "X-Auto-Response-Suppress",
		"Content-Language", "From", "To", "Content-Type"}
	for header, values := range got.Header {
		if !slices.Contains(allowed, header) || len(values) != 1 {
			t.Errorf("header %s: %q", header, values)
		}
	}
	if language := got.Header.Get("Content-Language"); len(language) > 35 || strings.ContainsAny(language, " \t") {
		t.Errorf("the language is %q", language)
	}
	readers, err := got.Header.AddressList("To")
	if err != nil || len(readers) != 1 || readers[0].Address != to {
		t.Errorf("readers %v, %v", readers, err)
	}
	kind, parameters, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("it is %s, %v", kind, err)
	}
	parts := multipart.NewReader(got.Body, parameters["boundary"])
	for _, want := range []string{"text/plain", "text/html"} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatalf("the part of %s: %v", want, err)
		}
		kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil || kind != want || part.Header.Get("Content-Transfer-Encoding") != "quoted-printable" || part.FileName() != "" {
			t.Errorf("part %v, %v; want %s", part.Header, err, want)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil || !utf8.Valid(body) {
			t.Errorf("%s cannot be read: %v", want, err)
		}
		if html := strings.ToLower(string(body)); want == "text/html" && (strings.Contains(html, "<script") || strings.Contains(html, "<img src=x") || strings.Contains(html, `="javascript:`)) {
			t.Error("the HTML does something")
		}
	}
	if part, err := parts.NextRawPart(); err != io.EOF {
		t.Errorf("a part too many: %v, %v", part, err)
	}
}

// TestDots: quoted-printable may leave a line with nothing but a dot, which in SMTP ends a mail. It does not end ours.
func TestDots(t *testing.T) {
	box, m := openBox(t)
	letter := filled(upgrade.LetterReminder, false, " ", "0")
	msg, err := m.message(letter)
	if err != nil {
		t.Fatal(err)
	}
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		t.Fatal(err)
	}
	for _, l := range []upgrade.Letter{letter, filled(upgrade.LetterApprove, true, strings.Repeat("word. ", 400)+"\r\n.\r\nMAIL FROM:<eve@example.com>", "en")} {
		l.ID = upgrade.UUID("dots", string(l.Kind))
		if err := m.Send(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	got := box.Messages()
	if len(got) != 2 {
		t.Fatalf("%d mails came", len(got))
	}
	for _, one := range got {
		if one.Problem != "" || !strings.Contains(one.HTML, "</html>") || len(one.To) != 1 || len(one.Attachments) > 0 {
			t.Errorf("it came as %q to %v, with %v", one.Problem, one.To, one.Attachments)
		}
	}
}
