package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"uplift/upgrade"
)

// tooLong is how long a renewal is waited for: the one that was meant passed while people took their time, and the next one is a
// year away.
const tooLong = 3 * time.Minute

// operate is the operator of one order: looks at it, answers what is parked, confirms what is to be confirmed.
func (p *play) operate(ctx context.Context, workflowID string) {
	dice := rand.New(rand.NewPCG(p.site.s.seed, uint64(p.job.customer.number)<<8|2))
	answered := 0
	for ctx.Err() == nil {
		sleep(ctx, time.Duration(between(dice, 2000, 3500))*time.Millisecond)
		trying, cancel := context.WithTimeout(ctx, patience)
		s, err := p.site.upgrades.Exact().Status(trying, workflowID)
		cancel()
		if err != nil {
			continue
		}
		p.mu.Lock()
		p.last = s
		p.mu.Unlock()
		request := upgrade.Request{By: "an operator", Reason: "the campaign says so"}
		switch {
		case s.Parked != nil:
			answer := answerTo(*s.Parked, dice, answered)
			_, err := p.site.upgrades.Exact().Resolve(p.trying(ctx), workflowID, upgrade.Resolve{Request: request, Answer: answer})
			p.count("resolve "+string(answer), err)
			p.tell("%s is parked at %q (%s %s): %s, %v", p.job.order.ID, s.Parked.Step, s.Parked.Code, s.Parked.Reason, answer, err)
			if err == nil {
				answered++
			}
		case s.Stage == upgrade.Confirming && s.Digest != "":
			_, err := p.site.upgrades.Exact().Confirm(p.trying(ctx), workflowID, upgrade.Confirm{Request: request, Digest: s.Digest})
			p.count("confirm", err)
		case s.Stage == upgrade.Scheduled && s.Wakes != nil && time.Until(*s.Wakes) > tooLong && s.Cancelling == nil:
			_, err := p.site.upgrades.Exact().Cancel(p.trying(ctx), workflowID, request)
			p.count("cancel of what waits for a renewal", err)
		}
	}
}

// trying bounds one request; what becomes of it is seen at the next look.
func (p *play) trying(ctx context.Context) context.Context {
	trying, cancel := context.WithTimeout(ctx, patience)
	context.AfterFunc(trying, cancel)
	return trying
}

// answerTo is the operator's word: retry at first, later also something else, and in the end whatever lets the upgrade end.
func answerTo(parked upgrade.Parked, dice *rand.Rand, before int) upgrade.Answer {
	may := func(a upgrade.Answer) bool { return slices.Contains(parked.Answers, a) }
	switch {
	case before < 2 && dice.IntN(10) < 8, before < 5 && dice.IntN(10) < 6:
		return upgrade.Retry
	case may(upgrade.UndoIt) && before < 7:
		return upgrade.UndoIt
	case may(upgrade.Skip) && before > 4 && before < 7:
		return upgrade.Skip
	case before < 5:
		return upgrade.Retry
	}
	return upgrade.Abandon
}
