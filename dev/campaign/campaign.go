package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"go.temporal.io/api/serviceerror"

	"uplift/dev/internal/ledgercheck"
)

// campaign is one round: the orders, and what is counted of them.
type campaign struct {
	site  *site
	out   io.Writer
	began time.Time

	mu       sync.Mutex
	messages map[string]int
	refused  map[string]int
	kills    map[string]int
	plays    []*play
	open     chan struct{} // as many orders as are under way
}

// mostOpen is how many orders are under way at a time: later ones wait until others have ended.
const mostOpen = 32

func newCampaign(s *site, out io.Writer) *campaign {
	return &campaign{site: s, out: out, began: time.Now(), messages: map[string]int{}, refused: map[string]int{}, kills: map[string]int{}, open: make(chan struct{}, mostOpen)}
}

// tell says what happens, where it is asked for.
func (c *campaign) tell(format string, args ...any) {
	if !c.site.s.verbose {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprintf(c.out, "%7.1fs  %s\n", time.Since(c.began).Seconds(), fmt.Sprintf(format, args...))
}

// count counts a message, and whether it was refused.
func (c *campaign) count(what string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.messages[what]++
	if err != nil {
		c.refused[what]++
	}
}

// gone tells that there is nothing any more that a message could reach.
func gone(err error) bool {
	var missing *serviceerror.NotFound
	var running *serviceerror.WorkflowExecutionAlreadyStarted
	var invalid *serviceerror.InvalidArgument
	return errors.As(err, &missing) || errors.As(err, &running) || errors.As(err, &invalid)
}

// spacing is how far apart the orders come.
const spacing = 1300 * time.Millisecond

// jobs makes the orders: the seed decides them all before the first one starts.
func (c *campaign) jobs() []*job {
	var out []*job
	spread := time.Duration(c.site.s.upgrades) * spacing
	for number := 1; len(out) < c.site.s.upgrades; number++ {
		dice := rand.New(rand.NewPCG(c.site.s.seed, uint64(number)))
		j := newJob(dice, c.site.s, number)
		j.after = time.Duration(dice.Int64N(int64(spread)))
		out = append(out, j)
		if !c.site.s.plain && dice.IntN(6) == 0 && len(out) < c.site.s.upgrades {
			if rival := j.rival(dice); rival != nil {
				out = append(out, rival)
			}
		}
	}
	return out
}

// carry carries all orders through, with the processes being killed meanwhile, and gathers what is left behind.
func (c *campaign) carry(ctx context.Context) (ledgercheck.Evidence, error) {
	if err := c.prepare(ctx); err != nil {
		return ledgercheck.Evidence{}, err
	}
	working, stop := context.WithTimeout(ctx, c.site.s.limit)
	defer stop()
	killing, spare := context.WithCancel(working)
	var killer, orders sync.WaitGroup
	killer.Go(func() { c.kill(killing) })
	for i, j := range c.jobs() {
		p := &play{campaign: c, job: j, dice: rand.New(rand.NewPCG(c.site.s.seed, uint64(i)<<16|7))}
		c.plays = append(c.plays, p)
		orders.Go(func() {
			if err := p.run(working); err != nil {
				c.tell("%s: %v", j.order.ID, err)
			}
		})
	}
	orders.Wait()
	spare()
	killer.Wait()
	if ctx.Err() != nil {
		return ledgercheck.Evidence{}, ctx.Err()
	}
	sleep(ctx, 3*time.Second) // half a day at Microsoft: what is on its way arrives
	return c.gather(ctx)
}

// prepare injects what a test asks for.
func (c *campaign) prepare(ctx context.Context) error {
	for _, path := range c.site.s.lost {
		body := map[string]any{"fault": "reply_lost", "method": "POST", "path": path, "times": 3}
		if err := c.site.microsoft.add(ctx, "/faults", body); err != nil {
			return err
		}
	}
	return nil
}
