package main

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"uplift/dev/internal/browser"
	"uplift/internal/service"
	"uplift/internal/sim"
	"uplift/internal/sim/cloud"
	"uplift/internal/temporalclient"
)

// office is the provider's side of a browser test: the product, and a window on its pages.
type office struct {
	*testing.T
	all        *running
	connection *temporalclient.Connection
	*browser.Browser
}

// openOffice starts the product and signs somebody of the provider in.
func openOffice(t *testing.T, account string, args ...string) *office {
	t.Helper()
	all, connection := launch(t, args...)
	o := &office{T: t, all: all, connection: connection, Browser: browser.New(t)} // closed first, so that no open page loses its stream
	o.signIn(account)
	return o
}

// page opens one of the provider's pages.
func (o *office) page(path string) {
	o.Helper()
	o.Open("http://" + o.all.portal + path)
}

// signIn opens the pages and goes through the identity provider's sign-in.
func (o *office) signIn(account string) {
	o.Helper()
	o.page("/upgrades")
	o.Wait("Sign in")
	if !o.Says("User name") {
		o.Press("Sign in")
		o.Wait("User name")
	}
	o.Fill("User name", account)
	o.Fill("Password", sim.DemoPassword)
	o.Press("Sign in")
	o.Wait("Upgrades", "Invitations", "Customers")
}

// order goes through the wizard up to the plan.
func (o *office) order(customer, consent, mail, plan, seats, id string) {
	o.Helper()
	o.page("/customers?q=" + url.QueryEscape(customer))
	for until := time.Now().Add(2 * time.Minute); !o.Says(customer) && time.Now().Before(until); { // the first inventory takes a moment
		o.Reload()
	}
	o.Press(customer)
	o.Wait("Subscriptions", "Running upgrades")
	o.Press("Upgrade this customer")
	o.Wait("How is the customer’s consent had?")
	o.Tick(consent)
	if mail != "" {
		o.Fill("Mail address", mail)
	}
	o.Press("Next: licences")
	o.Wait("What it is to hold in the end")
	o.Choose("Plan", plan)
	o.Fill("Licensed users, in all", seats)
	o.Press("When, and on which terms")
	o.Fill("Order number", id)
	o.Press("Next: users")
	o.Wait("Who gets the licences?")
	o.Press("Next: the plan")
	o.Wait("Subscriptions, now and then")
}

// mailed is the link in the newest mail to an account.
func (o *office) mailed(account string) string {
	o.Helper()
	p := &play{all: o.all}
	link, err := p.administrator(account).invitation(patient(o.T))
	if err != nil {
		o.Fatal(err)
	}
	return link
}

// types signs an administrator in with the code that their consent page shows.
func (o *office) types(consent *browser.Browser, account string) {
	o.Helper()
	code := consent.Text("#code")
	microsoft := consent.Another()
	microsoft.Open(consent.Link("Sign in at Microsoft"))
	microsoft.Fill("Enter the code displayed on your app or device", code)
	microsoft.Press("Next")
	microsoft.Wait("User name")
	microsoft.Fill("User name", account)
	microsoft.Fill("Password", sim.DemoPassword)
	microsoft.Press("Sign in")
	microsoft.Wait("This app would like to")
	microsoft.Press("Accept")
	microsoft.Wait("You have signed in")
}

// TestWizardToCompleted is an upgrade as people meet it: an operator in one window, the customer's administrator in another, from the
// wizard to the end. Between the code and the sign-in, the worker and the starter are replaced.
func TestWizardToCompleted(t *testing.T) {
	o := openOffice(t, sim.DemoOperator)
	o.order("Contoso Dental", "Send a link by mail The administrator gets an invitation, and reminders.", sim.ContosoAdmin, "Microsoft 365 Business Premium", "25", "W-1")
	o.Wait("Send the invitation to " + sim.ContosoAdmin)
	// Back and a reload lose nothing.
	o.Back()
	o.Wait("Who gets the licences?")
	o.Reload()
	o.Press("Next: the plan")
	o.Wait("Send the invitation to " + sim.ContosoAdmin)
	o.Press("Send the invitation to " + sim.ContosoAdmin)
	o.Wait("Upgrade W-1", "The order is placed.", "Waiting for consent")

	consent := o.Another()
	consent.Open(o.mailed(sim.ContosoAdmin))
	consent.Press("Start authentication")
	consent.Wait("Copy this code:")
	o.Wait("pressed Start") // the operator's page follows by itself
	o.restart(patient(t))
	o.types(consent, sim.ContosoAdmin)
	o.Wait("Ended", "Completed", "14 moved")
	consent.Wait("The upgrade is complete")

	o.Press("See each user")
	o.Wait("Users of order W-1", "Moved")
	o.page("/upgrades?show=ended")
	o.Wait("W-1", "Contoso Dental", "Completed")
}

