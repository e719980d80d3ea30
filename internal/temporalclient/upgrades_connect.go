package temporalclient

import (
	"context"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"uplift/internal/codec"
)

// ConnectOptions are Connect's.
type ConnectOptions struct {
	// KeyFile is the key ring of the payload codec; empty is the development ring, which Development must allow.
	KeyFile     string
	Development bool // see Options.Local
	HostPort    string
	Namespace   string
	Identity    string
	Logger      *zap.Logger
}

// Connection is the upgrades of a client that was dialled for them alone.
type Connection struct {
	*Upgrades
	Client    client.Client
	Namespace string // that the client is in
}

// Close closes the client.
func (c *Connection) Close() { c.Client.Close() }

// Connect dials Temporal for somebody who starts and steers upgrades and needs nothing else.
func Connect(ctx context.Context, o ConnectOptions) (*Connection, error) {
	ring := codec.Dev()
	if o.KeyFile != "" || !o.Development {
		var err error
		if ring, err = codec.Open(o.KeyFile); err != nil {
			return nil, err
		}
	}
	options := Options{Ring: ring, Logger: o.Logger, HostPort: o.HostPort, Namespace: o.Namespace,
		Identity: o.Identity, Local: o.Development}
	said, err := Load(options)
	if err != nil {
		return nil, err
	}
	c, err := Dial(ctx, options)
	if err != nil {
		return nil, err
	}
	return &Connection{Upgrades: NewUpgrades(c, codec.DataConverter(ring)), Client: c, Namespace: said.Namespace}, nil
}
