package main

import (
	"context"
	"os"
	"path/filepath"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"

	"uplift/upgrade"
)

// writeHistory writes a run's history in the form of the UI's download. Its payloads stay encrypted, with the development
// key, which the replay test has.
func writeHistory(ctx context.Context, c client.Client, run upgrade.Started, dir, name string) (string, error) {
	var h history.History
	events := c.GetWorkflowHistory(ctx, run.WorkflowID, run.RunID, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return "", err
		}
		h.Events = append(h.Events, event)
	}
	data, err := temporalproto.CustomJSONMarshalOptions{Indent: "  "}.Marshal(&h)
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, name+".json")
	return file, os.WriteFile(file, append(data, '\n'), 0o644)
}
