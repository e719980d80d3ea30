package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"uplift/upgrade"
)

const (
	// batchesInFlight is how many batches are under way in one tenant. Four, with the twenty parts of each worked off one after
	// another, move three hundred users more than three times as fast as one request after another; reports from the field have
	// Graph refuse the writes of more (409). The directory's client lets fewer go where the tenant's quota runs low.
	batchesInFlight = 4
	// stretchSize is how many photographs are read from the register at once, and the step by which the cursor moves.
	stretchSize = 100
	// beatEvery keeps the activity alive while a batch waits for the quota.
	beatEvery = 10 * time.Second
	// mostReadings is how often one user is read again in one attempt, where the directory's answers contradict each other.
	mostReadings = 3
)

// carriage brings photographed users to the licences that they are meant to hold, several batches at a time. One goroutine, that of
// run, decides everything; the others only carry a batch to the directory and back. A user is in one batch at a time, so that no
// two changes of one user are ever under way together.
//
// What the photograph shows is taken for the present as long as that proves right: reading every user before the write would double
// the requests of a tenant with fifty thousand. Add and remove are one call, which the directory refuses as a whole where the user
// does not hold what is to be removed; whoever is refused is read, and what is left to do is worked out anew.
type carriage struct {
	m    *mover
	step string // names the writes
	// skip tells that a user needs nothing more, by the report of an earlier attempt. nil: nobody is skipped, and no report read.
	skip func(upgrade.UserReport) bool
	// reports has expect be given reports.
	reports bool
	// expect is how a user is taken to be without being read; false: has to be read.
	expect func(s upgrade.Snapshot, r upgrade.UserReport) (upgrade.User, bool)
	// work is what has to be done for a user to hold what is meant.
	work func(s upgrade.Snapshot, now upgrade.User) (upgrade.LicenseChange, bool)
	// look decides about a user who was read: settled, to be changed, or left for later. It may write to the directory.
	look func(ctx context.Context, p *passenger, now upgrade.User, found bool) verdict
	// accepted and refused say what comes of the directory's answer to a change.
	accepted func(s upgrade.Snapshot) verdict
	refused  func(ctx context.Context, s upgrade.Snapshot, e *upgrade.Error) verdict

	cursor    cursor
	after     string // up to where the photographs have been taken on
	exhausted bool
	doubting  bool // the photographs proved wrong: read first
	stretches []*stretch
	toRead    []*passenger
	toSend    []*passenger
	flying    int
	later     error // of a user who is left for the next attempt
	broken    error // ends it
}

// cursor is how far an attempt is, for the one that takes over: everybody up to After is settled. The others are known by their
// reports.
type cursor struct {
	Round  int                `json:"round,omitempty"`
	After  string             `json:"after,omitempty"`
	Counts upgrade.UserCounts `json:"counts"`
}

// stretch is a run of photographs in the register's order.
type stretch struct {
	last   string
	open   int  // users who are not settled
	stuck  bool // one is left for the next attempt
	counts upgrade.UserCounts
}

// passenger is a user on the way.
type passenger struct {
	shot    upgrade.Snapshot
	before  upgrade.UserReport // what was reported already
	of      *stretch
	change  upgrade.LicenseChange
	read    bool           // the change follows from what the directory shows
	refusal *upgrade.Error // of a change that followed from the photograph
	times   int            // read
}

// verdict is what comes of a user: one of these.
type verdict struct {
	settled bool
	report  *upgrade.UserReport    // with settled; may be nil
	change  *upgrade.LicenseChange // to be sent
	reread  bool
	later   error // left for the next attempt
	broken  error // ends the attempt
}

// resumed is the cursor of the attempt before, and whether there was one.
func resumed(ctx context.Context) (c cursor, ok bool) {
	if !activity.IsActivity(ctx) {
		return c, false
	}
	told := activity.HasHeartbeatDetails(ctx)
	if told && activity.GetHeartbeatDetails(ctx, &c) != nil {
		c = cursor{}
	}
	return c, told || attemptOf(ctx) > 1
}

// run carries everybody from the cursor on.
func (c *carriage) run(ctx context.Context) error {
	c.after = c.cursor.After
	back := make(chan []answered, batchesInFlight)
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	var stop <-chan struct{}
	if activity.IsActivity(ctx) {
		stop = activity.GetWorkerStopChannel(ctx)
	}
	done := ctx.Done()
	for {
		c.dispatch(ctx, back)
		if c.flying == 0 {
			break
		}
		select {
		case batch := <-back:
			c.flying--
			c.take(context.WithoutCancel(ctx), batch) // what happened is kept, also when the attempt is over
		case <-tick.C:
		case <-stop:
			stop = nil
			c.broken = first(c.broken, waiting("worker_stops", "this worker is being stopped; another one goes on"))
		case <-done:
			done = nil
			c.broken = first(c.broken, ctx.Err())
		}
		beat(ctx, c.cursor)
	}
	err := first(c.broken, c.later)
	if err != nil {
		say(ctx, c.cursor) // for the attempt that takes over
	}
	return err
}

// dispatch sends off as many batches as may be under way.
func (c *carriage) dispatch(ctx context.Context, back chan<- []answered) {
	for c.broken == nil && c.flying < batchesInFlight {
		for len(c.toSend) < batchSize && len(c.toRead) < batchSize && !c.exhausted && c.broken == nil {
			c.feed(ctx)
		}
		var batch []*passenger
		carry := c.send
		switch {
		case c.broken != nil:
			return
		case len(c.toSend) >= batchSize, len(c.toRead) == 0:
			batch, c.toSend = cut(c.toSend)
		default:
			batch, c.toRead = cut(c.toRead)
			carry = c.read
		}
		if len(batch) == 0 {
			return
		}
		c.flying++
		go func() { back <- carry(ctx, batch) }()
	}
}

