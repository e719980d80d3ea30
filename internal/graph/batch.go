package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	abstractions "github.com/microsoft/kiota-abstractions-go"

	"uplift/upgrade"
)

// maxParts is how many requests a batch may have: https://learn.microsoft.com/en-us/graph/json-batching
const maxParts = 20

// part is one request of a batch.
type part struct {
	ID      string            `json:"id"`
	Method  string            `json:"method"`
	URL     string            `json:"url"` // below the version
	Headers map[string]string `json:"headers,omitempty"`
	Body    any               `json:"body,omitempty"`
}

// partReply is the answer to one part: a body, or an error that is classified.
type partReply struct {
	body []byte
	err  *upgrade.Error
	used float64 // share of the quota that is used up, where it is said
}

// batch sends up to 20 requests as one and returns their answers in the order of the requests. An error speaks of the
// whole. The parts are not chained: each succeeds or fails by itself, in any order.
func (c *Client) batch(ctx context.Context, g upgrade.Grant, id upgrade.WriteID, parts []part) ([]partReply, error) {
	if len(parts) > maxParts {
		return nil, invalid("too_many", fmt.Sprintf("a batch has at most %d requests", maxParts))
	}
	if len(parts) == 0 {
		return nil, nil
	}
	write := id.Request != ""
	for i := range parts {
		parts[i].ID = strconv.Itoa(i + 1)
		if write {
			parts[i].Headers = map[string]string{
				"Content-Type":      "application/json",
				"client-request-id": upgrade.UUID(id.Request, parts[i].ID),
			}
		}
	}
	body, err := json.Marshal(map[string]any{"requests": parts})
	if err != nil {
		return nil, invalid("bad_body", "the request cannot be written as JSON")
	}
	var out []partReply
	err = c.send(ctx, g, id, func(ctx context.Context) error {
		info := abstractions.NewRequestInformationWithMethodAndUrlTemplateAndPathParameters(abstractions.POST, "{+baseurl}/$batch", c.paths())
		info.Headers.Add("Accept", "application/json")
		info.SetStreamContentAndContentType(body, "application/json")
		raw, err := c.adapter.SendPrimitive(ctx, info, "[]byte", nil)
		if err != nil {
			return err
		}
		reply, _ := raw.([]byte)
		out, err = parseBatch(reply, exchangeOf(ctx).header, len(parts), write)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// batchReply is the answer to a batch. A header's value may be anything but a string in some of them.
type batchReply struct {
	Responses []struct {
		ID      json.RawMessage            `json:"id"`
		Status  int                        `json:"status"`
		Headers map[string]json.RawMessage `json:"headers"`
		Body    json.RawMessage            `json:"body"`
	} `json:"responses"`
}

// parseBatch sorts the answers by the ids that we gave. A part without an answer may have happened: Ambiguous for a
// write. A part has no Date of its own: a Retry-After that is a date is read by the whole reply's.
func parseBatch(body []byte, whole http.Header, n int, write bool) ([]partReply, error) {
	var in batchReply
	if err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), &in); err != nil {
		return nil, errUnreadable
	}
	out := make([]partReply, n)
	seen := make([]bool, n)
	for _, r := range in.Responses {
		at, err := strconv.Atoi(plain(r.ID))
		if err != nil || at < 1 || at > n || seen[at-1] {
			continue
		}
		seen[at-1] = true
		out[at-1].used = usedUp(r.Headers)
		if r.Status >= 200 && r.Status < 300 {
			out[at-1].body = r.Body
			continue
		}
		header := http.Header{}
		for name, value := range r.Headers {
			header.Set(name, plain(value))
		}
		if header.Get("Date") == "" {
			header.Set("Date", whole.Get("Date"))
		}
		correlation := header.Get("request-id")
		if !upgrade.IsGUID(correlation) {
			correlation = ""
		}
		out[at-1].err = classify(answer{status: r.Status, header: header, body: r.Body, write: write, correlation: correlation})
	}
	for i := range out {
		if !seen[i] {
			out[i].err = missing(write)
		}
	}
	return out, nil
}

// usedUp is the share of the quota that a part's headers say is used up; 0 where they say nothing.
// https://learn.microsoft.com/en-us/graph/throttling-limits#identity-and-access-service-limits
func usedUp(headers map[string]json.RawMessage) float64 {
	for name, value := range headers {
		if !strings.EqualFold(name, "x-ms-throttle-limit-percentage") {
			continue
		}
		if share, err := strconv.ParseFloat(plain(value), 64); err == nil && share > 0 {
			return min(share, 2)
		}
	}
	return 0
}

// paced sends a batch of writes when the tenant's quota has room for it.
func (c *Client) paced(ctx context.Context, g upgrade.Grant, id upgrade.WriteID, parts []part) ([]partReply, error) {
	leave, err := c.pacer.enter(ctx, g.Tenant, len(parts))
	if err != nil {
		return nil, err
	}
	var replies []partReply
	defer func() { leave(saidBy(replies, err)) }()
	replies, err = c.batch(ctx, g, id, parts)
	return replies, err
}

// asError is an error of ours, or nil.
func asError(err error) *upgrade.Error {
	var e *upgrade.Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

func missing(write bool) *upgrade.Error {
	kind := upgrade.Transient
	if write {
		kind = upgrade.Ambiguous
	}
	return &upgrade.Error{Kind: kind, Code: "no_reply", Message: "Microsoft Graph's reply to the batch leaves this part out"}
}

// plain is a JSON string without its quotes, or a number as it stands.
func plain(v json.RawMessage) string {
	var s string
	if json.Unmarshal(v, &s) == nil {
		return s
	}
	return strings.TrimSpace(string(v))
}
