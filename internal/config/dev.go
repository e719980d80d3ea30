package config

import (
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"uplift/upgrade"
)

// Who the provider is in the dev mode. The simulated Entra must know this application; the secret protects nothing.
const (
	DevPartnerTenant = "0a000000-0000-4000-8000-000000000001"
	DevClientID      = "0b000000-0000-4000-8000-000000000001"
	DevClientSecret  = "demo-secret-of-the-simulator"
	// The portal is an application of its own there, by which the provider's people sign in.
	DevPortalClientID = "0b000000-0000-4000-8000-000000000002"
	DevPortalSecret   = "demo-secret-of-the-portal"
)

const (
	devTemporalAddress   = "127.0.0.1:7233"
	devTemporalNamespace = "default"
)

// devRegister is for a worker that is started by itself. One beside the dev command is given that command's register, whose
// place its banner names, so that both see the same claims.
func devRegister() string { return "file:" + filepath.Join(os.TempDir(), "uplift-dev-register.db") }

// takeTemporal pins Temporal's address in the dev profile, where the user's own Temporal profile must not decide.
func (s *Settings) takeTemporal(getenv func(string) string) {
	s.TemporalAddress, s.TemporalNamespace = devTemporalAddress, devTemporalNamespace
	if address := getenv("TEMPORAL_ADDRESS"); !blank(address) {
		s.TemporalAddress = address
	}
	if namespace := getenv("TEMPORAL_NAMESPACE"); !blank(namespace) {
		s.TemporalNamespace = namespace
	}
}

// checkLoopback holds the dev profile to this machine: its keys and credentials are public.
func (s *Settings) checkLoopback(problems *upgrade.Problems) {
	refuse := func(path string) {
		problems.Add(path, "not_loopback", "the dev profile allows addresses of this machine only",
			"use 127.0.0.1, or drop -profile dev and give real keys")
	}
	for _, one := range []struct{ flag, url string }{
		{"entra-url", s.EntraURL}, {"graph-url", s.GraphURL}, {"partner-url", s.PartnerURL}, {"public-url", s.PublicURL}, {flagIssuer, s.OIDCIssuer},
	} {
		if parsed, err := url.Parse(one.url); one.url != "" && (err != nil || !loopbackHost(parsed.Hostname())) {
			refuse("-" + one.flag)
		}
	}
	for _, origin := range s.CodecOrigins {
		if parsed, err := url.Parse(origin); err != nil || !loopbackHost(parsed.Hostname()) {
			refuse("-codec-origins")
			break
		}
	}
	if s.SMTP.Host != "" && !loopbackHost(s.SMTP.Host) {
		refuse("-smtp-url")
	}
	if s.Listen != "" && !loopbackAddress(s.Listen) {
		refuse("-listen")
	}
	if !loopbackAddress(s.TemporalAddress) {
		refuse("TEMPORAL_ADDRESS")
	}
	if !localRegister(s.RegisterDSN.Reveal()) {
		refuse("-register")
	}
}

func loopbackAddress(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && loopbackHost(host)
}

// loopbackHost asks no name server: whoever answers for a name could move it.
func loopbackHost(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}

// localRegister tells whether a DSN names a file, a socket or a PostgreSQL server of this machine. Whatever lets
// somebody else choose the server is refused: a service file, and PGHOST where the DSN names no host.
func localRegister(dsn string) bool {
	for _, scheme := range []string{"file:", "sqlite:"} {
		if strings.HasPrefix(dsn, scheme) {
			return true
		}
	}
	var hosts []string
	var ok bool
	switch {
	case strings.Contains(dsn, "://"):
		hosts, ok = urlHosts(dsn)
	case strings.Contains(dsn, "="):
		hosts, ok = wordHosts(dsn)
	default:
		return true // no address at all, which the register says better
	}
	for _, host := range hosts {
		ok = ok && (strings.HasPrefix(host, "/") || loopbackHost(host))
	}
	return ok && len(hosts) > 0
}

// urlHosts lists the hosts of postgres://…, of which several may be tried in turn. An empty one is the environment's.
func urlHosts(dsn string) ([]string, bool) {
	parsed, err := url.Parse(dsn)
	if err != nil {
		return nil, false
	}
	query, err := url.ParseQuery(parsed.RawQuery)
	if err != nil || query.Has("service") || query.Has("servicefile") {
		return nil, false
	}
	var hosts []string
	if parsed.Host != "" {
		for _, one := range strings.Split(parsed.Host, ",") {
			if host, _, err := net.SplitHostPort(one); err == nil {
				one = host
			}
			hosts = append(hosts, strings.Trim(one, "[]"))
		}
	}
	for _, name := range []string{"host", "hostaddr"} {
		for _, value := range query[name] {
			hosts = append(hosts, strings.Split(value, ",")...)
		}
	}
	return hosts, true
}

// wordHosts lists the hosts of "host=… dbname=…". Quotes, escapes and blanks around a sign of equality are not read.
func wordHosts(dsn string) ([]string, bool) {
	if strings.ContainsAny(dsn, `'\`) {
		return nil, false
	}
	var hosts []string
	for _, word := range strings.Fields(dsn) {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "", "service", "servicefile":
			return nil, false
		case "host", "hostaddr":
			hosts = append(hosts, strings.Split(value, ",")...)
		}
	}
	return hosts, true
}