// cut takes a batch off the front.
func cut(queue []*passenger) (batch, rest []*passenger) {
	n := min(len(queue), batchSize)
	return queue[:n:n], queue[n:]
}

// feed takes on the next stretch of photographs.
func (c *carriage) feed(ctx context.Context) {
	page, err := c.m.a.Register.Snapshots(ctx, c.m.upgrade, c.after, stretchSize)
	if err != nil {
		c.broken = err
		return
	}
	if len(page) == 0 {
		c.exhausted = true
		return
	}
	known := map[string]upgrade.UserReport{}
	if c.skip != nil || c.reports {
		// There is at most one report for each photograph, in the same order.
		list, err := c.m.a.Register.Reports(ctx, c.m.upgrade, c.after, len(page))
		if err != nil {
			c.broken = err
			return
		}
		for _, r := range list {
			known[r.User] = r
		}
	}
	s := &stretch{last: page[len(page)-1].User.ID, open: len(page)}
	c.after = s.last
	c.stretches = append(c.stretches, s)
	for _, shot := range page {
		s.counts.Photographed++
		r, has := known[shot.User.ID]
		if has && c.skip != nil && c.skip(r) {
			tally(&s.counts, r.Outcome)
			s.open--
			continue
		}
		c.board(&passenger{shot: shot, before: r, of: s})
	}
	c.advance()
}

// board queues a user, to be changed by what is expected or to be read.
func (c *carriage) board(p *passenger) {
	if !c.doubting {
		if now, ok := c.expect(p.shot, p.before); ok {
			if change, needed := c.work(p.shot, now); needed {
				p.change = change
				c.toSend = append(c.toSend, p)
				return
			}
		}
	}
	c.toRead = append(c.toRead, p)
}

// answered is a user with what came of a batch.
type answered struct {
	*passenger
	verdict
}

// take draws the conclusions of a batch that is back, and keeps the reports before the cursor moves over them.
func (c *carriage) take(ctx context.Context, batch []answered) {
	var reports []upgrade.UserReport
	var settled []answered
	believed, wrong := 0, 0
	for _, one := range batch {
		if !one.read {
			believed++
		}
		switch {
		case one.settled:
			settled = append(settled, one)
			if one.report != nil {
				reports = append(reports, *one.report)
			}
		case one.verdict.change != nil:
			one.passenger.change, one.passenger.read = *one.verdict.change, true
			c.toSend = append(c.toSend, one.passenger)
		case one.reread:
			wrong++
			c.toRead = append(c.toRead, one.passenger)
		case one.broken != nil:
			c.broken = first(c.broken, one.broken)
		default:
			one.of.stuck = true
			c.later = graver(c.later, one.later)
		}
	}
	if !c.doubting && wrong > 1 && 2*wrong > believed {
		c.doubt()
	}
	if len(reports) > 0 {
		if err := c.m.a.Register.SaveReports(ctx, c.m.upgrade, reports); err != nil {
			c.broken = first(c.broken, err)
			return
		}
	}
	for _, one := range settled {
		one.of.open--
		if one.report != nil {
			tally(&one.of.counts, one.report.Outcome)
		}
	}
	c.advance()
}

// doubt has everybody read first from now on, also who waits to be sent.
func (c *carriage) doubt() {
	c.doubting = true
	var read []*passenger
	for _, p := range c.toSend {
		if p.read {
			read = append(read, p)
		} else {
			c.toRead = append(c.toRead, p)
		}
	}
	c.toSend = read
}

// advance moves the cursor over the stretches that are settled.
func (c *carriage) advance() {
	for len(c.stretches) > 0 && c.stretches[0].open == 0 && !c.stretches[0].stuck {
		s := c.stretches[0]
		c.cursor.After = s.last
		c.cursor.Counts = sum(c.cursor.Counts, s.counts)
		c.stretches = c.stretches[1:]
	}
}

// counts are those of everybody who was met.
func (c *carriage) counts() upgrade.UserCounts {
	out := c.cursor.Counts
	for _, s := range c.stretches {
		out = sum(out, s.counts)
	}
	return out
}

func sum(a, b upgrade.UserCounts) upgrade.UserCounts {
	a.Photographed += b.Photographed
	a.Moved += b.Moved
	a.Unchanged += b.Unchanged
	a.Failed += b.Failed
	a.Restored += b.Restored
	return a
}

// tally counts an outcome.
func tally(c *upgrade.UserCounts, o upgrade.UserOutcome) {
	switch o {
	case upgrade.UserMoved:
		c.Moved++
	case upgrade.UserUnchanged:
		c.Unchanged++
	case upgrade.UserFailed:
		c.Failed++
	case upgrade.UserRestored:
		c.Restored++
	}
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// graver is the one of two errors that says more: that no repeat helps, else how long to wait.
func graver(a, b error) error {
	switch {
	case a == nil:
		return b
	case upgrade.KindOf(a).Retryable() && !upgrade.KindOf(b).Retryable():
		return b
	case upgrade.KindOf(a).Retryable() && retryAfterOf(b) > retryAfterOf(a):
		return b
	}
	return a
}
