package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
)

// Pulse is the heartbeat time-out of steps that are a request or two. The interceptor keeps it alive while the step runs, so that a
// worker that is gone is noticed after this long, and not when the step's own time has passed. Steps that go through many users
// have another time-out, and tell their own heartbeats how far they are.
const Pulse = 30 * time.Second

// pulse beats until what it returns is called. A step that is over sooner never beats.
func pulse(ctx context.Context) (stop func()) {
	if activity.GetInfo(ctx).HeartbeatTimeout != Pulse {
		return func() {}
	}
	over := make(chan struct{})
	go func() {
		every := time.NewTicker(Pulse / 3)
		defer every.Stop()
		for {
			select {
			case <-over:
				return
			case <-ctx.Done():
				return
			case <-every.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	}()
	return func() { close(over) }
}
