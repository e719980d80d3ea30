package temporalserver

import (
	"cmp"
	"fmt"
	"net"
	"strconv"
)

// Services of the Temporal server that only the server itself talks to.
var innerServices = []string{"history", "matching", "worker"}

// ports holds one listener for each port until the server takes it over, so that no port is given
// twice, and one that is taken is named before anything has started.
type ports struct {
	frontend, ui *port
	inner        map[string]*port // by service name
}

// port is a loopback port, and the listener that keeps it for us.
type port struct {
	ip       string
	number   int
	listener net.Listener
}

func reserve(frontend, ui string) (*ports, error) {
	p := &ports{inner: map[string]*port{}}
	var err error
	if p.frontend, err = listen("Temporal", frontend); err != nil {
		return nil, err
	}
	if p.ui, err = listen("the Temporal UI", ui); err != nil {
		p.release()
		return nil, err
	}
	for _, service := range innerServices {
		if p.inner[service], err = listen("Temporal's "+service+" service", ""); err != nil {
			p.release()
			return nil, err
		}
	}
	return p, nil
}

// release closes the listeners. It may be called again.
func (p *ports) release() {
	for _, one := range []*port{p.frontend, p.ui, p.inner["history"], p.inner["matching"], p.inner["worker"]} {
		if one != nil && one.listener != nil {
			_ = one.listener.Close() // nobody has connected
			one.listener = nil
		}
	}
}

// listen opens a loopback address for its owner; an empty one is a free port of 127.0.0.1.
func listen(owner, addr string) (*port, error) {
	host, _, err := net.SplitHostPort(cmp.Or(addr, "127.0.0.1:0"))
	if err != nil {
		return nil, fmt.Errorf("address for %s: %w", owner, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("address for %s: %s is not loopback, and this server asks for no password", owner, addr)
	}
	listener, err := net.Listen("tcp", cmp.Or(addr, "127.0.0.1:0"))
	if err != nil {
		return nil, fmt.Errorf("address for %s: %w", owner, err)
	}
	tcp := listener.Addr().(*net.TCPAddr)
	return &port{ip: tcp.IP.String(), number: tcp.Port, listener: listener}, nil
}

// addr is the port as host:port.
func (p *port) addr() string { return net.JoinHostPort(p.ip, strconv.Itoa(p.number)) }
