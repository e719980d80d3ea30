package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"uplift/dev/internal/ledgercheck"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/internal/sim/mailbox"
)

// microsoft is the simulator as seen from behind, and the mailbox.
type microsoft struct {
	urls   sim.URLs
	inside string
	http   *http.Client
	mu     sync.Mutex
	mails  []mailbox.Message
}

func newMicrosoft(at opened) *microsoft {
	return &microsoft{urls: at.URLs, inside: at.Inside, http: &http.Client{Timeout: time.Minute}}
}

// ask makes a request to the simulator's own API.
func (m *microsoft) ask(ctx context.Context, method, address string, body, into any) error {
	var payload io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		payload = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, method, address, payload)
	if err != nil {
		return err
	}
	reply, err := m.http.Do(r)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if reply.StatusCode >= 300 {
		said, _ := io.ReadAll(io.LimitReader(reply.Body, 1000))
		return fmt.Errorf("%s %s: %s %s", method, address, reply.Status, said)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(reply.Body).Decode(into)
}

func (m *microsoft) add(ctx context.Context, path string, body any) error {
	return m.ask(ctx, http.MethodPost, m.urls.Admin+path, body, nil)
}

// state is what a tenant holds.
func (m *microsoft) state(ctx context.Context, tenant string) (ledgercheck.State, error) {
	var out ledgercheck.State
	var root struct{ Now time.Time }
	var people []struct{ ID, UsageLocation string }
	for path, into := range map[string]any{"/": &root, "/tenants/" + tenant + "/subscriptions": &out.Subscriptions,
		"/tenants/" + tenant + "/holdings": &out.Holdings, "/tenants/" + tenant + "/users": &people} {
		if err := m.ask(ctx, http.MethodGet, m.urls.Admin+path, nil, into); err != nil {
			return out, err
		}
	}
	out.At, out.Locations = root.Now, map[string]string{}
	for _, p := range people {
		out.Locations[p.ID] = p.UsageLocation
	}
	return out, nil
}

func (m *microsoft) ledger(ctx context.Context) (out []cloud.Entry, err error) {
	return out, m.ask(ctx, http.MethodGet, m.urls.Admin+"/ledger", nil, &out)
}

func (m *microsoft) issued(ctx context.Context) (out []string, err error) {
	return out, m.ask(ctx, http.MethodGet, m.inside+"/issued", nil, &out)
}

func (m *microsoft) struck(ctx context.Context) (map[string]int, error) {
	var out struct{ Struck map[string]int }
	return out.Struck, m.ask(ctx, http.MethodGet, m.urls.Admin+"/faults", nil, &out)
}

// collect reads the mails as they come, until the context ends.
func (m *microsoft) collect(ctx context.Context) {
	for ctx.Err() == nil {
		_ = m.read(ctx)
		sleep(ctx, 400*time.Millisecond)
	}
}

func (m *microsoft) read(ctx context.Context) error {
	last := 0
	if all := m.letters(); len(all) > 0 {
		last = all[len(all)-1].ID
	}
	var more []mailbox.Message
	if err := m.ask(ctx, http.MethodGet, fmt.Sprintf("%s/mails?after=%d", m.inside, last), nil, &more); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, one := range more { // two may read at the same time
		if len(m.mails) == 0 || one.ID > m.mails[len(m.mails)-1].ID {
			m.mails = append(m.mails, one)
		}
	}
	return nil
}

// letters are the mails so far, oldest first. Nobody changes them.
func (m *microsoft) letters() []mailbox.Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mails[:len(m.mails):len(m.mails)]
}
