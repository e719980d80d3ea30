package temporalclient

import (
	"context"
	"fmt"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"

	"uplift/upgrade"
)

// Rates answers the rates of the task queues of Microsoft's services, and how much waits there.
func (c *Connection) Rates(ctx context.Context) ([]upgrade.Rate, error) {
	var all []upgrade.Rate
	for _, name := range upgrade.RatedQueues() {
		queue, _ := upgrade.RatedQueue(name)
		d, err := c.Client.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
			Namespace: c.Namespace, TaskQueue: &taskqueuepb.TaskQueue{Name: queue, Kind: enumspb.TASK_QUEUE_KIND_NORMAL},
			TaskQueueType: enumspb.TASK_QUEUE_TYPE_ACTIVITY, ReportStats: true, ReportConfig: true,
		})
		if err != nil {
			return nil, translate(err)
		}
		r := upgrade.Rate{Name: name, Queue: queue, PerSecond: float64(d.GetEffectiveRateLimit().GetRequestsPerSecond()),
			Backlog: d.GetStats().GetApproximateBacklogCount(), Workers: pollers(d.GetPollers())}
		if set := d.GetConfig().GetQueueRateLimit(); set.GetRateLimit() != nil {
			m := set.GetMetadata()
			r.Set, r.PerSecond, r.By, r.Reason = true, float64(set.GetRateLimit().GetRequestsPerSecond()), m.GetUpdateIdentity(), m.GetReason()
			if at := m.GetUpdateTime(); at != nil {
				r.At = at.AsTime()
			}
		}
		all = append(all, r)
	}
	return all, nil
}

// pollers counts the processes that poll.
func pollers(all []*taskqueuepb.PollerInfo) int {
	seen := map[string]bool{}
	for _, p := range all {
		seen[p.GetIdentity()] = true
	}
	return len(seen)
}

// SetRate gives a queue a rate for the whole installation, at once and without a restart, or takes it away, so that the workers'
// setting holds again. It is Temporal's own configuration of the queue: `temporal task-queue config set --queue-rps-limit` does the
// same. Kind Invalid: there is no such queue, or the rate is none.
func (c *Connection) SetRate(ctx context.Context, in upgrade.SetRate) (upgrade.Reply, error) {
	queue, ok := upgrade.RatedQueue(in.Name)
	if !ok {
		return upgrade.Reply{}, &upgrade.Error{Kind: upgrade.Invalid, Code: "no_such_queue", Message: fmt.Sprintf("there is no queue %q with a rate; there are %s", in.Name, strings.Join(upgrade.RatedQueues(), ", "))}
	}
	update := &workflowservice.UpdateTaskQueueConfigRequest_RateLimitUpdate{Reason: in.Reason}
	words := fmt.Sprintf("The workers' setting holds for %s again.", queue)
	if rate := in.PerSecond; rate != nil {
		if !(*rate >= 0 && *rate <= upgrade.MaxRate) {
			return upgrade.Reply{}, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_rate", Message: fmt.Sprintf("a rate lies between 0, the brake, and %d activities a second", upgrade.MaxRate)}
		}
		update.RateLimit = &taskqueuepb.RateLimit{RequestsPerSecond: float32(*rate)}
		words = fmt.Sprintf("%s begins %g activities a second at most, in the whole installation.", queue, *rate)
	}
	_, err := c.Client.WorkflowService().UpdateTaskQueueConfig(ctx, &workflowservice.UpdateTaskQueueConfigRequest{
		Namespace: c.Namespace, Identity: in.By, TaskQueue: queue, TaskQueueType: enumspb.TASK_QUEUE_TYPE_ACTIVITY, UpdateQueueRateLimit: update,
	})
	return upgrade.Reply{Message: words}, translate(err)
}
