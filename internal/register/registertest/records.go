package registertest

import (
	"fmt"
	"slices"
	"time"

	"uplift/upgrade"
)

func codesAndTokens(k *kit) {
	id := k.claimed()
	_, err := k.Code(k.ctx, id, 1)
	k.kind(err, upgrade.NotFound)
	_, err = k.Tokens(k.ctx, id, 1)
	k.kind(err, upgrade.NotFound)

	code := upgrade.PendingCode{DeviceCode: "device", UserCode: "ABC123", VerificationURI: "https://login.example/device",
		Interval: 5 * time.Second, ExpiresAt: at.Add(15 * time.Minute)}
	k.ok(k.SaveCode(k.ctx, id, 1, code))
	k.ok(k.SaveCode(k.ctx, id, 1, code))
	got, err := k.Code(k.ctx, id, 1)
	k.ok(err)
	k.same(got, code)
	code.DeviceCode = "newer"
	k.ok(k.SaveCode(k.ctx, id, 1, code))
	got, err = k.Code(k.ctx, id, 1)
	k.ok(err)
	k.same(got, code)
	_, err = k.Code(k.ctx, id, 2)
	k.kind(err, upgrade.NotFound)

	for _, refresh := range []upgrade.Secret{"r1", "r2"} {
		tokens := upgrade.Tokens{Access: "a", Refresh: refresh, ID: "i", ExpiresAt: at.Add(time.Hour), Scopes: []string{"User.Read", "openid"}}
		k.ok(k.SaveTokens(k.ctx, id, 1, tokens))
		back, err := k.Tokens(k.ctx, id, 1)
		k.ok(err)
		k.same(back, tokens)
	}
	k.ok(k.DestroyTokens(k.ctx, id))
	k.ok(k.DestroyTokens(k.ctx, id))
	_, err = k.Code(k.ctx, id, 1)
	k.kind(err, upgrade.NotFound)
	_, err = k.Tokens(k.ctx, id, 1)
	k.kind(err, upgrade.NotFound)

	// What was under way at the end is destroyed by it, or comes too late.
	k.ok(k.SaveCode(k.ctx, id, 1, code))
	k.ok(k.SaveTokens(k.ctx, id, 1, upgrade.Tokens{Refresh: "under way"}))
	k.ok(k.RecordEnd(k.ctx, id, upgrade.Result{Upgrade: id, End: upgrade.Cancelled, EndedAt: at}))
	k.kind(k.SaveCode(k.ctx, id, 1, code), upgrade.Refused)
	k.kind(k.SaveTokens(k.ctx, id, 1, upgrade.Tokens{Refresh: "late"}), upgrade.Refused)
	_, err = k.Code(k.ctx, id, 1)
	k.kind(err, upgrade.NotFound)
	_, err = k.Tokens(k.ctx, id, 1)
	k.kind(err, upgrade.NotFound)
}

func snapshots(k *kit) {
	id := k.claimed()
	var list []upgrade.Snapshot
	for i := range 7 {
		list = append(list, upgrade.Snapshot{User: upgrade.User{ID: fmt.Sprintf("%c-user-%d", "aB"[i%2], i), UPN: "ü@example.com",
			Licenses: []upgrade.License{{SKUID: "sku", DisabledPlans: []string{"p1", "p2"}}}}})
	}
	k.ok(k.SaveSnapshots(k.ctx, id, list))
	k.ok(k.SaveSnapshots(k.ctx, id, nil))
	k.ok(k.SaveSnapshots(k.ctx, id, []upgrade.Snapshot{{User: upgrade.User{ID: list[0].User.ID, UPN: "later"}}}))
	k.ok(k.MarkLocationSet(k.ctx, id, list[2].User.ID, "DE"))
	k.ok(k.MarkLocationSet(k.ctx, id, list[2].User.ID, "DE"))
	k.ok(k.SaveSnapshots(k.ctx, id, list)) // forgets no mark
	k.kind(k.MarkLocationSet(k.ctx, id, "nobody", "DE"), upgrade.NotFound)

	list[2].LocationSet = "DE"
	slices.SortFunc(list, func(a, b upgrade.Snapshot) int { return compare(a.User.ID, b.User.ID) })
	var got []upgrade.Snapshot
	for after := ""; ; after = got[len(got)-1].User.ID {
		page, err := k.Snapshots(k.ctx, id, after, 3)
		k.ok(err)
		if got = append(got, page...); len(page) < 3 {
			break
		}
	}
	k.same(got, list)
	some, err := k.SnapshotsOf(k.ctx, id, []string{list[4].User.ID, "nobody", list[1].User.ID})
	k.ok(err)
	k.same(some, []upgrade.Snapshot{list[1], list[4]})
	none, err := k.SnapshotsOf(k.ctx, id, nil)
	k.ok(err)
	k.same(len(none), 0)
}

