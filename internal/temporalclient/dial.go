// Package temporalclient connects to Temporal, in one way for every program of ours: with the payload codec, so that
// nothing readable is ever written, and with the settings that the official CLI and SDK samples use as well.
package temporalclient

import (
	"context"
	"fmt"
	"log/slog"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"
	"go.uber.org/zap"
	"go.uber.org/zap/exp/zapslog"

	"uplift/internal/codec"
	"uplift/upgrade"
)

// Options are Dial's.
type Options struct {
	// Ring encrypts and decrypts every payload. It is required: a client without it would write customers' orders in
	// plain, and could not read the answers.
	Ring *codec.Ring
	// Logger receives what the SDK logs, under the name "temporal". Nil logs nothing.
	Logger *zap.Logger
	// HostPort overrides the address of the environment and the profile; empty keeps it (127.0.0.1:7233 if they name none).
	HostPort string
	// Namespace overrides likewise; empty keeps it ("default" if they name none).
	Namespace string
	// Identity is who we are in histories, such as "starter, anna@host". Empty is the SDK's pid@host.
	Identity string
	// Local is the dev mode: only HostPort and Namespace count. A TLS setting or an API key in the environment or in the
	// user's profile belongs to another server, and must neither break the connection nor travel along it.
	Local bool
	// Env replaces the process environment. Nil is the process environment.
	Env envconfig.EnvLookup
}

// Load works out the client's options without connecting: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY,
// TEMPORAL_TLS and its siblings, over the TOML profile that TEMPORAL_PROFILE names in TEMPORAL_CONFIG_FILE, and the
// overrides over both. HostPort and Namespace of the result are always filled in, for a program to show. A remote codec
// in the profile is ignored, since ours is local.
func Load(o Options) (client.Options, error) {
	if o.Ring == nil {
		return client.Options{}, &upgrade.Error{Kind: upgrade.Invalid, Code: "no_codec",
			Message: "a Temporal client needs a key ring for its payloads"}
	}
	request := envconfig.LoadClientOptionsRequest{EnvLookup: o.Env}
	if o.Local {
		request = envconfig.LoadClientOptionsRequest{DisableFile: true, EnvLookup: emptyEnv{}}
	}
	options, err := envconfig.LoadClientOptions(request)
	if err != nil {
		return client.Options{}, &upgrade.Error{Kind: upgrade.Invalid, Code: "temporal_settings",
			Message: "the settings of the Temporal client (TEMPORAL_… and its profile file) cannot be used", Err: err}
	}
	options.HostPort = first(o.HostPort, options.HostPort, client.DefaultHostPort)
	options.Namespace = first(o.Namespace, options.Namespace, client.DefaultNamespace)
	options.Identity = o.Identity
	options.DataConverter = codec.DataConverter(o.Ring)
	options.FailureConverter = codec.FailureConverter(o.Ring)
	options.Logger = logger(o.Logger)
	return options, nil
}

// Dial connects. It fails, as Transient, when the server does not answer before ctx ends.
func Dial(ctx context.Context, o Options) (client.Client, error) {
	options, err := Load(o)
	if err != nil {
		return nil, err
	}
	c, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, &upgrade.Error{Kind: upgrade.Transient, Code: "temporal_unreachable",
			Message: fmt.Sprintf("no Temporal server answers at %s (TEMPORAL_ADDRESS names another)", options.HostPort), Err: err}
	}
	return c, nil
}

// logger hands the SDK's lines to zap. The SDK adds a stack where one helps, so the bridge adds none of its own.
func logger(z *zap.Logger) log.Logger {
	if z == nil {
		z = zap.NewNop()
	}
	return log.NewStructuredLogger(slog.New(zapslog.NewHandler(z.Core(),
		zapslog.WithName("temporal"), zapslog.AddStacktraceAt(slog.LevelError+1))))
}

func first(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}

// emptyEnv is an environment without variables.
type emptyEnv struct{}

func (emptyEnv) Environ() []string                 { return nil }
func (emptyEnv) LookupEnv(_ string) (string, bool) { return "", false }
