package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"uplift/internal/errorbook"
	"uplift/upgrade"
)

// Requests says in whose name a step's requests are made.
type Requests struct {
	// Upgrade is the attempt under which they are noted: the first one at the order that has sent any.
	Upgrade string `json:"upgrade"`
	// By is the attempt that makes them, where that is a later one.
	By string `json:"by,omitempty"`
}

// write makes one step's request so that it has its effect at most once. The register notes each request before it is sent,
// and each definite answer. An unanswered request is repeated with the same MS-RequestId, which is what Microsoft asks
// for after a time-out; only after a definite answer does the next one carry a new id. A definite no counts for nothing
// while an earlier request may still be accepted: Microsoft also refuses what it is doing already. It counts again when
// the earlier request would have shown by now. An attempt that another one has taken over from, as an activity that outlived its
// terminated workflow, sends nothing any more.
//
// https://learn.microsoft.com/partner-center/developer/headers
func (a *Activities) write(ctx context.Context, kind errorbook.Write, of Requests, step string, send func(upgrade.WriteID) error) error {
	number, since, err := a.pending(ctx, of.Upgrade, step)
	if err != nil {
		return err
	}
	note := fmt.Sprintf("%s/sent-%d", step, number)
	mine := a.now().Format(time.RFC3339Nano)
	stored, err := a.Register.JournalRequest(ctx, cmp.Or(of.By, of.Upgrade), of.Upgrade, note, mine)
	if err != nil {
		return err
	}
	if stored != mine && since.IsZero() {
		since = a.now() // an earlier worker that is not quite dead has sent it meanwhile
	}
	err = send(upgrade.WriteIDOf(of.Upgrade, step, number))
	if !definite(err) {
		return err
	}
	if !since.IsZero() && a.now().Before(since.Add(a.settleTime(kind, err))) {
		return &upgrade.Error{Kind: upgrade.Ambiguous, Code: "earlier_request_unclear", Err: err,
			Message: "Microsoft refuses, while an earlier request for the same may have been accepted and does not show yet"}
	}
	if _, noteErr := a.Register.Journal(ctx, of.Upgrade, note+"/answer", upgrade.CodeOf(err)); noteErr != nil {
		return noteErr
	}
	return err
}

// pending is the number of the step's next request, and since when one with this number is unanswered; zero: it was never
// sent.
func (a *Activities) pending(ctx context.Context, upgradeID, step string) (number int, since time.Time, err error) {
	for ; ; number++ {
		note := fmt.Sprintf("%s/sent-%d", step, number)
		sent, ok, err := a.Register.Note(ctx, upgradeID, note)
		if err != nil || !ok {
			return number, time.Time{}, err
		}
		if _, answered, err := a.Register.Note(ctx, upgradeID, note+"/answer"); err != nil {
			return number, time.Time{}, err
		} else if answered {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, sent)
		if err != nil {
			at = a.now()
		}
		return number, at, nil
	}
}

// effect marks an error with whether the step can have had an effect: it cannot, where nothing was sent, or where every
// request was answered by a definite no.
func (a *Activities) effect(ctx context.Context, upgradeID, step string, err error) error {
	var e *upgrade.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	if _, since, noteErr := a.pending(ctx, upgradeID, step); noteErr == nil && since.IsZero() {
		marked := *e
		marked.NoEffect = true
		return &marked
	}
	return err
}

// settleTime is how long an accepted request may take to show, by Microsoft's clock: what the error book says of this kind
// of request, else the policy's. It is longer where the answer itself says that an earlier request may be under way for
// longer, as a lock of a day does, and never shorter.
func (a *Activities) settleTime(kind errorbook.Write, answer error) time.Duration {
	p := a.Settings.Policy
	settle := p.TellAfter.D()
	if p.Pace != 0 {
		settle = time.Duration(float64(p.TellAfter) * p.Pace)
	}
	if own, ok := errorbook.SettleOf(kind); ok {
		settle = own
	}
	if longer, ok := errorbook.SettleAfter(errorbook.Partner, upgrade.CodeOf(answer)); ok {
		settle = max(settle, longer)
	}
	return settle
}

// definite tells an answer of Microsoft's from silence: a business error, also one that may pass, is an answer; a broken
// connection, a server error and a request to slow down are none.
func definite(err error) bool {
	switch upgrade.KindOf(err) {
	case upgrade.Refused, upgrade.Act, upgrade.Conflict, upgrade.NotFound, upgrade.Invalid:
		return err != nil
	case upgrade.Transient, upgrade.Unknown:
		return number(upgrade.CodeOf(err))
	}
	return false
}

// number tells whether a code is one of Partner Center's numbers.
func number(code string) bool {
	for _, c := range code {
		if c < '0' || c > '9' {
			return false
		}
	}
	return code != ""
}