// restart replaces the worker and the starter, as a deploy does.
func (o *office) restart(ctx context.Context) {
	o.Helper()
	o.Allow("ERR_") // open pages lose their streams for a moment
	o.all.server.Close()
	o.all.worker.Close()
	var err error
	if o.all.worker, err = service.NewWorker(ctx, service.WorkerOptions{Settings: o.all.settings, Log: zap.NewNop()}); err != nil {
		o.Fatal(err)
	}
	if o.all.server, err = service.NewServer(ctx, o.all.settings, zap.NewNop()); err != nil {
		o.Fatal(err)
	}
}

// TestAdministratorConsentsInTheBrowser is the admin-consent way, with a link that the operator copies.
func TestAdministratorConsentsInTheBrowser(t *testing.T) {
	o := openOffice(t, sim.DemoOperator)
	o.order("Woodgrove Cafe", "Copy the link You hand it on yourself; reminders come to you.", "", "Microsoft 365 Business Basic", "8", "W-2")
	o.Press("Place the order, and get the link")
	o.Wait("Upgrade W-2", "Waiting for consent")
	o.Press("Copy link")
	o.Wait("Whoever has it can answer for the customer")
	link := o.link()
	consent := o.Another()
	consent.Open(link)
	consent.Press("Sign in with Microsoft in the browser")
	// Once to show who it is, and once to consent for the organisation: the simulator has no single sign-on.
	for range 2 {
		consent.Wait("User name")
		consent.Fill("User name", sim.WoodgroveAdmin)
		consent.Fill("Password", sim.DemoPassword)
		consent.Press("Sign in")
		consent.Wait("Accept")
		consent.Press("Accept")
	}
	consent.Wait("The upgrade is complete")
	o.page("/upgrades/W-2")
	o.Wait("Ended", "Completed")
}

// link reads the link that the page shows.
func (o *office) link() string {
	o.Helper()
	return o.Value("#thelink")
}

// TestDeclinedAndRevoked: an administrator's no reaches the operator's page with its reason, and a revoked link says so.
func TestDeclinedAndRevoked(t *testing.T) {
	o := openOffice(t, sim.DemoOperator)
	o.order("Woodgrove Cafe", "Copy the link You hand it on yourself; reminders come to you.", "", "Microsoft 365 Business Basic", "8", "W-3")
	o.Press("Place the order, and get the link")
	o.Wait("Upgrade W-3", "Waiting for consent")
	o.Press("Copy link")
	o.Wait("Whoever has it can answer for the customer")
	consent := o.Another()
	consent.Open(o.link())
	consent.Press("Decline")
	consent.Wait("Decline the upgrade?")
	consent.Fill("Why? (optional; the provider will read it)", "not this year")
	consent.Press("Decline the upgrade")
	consent.Wait("You declined")
	o.page("/upgrades/W-3")
	o.Wait("Declined", "not this year")

	o.order("Woodgrove Cafe", "Copy the link You hand it on yourself; reminders come to you.", "", "Microsoft 365 Business Basic", "8", "W-4")
	o.Press("Place the order, and get the link")
	o.Wait("Upgrade W-4", "Waiting for consent")
	o.Press("Copy link")
	o.Wait("Whoever has it can answer for the customer")
	link := o.link()
	o.page("/invitations")
	o.Wait("W-4", "not pressed yet")
	o.Accept() // the question whether it is meant
	o.Press("Revoke")
	o.Wait("The link is void")
	o.page("/upgrades/W-4")
	o.Wait("Ended", "Cancelled")
	consent.Allow("Failed to load resource: the server responded with a status of 4")
	consent.Open(link)
	consent.Wait("withdrawn")
}

// TestResellerWithAndWithoutEntitlement: a reseller upgrades its own customer while it is subscribed, and looks only once that has
// ended.
func TestResellerWithAndWithoutEntitlement(t *testing.T) {
	o := openOffice(t, sim.DemoReseller)
	o.order("Woodgrove Cafe", "Copy the link You hand it on yourself; reminders come to you.", "", "Microsoft 365 Business Basic", "8", "W-5")
	if o.page("/customers"); o.Says("Contoso Dental") {
		t.Error("a reseller sees a customer that is not its own")
	}
	o.page("/upgrades")
	operator := &office{T: t, all: o.all, connection: o.connection, Browser: o.Another()}
	operator.signIn(sim.DemoOperator)
	operator.page("/resellers")
	operator.Wait("Harbor IT", "subscribed")
	operator.Accept()
	operator.Press("End")
	operator.Wait("The subscription is ended.")

	o.order("Woodgrove Cafe", "Copy the link You hand it on yourself; reminders come to you.", "", "Microsoft 365 Business Basic", "8", "W-6")
	o.Wait("This cannot be done as ordered", "not subscribed to a customer management plan")

	operator.page("/resellers")
	operator.Press("Subscribe")
	operator.Fill("New Microsoft account", "admin")
	operator.Fill("Subdomain", "harborit2")
	operator.Key("\r")
	operator.Wait("The reseller is subscribed")
	o.Reload()
	o.Press("Place the order, and get the link")
	o.Wait("Upgrade W-6", "The order is placed.")
}

