package register_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"uplift/internal/register"
	"uplift/upgrade"
)

func TestDrafts(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		ctx, r := context.Background(), open(t, dsn)
		now := time.Now()
		for _, document := range []string{`{"n":1}`, `{"n":2}`} {
			if err := r.SaveDraft(ctx, "anna", "one", json.RawMessage(document), now); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := r.Draft(ctx, "anna", "one"); err != nil || string(got) != `{"n":2}` {
			t.Errorf("the draft is %s, %v", got, err)
		}
		if _, err := r.Draft(ctx, "otto", "one"); upgrade.KindOf(err) != upgrade.NotFound {
			t.Errorf("another person's draft: %v", err)
		}
		if err := r.SaveDraft(ctx, "", "one", json.RawMessage("{}"), now); upgrade.KindOf(err) != upgrade.Invalid {
			t.Errorf("a draft without an owner: %v", err)
		}
		for _, step := range []struct {
			after time.Duration
			stays bool
		}{{register.KeepDrafts - time.Hour, true}, {register.KeepDrafts + time.Hour, false}} {
			if _, err := r.Prune(ctx, now.Add(step.after)); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Draft(ctx, "anna", "one"); (err == nil) != step.stays {
				t.Errorf("after %v: %v", step.after, err)
			}
		}
		for range 2 { // the second finds nothing, which is no error
			if err := r.DeleteDraft(ctx, "anna", "one"); err != nil {
				t.Error(err)
			}
		}
	})
}
