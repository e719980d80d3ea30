package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"time"

	"uplift/internal/service"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/internal/sim/mailbox"
)

// opened is what the simulator says when it is at work.
type opened struct {
	URLs   sim.URLs
	Inside string // what its own API does not tell: new mails, and what was issued
	Epoch  epoch
}

// hang is how long a request that is never answered is held before its connection breaks: a client would wait for a real minute.
const hang = 3 * time.Second

// typingTime is how long codes and tokens are good, in real time: Microsoft's quarter of an hour would be a blink.
const typingTime = 20 * time.Second

// misbehaving is the simulator's own profile, with lags that are long enough to be met at this pace.
func misbehaving(harm float64) cloud.Faults {
	f := cloud.Misbehaving()
	f.Name = "campaign"
	f.Lags.Hang, f.Lags.RetryAfter = hang, time.Second
	f.Lags.Provisioning, f.Lags.StatusRefresh, f.Lags.Transition, f.Lags.Reassignment = 2*time.Hour, time.Hour, 8*time.Hour, 2*time.Hour
	f.Lags.Replica, f.Lags.NotReady, f.Lags.Accepted = 2*time.Hour, time.Hour, 2*time.Hour
	for _, fault := range []cloud.Fault{cloud.ReplyLost, cloud.ErrorAfterEffect, cloud.Accepted, cloud.NotReady, cloud.PendingOperation,
		cloud.TransitionFails, cloud.TransferFails, cloud.ReplicaLag, cloud.ConcurrencyViolation, cloud.StaleAvailability} {
		f.Chance[fault] = 0.06 // those of a write, of which there are few
	}
	for fault := range f.Chance {
		f.Chance[fault] = min(0.5, max(0, f.Chance[fault]*harm))
	}
	return f
}

// cloud is Microsoft: never killed, since its ledger is what the campaign is about.
func (r role) cloud(ctx context.Context) error {
	c, err := sim.Start(ctx, sim.Options{
		Pace: r.Pace, Seed: int64(r.Seed), Faults: misbehaving(r.Harm), Quota: r.Pace, LeastLife: typingTime,
		Fill: func(state *cloud.Cloud) {
			sim.SeedDemo(state, append(sim.DemoRedirects(), "http://"+r.Portal+"/consent/callback", service.DefaultPartnerRedirect)...)
		},
	})
	if err != nil {
		return err
	}
	defer c.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /mails", mails(c.Mailbox))
	mux.HandleFunc("GET /issued", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(c.Entra.Issued()) })
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if err := ready(opened{URLs: c.URLs(), Inside: "http://" + listener.Addr().String(), Epoch: epoch{Real: time.Now(), Virtual: c.State.Now()}}); err != nil {
		return err
	}
	return <-served
}

// mails answers those that came after the one with the given number.
func mails(box *mailbox.Mailbox) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		after, err := strconv.Atoi(r.URL.Query().Get("after"))
		if err != nil {
			http.Error(w, "after is a number", http.StatusBadRequest)
			return
		}
		out := []mailbox.Message{}
		for _, m := range box.Messages() {
			if m.ID > after {
				out = append(out, m)
			}
		}
		_ = json.NewEncoder(w).Encode(out)
	})
}
