package mailbox_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/smtp"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"uplift/internal/sim/mailbox"
)

func open(t *testing.T) *mailbox.Mailbox {
	t.Helper()
	noon := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	box, err := mailbox.Start(t.Context(), mailbox.Options{Clock: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Close)
	return box
}

func send(box *mailbox.Mailbox, lines ...string) error {
	return smtp.SendMail(box.SMTPAddr(), nil, "bounce@provider.example", []string{"admin@contoso.example"},
		[]byte(strings.Join(lines, "\r\n")))
}

func sample(id string) []string {
	html := base64.StdEncoding.EncodeToString([]byte(`<p>Hallo <script>alert(1)</script></p>`))
	return []string{
		"From: " + mime.QEncoding.Encode("utf-8", "Vögel AG") + " <upgrade@provider.example>",
		"To: admin@contoso.example",
		"Subject: " + mime.BEncoding.Encode("utf-8", "Ihr Upgrade – bitte bestätigen"),
		"Date: Mon, 05 Jan 2026 11:59:00 +0000",
		"Message-ID: <" + id + ">",
		"MIME-Version: 1.0",
		`Content-Type: multipart/mixed; boundary="mix"`,
		"",
		"--mix",
		`Content-Type: multipart/alternative; boundary="alt"`,
		"",
		"--alt",
		"Content-Type: text/plain; charset=utf-8",
		"Content-Transfer-Encoding: quoted-printable",
		"",
		"Gr=C3=BC=C3=9Fe: http://127.0.0.1/c/abc?x=3D1&y=3D2. <b>",
		"--alt",
		"Content-Type: text/html; charset=utf-8",
		"Content-Transfer-Encoding: base64",
		"",
		html,
		"--alt--",
		"--mix",
		"Content-Type: text/csv",
		`Content-Disposition: attachment; filename="users.csv"`,
		"",
		"a,b",
		"--mix--",
		"",
	}
}

func get(t *testing.T, address string) (string, http.Header) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", address, resp.StatusCode, body)
	}
	return string(body), resp.Header
}

func TestMessageIsRead(t *testing.T) {
	box := open(t)
	if err := send(box, sample("a@provider.example")...); err != nil {
		t.Fatal(err)
	}
	got := box.Messages()
	if len(got) != 1 {
		t.Fatalf("%d messages", len(got))
	}
	m := got[0]
	if m.From != "Vögel AG <upgrade@provider.example>" || m.Subject != "Ihr Upgrade – bitte bestätigen" || m.MessageID != "a@provider.example" ||
		m.EnvelopeFrom != "bounce@provider.example" || len(m.To) != 1 || m.To[0] != "admin@contoso.example" || m.Copies != 1 {
		t.Errorf("head: %+v", m)
	}
	if m.Text != "Grüße: http://127.0.0.1/c/abc?x=1&y=2. <b>" || !strings.Contains(m.HTML, "<p>Hallo") || m.Problem != "" ||
		len(m.Attachments) != 1 || m.Attachments[0] != "users.csv" {
		t.Errorf("body: %+v", m)
	}
	if m.Received.Hour() != 12 || !m.Date.Equal(time.Date(2026, 1, 5, 11, 59, 0, 0, time.UTC)) {
		t.Errorf("times %v %v", m.Received, m.Date)
	}
}

func TestPlainAndDamagedMessages(t *testing.T) {
	cases := map[string]struct {
		lines      []string
		text, said string
	}{
		"no content type": {lines: []string{"Subject: x", "", "hello"}, text: "hello"},
		"latin 1":         {lines: []string{"Content-Type: text/plain; charset=ISO-8859-1", "", "caf\xe9"}, text: "café"},
		"no head":         {lines: []string{"only a line"}, said: "malformed"},
		"cut multipart":   {lines: []string{`Content-Type: multipart/mixed; boundary="b"`, "", "--b", "", "x"}, text: "x", said: "EOF"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			box := open(t)
			if err := send(box, c.lines...); err != nil {
				t.Fatal(err)
			}
			m := box.Messages()[0]
			if strings.TrimSpace(m.Text) != c.text || !strings.Contains(m.Problem, c.said) || (m.Problem != "") != (c.said != "") {
				t.Errorf("got text %q, problem %q", m.Text, m.Problem)
			}
		})
	}
}

