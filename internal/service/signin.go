package service

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.uber.org/zap"

	"uplift/internal/config"
	"uplift/internal/entra"
	"uplift/internal/partner"
	"uplift/upgrade"
)

// DefaultPartnerRedirect is where the browser of `starter partner sign-in` comes back to, on the operator's own machine.
// The application's registration must list it.
const DefaultPartnerRedirect = "http://localhost:8400/partner/callback"

// SignInOptions are what the settings of a partner's sign-in do not say.
type SignInOptions struct {
	Settings *config.Settings
	Log      *zap.Logger
	// Redirect is a redirect address of the application; empty is DefaultPartnerRedirect. Unless Paste is given it must be
	// of this machine.
	Redirect string
	// Paste is where the address is read to which the browser was sent, for machines without one. Nil listens at Redirect.
	Paste io.Reader
	// Out is what the operator reads.
	Out io.Writer
	Now func() time.Time // nil: the system's
}

// SignInPartner has a user of the partner sign in, in a browser, and puts the refresh token into the register. It returns
// who that was. Kind Refused says why a sign-in does not do.
func SignInPartner(ctx context.Context, o SignInOptions) (upgrade.Identity, error) {
	if o.Redirect == "" {
		o.Redirect = DefaultPartnerRedirect
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	identity, err := newIdentity(o.Settings, o.Now)
	if err != nil {
		return upgrade.Identity{}, err
	}
	visit, err := identity.NewPartnerSignIn(o.Redirect)
	if err != nil {
		return upgrade.Identity{}, err
	}
	// The register is opened first: nobody signs in for a token that cannot be kept.
	store, err := openRegister(ctx, o.Settings, o.Now, o.Log)
	if err != nil {
		return upgrade.Identity{}, err
	}
	defer store.Close()
	var tokens upgrade.Tokens
	var who upgrade.Identity
	if o.Paste != nil {
		tokens, who, err = pasted(ctx, o, visit)
	} else {
		tokens, who, err = listened(ctx, o, visit)
	}
	if err != nil {
		return upgrade.Identity{}, err
	}
	if err := standing(ctx, o, tokens.Access); err != nil {
		return upgrade.Identity{}, err
	}
	tokens.Access, tokens.ID = "", "" // what is not kept cannot be stolen
	if err := store.SavePartnerToken(ctx, tokens, who, o.Now()); err != nil {
		return upgrade.Identity{}, err
	}
	return who, nil
}

// standing asks Partner Center whether it takes the person. One without a role is not kept, since upgrades that do without
// anybody would meet its refusals. Where Partner Center cannot be asked now, the sign-in is kept.
func standing(ctx context.Context, o SignInOptions, access upgrade.Secret) error {
	center, err := partner.New(partner.Options{BaseURL: o.Settings.PartnerURL, HTTP: &http.Client{Timeout: 30 * time.Second}, Now: o.Now,
		Token: func(context.Context) (upgrade.Secret, error) { return access, nil }})
	if err != nil {
		return err
	}
	_, _, err = center.Standing(ctx)
	switch kind := upgrade.KindOf(err); {
	case err == nil:
		return nil
	case kind == upgrade.Act, kind == upgrade.Refused:
		return &upgrade.Error{Kind: upgrade.Refused, Code: "no_partner_role", Err: err, Message: "Partner Center does not take the user who signed in (" +
			sentence(err) + "); make the user an Admin agent there (Account settings, User management) and sign in again, or sign in as one"}
	}
	fmt.Fprintf(o.Out, "The sign-in is kept, and Partner Center could not be asked whether it takes it: %s\n`starter doctor` looks again.\n", sentence(err))
	return nil
}

// sentence is an error in words for people.
func sentence(err error) string {
	var e *upgrade.Error
	if !errors.As(err, &e) || e.Message == "" {
		return err.Error()
	}
	if e.Code == "" {
		return e.Message
	}
	return e.Message + " [" + e.Code + "]"
}

// pasted asks for the address until it is one of this visit.
func pasted(ctx context.Context, o SignInOptions, visit *entra.PartnerSignIn) (upgrade.Tokens, upgrade.Identity, error) {
	fmt.Fprintf(o.Out, "Open this address in a browser, on any machine, and sign in as an Admin agent of the partner:\n\n  %s\n\n"+
		"The browser then ends at %s, which may well show an error. Copy its whole address\nand paste it here: ", visit.URL(), o.Redirect)
	lines := make(chan string)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer close(lines)
		for in := bufio.NewScanner(o.Paste); in.Scan(); {
			select {
			case lines <- strings.TrimSpace(in.Text()):
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return upgrade.Tokens{}, upgrade.Identity{}, unanswered(ctx)
		case text, ok := <-lines:
			if !ok {
				return upgrade.Tokens{}, upgrade.Identity{}, &upgrade.Error{Kind: upgrade.Invalid, Code: "no_address", Message: "no address of this sign-in was pasted"}
			}
			if address, err := url.Parse(text); err == nil && visit.Mine(address.Query()) {
				fmt.Fprintln(o.Out)
				return visit.Finish(ctx, address.Query())
			}
			fmt.Fprint(o.Out, "That is not an address of this sign-in. Paste the one in the browser's address bar: ")
		}
	}
}

func unanswered(ctx context.Context) error {
	return &upgrade.Error{Kind: upgrade.Refused, Code: "no_answer", Message: "nobody signed in in time", Err: context.Cause(ctx)}
}

// finished is what came of a visit.
type finished struct {
	tokens upgrade.Tokens
	who    upgrade.Identity
	err    error
}

// listened waits for the browser at the redirect address.
func listened(ctx context.Context, o SignInOptions, visit *entra.PartnerSignIn) (upgrade.Tokens, upgrade.Identity, error) {
	path, listeners, err := listenAt(o.Redirect)
	if err != nil {
		return upgrade.Tokens{}, upgrade.Identity{}, err
	}
	answers := make(chan finished, 1)
	taken := make(chan struct{}, 1) // the visit is finished once
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		// Anybody may call this address; what is not of this visit must not end it.
		if !visit.Mine(r.URL.Query()) {
			page(w, http.StatusBadRequest, "This address does not belong to the sign-in that is waited for. Use the link that the terminal shows.")
			return
		}
		select {
		case taken <- struct{}{}:
		default:
			page(w, http.StatusOK, "The terminal says what came of this sign-in. You may close this window.")
			return
		}
		tokens, who, err := visit.Finish(ctx, r.URL.Query()) // also when the browser does not wait
		if err != nil {
			page(w, http.StatusForbidden, "The sign-in does not do: "+sentence(err)+". The terminal says the same.")
		} else {
			page(w, http.StatusOK, "You have signed in. You may close this window.")
		}
		answers <- finished{tokens, who, err}
	})
	server := httpServer(mux, o.Log)
	for _, l := range listeners {
		go func() { _ = server.Serve(l) }()
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second) // lets the browser have its page
		defer cancel()
		if server.Shutdown(closing) != nil {
			_ = server.Close()
		}
	}()
	fmt.Fprintf(o.Out, "Open this address in a browser on this machine, and sign in as an Admin agent of the partner:\n\n  %s\n\nWaiting at %s\n", visit.URL(), o.Redirect)
	select {
	case got := <-answers:
		return got.tokens, got.who, got.err
	case <-ctx.Done():
		return upgrade.Tokens{}, upgrade.Identity{}, unanswered(ctx)
	}
}

