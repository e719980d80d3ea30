package activities

import (
	"context"
	"reflect"
	"runtime"
	"strings"

	"uplift/upgrade"
)

// QueueOf is the task queue on which an activity runs, by its name. What talks to Partner Center or to a customer's directory has a
// queue of its own, whose rate is the budget of the whole installation; everything else runs where workflows do. An activity talks
// to one of the two at most, and away from Partner Center's queues it cannot make a request there (see [Interceptor]).
func QueueOf(name string) string {
	switch name {
	case "ChangeSeats", "StartTransition", "BuySeats", "UndoPurchase", "ScheduleRenewal", "RestoreRenewal", "ReleaseSeats", "Preconsent":
		return upgrade.QueuePartnerWrites
	case "PlanUpgrade", "CheckTransition", "AwaitProvisioning", "AwaitRenewal", "TakeStock", "ListCustomers", "ReadCustomers", "LookAtCustomer":
		return upgrade.QueuePartnerReads
	case "CheckTenant", "VerifyConsent", "TakeSnapshot", "AssignLicenses", "ConfirmLicenses", "RestoreLicenses", "RestoreLocations", "AwaitDirectory", "CountUsers":
		return upgrade.QueueGraph
	}
	return upgrade.TaskQueue
}

// NameOf is the name under which an activity, a method of [Activities], is registered.
func NameOf(activity any) string {
	name := runtime.FuncForPC(reflect.ValueOf(activity).Pointer()).Name()
	return strings.TrimSuffix(name[strings.LastIndexByte(name, '.')+1:], "-fm")
}

// withShare gives an execution its share of requests at Partner Center: none, where it runs on another queue.
func withShare(ctx context.Context, activity string) context.Context {
	share := 0
	switch QueueOf(activity) {
	case upgrade.QueuePartnerReads, upgrade.QueuePartnerWrites:
		share = upgrade.CallsPerActivity
	}
	return upgrade.WithCalls(ctx, share)
}
