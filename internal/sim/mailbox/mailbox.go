package mailbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// maxMessageBytes bounds one message; a larger one is answered with 552.
const maxMessageBytes = 1 << 20

// maxMessages bounds the memory: the oldest message goes when one too many comes.
const maxMessages = 5000

// Options configures a Mailbox. The zero value takes free ports.
type Options struct {
	// SMTPAddr and HTTPAddr are loopback addresses; empty means 127.0.0.1 and a
	// free port. Any other host is refused: the mails hold secret links.
	SMTPAddr, HTTPAddr string
	// User and Password are what the server asks for before it takes a mail, by CRAM-MD5 (RFC 2195), which needs no TLS to
	// keep the password off the wire. Without a user it asks for nothing.
	User, Password string
	// Log may be nil, which discards. Bodies are never logged.
	Log *slog.Logger
	// Clock gives the time of arrival; nil means time.Now.
	Clock func() time.Time
}

// Mailbox is a running post box. It is safe for concurrent use.
type Mailbox struct {
	log      *slog.Logger
	user     string
	password string
	clock    func() time.Time
	smtpAddr string
	httpAddr string
	smtp     *smtp.Server
	http     *http.Server
	stop     context.CancelFunc
	serving  sync.WaitGroup

	mu       sync.Mutex
	messages []Message
	taken    int // counts arrivals, for ids
	failing  int
	losing   int
}

// Start listens and serves until the context ends or Close is called.
func Start(ctx context.Context, opts Options) (*Mailbox, error) {
	m := &Mailbox{log: opts.Log, clock: opts.Clock, user: opts.User, password: opts.Password}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	if m.clock == nil {
		m.clock = time.Now
	}
	mails, err := listen(ctx, opts.SMTPAddr)
	if err != nil {
		return nil, fmt.Errorf("mailbox, SMTP: %w", err)
	}
	pages, err := listen(ctx, opts.HTTPAddr)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("mailbox, HTTP: %w", err), mails.Close())
	}
	m.smtpAddr, m.httpAddr = mails.Addr().String(), pages.Addr().String()
	m.smtp, m.http = m.newSMTP(), &http.Server{Handler: m.routes(), ReadHeaderTimeout: 10 * time.Second}
	m.serve(ctx, mails, pages)
	m.log.Info("mailbox open", "smtp", m.smtpAddr, "url", m.URL())
	return m, nil
}

// listen opens a loopback address and refuses every other.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s is not a loopback address", addr)
	}
	return (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
}

// serve runs both servers and the one that waits for the end of the context.
func (m *Mailbox) serve(ctx context.Context, mails, pages net.Listener) {
	ctx, m.stop = context.WithCancel(ctx)
	m.serving.Go(func() {
		if err := m.smtp.Serve(mails); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			m.log.Error("mailbox SMTP ended", "error", err)
		}
	})
	m.serving.Go(func() {
		if err := m.http.Serve(pages); err != nil && !errors.Is(err, http.ErrServerClosed) {
			m.log.Error("mailbox page ended", "error", err)
		}
	})
	m.serving.Go(func() {
		<-ctx.Done()
		_ = m.smtp.Close()
		_ = m.http.Close()
		// A server closed before its Serve began knows nothing of its listener.
		_ = mails.Close()
		_ = pages.Close()
	})
}

// Close stops both servers and waits for them. The messages stay readable.
func (m *Mailbox) Close() {
	m.stop()
	m.serving.Wait()
}

// SMTPAddr is the host and port where mail is taken.
func (m *Mailbox) SMTPAddr() string { return m.smtpAddr }

// URL is the address of the page, without a final slash.
func (m *Mailbox) URL() string { return "http://" + m.httpAddr }

// Messages returns a copy of all messages, oldest first.
func (m *Mailbox) Messages() []Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.messages)
}

// FailNext answers the next n messages with 451 after their data, and keeps none
// of them. Zero ends it.
func (m *Mailbox) FailNext(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failing = n
}

// LoseReplies keeps the next n messages and drops the connection instead of
// saying so: the sender cannot know, and a second copy is likely. Zero ends it.
func (m *Mailbox) LoseReplies(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.losing = n
}

// spend takes one from a counter of faults.
func (m *Mailbox) spend(counter *int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if *counter <= 0 {
		return false
	}
	*counter--
	return true
}

// keep files a message, or counts it when its Message-ID is known.
func (m *Mailbox) keep(msg Message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if msg.MessageID != "" {
		for i := range m.messages {
			if m.messages[i].MessageID == msg.MessageID {
				m.messages[i].Copies++
				return
			}
		}
	}
	m.taken++
	msg.ID, msg.Copies = m.taken, 1
	m.messages = append(m.messages, msg)
	if len(m.messages) > maxMessages {
		m.messages = slices.Delete(m.messages, 0, len(m.messages)-maxMessages)
	}
}

// message finds one by its id.
func (m *Mailbox) message(id int) (Message, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.messages, func(msg Message) bool { return msg.ID == id })
	if i < 0 {
		return Message{}, false
	}
	return m.messages[i], true
}