func TestCopiesAreCounted(t *testing.T) {
	box := open(t)
	for _, id := range []string{"a@x", "a@x", "b@x"} {
		if err := send(box, sample(id)...); err != nil {
			t.Fatal(err)
		}
	}
	got := box.Messages()
	if len(got) != 2 || got[0].Copies != 2 || got[1].Copies != 1 {
		t.Errorf("messages %+v", got)
	}
}

func TestFaults(t *testing.T) {
	box := open(t)
	box.FailNext(1)
	var refused *textproto.Error
	if err := send(box, sample("a@x")...); !errors.As(err, &refused) || refused.Code != 451 {
		t.Errorf("want 451, got %v", err)
	}
	if len(box.Messages()) != 0 {
		t.Error("a refused mail was kept")
	}
	box.LoseReplies(1)
	if err := send(box, sample("a@x")...); err == nil || errors.As(err, &refused) && refused.Code == 250 {
		t.Errorf("the reply arrived: %v", err)
	}
	if err := send(box, sample("a@x")...); err != nil {
		t.Fatal(err)
	}
	if got := box.Messages(); len(got) != 1 || got[0].Copies != 2 {
		t.Errorf("messages %+v", got)
	}
}

func TestTooLarge(t *testing.T) {
	box := open(t)
	var refused *textproto.Error
	err := send(box, append(sample("a@x"), strings.Repeat(strings.Repeat("x", 76)+"\r\n", 14000))...)
	if !errors.As(err, &refused) || refused.Code != 552 || len(box.Messages()) != 0 {
		t.Errorf("want 552, got %v", err)
	}
}

func TestPages(t *testing.T) {
	box := open(t)
	if page, _ := get(t, box.URL()+"/"); !strings.Contains(page, "No mail yet") {
		t.Errorf("empty list: %s", page)
	}
	if err := send(box, sample("a@x")...); err != nil {
		t.Fatal(err)
	}
	list, _ := get(t, box.URL()+"/")
	page, head := get(t, box.URL()+"/messages/1")
	for _, want := range []string{`href="http://127.0.0.1/c/abc?x=1&amp;y=2"`, "&lt;b&gt;", `sandbox="allow-popups`, "users.csv"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s on %s", want, page)
		}
	}
	if !strings.Contains(list, "bitte bestätigen") || strings.Contains(page, "alert(1)") || !strings.Contains(head.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("list %s, head %v", list, head)
	}
	body, head := get(t, box.URL()+"/messages/1/html")
	if !strings.Contains(body, "Hallo") || !strings.Contains(head.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("body %s, head %v", body, head)
	}
	if raw, head := get(t, box.URL()+"/messages/1/raw"); !strings.Contains(raw, "Message-ID: <a@x>") || !strings.HasPrefix(head.Get("Content-Type"), "text/plain") {
		t.Errorf("raw %s", raw)
	}
}

func TestAPI(t *testing.T) {
	box := open(t)
	if err := send(box, sample("a@x")...); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{"": 1, "?to=Admin@contoso.example": 1, "?to=nobody@x": 0} {
		text, _ := get(t, box.URL()+"/api/messages"+query)
		var got []mailbox.Message
		if err := json.Unmarshal([]byte(text), &got); err != nil || len(got) != want {
			t.Errorf("%s: %d, %v", query, len(got), err)
		}
	}
	r, _ := http.NewRequest("GET", box.URL()+"/api/messages", nil)
	r.Host = "evil.example"
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("another host: %d", resp.StatusCode)
	}
}

func TestLoopbackOnly(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.com:25", "nonsense"} {
		if box, err := mailbox.Start(t.Context(), mailbox.Options{SMTPAddr: addr}); err == nil {
			box.Close()
			t.Errorf("%s was accepted", addr)
		}
		if box, err := mailbox.Start(t.Context(), mailbox.Options{HTTPAddr: addr}); err == nil {
			box.Close()
			t.Errorf("%s was accepted for the page", addr)
		}
	}
}

func TestContextEndsIt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	box, err := mailbox.Start(ctx, mailbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	box.Close()
	if _, err := http.Get(box.URL()); err == nil {
		t.Error("the page still answers")
	}
}
