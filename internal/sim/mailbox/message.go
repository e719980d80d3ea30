package mailbox

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"
)

// Message is one mail as it arrived.
type Message struct {
	// ID is the number of the arrival, from 1.
	ID int `json:"id"`
	// MessageID is the header without angle brackets; empty when there was none.
	MessageID string `json:"messageId"`
	// Copies counts how often a mail with this Message-ID came.
	Copies int `json:"copies"`
	// From is the header; EnvelopeFrom is where a bounce would go.
	From         string `json:"from"`
	EnvelopeFrom string `json:"envelopeFrom"`
	// To are the recipients of the envelope: who really gets it.
	To      []string `json:"to"`
	Subject string   `json:"subject"`
	// Date is the header, zero when missing or damaged.
	Date time.Time `json:"date"`
	// Received is the clock's time of the first copy.
	Received time.Time `json:"received"`
	Text     string    `json:"text"`
	HTML     string    `json:"html"`
	// Attachments are names of parts that are no body.
	Attachments []string `json:"attachments,omitempty"`
	// Headers are all headers, decoded, by canonical name.
	Headers map[string][]string `json:"headers"`
	Raw     string              `json:"raw"`
	// Problem says what could not be read; the rest stands.
	Problem string `json:"problem,omitempty"`
}

// parse reads a message. It never fails: what cannot be read is named in Problem,
// and Raw has it all.
func parse(raw []byte) Message {
	out := Message{Raw: string(raw)}
	got, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		out.Problem = err.Error()
		return out
	}
	out.Headers = map[string][]string{}
	for name, values := range got.Header {
		for _, value := range values {
			out.Headers[name] = append(out.Headers[name], decoded(value))
		}
	}
	out.From = decoded(got.Header.Get("From"))
	out.Subject = decoded(got.Header.Get("Subject"))
	out.MessageID = strings.Trim(strings.TrimSpace(got.Header.Get("Message-Id")), "<>")
	if date, err := got.Header.Date(); err == nil {
		out.Date = date
	}
	out.readPart(got.Header, got.Body, 0)
	return out
}

// decoded undoes RFC 2047, or leaves a value that is damaged as it is.
func decoded(value string) string {
	plain, err := new(mime.WordDecoder).DecodeHeader(value)
	if err != nil {
		return value
	}
	return plain
}

// maxDepth bounds how parts may nest.
const maxDepth = 8

// header is what mail.Header and textproto.MIMEHeader share.
type header interface{ Get(string) string }

// readPart reads a body or, if it is a multipart, the parts in it. The first
// text and the first HTML part are the bodies.
func (m *Message) readPart(h header, body io.Reader, depth int) {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind, params = "text/plain", nil
	}
	if strings.HasPrefix(kind, "multipart/") && depth < maxDepth {
		m.readParts(multipart.NewReader(body, params["boundary"]), depth)
		return
	}
	if disposition, dparams, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil && disposition == "attachment" {
		m.Attachments = append(m.Attachments, decoded(dparams["filename"]))
		return
	}
	content, err := io.ReadAll(transferDecoded(h.Get("Content-Transfer-Encoding"), body))
	if err != nil {
		m.Problem = kind + ": " + err.Error()
	}
	switch text := utf8Text(content, params["charset"]); {
	case kind == "text/plain" && m.Text == "":
		m.Text = text
	case kind == "text/html" && m.HTML == "":
		m.HTML = text
	}
}

func (m *Message) readParts(parts *multipart.Reader, depth int) {
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return
		}
		if err != nil {
			m.Problem = "multipart: " + err.Error()
			return
		}
		m.readPart(part.Header, part, depth+1)
	}
}

// transferDecoded undoes the Content-Transfer-Encoding.
func transferDecoded(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	}
	return body
}

// utf8Text turns a body into valid UTF-8 with plain line ends.
func utf8Text(content []byte, charset string) string {
	text := string(content)
	switch strings.ToLower(charset) {
	case "iso-8859-1", "latin1":
		runes := make([]rune, len(content))
		for i, b := range content {
			runes[i] = rune(b)
		}
		text = string(runes)
	}
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "\uFFFD")
}
