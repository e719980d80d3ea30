package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"uplift/internal/errorbook"
	"uplift/upgrade"
)

// Failure is what a workflow reads of a failed activity: the details of its application error.
type Failure struct {
	Kind        upgrade.Kind `json:"kind"`
	Code        string       `json:"code,omitempty"`
	Message     string       `json:"message"`
	Correlation string       `json:"correlation,omitempty"`
	NoEffect    bool         `json:"noEffect,omitempty"` // see upgrade.Error
	// What the error book says of the code, written down here since a workflow must not ask it: the operator's remedy, the
	// sentences of the customer and of billing, and Microsoft's page. A code that is not in the book has no remedy and no page.
	Remedy   string `json:"remedy,omitempty"`
	Customer string `json:"customer,omitempty"`
	Billing  string `json:"billing,omitempty"`
	Page     string `json:"page,omitempty"`
}

// Interceptor turns upgrade.Error into Temporal's application error at the one place where activities end: the kind
// decides whether Temporal retries, when, and whether anybody is woken. And it gives each execution its share of requests at
// Partner Center.
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
	ctx = context.WithValue(ctx, beganKey{}, time.Now())
	defer pulse(ctx)()
	out, err := i.Next.ExecuteActivity(withShare(ctx, activity.GetInfo(ctx).ActivityType.Name), in)
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
	f = f.explained()
	opts.NonRetryable = !f.Kind.Retryable()
	if f.Kind == upgrade.Waiting || f.Kind == upgrade.NotFound { // these are answers, and nobody need be woken
		opts.Category = temporal.ApplicationErrorCategoryBenign
	}
	opts.Details = []any{f}
	return temporal.NewApplicationErrorWithOptions(f.Message, string(f.Kind), opts)
}

// explained is the failure with what the error book says of its code. For a code that nobody knows the operator finds out
// what it means, and the two others read what is said of anything that needs a person.
func (f Failure) explained() Failure {
	r, ok := errorbook.Told(f.Code, f.Message)
	if !ok {
		r, _ = errorbook.Told("unknown", "")
		f.Customer, f.Billing = r.ForCustomer(), r.Billing.Sentence
		return f
	}
	f.Remedy, f.Customer, f.Billing, f.Page = r.Operator.Remedy, r.ForCustomer(), r.Billing.Sentence, r.Page
	return f
}

// explain gives problems that were found here, and not by Microsoft, the sentences of the customer and of billing.
func explain(ps upgrade.Problems) {
	for i := range ps {
		p := &ps[i]
		r, ok := errorbook.Told(p.Code, "")
		if !ok {
			r, _ = errorbook.Told("unknown", "")
		}
		if p.Customer == "" {
			p.Customer = r.ForCustomer()
		}
		if p.Billing == "" {
			p.Billing = r.Billing.Sentence
		}
		if p.Remedy == "" && ok {
			p.Remedy = r.Operator.Remedy
		}
	}
}
