// Package activities is what an upgrade does outside Temporal: one method for each business step, over small interfaces
// that the adapters satisfy. Each may run twice, and a reply may be lost after its effect; every comment says what
// makes the repeat safe.
package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"uplift/catalog"
	"uplift/internal/planning"
	"uplift/upgrade"
)

// Activities carries what the steps need. Workflows name its methods and never dereference it.
type Activities struct {
	Register   Register
	Inventory  Inventory
	Batches    Batches
	Cleaner    Cleaner        // nil: nothing is pruned
	Partner    PartnerSignIns // nil: nobody of the partner signs in
	Executions Executions
	Authority  Authority
	Directory  Directory
	Commerce   Commerce
	Mailer     Mailer
	Callbacks  Callbacks // nil: nobody is called back
	Links      Links
	Catalog    *catalog.Catalog
	Settings   Settings
	Now        func() time.Time // Microsoft's windows and lifetimes are compared with it; nil: time.Now
	// Wait is how an activity pauses between two questions at Microsoft; nil: by this machine's clock. A test whose clock is
	// another moves that on instead.
	Wait func(ctx context.Context, d time.Duration) error
}

// Settings are the worker's own.
type Settings struct {
	Policy       upgrade.Policy
	OperatorMail string   // empty: operators are not written to
	EngineerMail string   // who looks after callbacks that failed; empty: the operator's address
	ConsentRoles []string // directory role template ids, each sufficient beside Global Administrator
	Guards       planning.Guards
	Observe      bool // plan, and write nothing at Microsoft
}

func (a *Activities) now() time.Time {
	if a.Now != nil {
		return a.Now().UTC()
	}
	return time.Now().UTC()
}

// beat tells Temporal that a long activity lives, and how far it is. In its first seconds it says nothing: most are over by then, and
// each word is a write of Temporal's.
func beat(ctx context.Context, details ...any) {
	if began, ok := ctx.Value(beganKey{}).(time.Time); ok && time.Since(began) < firstBeat {
		return
	}
	say(ctx, details...)
}

// say is beat for what must be known whenever it is.
func say(ctx context.Context, details ...any) {
	if activity.IsActivity(ctx) {
		activity.RecordHeartbeat(ctx, details...)
	}
}

// beganKey is the context's key to when the activity began, by this machine's clock.
type beganKey struct{}

// firstBeat is after how long an activity first tells that it lives.
const firstBeat = 5 * time.Second

// justBeat is beat for who has nothing to say.
func justBeat(ctx context.Context) { beat(ctx) }

// wait is pause, unless the clock is another one.
func (a *Activities) wait(ctx context.Context, d time.Duration) error {
	if a.Wait != nil {
		return a.Wait(ctx, d)
	}
	return pause(ctx, d)
}

// pause waits in an activity, or returns early: with the context's error, or when the worker is told to stop, so that
// another one goes on.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	var stop <-chan struct{}
	if activity.IsActivity(ctx) {
		stop = activity.GetWorkerStopChannel(ctx)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-stop:
		return waiting("worker_stops", "this worker is being stopped; another one goes on")
	case <-t.C:
		return nil
	}
}

func refused(code, format string, args ...any) *upgrade.Error {
	return &upgrade.Error{Kind: upgrade.Refused, Code: code, Message: fmt.Sprintf(format, args...)}
}

func waiting(code, format string, args ...any) *upgrade.Error {
	return &upgrade.Error{Kind: upgrade.Waiting, Code: code, Message: fmt.Sprintf(format, args...)}
}
