package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

func (u *upgrades) PlaceBatch(_ context.Context, b upgrade.Batch, rows []upgrade.BatchRow) (upgrade.BatchStarted, error) {
	_, err := u.say(fmt.Sprintf("place batch %s of %d for %s", b.ID, len(rows), b.PlacedBy))
	return upgrade.BatchStarted{Batch: b.ID, WorkflowID: upgrade.BatchID(b.ID)}, err
}

func (u *upgrades) StartBatch(_ context.Context, id string, in upgrade.StartBatch) (upgrade.Reply, error) {
	return u.say(fmt.Sprintf("start %s %t by %s since %s", id, in.LeaveOut, in.By, in.Reason))
}

func (u *upgrades) CancelBatch(_ context.Context, id string, in upgrade.CancelBatch) (upgrade.Reply, error) {
	return u.say(fmt.Sprintf("cancel %s %v %t by %s since %s", id, in.Rows, in.Running, in.By, in.Reason))
}

func (u *upgrades) PauseBatch(_ context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return u.say("pause " + id + " by " + in.By + " since " + in.Reason)
}

func (u *upgrades) ResumeBatch(_ context.Context, id string, in upgrade.Request) (upgrade.Reply, error) {
	return u.say("resume " + id + " by " + in.By)
}

func (u *upgrades) BatchAgain(_ context.Context, id string, in upgrade.RunBatchAgain) (upgrade.Reply, error) {
	return u.say(fmt.Sprintf("again %s %v by %s", id, in.Rows, in.By))
}

func (u *upgrades) LiveCounts(context.Context, *upgrade.BatchView) error { return u.err }

func (u *upgrades) LiveLines(_ context.Context, lines []upgrade.BatchLine) error {
	for i := range lines {
		if lines[i].State == upgrade.RowRunning {
			lines[i].State, lines[i].Stage = upgrade.RowWaiting, upgrade.Invited
		}
	}
	return nil
}

func (r *register) Batch(_ context.Context, id string) (upgrade.BatchView, error) {
	if r.batch == nil || id != r.batch.ID {
		return upgrade.BatchView{}, &upgrade.Error{Kind: upgrade.NotFound, Code: "unknown_batch"}
	}
	return upgrade.BatchView{Batch: *r.batch, State: upgrade.BatchRunning, Counts: map[upgrade.BatchRowState]int{upgrade.RowRunning: 1, upgrade.RowRefused: 1}}, nil
}

func (r *register) Batches(ctx context.Context, f upgrade.BatchFilter, cursor string, _ int) ([]upgrade.BatchView, string, error) {
	if cursor == "more" {
		return nil, "", nil
	}
	v, err := r.Batch(ctx, r.batch.ID)
	v.Reseller = f.Reseller
	return []upgrade.BatchView{v}, "more", err
}

func (r *register) BatchLines(_ context.Context, id string, f upgrade.BatchLineFilter, after, size int) (page []upgrade.BatchLine, _ error) {
	for _, l := range []upgrade.BatchLine{
		{BatchRow: upgrade.BatchRow{Number: 1, Order: "spring-00001", Tenant: tenant, Seats: 5}, State: upgrade.RowRunning, Customer: "=Contoso" + f.Search},
		{BatchRow: upgrade.BatchRow{Number: 2, Order: "spring-00002", Tenant: tenant}, State: upgrade.RowRefused, Reasons: upgrade.Problems{{Code: "source_suspended", Message: "it is suspended", Remedy: "wake it"}}},
	} {
		if l.Number > after && len(page) < size && (f.State == "" || f.State == l.State) {
			page = append(page, l)
		}
	}
	return page, nil
}

const goodBatch = `{"batch":"spring","source":"business-basic","each":{"target":{"plan":"business-premium"},"consent":"existing"},"finish":"confirm","rows":[{"tenant":"` + tenant + `"}]}`

func TestPlaceBatch(t *testing.T) {
	l := newLab(t)
	r, out := l.ask("POST", batches, goodBatch)
	if r.StatusCode != 201 || r.Header.Get("Location") != "/v1/batches/spring" || out["workflowId"] != "batch/spring" || out["existing"] != false ||
		strings.Join(l.upgrades.said, "; ") != "place batch spring of 1 for Billing" {
		t.Errorf("%d %v %v, said %v", r.StatusCode, r.Header, out, l.upgrades.said)
	}
	b, _, _ := upgrade.ParseBatch([]byte(goodBatch))
	l.register.batch = &b
	if r, out := l.ask("POST", batches, goodBatch); r.StatusCode != 200 || out["existing"] != true || len(l.upgrades.said) != 1 {
		t.Errorf("again: %d %v", r.StatusCode, out)
	}
	if r, out := l.ask("POST", batches, strings.Replace(goodBatch, "confirm", "automatic", 1)); r.StatusCode != 409 || out["code"] != "other_batch" {
		t.Errorf("another: %d %v", r.StatusCode, out)
	}
	r, out = l.ask("POST", batches, strings.Replace(strings.Replace(goodBatch, tenant, "x", 1), "{", `{"colour":1,`, 1))
	if r.StatusCode != 422 || out["code"] != "bad_batch" || out["errors"] == nil {
		t.Errorf("unknown field: %d %v", r.StatusCode, out)
	}
	r, out = l.ask("POST", batches, strings.Replace(goodBatch, tenant, "x", 1))
	if text, _ := json.Marshal(out); r.StatusCode != 422 || !strings.Contains(string(text), `"/rows/0/tenant"`) {
		t.Errorf("a bad row: %d %s", r.StatusCode, text)
	}
	if r, out := l.ask("POST", batches, strings.Repeat(" ", upgrade.MaxBatch+10)); r.StatusCode != 413 || out["code"] != "too_large" {
		t.Errorf("too much: %d %v", r.StatusCode, out)
	}
	if len(l.upgrades.said) != 1 {
		t.Errorf("%v", l.upgrades.said)
	}
}

