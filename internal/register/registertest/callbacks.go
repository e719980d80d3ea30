package registertest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"uplift/upgrade"
)

// callbacks are numbered from 1 without a gap, and a fact that is told again keeps its number and its words.
func callbacks(k *kit) {
	id := k.claimed()
	first := upgrade.Callback{Type: upgrade.CallbackInvited, At: at, Data: upgrade.CallbackData{Order: "4711", Upgrade: id, Stage: upgrade.Invited,
		Lines: []upgrade.CallbackLine{{Offer: "business-basic", SeatsBefore: 5, SeatsAfter: 7}}}}
	second := upgrade.Callback{Type: upgrade.CallbackOf(upgrade.Completed), At: at.Add(time.Hour), Data: upgrade.CallbackData{Order: "4711", End: upgrade.Completed}}
	for range 2 {
		for i, c := range []upgrade.Callback{first, second} {
			n, err := k.SaveCallback(k.ctx, id, fmt.Sprint("fact ", i), c)
			k.ok(err)
			k.same(n, i+1)
		}
	}
	n, err := k.SaveCallback(k.ctx, id, "fact 0", second)
	k.ok(err)
	k.same(n, 1)
	first.Sequence = 1
	got, err := k.Callback(k.ctx, id, 1)
	k.ok(err)
	k.same(got, first)
	for _, n := range []int{0, 3} {
		_, err = k.Callback(k.ctx, id, n)
		k.kind(err, upgrade.NotFound)
	}
	_, err = k.SaveCallback(k.ctx, "nobody#1", "fact", first)
	k.kind(err, upgrade.NotFound)
	_, err = k.Callback(k.ctx, "nobody#1", 1)
	k.kind(err, upgrade.NotFound)
}

func callbacksAtOnce(k *kit) {
	id := k.claimed()
	var wait sync.WaitGroup
	numbers := make([]int, 12)
	for i := range numbers {
		wait.Go(func() {
			var err error
			if numbers[i], err = k.SaveCallback(k.ctx, id, fmt.Sprint("fact ", i/2), upgrade.Callback{Type: upgrade.CallbackParked, At: at}); err != nil {
				k.Error(err)
			}
		})
	}
	wait.Wait()
	slices.Sort(numbers)
	k.same(numbers, []int{1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6})
}

func deliveries(k *kit) {
	id := k.claimed()
	for n := range 2 {
		_, err := k.SaveCallback(k.ctx, id, fmt.Sprint("fact ", n), upgrade.Callback{Type: upgrade.CallbackParked, At: at})
		k.ok(err)
	}
	delivery := func(sequence int, destination string, state upgrade.DeliveryState, attempts int) upgrade.Delivery {
		return upgrade.Delivery{Upgrade: id, Sequence: sequence, Type: upgrade.CallbackParked, ID: upgrade.CallbackID(id, sequence),
			Destination: destination, State: state, Attempts: attempts, At: at.Add(time.Duration(attempts) * time.Minute)}
	}
	given := delivery(1, "billing", upgrade.DeliveryFailed, 10)
	given.Problem = &upgrade.Problem{Code: "callback_refused", Message: "500 Ünvollendet"}
	waits := delivery(1, "audit", upgrade.DeliveryPending, 2)
	for _, d := range []upgrade.Delivery{delivery(1, "billing", upgrade.DeliveryPending, 0), delivery(2, "billing", upgrade.DeliveryDelivered, 1), given, waits, delivery(2, "audit", upgrade.DeliveryPending, 0)} {
		k.ok(k.SaveDelivery(k.ctx, d))
	}
	all, err := k.Deliveries(k.ctx, id)
	k.ok(err)
	k.same(all, []upgrade.Delivery{waits, given, delivery(2, "audit", upgrade.DeliveryPending, 0), delivery(2, "billing", upgrade.DeliveryDelivered, 1)})
	failed, err := k.FailedDeliveries(k.ctx, 0)
	k.ok(err)
	k.same(failed, []upgrade.Delivery{given, waits})
	if failed, err = k.FailedDeliveries(k.ctx, 1); err != nil || len(failed) != 1 {
		k.Errorf("%v, %v", failed, err)
	}
	none := delivery(3, "billing", upgrade.DeliveryPending, 0)
	k.kind(k.SaveDelivery(k.ctx, none), upgrade.NotFound)
	none.Upgrade = "nobody#1"
	k.kind(k.SaveDelivery(k.ctx, none), upgrade.NotFound)
	if all, err := k.Deliveries(k.ctx, "nobody#1"); err != nil || len(all) != 0 {
		k.Errorf("%v, %v", all, err)
	}
}
