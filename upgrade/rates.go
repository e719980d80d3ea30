package upgrade

import "time"

// MaxRate bounds the rate of a task queue, in activities a second; above it there is no limit to speak of.
const MaxRate = 100_000

// ratedQueues are in the order in which they are shown; nobody changes it.
var ratedQueues = [...]struct{ name, queue string }{
	{"partner-writes", QueuePartnerWrites}, {"partner-reads", QueuePartnerReads}, {"graph", QueueGraph},
}

// RatedQueues are the task queues that have a rate, by the names that people give them.
func RatedQueues() (names []string) {
	for _, r := range ratedQueues {
		names = append(names, r.name)
	}
	return names
}

// RatedQueue is the task queue of a name.
func RatedQueue(name string) (queue string, ok bool) {
	for _, r := range ratedQueues {
		if r.name == name || r.queue == name {
			return r.queue, true
		}
	}
	return "", false
}

// Rate is how many activities a second a task queue begins at most, in the whole installation.
type Rate struct {
	Name  string `json:"name"`
	Queue string `json:"queue"`
	// PerSecond holds now. Where it was not set while the workers ran, it is their setting, or Temporal's where there is no worker.
	PerSecond float64   `json:"perSecond"`
	Set       bool      `json:"set"` // while they ran
	By        string    `json:"by,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	At        time.Time `json:"at,omitzero"`
	Backlog   int64     `json:"backlog"` // activities that wait, about
	Workers   int       `json:"workers"` // that were seen lately
}

// SetRate is a new rate of a queue, or none of its own.
type SetRate struct {
	Name      string   `json:"name"`
	PerSecond *float64 `json:"perSecond,omitempty"` // 0 is the brake; nil: the workers' setting holds again
	Request
}
