package service

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"go.temporal.io/sdk/interceptor"

	"uplift/activities"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/upgrade"
)

// story is an order, or another workflow, that reaches an activity.
type story struct {
	name  string
	held  []cloud.SubscriptionSpec
	users []cloud.UserSpec
	order map[string]any
	setUp func(o *ordeal)
	// scene lets people act as an activity begins for the count-th time.
	scene func(o *ordeal, activity string, count int, in *interceptor.ExecuteActivityInput)
	// run starts another workflow than an upgrade, and answers what it says.
	run func(o *ordeal) (string, error)
}

type totals = map[string]int

func order(t totals, more ...any) map[string]any {
	var list []map[string]any
	for _, offer := range []string{basic, standard, premium, phone} {
		if seats, ok := t[offer]; ok {
			list = append(list, map[string]any{"offer": offer, "seats": seats})
		}
	}
	all := map[string]any{"target": map[string]any{"totals": list}, "administrator": map[string]any{"mail": "admin@" + domain, "name": "Ada Admin"}}
	for i := 0; i+1 < len(more); i += 2 {
		all[more[i].(string)] = more[i+1]
	}
	return all
}

func sub(part string, seats int, age time.Duration) cloud.SubscriptionSpec {
	return cloud.SubscriptionSpec{Part: part, Quantity: seats, Age: age}
}

// staff are two who hold an offer, of whom the first has switched Teams off, one who holds nothing, and the administrator.
func staff(part string) []cloud.UserSpec {
	users := make([]cloud.UserSpec, 4)
	for i := range users {
		users[i].Password = sim.DemoPassword
	}
	users[3].Roles = []string{cloud.GlobalAdministrator}
	if o, ok := cloud.OfferByPart(part); ok {
		users[0].Licences = []cloud.LicenceChange{{SKU: o.SKU, Disabled: []string{teams}}}
		users[1].Licences = []cloud.LicenceChange{{SKU: o.SKU}}
	}
	return users
}

func listedUsers(names ...string) map[string]any {
	for i := range names {
		names[i] += "@" + domain
	}
	return map[string]any{"who": "users", "users": names}
}

// nobody keeps licences out of an order.
var nobody = map[string]any{"who": "nobody"}

// at lets somebody act as an activity begins for the first time.
func at(activity string, act func(o *ordeal)) func(*ordeal, string, int, *interceptor.ExecuteActivityInput) {
	return func(o *ordeal, name string, count int, _ *interceptor.ExecuteActivityInput) {
		if name == activity && count == 1 {
			o.env.RegisterDelayedCallback(func() { act(o) }, 0)
		}
	}
}

// changesItsMind cancels the order.
func changesItsMind(o *ordeal) {
	o.env.UpdateWorkflow(upgrade.UpdateCancel, "", unheard{}, jsonPayload(`{"by":"Anna","reason":"ordered twice"}`))
}

func upgrades() []story {
	basicOf := func(seats int) []cloud.SubscriptionSpec {
		return []cloud.SubscriptionSpec{sub(cloud.BusinessBasic, seats, 60*day)}
	}
	return []story{
		{name: "more seats", held: basicOf(6), users: staff(cloud.BusinessBasic), order: order(totals{basic: 9}, "licenses", nobody)},
		{name: "another offer", held: basicOf(6), users: staff(cloud.BusinessBasic), order: order(totals{basic: 0, premium: 6})},
		{name: "a purchase", users: staff(""), order: order(totals{premium: 5})},
		{name: "a purchase taken back", users: staff(""), order: order(totals{premium: 5}), scene: at("AwaitProvisioning", changesItsMind)},
		{name: "a user added", held: basicOf(6), users: staff(cloud.BusinessBasic), order: order(totals{basic: 9}, "licenses", listedUsers("u3"), "usageLocation", "GB"),
			setUp: func(o *ordeal) { o.nowhere("u3") }},
		{name: "a user taken back", held: basicOf(6), users: staff(cloud.BusinessBasic), order: order(totals{basic: 9}, "licenses", listedUsers("u3"), "usageLocation", "GB"),
			setUp: func(o *ordeal) { o.nowhere("u3") }, scene: at("ConfirmLicenses", changesItsMind)},
		{name: "seats given back", held: []cloud.SubscriptionSpec{sub(cloud.BusinessBasic, 6, 60*day), sub(cloud.TeamsPhone, 3, 2*day)}, users: staff(cloud.BusinessBasic),
			order: order(totals{basic: 0, premium: 6, phone: 0})},
		{name: "at the renewal", held: []cloud.SubscriptionSpec{sub(cloud.BusinessPremium, 6, 60*day)}, users: staff(cloud.BusinessPremium),
			order: order(totals{premium: 0, basic: 4}, "residue", "at-renewal")},
		{name: "a scheduled change kept", users: staff(""), order: order(totals{basic: 9}, "licenses", nobody), setUp: scheduled},
		{name: "a traditional subscription", held: []cloud.SubscriptionSpec{{Part: cloud.BusinessBasic, Quantity: 6, Age: 60 * day, Legacy: true}}, users: staff(cloud.BusinessBasic),
			order: order(totals{basic: 0, standard: 6}), setUp: func(o *ordeal) { o.partnerUser() }},
		{name: "consented for by the partner", held: basicOf(6), users: staff(cloud.BusinessBasic), order: order(totals{basic: 9}, "licenses", nobody, "consent", "partner_preconsent"),
			setUp: func(o *ordeal) { o.partnerUser(); o.cloud.State.RevokeConsent(customer, sim.DemoClientID) }},
		{name: "by invitation", held: basicOf(6), users: staff(cloud.BusinessBasic), order: order(totals{basic: 0, premium: 6}, "consent", "mail"), setUp: invited, scene: signsIn},
		{name: "by invitation, somebody else first", held: basicOf(6), users: staff(cloud.BusinessBasic), order: order(totals{basic: 9}, "licenses", nobody, "consent", "mail"),
			setUp: invited, scene: somebodyElseFirst},
		{name: "a gate that is told", held: basicOf(6), users: staff(cloud.BusinessBasic), order: order(totals{basic: 9}, "licenses", nobody), setUp: func(o *ordeal) { o.gate.Aside = true }},
		{name: "a further attempt", held: basicOf(6), users: staff(cloud.BusinessBasic), order: order(totals{basic: 9}, "licenses", nobody, "attempt", 2), setUp: attempted},
	}
}

