package graph_test

import (
	"fmt"
	"testing"

	"uplift/internal/sim/cloud"
)

func part(id, user string, body any) map[string]any {
	return map[string]any{"id": id, "method": "POST", "url": "/users/" + user + "/assignLicense",
		"headers": map[string]string{"Content-Type": "application/json"}, "body": body}
}

// statuses reads a batch's answers by id.
func statuses(a answer) map[string]float64 {
	out := map[string]float64{}
	responses, _ := a.body["responses"].([]any)
	for _, r := range responses {
		m := r.(map[string]any)
		out[m["id"].(string)] = m["status"].(float64)
	}
	return out
}

func TestBatchAnswersEachPartForItself(t *testing.T) {
	l := newLab(t)
	var parts []any
	for i := range 5 {
		id := fmt.Sprintf("u%d", i)
		l.user(id, "GB")
		parts = append(parts, part(id, id, licences(add(cloud.BusinessBasic))))
	}
	l.state.Inject(cloud.ThrottledPart, cloud.Matcher{Path: "u0"}, 1)
	a := l.send(all, "POST", "/$batch", map[string]any{"requests": parts})
	a.want(t, 200, "")
	got := statuses(a)
	if got["u0"] != 429 || got["u1"] != 200 || got["u2"] != 200 || got["u3"] != 200 || got["u4"] != 400 {
		t.Errorf("statuses %v: one throttled, three seats, one too many", got)
	}
	first := a.body["responses"].([]any)[0].(map[string]any)
	if first["id"] == "u0" {
		t.Error("the answers should not come in the order of the requests")
	}
}

func TestMalformedBatches(t *testing.T) {
	l := newLab(t)
	l.user("ana", "GB")
	get := func(id string, depends ...string) map[string]any {
		return map[string]any{"id": id, "method": "GET", "url": "/users/ana", "dependsOn": depends, "body": nil}
	}
	var many []any
	for i := range 21 {
		many = append(many, get(fmt.Sprint(i)))
	}
	for name, parts := range map[string][]any{
		"too many":        many,
		"none":            {},
		"duplicate":       {get("1"), get("1")},
		"half a chain":    {get("1"), get("2", "1"), get("3")},
		"crossed chain":   {get("1"), get("2", "1"), get("3", "1")},
		"no content type": {map[string]any{"id": "1", "method": "POST", "url": "/users/ana/assignLicense", "body": licences(nil)}},
	} {
		if a := l.send(all, "POST", "/$batch", map[string]any{"requests": parts}); a.status != 400 {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
}

func TestBatchChain(t *testing.T) {
	l := newLab(t)
	l.user("ana", "GB")
	chain := []any{part("1", "ghost", licences(add(cloud.BusinessBasic))), part("2", "ana", licences(add(cloud.BusinessBasic)))}
	chain[1].(map[string]any)["dependsOn"] = []string{"1"}
	got := statuses(l.send(all, "POST", "/$batch", map[string]any{"requests": chain}))
	if got["1"] != 404 || got["2"] != 424 {
		t.Errorf("statuses %v", got)
	}
}
