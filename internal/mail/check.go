package mail

import (
	"context"

	gomail "github.com/wneessen/go-mail"

	"uplift/upgrade"
)

// Check connects to the mail server, raises the connection to TLS and signs in, as a letter would, and sends nothing.
// Errors are Send's.
func (m *Mailer) Check(ctx context.Context) error {
	client, err := gomail.NewClient(m.host, m.options...)
	if err != nil {
		return &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_mail_options", Message: "the settings for mail cannot work"}
	}
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	if err := client.DialWithContext(ctx); err != nil {
		return classify(err)
	}
	_ = client.Close() // it has answered everything that was asked
	return nil
}