// scheduled adds a subscription that is to be 8 seats of another offer after its renewal.
func scheduled(o *ordeal) {
	offer, _ := cloud.OfferByPart(cloud.BusinessStandard)
	s := sub(cloud.BusinessBasic, 6, 60*day)
	s.Next = &cloud.NextTerm{ProductID: offer.ProductID, SkuID: offer.SkuID, AvailabilityID: o.cloud.State.Availability(offer), BillingCycle: "monthly", Term: "P1Y", Quantity: 8}
	o.cloud.State.AddSubscription(customer, s)
}

// nowhere takes a user's usage location away.
func (o *ordeal) nowhere(name string) {
	none := ""
	if r := o.cloud.State.ChangeUser(customer, name+"@"+domain, cloud.UserChange{UsageLocation: &none}, cloud.Origin{}); r != nil {
		o.Fatal(r)
	}
}

// attempted has a first attempt at the order that was terminated before it had planned.
func attempted(o *ordeal) {
	first := maps.Clone(o.order)
	if first["target"] == nil {
		maps.Copy(first, order(totals{basic: 9}))
	}
	delete(first, "attempt")
	raw, err := json.Marshal(first)
	if err != nil {
		o.Fatal(err)
	}
	parsed, problems := upgrade.ParseOrder(raw)
	if len(problems) > 0 {
		o.Fatal(problems)
	}
	if _, err := o.acts.Register.Claim(context.Background(), upgrade.ClaimRequest{Order: parsed, WorkflowID: "terminated", FirstRun: "run"}, false); err != nil {
		o.Fatal(err)
	}
}

// invited has the tenant know our application already, an operator who resends the invitation after a minute, and an
// administrator who asks for a code whenever there is none.
func invited(o *ordeal) {
	delegated, application := sim.DemoPermissions()
	o.cloud.State.GrantConsentNow(customer, sim.DemoClientID, delegated, application)
	resent := false
	var look func()
	look = func() {
		if o.env.IsWorkflowCompleted() {
			return
		}
		switch s := o.status(); {
		case s.Stage != upgrade.Invited || s.Invitation == nil:
		case !resent:
			resent = true
			o.env.UpdateWorkflow(upgrade.UpdateResend, "", &heard{}, jsonPayload(`{"by":"Olga"}`))
		case s.Invitation.Code == nil:
			o.env.UpdateWorkflow(upgrade.UpdateStartAuthentication, "", unheard{}, jsonPayload(`{}`))
		}
		o.env.RegisterDelayedCallback(look, 20*time.Minute)
	}
	o.env.RegisterDelayedCallback(look, time.Minute)
}

func signsIn(o *ordeal, name string, _ int, in *interceptor.ExecuteActivityInput) {
	o.typeCode(name, "u4", in)
}

// somebodyElseFirst lets a person sign in who holds no role, until that sign-in is dropped.
func somebodyElseFirst(o *ordeal, name string, _ int, in *interceptor.ExecuteActivityInput) {
	who := "u1"
	if o.seen["DropGrant"] > 0 {
		who = "u4"
	}
	o.typeCode(name, who, in)
}

// typeCode types the code that is about to be followed at Microsoft's page, as a person of the tenant.
func (o *ordeal) typeCode(activity, who string, in *interceptor.ExecuteActivityInput) {
	if activity != "AwaitSignIn" {
		return
	}
	follows, ok := reflect.Indirect(reflect.ValueOf(in.Args[0])).Interface().(activities.AwaitSignInInput)
	if !ok {
		return
	}
	code, err := o.acts.Register.Code(context.Background(), follows.Upgrade, follows.Invitation)
	if err != nil {
		return
	}
	base := o.cloud.URLs().Entra
	page := o.page(http.PostForm(base+"/devicelogin", url.Values{"code": {code.UserCode}}))
	for range 2 {
		action, flow := formAction.FindStringSubmatch(page), hiddenFlow.FindStringSubmatch(page)
		if action == nil || flow == nil {
			return // done, or the code was used before
		}
		step := "signin"
		if strings.Contains(page, `value="accept"`) {
			step = "accept"
		}
		page = o.page(http.PostForm(base+action[1], url.Values{"flow": {flow[1]}, "action": {step}, "username": {who + "@" + domain}, "password": {sim.DemoPassword}}))
	}
}

func (o *ordeal) page(resp *http.Response, err error) string {
	if err != nil {
		o.Error(err)
		return ""
	}
	defer func() { _ = resp.Body.Close() }()
	data, _ := io.ReadAll(resp.Body)
	return string(data)
}
