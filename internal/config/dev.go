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
	if address := getenv("TEMPORAL_ADDRESS"); address != "" {
		s.TemporalAddress = address
	}
	if namespace := getenv("TEMPORAL_NAMESPACE"); namespace != "" {
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
		{"entra-url", s.EntraURL}, {"graph-url", s.GraphURL}, {"partner-url", s.PartnerURL}, {"public-url", s.PublicURL},
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

// localRegister tells whether a DSN names a file, a socket or a PostgreSQL server of this machine, in either of the
// forms that PostgreSQL's drivers read.
func localRegister(dsn string) bool {
	hosts := []string{}
	parsed, err := url.Parse(dsn)
	if err == nil && (parsed.Scheme == "postgres" || parsed.Scheme == "postgresql") {
		for _, one := range strings.Split(parsed.Host, ",") { // several hosts may be tried in turn
			if host, _, err := net.SplitHostPort(one); err == nil {
				one = host
			}
			hosts = append(hosts, strings.Trim(one, "[]"))
		}
		hosts = append(hosts, parsed.Query()["host"]...)
		hosts = append(hosts, parsed.Query()["hostaddr"]...)
	} else {
		for _, word := range strings.Fields(dsn) {
			if name, value, ok := strings.Cut(word, "="); ok && (name == "host" || name == "hostaddr") {
				hosts = append(hosts, strings.Split(strings.Trim(value, "'"), ",")...)
			}
		}
	}
	for _, host := range hosts {
		if host != "" && !strings.HasPrefix(host, "/") && !loopbackHost(host) {
			return false
		}
	}
	return true
}