func TestBatchWords(t *testing.T) {
	l := newLab(t)
	l.register.batch = &upgrade.Batch{ID: "spring"}
	for _, c := range []struct {
		path, body string
		status     int
		said       string
	}{
		{"start", "", 200, "start spring false by Billing since "},
		{"start", `{"leaveOut":true,"reason":"read"}`, 200, "start spring true by Billing since read"},
		{"cancel", "", 200, "cancel spring [] false by Billing since "},
		{"cancel", `{"rows":[1,2],"running":true,"reason":"wrong plan"}`, 200, "cancel spring [1 2] true by Billing since wrong plan"},
		{"pause", `{"reason":"lunch"}`, 200, "pause spring by Billing since lunch"},
		{"resume", "", 200, "resume spring by Billing"},
		{"again", `{"rows":[7]}`, 200, "again spring [7] by Billing"},
		{"cancel", `{"rows":[]}`, 422, ""}, // none is not all
		{"again", `{"rows":[]}`, 422, ""},
		{"cancel", `{"rows":"all"}`, 422, ""},
		{"start", `{"by":"Mallory"}`, 422, ""},
	} {
		l.upgrades.said = nil
		r, out := l.ask("POST", "/v1/batches/spring/"+c.path, c.body)
		if got := strings.Join(l.upgrades.said, "; "); r.StatusCode != c.status || got != c.said {
			t.Errorf("%s %s: %d %v, said %q", c.path, c.body, r.StatusCode, out, got)
		}
	}
	l.upgrades.said = nil
	l.who.Roles = []access.Role{access.Helpdesk}
	if r, _ := l.ask("POST", "/v1/batches/spring/pause", ""); r.StatusCode != 403 || l.upgrades.said != nil {
		t.Errorf("the helpdesk: %d", r.StatusCode)
	}
	if r, out := l.ask("POST", "/v1/batches/other/pause", ""); r.StatusCode != 404 || out["code"] != "unknown_batch" {
		t.Errorf("what there is not: %d %v", r.StatusCode, out)
	}
}

func TestReadingBatches(t *testing.T) {
	l := newLab(t)
	b, _, _ := upgrade.ParseBatch([]byte(goodBatch))
	b.PlacedBy = "Anna"
	l.register.batch = &b
	r, out := l.ask("GET", "/v1/batches/spring", "")
	text, _ := json.Marshal(out)
	if r.StatusCode != 200 || out["state"] != "running" || out["rows"] != 1.0 || out["placedBy"] != "Anna" || out["endedAt"] != nil ||
		!strings.Contains(string(text), `"each":{"consent":"existing"`) || strings.Contains(string(text), `"tenant"`) || !strings.Contains(string(text), `"refused":1`) {
		t.Errorf("%d %s", r.StatusCode, text)
	}
	r, out = l.ask("GET", "/v1/batches?reseller=harbor&open=true&limit=1", "")
	if items := out["items"].([]any); r.StatusCode != 200 || len(items) != 1 || items[0].(map[string]any)["reseller"] != "harbor" || out["next"] != "more" {
		t.Errorf("%d %v", r.StatusCode, out)
	}
	if _, out := l.ask("GET", "/v1/batches?cursor=more", ""); len(out["items"].([]any)) != 0 || out["next"] != nil {
		t.Errorf("%v", out)
	}
	r, out = l.ask("GET", "/v1/batches/spring/rows?limit=1&search=dental", "")
	text, _ = json.Marshal(out)
	if r.StatusCode != 200 || out["next"] != 1.0 || !strings.Contains(string(text), `"state":"waiting"`) || !strings.Contains(string(text), `"stage":"invited"`) || !strings.Contains(string(text), "dental") {
		t.Errorf("%d %s", r.StatusCode, text)
	}
	_, out = l.ask("GET", "/v1/batches/spring/rows?state=refused&after=1", "")
	if text, _ = json.Marshal(out); !strings.Contains(string(text), "source_suspended") || !strings.Contains(string(text), "wake it") || strings.Contains(string(text), `"row":1,`) {
		t.Errorf("%s", text)
	}
	for _, query := range []string{"limit=0", "limit=501", "after=-1", "state=lost", "colour=blue"} {
		if r, _ := l.ask("GET", "/v1/batches/spring/rows?"+query, ""); r.StatusCode != 422 {
			t.Errorf("%s: %d", query, r.StatusCode)
		}
	}
	for _, path := range []string{"", "/rows", "/result"} {
		if r, out := l.ask("GET", "/v1/batches/other"+path, ""); r.StatusCode != 404 || out["code"] != "unknown_batch" {
			t.Errorf("%s: %d %v", path, r.StatusCode, out)
		}
	}
}

func TestBatchResultIsAFile(t *testing.T) {
	l := newLab(t)
	l.register.batch = &upgrade.Batch{ID: "spring"}
	r, _ := l.ask("GET", "/v1/batches/spring/result", "")
	text, _ := io.ReadAll(r.Body)
	if r.StatusCode != 200 || r.Header.Get("Content-Type") != "text/csv; charset=utf-8" || r.Header.Get("Content-Disposition") != `attachment; filename="batch-spring.csv"` {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
	if lines := strings.Split(strings.TrimSpace(string(text)), "\n"); len(lines) != 3 || !strings.HasPrefix(lines[1], "1,spring-00001,"+tenant+",'=Contoso,,5,waiting,invited,") || !strings.Contains(lines[2], "it is suspended (source_suspended),wake it") {
		t.Errorf("%s", text)
	}
}
