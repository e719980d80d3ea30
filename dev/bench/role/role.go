// Package role is what the bench tells a worker that it starts, in this process or in one of its own.
package role

import (
	"context"
	"io"
	"time"

	"go.temporal.io/sdk/interceptor"

	"uplift/internal/config"
	"uplift/internal/service"
)

// Variable names the environment variable that holds the role of a worker's process as JSON.
const Variable = "UPLIFT_BENCH_WORKER"

// Role is what a worker is told.
type Role struct {
	Temporal string   // host:port of the server
	Args     []string // its settings, as a person would give them
	// Epoch and Pace are the simulated Microsoft's clock; a pace of 1 or 0 is the system's.
	Epoch struct{ Real, Virtual time.Time }
	Pace  float64
}

// Start starts the worker, with interceptors around it.
func (r Role) Start(ctx context.Context, around ...interceptor.WorkerInterceptor) (*service.Worker, error) {
	settings, err := config.Parse("bench", config.Worker, r.Args, func(name string) string {
		if name == "TEMPORAL_ADDRESS" {
			return r.Temporal
		}
		return ""
	}, io.Discard)
	if err != nil {
		return nil, err
	}
	log, err := config.NewLogger(settings.LogLevel, settings.LogFormat)
	if err != nil {
		return nil, err
	}
	return service.NewWorker(ctx, service.WorkerOptions{Settings: settings, Log: log, Now: r.clock(), Interceptors: around})
}

// clock is the simulated Microsoft's, where its windows and lifetimes pass at another pace; else nil.
func (r Role) clock() func() time.Time {
	if r.Pace == 0 || r.Pace == 1 {
		return nil
	}
	return func() time.Time {
		return r.Epoch.Virtual.Add(time.Duration(float64(time.Since(r.Epoch.Real)) * r.Pace))
	}
}
