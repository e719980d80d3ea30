package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"uplift/internal/sim/admin"
	"uplift/internal/sim/cloud"
	"uplift/internal/sim/entra"
	"uplift/internal/sim/graph"
	"uplift/internal/sim/mailbox"
	"uplift/internal/sim/partner"
)

// Options say where the services listen and what kind of cloud it is. The zero
// value takes free ports and misbehaves.
type Options struct {
	// Addresses are host:port on the loopback; empty or ":0" picks a free port.
	// Any other host is refused: nothing here asks who is calling.
	EntraAddr, GraphAddr, PartnerAddr, AdminAddr, SMTPAddr, MailboxAddr string
	// Start is the virtual time to begin at; the present when zero.
	Start time.Time
	// Pace is virtual seconds per real second; 1 when zero.
	Pace float64
	// Faults is the profile; cloud.Misbehaving() when it has no name.
	Faults cloud.Faults
	// Seed makes the dice repeatable; 1 when zero.
	Seed int64
	// Quota multiplies the throttling quotas; 1 when zero.
	Quota float64
	// Latency is how long Graph takes for each request, and for each part of a batch besides, in virtual time; none when zero.
	Latency time.Duration
	// LeastLife is the shortest life of codes and tokens, in real time; zero keeps Microsoft's own, on the virtual
	// clock.
	LeastLife time.Duration
	// Fill seeds the state at start and after each reset by the admin API, for
	// example with SeedDemo. Nil starts empty.
	Fill func(*cloud.Cloud)
	// MailUser and MailPassword are what the mail server asks for; without them it asks for nothing.
	MailUser, MailPassword string
	// Wrap may stand between the wire and a service, "entra", "graph" or "partner": to look at requests, or to answer as
	// no fault here does. Nil leaves the services alone.
	Wrap func(service string, next http.Handler) http.Handler
	// Log may be nil.
	Log *slog.Logger
}

// URLs are the base addresses of a running cloud.
type URLs struct {
	Entra   string // authority, without a tenant
	Graph   string // ends in /v1.0
	Partner string // ends in /v1
	Admin   string
	Mailbox string // pages and API of the mailbox
	SMTP    string // host:port
}

// Cloud is a running simulator.
type Cloud struct {
	State   *cloud.Cloud
	Mailbox *mailbox.Mailbox
	Entra   *entra.Server

	urls    URLs
	servers []*http.Server
	serving sync.WaitGroup
	stop    context.CancelFunc
	once    sync.Once
}

// Start opens every port, or none, and serves until ctx ends or Close is called.
func Start(ctx context.Context, o Options) (*Cloud, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	state := cloud.New(cloud.Options{Start: o.Start, Pace: o.Pace, Seed: o.Seed, Faults: o.Faults, Quota: o.Quota, Log: o.Log})
	if o.Fill != nil {
		o.Fill(state)
	}
	listeners, err := listenAll(ctx, o.EntraAddr, o.GraphAddr, o.PartnerAddr, o.AdminAddr)
	if err != nil {
		return nil, err
	}
	post, err := mailbox.Start(ctx, mailbox.Options{SMTPAddr: loopback(o.SMTPAddr), HTTPAddr: loopback(o.MailboxAddr),
		User: o.MailUser, Password: o.MailPassword, Log: o.Log, Clock: state.Now})
	if err != nil {
		closeAll(listeners)
		return nil, fmt.Errorf("start the mailbox: %w", err)
	}
	c := &Cloud{State: state, Mailbox: post, urls: urlsOf(listeners, post)}
	c.Entra = entra.New(entra.Options{State: state, Issuer: c.urls.Entra, LeastLife: time.Duration(float64(o.LeastLife) * state.Pace()), Log: o.Log})
	if o.Wrap == nil {
		o.Wrap = func(_ string, next http.Handler) http.Handler { return next }
	}
	c.serve(ctx, listeners, []http.Handler{
		o.Wrap("entra", c.Entra),
		o.Wrap("graph", graph.New(graph.Options{State: state, Verify: c.Entra.Verify, Latency: o.Latency, Log: o.Log})),
		o.Wrap("partner", partner.New(partner.Options{State: state, Verify: c.Entra.Verify, Log: o.Log})),
		sameHost(admin.New(admin.Options{State: state, Seed: o.Fill, Links: c.urls.links(), Refresh: c.RefreshToken})),
	})
	return c, nil
}

// URLs says where everything is.
func (c *Cloud) URLs() URLs { return c.urls }

// RefreshToken is what a person's interactive sign-in to an application would
// leave behind: the beginning of Partner Center's secure application model. The
// tenant is an id or a domain, the person an object id or a principal name.
func (c *Cloud) RefreshToken(clientID, tenant, person string) (string, error) {
	t, _ := c.State.Tenant(tenant)
	u, refused := c.State.User(t.ID, person)
	if refused != nil {
		return "", refused
	}
	return c.Entra.IssueRefreshToken(clientID, t.ID, u.ID)
}

// Close stops every service. It may be called more than once.
func (c *Cloud) Close() {
	c.once.Do(func() {
		c.stop()
		c.serving.Wait()
		c.Mailbox.Close()
	})
}

func urlsOf(l []net.Listener, post *mailbox.Mailbox) URLs {
	at := func(i int) string { return "http://" + l[i].Addr().String() }
	return URLs{Entra: at(0), Graph: at(1) + "/v1.0", Partner: at(2) + "/v1", Admin: at(3), Mailbox: post.URL(), SMTP: post.SMTPAddr()}
}

func (u URLs) links() map[string]string {
	return map[string]string{"entra": u.Entra, "graph": u.Graph, "partner": u.Partner, "admin": u.Admin, "mailbox": u.Mailbox, "smtp": u.SMTP}
}

func (c *Cloud) serve(ctx context.Context, listeners []net.Listener, handlers []http.Handler) {
	ctx, c.stop = context.WithCancel(ctx)
	for i, l := range listeners {
		s := &http.Server{Handler: handlers[i], ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
		c.servers = append(c.servers, s)
		c.serving.Go(func() { _ = s.Serve(l) })
	}
	c.serving.Go(func() {
		<-ctx.Done()
		for _, s := range c.servers {
			_ = s.Close() // a hanging request must not hold the end
		}
	})
}

// loopback fills in the host of an address that has none.
func loopback(addr string) string {
	if host, port, err := net.SplitHostPort(addr); err == nil && host == "" {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return cmp.Or(addr, "127.0.0.1:0")
}

func listenAll(ctx context.Context, addrs ...string) ([]net.Listener, error) {
	var out []net.Listener
	for _, addr := range addrs {
		l, err := listen(ctx, loopback(addr))
		if err != nil {
			closeAll(out)
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// ErrNotLoopback refuses an address that others could reach.
var ErrNotLoopback = errors.New("the simulator listens on the loopback only")

func listen(ctx context.Context, addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("address %q: %w", addr, ErrNotLoopback)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	return l, nil
}

func closeAll(l []net.Listener) {
	for _, x := range l {
		_ = x.Close()
	}
}

// sameHost refuses requests by another host name: a web page that resolves to
// the loopback must not steer the simulator.
func sameHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "this host is not served", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
