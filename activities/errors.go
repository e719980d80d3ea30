package activities

import (
	"context"
	"errors"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"uplift/upgrade"
)

// Failure is what a workflow reads of a failed activity: the details of its application error.
type Failure struct {
	Kind        upgrade.Kind `json:"kind"`
	Code        string       `json:"code,omitempty"`
	Message     string       `json:"message"`
	Correlation string       `json:"correlation,omitempty"`
	NoEffect    bool         `json:"noEffect,omitempty"` // see upgrade.Error
}

// Interceptor turns upgrade.Error into Temporal's application error at the one place where activities end: the kind
// decides whether Temporal retries, when, and whether anybody is woken.
type Interceptor struct {
	interceptor.WorkerInterceptorBase
}

// InterceptActivity puts the translation around every activity.
func (*Interceptor) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	i := &inbound{}
	i.Next = next
	return i
}

type inbound struct {
	interceptor.ActivityInboundInterceptorBase
}

func (i *inbound) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	out, err := i.Next.ExecuteActivity(ctx, in)
	if err == nil {
		return out, nil
	}
	return nil, translate(ctx, err)
}

// translate leaves Temporal's own errors and cancellation alone. An error without a kind is unknown and not retried: what
// nobody foresaw waits for a person instead of being tried for ever.
func translate(ctx context.Context, err error) error {
	var applied *temporal.ApplicationError
	if errors.As(err, &applied) || errors.Is(err, activity.ErrResultPending) {
		return err
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return err
	}
	f := Failure{Kind: upgrade.Unknown, Message: err.Error()}
	opts := temporal.ApplicationErrorOptions{}
	var e *upgrade.Error
	switch {
	case errors.As(err, &e):
		f = Failure{Kind: e.Kind, Code: e.Code, Message: e.Message, Correlation: e.Correlation, NoEffect: e.NoEffect}
		if f.Message == "" {
			f.Message = e.Error()
		}
		opts.NextRetryDelay = e.RetryAfter
	case errors.Is(err, context.DeadlineExceeded):
		f = Failure{Kind: upgrade.Transient, Code: "timeout", Message: "the call took too long"}
	}
	opts.NonRetryable = !f.Kind.Retryable()
	if f.Kind == upgrade.Waiting {
		opts.Category = temporal.ApplicationErrorCategoryBenign
	}
	opts.Details = []any{f}
	return temporal.NewApplicationErrorWithOptions(f.Message, string(f.Kind), opts)
}
