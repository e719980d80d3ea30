package activitiestest

import "uplift/upgrade"

// fault is what is to go wrong with a method's next calls.
type fault struct {
	fail  int
	err   error
	lose  int
	after int     // calls that go well first
	each  []error // in the place of err
}

// Fail lets a method's next calls answer an error without any effect. A method is named as "Commerce.SetSeats".
func (w *World) Fail(method string, times int, err error) { w.FailAfter(method, 0, times, err) }

// FailAfter is Fail after some calls that go well.
func (w *World) FailAfter(method string, after, times int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults[method] = &fault{after: after, fail: times, err: err}
}

// LoseReply lets a method's next successful calls have their effect and then answer that nobody knows.
func (w *World) LoseReply(method string, times int) { w.LoseReplyAfter(method, 0, times) }

// LoseReplyAfter is LoseReply after some calls that go well.
func (w *World) LoseReplyAfter(method string, after, times int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults[method] = &fault{after: after, lose: times}
}

// FailOnce lets a method's next calls answer one error each, in this order.
func (w *World) FailOnce(method string, errs ...error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults[method] = &fault{fail: len(errs), each: errs}
}

// Mend takes a method's faults away.
func (w *World) Mend(method string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.faults, method)
}

// begin locks the world for one call, or answers the error that a test ordered. What it returns must be called in the
// end: it unlocks, and loses the reply where that was ordered.
func (w *World) begin(method string) (end func(*error), err error) {
	w.mu.Lock()
	w.calls[method]++
	w.settle()
	f := w.faults[method]
	if f != nil && f.after > 0 {
		f.after--
		f = nil
	}
	if f != nil && f.fail > 0 {
		f.fail--
		err := f.err
		if len(f.each) > 0 {
			err, f.each = f.each[0], f.each[1:]
		}
		w.mu.Unlock()
		return nil, err
	}
	return func(err *error) {
		defer w.mu.Unlock()
		w.settle()
		if *err == nil && f != nil && f.lose > 0 {
			f.lose--
			*err = &upgrade.Error{Kind: upgrade.Ambiguous, Code: "reply_lost", Message: "the connection broke before the reply came"}
		}
	}, nil
}

func refused(code, message string) error {
	return &upgrade.Error{Kind: upgrade.Refused, Code: code, Message: message}
}

func notFound(what string) error {
	return &upgrade.Error{Kind: upgrade.NotFound, Code: "not_found", Message: "there is no such " + what}
}
