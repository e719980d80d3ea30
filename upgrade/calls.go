package upgrade

import (
	"context"
	"math"
	"sync/atomic"
)

// CallsPerActivity is how many requests one execution of an activity makes at Partner Center at most, so that the rate of its
// task queue bounds what the whole installation asks for.
const CallsPerActivity = 5

// CallsSpent is the code of the error, Kind Transient, with which a request is not made since the execution has made its share.
const CallsSpent = "calls_spent"

type callsKey struct{}

// calls counts the requests of one execution.
type calls struct {
	most int64
	made atomic.Int64
}

// WithCalls gives what is done under the context a number of requests.
func WithCalls(ctx context.Context, most int) context.Context {
	return context.WithValue(ctx, callsKey{}, &calls{most: int64(most)})
}

// SpendCall takes one request, before it is made: Kind Transient, code CallsSpent, where none is left. Without WithCalls there are
// as many as one wants.
func SpendCall(ctx context.Context) error {
	c, ok := ctx.Value(callsKey{}).(*calls)
	if !ok {
		return nil
	}
	if c.made.Add(1) > c.most {
		c.made.Add(-1)
		return &Error{Kind: Transient, Code: CallsSpent, Message: "this attempt has made its share of requests; the next one goes on"}
	}
	return nil
}

// CountCall counts a request that cannot be put off: the next page of a list that is being read.
func CountCall(ctx context.Context) {
	if c, ok := ctx.Value(callsKey{}).(*calls); ok {
		c.made.Add(1)
	}
}

// CallsLeft is how many requests may still be made.
func CallsLeft(ctx context.Context) int {
	c, ok := ctx.Value(callsKey{}).(*calls)
	if !ok {
		return math.MaxInt
	}
	return int(max(0, c.most-c.made.Load()))
}