// listenAt opens the address to which the browser is sent. localhost is both of this machine's loopback addresses: which
// one a browser tries first is its own affair.
func listenAt(redirect string) (path string, listeners []net.Listener, err error) {
	elsewhere := &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_redirect",
		Message: "the redirect address is not plain http on this machine, so nobody can wait there: add -paste"}
	u, err := url.Parse(redirect)
	if err != nil || u.Scheme != "http" || strings.ContainsAny(u.Path, "{}") {
		return "", nil, elsewhere
	}
	port, host := u.Port(), u.Hostname()
	if port == "" {
		port = "80"
	}
	hosts := []string{host}
	if strings.EqualFold(host, "localhost") {
		hosts = []string{"127.0.0.1", "::1"}
	} else if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return "", nil, elsewhere
	}
	var failed error
	for _, host := range hosts {
		l, err := net.Listen("tcp", net.JoinHostPort(host, port))
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		listeners = append(listeners, l)
	}
	if len(listeners) == 0 {
		return "", nil, fmt.Errorf("listen for the browser: %w", failed)
	}
	if path = u.Path; path == "" {
		path = "/"
	}
	return path, listeners, nil
}

// page is all that the browser sees of us.
func page(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer") // this page's address has the code
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!doctype html><html lang=\"en\"><title>Uplift</title><p>%s</p></html>\n", html.EscapeString(text))
}
