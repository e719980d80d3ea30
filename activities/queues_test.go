package activities_test

import (
	"context"
	"reflect"
	"testing"

	"uplift/activities"
	"uplift/upgrade"
)

// TestQueuesOfActivities pins which activities run on a queue with a rate: that each name is an activity's, and which those are. That
// none is missing, every story with a simulated Microsoft asserts (internal/service).
func TestQueuesOfActivities(t *testing.T) {
	want := map[string]int{upgrade.QueuePartnerWrites: 8, upgrade.QueuePartnerReads: 8, upgrade.QueueGraph: 9}
	all := reflect.TypeFor[*activities.Activities]()
	got := map[string]int{}
	for i := range all.NumMethod() {
		if queue := activities.QueueOf(all.Method(i).Name); queue != upgrade.TaskQueue {
			got[queue]++
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("activities on the queues: %v, not %v", got, want)
	}
	var a *activities.Activities
	var method func(context.Context, activities.TakeStockInput) (activities.TakeStockOutput, error) = a.TakeStock
	if name := activities.NameOf(method); name != "TakeStock" {
		t.Errorf("an activity is named %q", name)
	}
}
