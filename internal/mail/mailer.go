package mail

import (
	"context"
	"crypto/tls"
	"html/template"
	"net"
	stdmail "net/mail"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"uplift/upgrade"
)

// Branding is how the provider appears in letters.
type Branding struct {
	// Name is the provider's. Empty: the display name of From, or its domain.
	Name string
	// ReplyTo is where an answer goes. Empty: to From.
	ReplyTo string
	// LogoURL is an https picture for the head of the HTML form, whose place the name takes where pictures are not
	// loaded. Empty: the name.
	LogoURL string
}

// Options configures a Mailer.
type Options struct {
	// URL is smtp://host:port or smtps://host:port, with user@ where the server asks for a sign-in. smtp connections are
	// raised by STARTTLS, which is mandatory unless the host is loopback.
	URL string
	// User and Password are for the sign-in. They may stand in the URL instead.
	User     string
	Password upgrade.Secret
	// PlainText allows a server that is not loopback and offers no TLS, such as a mail catcher beside us in a container.
	// Letters then cross the network readable, with the links in them.
	PlainText bool
	// From is an address, with or without a display name. Required.
	From string
	// Provider may be zero.
	Provider Branding
	// Timeout bounds one mail; 0 means 30 seconds.
	Timeout time.Duration
	// TLS may be nil, for the system's roots and the URL's host name.
	TLS *tls.Config
	// Now may be nil, for time.Now.
	Now func() time.Time
}

// Mailer sends letters. It is safe for use by many goroutines; each letter has a connection of its own.
type Mailer struct {
	host     string
	options  []gomail.Option
	from     stdmail.Address
	replyTo  *stdmail.Address
	provider string
	logo     string
	words    vocabulary
	template *template.Template
	now      func() time.Time
	timeout  time.Duration
}

// New makes a Mailer without any I/O. All problems of the options are named at once, as Kind Invalid.
func New(o Options) (*Mailer, error) {
	var ps upgrade.Problems
	m := &Mailer{now: o.Now, timeout: o.Timeout}
	if m.now == nil {
		m.now = time.Now
	}
	if m.timeout <= 0 {
		m.timeout = 30 * time.Second
	}
	m.server(&ps, o)
	m.brand(&ps, o)
	var err error
	if m.words, err = loadWords(wordFiles); err != nil {
		ps.Add("words", "bad_words", err.Error(), "this is a defect of the program")
	}
	if m.template, err = loadTemplate(); err != nil {
		ps.Add("templates", "bad_template", err.Error(), "this is a defect of the program")
	}
	if err := ps.Err(); err != nil {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_mail_options", Message: "the settings for mail cannot work", Err: err}
	}
	return m, nil
}

// server reads where the mail goes. Problems do not quote the URL, which may hold a password.
func (m *Mailer) server(ps *upgrade.Problems, o Options) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		ps.Add("URL", "bad_url", "the mail server's address cannot be used", "give smtp://host:port or smtps://host:port")
		return
	}
	m.host = u.Hostname()
	port := map[string]int{"smtp": 587, "smtps": 465}[u.Scheme]
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil || port < 1 || port > 65535 {
			ps.Add("URL", "bad_port", "the mail server's port is not between 1 and 65535", "correct the port")
			return
		}
	}
	m.options = []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(m.timeout), gomail.WithoutNoop(), policy(u, o)}
	if o.TLS != nil {
		own := o.TLS.Clone()
		if own.ServerName == "" {
			own.ServerName = m.host
		}
		m.options = append(m.options, gomail.WithTLSConfig(own))
	}
	user, password := o.User, o.Password
	if u.User != nil && user == "" {
		user = u.User.Username()
		if p, ok := u.User.Password(); ok && password == "" {
			password = upgrade.Secret(p)
		}
	}
	if user != "" {
		m.options = append(m.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(user), gomail.WithPassword(password.Reveal()))
	}
}