// TestPagesOfTheProvider looks at every page, empty, with something on it, and full: accessible, at two widths, and nothing said on
// the console.
func TestPagesOfTheProvider(t *testing.T) {
	o := openOffice(t, sim.DemoOperator, "-customers", "300") // the inventory leaves the upgrades some of the minute's 500 requests
	o.crowd()
	look := func(name string) {
		o.Helper()
		o.Page("provider/"+name, 1280, 390)
		o.Axe(name)
	}
	for name, path := range map[string]string{
		"empty-upgrades": "/upgrades", "empty-ended": "/upgrades?show=ended", "empty-operator": "/upgrades?show=operator", "empty-invitations": "/invitations",
		"empty-prices": "/prices", "empty-callbacks": "/callbacks", "plans": "/plans", "resellers": "/resellers", "api": "/v1/docs",
	} {
		o.page(path)
		look(name)
	}
	o.Allow("Failed to load resource: the server responded with a status of 404")
	o.page("/nowhere")
	o.Wait("There is no such page")
	look("unknown")
	o.page("/customers?q=nobody+is+called+so")
	look("empty-customers")
	o.order("Contoso Dental", "Send a link by mail The administrator gets an invitation, and reminders.", sim.ContosoAdmin, "Microsoft 365 Business Premium", "25", "P-1")
	look("new-plan")
	for _, step := range []string{"customer", "consent", "target", "licences"} {
		o.Open(o.Address()[:strings.LastIndexByte(o.Address(), '/')+1] + step)
		look("new-" + step)
	}
	o.Press("Next: the plan")
	o.Press("Send the invitation to " + sim.ContosoAdmin)
	o.Wait("Waiting for consent")
	look("upgrade-invited")
	o.page("/upgrades/CROWD-1")
	o.WaitFor(3*time.Minute, "Ended", "Completed with exceptions")
	look("upgrade-crowd")
	o.Press("See each user")
	o.Wait("Users of order CROWD-1", "Next page", "Not moved")
	look("users-crowd")
	for name, path := range map[string]string{
		"ended":    "/upgrades?show=ended",
		"upgrades": "/upgrades", "invitations": "/invitations", "customers": "/customers", "customer": "/customers/" + sim.ContosoTenant,
		"upgrade-plan": "/upgrades/P-1/plan", "plan": "/plans/business-basic",
	} {
		o.page(path)
		look(name)
	}
}

// crowd orders an upgrade of 300 users, of whom some cannot be moved; their administrator consented before.
func (o *office) crowd() {
	o.Helper()
	_, application := sim.DemoPermissions()
	o.all.cloud.State.GrantConsentNow(sim.CrowdTenant, sim.DemoClientID, nil, application)
	placed := `{"order": "CROWD-1", "tenant": "` + sim.CrowdTenant + `", "consent": "existing", "target": {"totals": [{"offer": "business-standard", "seats": 0}, {"offer": "microsoft-365-e3", "seats": ` + strconv.Itoa(sim.CrowdPeople) + `}]}}`
	if _, err := o.connection.Start(o.Context(), []byte(placed), temporalclient.StartOptions{}); err != nil {
		o.Fatal(err)
	}
}

// TestOperatorDecides: an upgrade that waits for the seats to be confirmed, and one that is parked, are answered on their pages.
func TestOperatorDecides(t *testing.T) {
	o := openOffice(t, sim.DemoOperator)
	start := func(order string) {
		o.Helper()
		if _, err := o.connection.Start(o.Context(), []byte(order), temporalclient.StartOptions{}); err != nil {
			o.Fatal(err)
		}
	}
	start(`{"finish":"confirm",` + existing("DECIDE-1", "business-standard", 51)[1:])
	o.page("/upgrades/DECIDE-1")
	o.Wait("It waits for a confirmation", "Subscriptions, now and then")
	o.Page("provider/upgrade-confirming", 1280, 390)
	o.Axe("upgrade-confirming")
	o.Fill("Another number of seats", "52")
	o.Press("Continue")
	o.Wait("The plan is made anew for 52 seats", "×52", "It waits for a confirmation")
	o.Press("Continue")
	o.Wait("Ended", "Completed", "52")

	o.all.cloud.State.Inject(cloud.UndocumentedCode, cloud.Matcher{Tenant: sim.TailspinTenant, Method: "PATCH"}, -1)
	start(existing("DECIDE-2", "business-standard", 53))
	o.page("/upgrades/DECIDE-2")
	o.Wait("It waits for an operator", "What shall happen?")
	o.Page("provider/upgrade-parked", 1280, 390)
	o.Axe("upgrade-parked")
	o.page("/upgrades?show=operator")
	o.Wait("DECIDE-2", "Needs an operator")
	o.all.cloud.State.SetFaults(cloud.Polite())
	o.page("/upgrades/DECIDE-2")
	o.Tick("Try the step again")
	o.Fill("Why (it is recorded)", "the shop is back")
	o.Press("Answer")
	o.Wait("Ended", "Completed", "the shop is back", "said retry")
}
