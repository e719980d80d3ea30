package access

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// localWho is whoever works on this machine. Nothing tells people apart there, so that nobody can be the second person whom a
// guard asks for.
func localWho() Who {
	return Who{Subject: "local", Name: "local", Roles: []Role{Operator, Engineer, Billing}, Local: true}
}

// fromThisMachine tells whether a request was made on this machine, with nobody in between: from a loopback address, for a
// loopback host, with no mark of a proxy. A proxy that names itself nowhere mostly passes on the public name, and a page that
// has a name of its own pointed at 127.0.0.1 asks for that name: both are refused by it.
func fromThisMachine(r *http.Request) bool {
	for name := range r.Header {
		if name == "Forwarded" || name == "Via" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-") {
			return false
		}
	}
	asked := r.Host
	if host, _, err := net.SplitHostPort(asked); err == nil {
		asked = host
	}
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	return err == nil && loopback(peer) && (strings.EqualFold(asked, "localhost") || loopback(strings.Trim(asked, "[]")))
}

func loopback(address string) bool {
	parsed, err := netip.ParseAddr(address)
	return err == nil && parsed.Unmap().IsLoopback()
}