func policy(u *url.URL, o Options) gomail.Option {
	switch {
	case u.Scheme == "smtps":
		return gomail.WithSSL()
	case loopback(u.Hostname()), o.PlainText:
		return gomail.WithTLSPolicy(gomail.TLSOpportunistic)
	}
	return gomail.WithTLSPolicy(gomail.TLSMandatory)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (m *Mailer) brand(ps *upgrade.Problems, o Options) {
	from, err := stdmail.ParseAddress(o.From)
	if err != nil || line(o.From) != o.From {
		ps.Add("From", "bad_mail", "the sender is not one mail address", "give an address such as Example Ltd <licences@example.com>")
		from = &stdmail.Address{}
	}
	m.from, m.provider, m.logo = *from, short(o.Provider.Name), o.Provider.LogoURL
	if m.provider == "" {
		m.provider = short(from.Name)
	}
	if m.provider == "" {
		m.provider = domain(from.Address)
	}
	if m.from.Name == "" {
		m.from.Name = short(o.Provider.Name)
	}
	if o.Provider.ReplyTo != "" {
		var ok bool
		if m.replyTo, ok = address(o.Provider.ReplyTo); !ok {
			ps.Add("Provider.ReplyTo", "bad_mail", "the address for answers is not one plain mail address", "correct it, or leave it out")
		}
	}
	if u, err := url.Parse(m.logo); m.logo != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		ps.Add("Provider.LogoURL", "bad_url", "the logo is no https address", "correct it, or leave it out")
	}
}

func domain(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// Send sends a letter. Kind Invalid: the letter lacks what it must have. Kind Refused, code mail_refused: the server will
// never take it for this reader. Kind Act: the server does not take mail from us as it is configured. Kind Transient:
// later. A letter that is sent again carries the same Message-ID; no error has the link or the reader's address.
func (m *Mailer) Send(ctx context.Context, l upgrade.Letter) error {
	msg, err := m.message(l)
	if err != nil {
		return err
	}
	client, err := gomail.NewClient(m.host, m.options...)
	if err != nil {
		return &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_mail_options", Message: "the settings for mail cannot work"}
	}
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	err = client.DialAndSendWithContext(ctx, msg)
	if msg.IsDelivered() {
		return nil // the server has taken it; that it did not say goodbye is no reason to send it again
	}
	return classify(err)
}

// message builds the mail.
func (m *Mailer) message(l upgrade.Letter) (*gomail.Msg, error) {
	to, ok := address(l.To)
	if !ok {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_mail", Message: "the letter's reader is not one plain mail address"}
	}
	if l.ID == "" {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_letter", Message: "the letter has no id"}
	}
	c, err := compose(m.words, m.provider, l)
	if err != nil {
		return nil, err
	}
	p := page{content: c, Provider: m.provider, Logo: m.logo}
	html, err := renderHTML(m.template, p)
	if err != nil {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_letter", Message: "the letter cannot be written as HTML"}
	}
	to.Name = short(l.ToName)
	msg := gomail.NewMsg()
	msg.FromMailAddress(&m.from)
	msg.ToMailAddress(to)
	if m.replyTo != nil {
		msg.ReplyToMailAddress(m.replyTo)
	}
	msg.Subject(short(c.Subject))
	msg.SetDateWithValue(m.now())
	msg.SetMessageIDWithValue(messageID(l.ID, m.from.Address))
	msg.SetUserAgent("Uplift")
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834
	msg.SetGenHeader("X-Auto-Response-Suppress", "OOF, AutoReply")
	msg.SetGenHeader("Content-Language", c.Language)
	msg.SetBodyString(gomail.TypeTextPlain, renderText(p))
	msg.AddAlternativeString(gomail.TypeTextHTML, html)
	return msg, nil
}

var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

// messageID is the same for the same letter.
func messageID(id, from string) string {
	if !idForm.MatchString(id) || len(id) > 128 {
		id = upgrade.UUID("mail", id)
	}
	return id + "@" + domain(from)
}
