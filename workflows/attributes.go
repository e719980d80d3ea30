package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// attribute is a search attribute and its value: plain text in Temporal's store, so no personal data.
type attribute struct {
	name  string
	value string // in words, to compare it with what is set already
	set   temporal.SearchAttributeUpdate
}

func keyword(name, value string) attribute {
	return attribute{name, value, temporal.NewSearchAttributeKeyKeyword(name).ValueSet(value)}
}

func truth(name string, value bool) attribute {
	return attribute{name, fmt.Sprint(value), temporal.NewSearchAttributeKeyBool(name).ValueSet(value)}
}

func instant(name string, value time.Time) attribute {
	return attribute{name, value.UTC().Format(time.RFC3339Nano), temporal.NewSearchAttributeKeyTime(name).ValueSet(value)}
}

// attributes has search attributes set. What is set already is not set again.
func (u *upgradeRun) attributes(all ...attribute) {
	for _, one := range all {
		if was, ok := u.shown[one.name]; !ok || was != one.value {
			u.shown[one.name] = one.value
			u.unshown = append(u.unshown, one.set)
		}
	}
}

// showAttributes sets what has gathered once everything else of a workflow task is done, so that a task leaves one event for it.
// Before the order is claimed nothing is shown, unless somebody is called.
func (u *upgradeRun) showAttributes(ctx workflow.Context) {
	detached, _ := workflow.NewDisconnectedContext(ctx)
	workflow.Go(detached, func(ctx workflow.Context) {
		for workflow.Await(ctx, func() bool { return len(u.unshown) > 0 && (u.status.Upgrade != "" || u.status.Parked != nil) }) == nil {
			u.flushAttributes(ctx)
		}
	})
}

func (u *upgradeRun) flushAttributes(ctx workflow.Context) {
	updates := u.unshown
	u.unshown = nil
	if len(updates) == 0 {
		return
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, updates...); err != nil {
		u.log(ctx).Error("the search attributes could not be set", "error", err)
	}
}
