package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"uplift/upgrade"
)

// score is what a bare workflow plays: the commands of a real one, task by task, without anything that they do.
type score struct {
	Tasks []beat
}

// beat is what one workflow task commands. The next one comes when all activities are done.
type beat struct {
	Activities []note
	Locals     int
	Upserts    int
	Timers     int
}

// note is one activity: its queue, and how many bytes go in and come out.
type note struct {
	Queue   string
	In, Out int
}

// scoreOf reads a history.
func scoreOf(all []*history.HistoryEvent) score {
	var s score
	at := map[int64]int{} // of each workflow task's completion
	task := func(completed int64) *beat {
		i, ok := at[completed]
		if !ok {
			i = len(s.Tasks)
			at[completed] = i
			s.Tasks = append(s.Tasks, beat{})
		}
		return &s.Tasks[i]
	}
	type place struct{ task, note int }
	places := map[int64]place{}
	for _, e := range all {
		switch {
		case e.GetActivityTaskScheduledEventAttributes() != nil:
			a := e.GetActivityTaskScheduledEventAttributes()
			t := task(a.GetWorkflowTaskCompletedEventId())
			t.Activities = append(t.Activities, note{Queue: a.GetTaskQueue().GetName(), In: bytesOf(a.GetInput().GetPayloads())})
			places[e.GetEventId()] = place{at[a.GetWorkflowTaskCompletedEventId()], len(t.Activities) - 1}
		case e.GetActivityTaskCompletedEventAttributes() != nil:
			a := e.GetActivityTaskCompletedEventAttributes()
			if p, ok := places[a.GetScheduledEventId()]; ok {
				s.Tasks[p.task].Activities[p.note].Out = bytesOf(a.GetResult().GetPayloads())
			}
		case e.GetMarkerRecordedEventAttributes() != nil:
			task(e.GetMarkerRecordedEventAttributes().GetWorkflowTaskCompletedEventId()).Locals++
		case e.GetUpsertWorkflowSearchAttributesEventAttributes() != nil:
			task(e.GetUpsertWorkflowSearchAttributesEventAttributes().GetWorkflowTaskCompletedEventId()).Upserts++
		case e.GetTimerStartedEventAttributes() != nil:
			task(e.GetTimerStartedEventAttributes().GetWorkflowTaskCompletedEventId()).Timers++
		}
	}
	return s
}

// bytesOf is how long the data of payloads are. Encryption adds the same to each again.
func bytesOf[P interface{ GetData() []byte }](all []P) int {
	n := 0
	for _, p := range all {
		n += len(p.GetData())
	}
	return max(0, n-80)
}

// blob is a text of some bytes that cannot be compressed.
func blob(n int) string {
	raw := make([]byte, (n+1)/2)
	_, _ = rand.Read(raw)
	return hex.EncodeToString(raw)
}

// bareInput is what an activity of a bare workflow is given: a text, and how long its answer is to be.
type bareInput struct {
	Text string
	Out  int
}

func bareActivity(_ context.Context, in bareInput) (string, error) { return blob(in.Out), nil }

// bareWorkflow plays a score.
func bareWorkflow(ctx workflow.Context, s score) error {
	stage := temporal.NewSearchAttributeKeyKeyword(upgrade.AttributeStage)
	for _, task := range s.Tasks {
		for range task.Upserts {
			if err := workflow.UpsertTypedSearchAttributes(ctx, stage.ValueSet("bare")); err != nil {
				return err
			}
		}
		for range task.Timers {
			_ = workflow.NewTimer(ctx, 24*time.Hour)
		}
		for range task.Locals {
			local := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
			if err := workflow.ExecuteLocalActivity(local, bareActivity, bareInput{}).Get(ctx, nil); err != nil {
				return err
			}
		}
		var all []workflow.Future
		for _, n := range task.Activities {
			with := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{TaskQueue: bareQueue(n.Queue), StartToCloseTimeout: time.Minute})
			text := "" // the same in a replay
			for len(text) < n.In {
				text += "abcdefghijklmnopqrstuvwxyz012345"
			}
			all = append(all, workflow.ExecuteActivity(with, bareActivity, bareInput{Text: text, Out: n.Out}))
		}
		for _, one := range all {
			if err := one.Get(ctx, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func bareQueue(queue string) string { return "bare-" + queue }

// bareWorkers are as many as the product has, with the same options, in this process.
func (s *site) bareWorkers() error {
	for _, queue := range []string{upgrade.TaskQueue, upgrade.QueuePartnerWrites, upgrade.QueuePartnerReads, upgrade.QueueGraph} {
		w := worker.New(s.client, bareQueue(queue), worker.Options{DisableWorkflowWorker: queue != upgrade.TaskQueue})
		if queue == upgrade.TaskQueue {
			w.RegisterWorkflow(bareWorkflow)
		}
		w.RegisterActivity(bareActivity)
		if err := w.Start(); err != nil {
			return err
		}
		s.closers = append(s.closers, func() error { w.Stop(); return nil })
	}
	return nil
}

// startBare starts a bare workflow.
func (s *site) startBare(ctx context.Context, id string, sc score) (client.WorkflowRun, error) {
	return s.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: bareQueue(upgrade.TaskQueue)}, bareWorkflow, sc)
}
