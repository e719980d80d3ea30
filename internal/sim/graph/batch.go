package graph

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/front"
)

// maxParts is how many requests one batch may carry.
const maxParts = 20

type batchPart struct {
	ID        string            `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	Body      json.RawMessage   `json:"body"`
	DependsOn []string          `json:"dependsOn"`
}

func (p batchPart) hasBody() bool {
	return len(p.Body) > 0 && string(p.Body) != "null" && !strings.EqualFold(p.Method, http.MethodGet)
}

type batchAnswer struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body,omitempty"`
}

// batch answers POST /$batch: every part for itself, in any order.
func (s *Server) batch(c call) cloud.Reply {
	var in struct {
		Requests []batchPart `json:"requests"`
	}
	if r := decode(c, &in); r != nil {
		return refusal(r, c.origin)
	}
	if r := checkBatch(in.Requests); r != nil {
		return refusal(r, c.origin)
	}
	done := map[string]int{}
	answers := make([]batchAnswer, 0, len(in.Requests))
	for _, p := range in.Requests {
		c.ready = c.ready.Add(s.latency)
		if s.latency > 0 && s.state.SleepUntil(c.ctx, c.ready) != nil {
			return front.Empty(http.StatusServiceUnavailable) // whoever asked is gone
		}
		a := s.part(c, p, done)
		done[p.ID] = a.Status
		answers = append(answers, a)
	}
	s.state.Shuffle(len(answers), func(i, j int) { answers[i], answers[j] = answers[j], answers[i] })
	return front.JSON(200, map[string]any{"responses": answers})
}

func malformedBatch(text string) *cloud.Refusal {
	return &cloud.Refusal{Status: 400, Code: "BadRequest", Text: text}
}

// checkBatch refuses what makes the whole batch malformed.
func checkBatch(parts []batchPart) *cloud.Refusal {
	switch {
	case len(parts) == 0:
		return malformedBatch("Invalid batch payload format.")
	case len(parts) > maxParts:
		return malformedBatch("Number of batch request steps exceeds the maximum value of 20.")
	}
	var seen []string
	chained := 0
	for i, p := range parts {
		switch {
		case p.ID == "" || slices.Contains(seen, p.ID):
			return malformedBatch("The request id is missing or not unique.")
		case p.Method == "" || p.URL == "":
			return malformedBatch("Invalid batch payload format.")
		case p.hasBody() && header(p, "Content-Type") == "":
			return malformedBatch("Write request id : " + p.ID + " does not contain Content-Type header or body.")
		}
		if len(p.DependsOn) > 0 {
			chained++
			if i == 0 || len(p.DependsOn) != 1 || p.DependsOn[0] != parts[i-1].ID {
				return malformedBatch("The dependency of request id : " + p.ID + " is not supported.")
			}
		}
		seen = append(seen, p.ID)
	}
	if chained > 0 && chained != len(parts)-1 {
		return malformedBatch("Either every request depends on the one before it, or none.")
	}
	return nil
}

func header(p batchPart, name string) string {
	for k, v := range p.Headers {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}

// part runs one part through its own faults.
func (s *Server) part(outer call, p batchPart, done map[string]int) batchAnswer {
	for _, d := range p.DependsOn {
		if done[d] >= 300 {
			return answer(p.ID, refusal(&cloud.Refusal{Status: http.StatusFailedDependency, Code: "FailedDependency", Text: "The predecessor failed."}, outer.origin))
		}
	}
	u, err := url.Parse("/" + strings.TrimPrefix(p.URL, "/"))
	if err != nil {
		return answer(p.ID, refusal(malformedBatch("Invalid URL."), outer.origin))
	}
	c := call{method: strings.ToUpper(p.Method), path: front.Segments(u.Path), query: u.Query(), header: http.Header{}, body: partBody(p.Body),
		token: outer.token, origin: outer.origin}
	c.origin.Method, c.origin.Path = c.method, u.Path
	for k, v := range p.Headers {
		c.header.Set(k, v)
	}
	if id := c.header.Get("client-request-id"); id != "" {
		c.origin.ClientRequestID = id
	}
	if len(c.path) > 0 && c.path[0] == "$batch" {
		return answer(p.ID, refusal(malformedBatch("A batch cannot contain a batch."), c.origin))
	}
	if reply, struck := s.door.Before(c.origin); struck {
		return answer(p.ID, reply)
	}
	return answer(p.ID, s.do(c))
}

// partBody accepts JSON, or base64 in a string.
func partBody(raw json.RawMessage) []byte {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if b, err := base64.StdEncoding.DecodeString(text); err == nil {
			return b
		}
	}
	return raw
}

func answer(id string, r cloud.Reply) batchAnswer {
	a := batchAnswer{ID: id, Status: r.Status, Headers: map[string]string{}, Body: r.Body}
	for k := range r.Header {
		a.Headers[k] = r.Header.Get(k)
	}
	if len(r.Body) > 0 {
		a.Headers["Content-Type"] = "application/json"
	} else {
		a.Body = nil
	}
	return a
}
