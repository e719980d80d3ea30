package registertest

import (
	"time"

	"uplift/upgrade"
)

const customer = "0c000000-0000-4000-8000-00000000000c"

func userLists(k *kit) {
	_, err := k.UserList(k.ctx, customer, "march", 0)
	k.kind(err, upgrade.Refused)
	k.ok(k.SaveUserList(k.ctx, customer, "march", 0, []string{"a@x.example", "b@x.example"}, at))
	k.ok(k.SaveUserList(k.ctx, customer, "march", 1, []string{"c@x.example"}, at))
	k.ok(k.SaveUserList(k.ctx, customer, "march", 1, []string{"d@x.example"}, at.Add(time.Hour)))
	for part, want := range [][]string{{"a@x.example", "b@x.example"}, {"d@x.example"}, nil} {
		got, err := k.UserList(k.ctx, customer, "march", part)
		k.ok(err)
		k.same(got, want)
	}
	_, err = k.UserList(k.ctx, "0c000000-0000-4000-8000-00000000000d", "march", 0)
	k.kind(err, upgrade.Refused) // another customer's is none
	k.ok(k.SaveUserList(k.ctx, customer, "march", 0, []string{"e@x.example"}, at))
	got, err := k.UserList(k.ctx, customer, "march", 1)
	k.ok(err)
	k.same(got, []string(nil)) // part 0 began the list anew
}

func latestUpgrade(k *kit) {
	_, err := k.LatestUpgrade(k.ctx, "nowhere")
	k.kind(err, upgrade.NotFound)
	id := k.claimed()
	got, err := k.LatestUpgrade(k.ctx, "4711")
	k.ok(err)
	k.same(got, id)
}