// compare is byte by byte, whatever the database's language.
func compare(a, b string) int { return slices.Compare([]byte(a), []byte(b)) }

func reports(k *kit) {
	id := k.claimed()
	k.ok(k.SaveReports(k.ctx, id, []upgrade.UserReport{{User: "u1", Outcome: upgrade.UserFailed, Code: "first"}, {User: "u2", Outcome: upgrade.UserMoved}}))
	latest := []upgrade.UserReport{{User: "u1", UPN: "u1@example.com", Outcome: upgrade.UserMoved,
		Services: []upgrade.ServiceState{{PlanID: "p", State: "Warning"}}}}
	k.ok(k.SaveReports(k.ctx, id, latest))
	k.ok(k.SaveReports(k.ctx, id, latest))
	got, err := k.Reports(k.ctx, id, "", 0)
	k.ok(err)
	k.same(got, []upgrade.UserReport{latest[0], {User: "u2", Outcome: upgrade.UserMoved}})
	got, err = k.Reports(k.ctx, id, "u1", 10)
	k.ok(err)
	k.same(len(got), 1)
}

func journal(k *kit) {
	id := k.claimed()
	for _, note := range []string{"first", "second", ""} {
		stored, err := k.Journal(k.ctx, id, "step", note)
		k.ok(err)
		k.same(stored, "first")
	}
	stored, err := k.Journal(k.ctx, id, "other step", "")
	k.ok(err)
	k.same(stored, "")
	stored, err = k.Journal(k.ctx, id, "other step", "late")
	k.ok(err)
	k.same(stored, "")
}

func note(k *kit) {
	id := k.claimed()
	_, ok, err := k.Note(k.ctx, id, "step")
	k.ok(err)
	k.same(ok, false)
	_, err = k.Journal(k.ctx, id, "step", "first")
	k.ok(err)
	stored, ok, err := k.Note(k.ctx, id, "step")
	k.ok(err)
	k.same(ok, true)
	k.same(stored, "first")
}

func notes(k *kit) {
	id := k.claimed()
	answer := upgrade.OperatorAnswer{ID: "update-1", What: "retry", By: "op@example.com", Reason: "vendor mended it", Step: "resize", At: at}
	evidence := upgrade.Evidence{Tenant: "t", ObjectID: "o", Name: "Ada", Method: upgrade.DeviceCode, VerifiedAt: at}
	for range 2 {
		k.ok(k.RecordAnswer(k.ctx, id, answer))
		k.ok(k.SaveEvidence(k.ctx, id, 1, evidence))
		k.ok(k.SaveMembership(k.ctx, "t", "sub", "hosted-pro", "business-premium", at))
		k.ok(k.RecordEnd(k.ctx, id, upgrade.Result{End: upgrade.Completed, EndedAt: at}))
	}
}

func unknownUpgrades(k *kit) {
	k.kind(k.SavePlan(k.ctx, "nobody#1", upgrade.Plan{}), upgrade.NotFound)
	k.kind(k.RecordEnd(k.ctx, "nobody#1", upgrade.Result{End: upgrade.Completed}), upgrade.NotFound)
	_, err := k.Tokens(k.ctx, "nobody#1", 1)
	k.kind(err, upgrade.NotFound)
	got, err := k.Snapshots(k.ctx, "nobody#1", "", 10)
	k.ok(err)
	k.same(len(got), 0)
	k.ok(k.DestroyTokens(k.ctx, "nobody#1"))
}

// gathered: of each owner the latest is kept, under the name that it came with, and goes with the upgrade's end.
func gathered(k *kit) {
	id := k.claimed()
	has := func(owner, name, want string) {
		k.T.Helper()
		got, err := k.Facts(k.ctx, owner, name)
		k.ok(err)
		k.same(string(got), want)
	}
	has(id, "first", "")
	for range 2 {
		k.ok(k.SaveFacts(k.ctx, id, "first", "tenant", []byte(`{"a":1}`)))
		has(id, "first", `{"a":1}`)
	}
	k.ok(k.SaveFacts(k.ctx, "dry-run/1", "dry-run/1", "tenant", []byte(`{"c":3}`)))
	k.ok(k.SaveFacts(k.ctx, id, "second", "tenant", []byte(`{"b":2}`)))
	has(id, "first", "")
	has(id, "second", `{"b":2}`)
	k.ok(k.RecordEnd(k.ctx, id, upgrade.Result{Upgrade: id, End: upgrade.Cancelled, EndedAt: at}))
	has(id, "second", "")
	has("dry-run/1", "dry-run/1", `{"c":3}`)
}
