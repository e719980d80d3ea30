package main

import (
	"context"
	"math/rand/v2"
	"time"

	"uplift/upgrade"
)

// kill ends processes by SIGKILL, one at a time and at random moments, for as long as orders are under way. A round of two
// hundred takes some minutes more than its orders take to come.
func (c *campaign) kill(ctx context.Context) {
	s := c.site.s
	if s.kills == 0 {
		return
	}
	dice := rand.New(rand.NewPCG(s.seed, 11))
	mean := (time.Duration(s.upgrades)*spacing + 30*time.Second) / time.Duration(s.kills)
	for done := 0; ; {
		pause := mean/2 + time.Duration(dice.Int64N(int64(mean)))
		if done >= s.kills { // the orders take longer than was thought: they must come to their ends
			pause *= 2
		}
		sleep(ctx, pause)
		for ctx.Err() == nil && !c.site.whole() { // a machine that is busy takes its time
			sleep(ctx, 500*time.Millisecond)
		}
		if ctx.Err() != nil {
			return
		}
		if dice.IntN(25) == 0 {
			c.closeGate(ctx)
			continue
		}
		// Of the server, the two workers and the starter, the workers most often.
		p := c.site.processes[[]int{0, 1, 1, 2, 2, 3}[dice.IntN(6)]]
		if pause := time.Duration(dice.IntN(1500)) * time.Millisecond; p.kill(pause) {
			c.mu.Lock()
			c.kills[p.role.Name]++
			c.mu.Unlock()
			c.tell("%s is killed", p.name)
			done++
		}
	}
}

// closeGate terminates the workflow that gives upgrades their turns, as somebody at the Temporal UI might.
func (c *campaign) closeGate(ctx context.Context) {
	trying, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := c.site.foreign.TerminateWorkflow(trying, upgrade.TurnGateID, "", "the campaign says so")
	c.count("termination of the turn gate", err)
	c.tell("the turn gate is terminated: %v", err)
}
