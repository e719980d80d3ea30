package service

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"uplift/internal/config"
	"uplift/internal/register"
	"uplift/internal/seal"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
)

// installation is a provider's settings over a simulated Microsoft.
type installation struct {
	*testing.T
	cloud    *sim.Cloud
	settings *config.Settings
	redirect string // registered for the application, on a free port
	// transport carries every request to Microsoft; nil: the ordinary one.
	transport http.RoundTripper
}

// newInstallation has everything in order.
func newInstallation(t *testing.T) *installation {
	t.Helper()
	redirect := "http://" + freeAddress(t) + "/partner/callback"
	ms, err := sim.Start(context.Background(), sim.Options{Faults: cloud.Polite(), Fill: func(c *cloud.Cloud) {
		sim.SeedDemo(c, append(sim.DemoRedirects(), redirect)...)
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ms.Close)
	urls := ms.URLs()
	s, err := config.Parse("test", config.Worker, []string{"-profile", "dev", "-entra-url", urls.Entra, "-graph-url", urls.Graph,
		"-partner-url", urls.Partner, "-smtp-url", "smtp://" + urls.SMTP, "-log-level", "error",
		"-register", "file:" + filepath.Join(t.TempDir(), "register.db")}, func(string) string { return "" }, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return &installation{T: t, cloud: ms, settings: s, redirect: redirect}
}

// freeAddress is an address of this machine on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// register opens the installation's register.
func (i *installation) register() *register.Register {
	i.Helper()
	r, err := register.Open(context.Background(), register.Options{DSN: i.settings.RegisterDSN.Reveal(), Keys: seal.Dev("register"), Now: i.cloud.State.Now})
	if err != nil {
		i.Fatal(err)
	}
	i.Cleanup(func() { _ = r.Close() })
	return r
}

var (
	hiddenFlow = regexp.MustCompile(`name="flow" value="([^"]+)"`)
	formAction = regexp.MustCompile(`<form method="post" action="([^"]+)"`)
)

// browse signs a person in at Microsoft's page and follows it to where the browser ends. It returns that address and what
// stands there; follow false stops before the application's own address.
func (i *installation) browse(address, upn string, follow bool) (ended *url.URL, text string) {
	i.Helper()
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar, Timeout: 10 * time.Second}
	page := i.body(browser.Get(address))
	browser.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if ended = r.URL; !follow {
			return http.ErrUseLastResponse
		}
		return nil
	}
	action, flow := formAction.FindStringSubmatch(page), hiddenFlow.FindStringSubmatch(page)
	if action == nil || flow == nil {
		i.Fatalf("no sign-in page: %s", page)
	}
	text = i.body(browser.PostForm(i.cloud.URLs().Entra+action[1], url.Values{"flow": {flow[1]}, "action": {"signin"},
		"username": {upn}, "password": {sim.DemoPassword}}))
	return ended, text
}

func (i *installation) body(resp *http.Response, err error) string {
	i.Helper()
	if err != nil {
		i.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		i.Fatal(err)
	}
	return string(data)
}
