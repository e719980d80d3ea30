package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"uplift/upgrade"
)

// scheduleWatching has Temporal look after the partner's sign-in every day, so that it is used long before its 90 days.
func scheduleWatching(ctx context.Context, c client.Client) error {
	_, err := c.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID:      "watch-partner",
		Spec:    client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: 24 * time.Hour}}},
		Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		Action:  &client.ScheduleWorkflowAction{ID: "watch-partner", Workflow: upgrade.WatchPartnerWorkflow, TaskQueue: upgrade.TaskQueue},
	})
	if err != nil && !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return fmt.Errorf("make the daily schedule that watches the partner's sign-in: %w", err)
	}
	return nil
}

// inventoryEvery is how often all customers are read anew. Partner Center allows 500 requests a minute: an inventory of some
// thousand customers takes a quarter of an hour.
const inventoryEvery = 6 * time.Hour

// scheduleInventory has Temporal take an inventory of the customers every few hours, and the first one at once. Whoever takes
// one by hand meanwhile has the same run.
func scheduleInventory(ctx context.Context, c client.Client) error {
	_, err := c.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID:                 "take-inventory",
		Spec:               client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: inventoryEvery}}},
		Overlap:            enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		Action:             &client.ScheduleWorkflowAction{ID: "take-inventory", Workflow: upgrade.TakeInventoryWorkflow, TaskQueue: upgrade.TaskQueue, Args: []any{upgrade.InventoryStart{}}},
		TriggerImmediately: true,
	})
	if err != nil && !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return fmt.Errorf("make the schedule that takes the inventory: %w", err)
	}
	return nil
}

// schedulePruning has Temporal prune the register every hour. Every worker asks for it; the first one makes it.
func schedulePruning(ctx context.Context, c client.Client) error {
	_, err := c.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID:      "prune-register",
		Spec:    client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: time.Hour}}},
		Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		Action:  &client.ScheduleWorkflowAction{ID: "prune-register", Workflow: upgrade.PruneWorkflow, TaskQueue: upgrade.TaskQueue},
	})
	if err != nil && !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return fmt.Errorf("make the hourly schedule that prunes the register: %w", err)
	}
	return nil
}
