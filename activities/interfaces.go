package activities

import (
	"context"
	"time"

	"uplift/upgrade"
)

// Register is what must outlive Temporal. Every method may be called again with the same input: a repeat changes
// nothing and answers the same.
type Register interface {
	// Claim claims an order for a workflow. It never changes an existing claim of another workflow, except that an
	// order with Attempt one above the last is granted when the last attempt's end left nothing changed, or when
	// abandoned says that the holder closed without an end.
	Claim(ctx context.Context, r upgrade.ClaimRequest, abandoned bool) (upgrade.Claim, error)
	SavePlan(ctx context.Context, upgradeID string, p upgrade.Plan) error

	// SaveCode and SaveTokens keep nothing of an upgrade whose end is recorded: Kind Refused, code upgrade_ended.
	SaveCode(ctx context.Context, upgradeID string, invitation int, c upgrade.PendingCode) error
	// Code returns the pending device code, Kind NotFound when there is none.
	Code(ctx context.Context, upgradeID string, invitation int) (upgrade.PendingCode, error)
	SaveTokens(ctx context.Context, upgradeID string, invitation int, t upgrade.Tokens) error
	// Tokens returns the delegated tokens, Kind NotFound when there are none.
	Tokens(ctx context.Context, upgradeID string, invitation int) (upgrade.Tokens, error)
	SaveEvidence(ctx context.Context, upgradeID string, invitation int, e upgrade.Evidence) error
	// DestroyTokens deletes every code and token of the upgrade.
	DestroyTokens(ctx context.Context, upgradeID string) error

	// SaveSnapshots keeps the first photograph of each user; a later one of the same user is ignored.
	SaveSnapshots(ctx context.Context, upgradeID string, s []upgrade.Snapshot) error
	// Snapshots pages through the snapshots in order of the users' ids, beginning after the id given.
	Snapshots(ctx context.Context, upgradeID, after string, limit int) ([]upgrade.Snapshot, error)
	// SnapshotsOf are the snapshots of these users, at most 1000; who was not photographed is left out.
	SnapshotsOf(ctx context.Context, upgradeID string, users []string) ([]upgrade.Snapshot, error)
	// MarkLocationSet records that we set a user's usage location; called before the write.
	MarkLocationSet(ctx context.Context, upgradeID, user, country string) error
	// SaveReports keeps the latest report of each user.
	SaveReports(ctx context.Context, upgradeID string, r []upgrade.UserReport) error
	Reports(ctx context.Context, upgradeID, after string, limit int) ([]upgrade.UserReport, error)
	// LatestUpgrade is the last attempt at an order, Kind NotFound when there is none.
	LatestUpgrade(ctx context.Context, order string) (string, error)
	// SaveUserList stores one part of a list of a customer's users; a repeat of a part replaces it. Part 0 begins the list
	// anew.
	SaveUserList(ctx context.Context, tenant, name string, part int, users []string, at time.Time) error
	// UserList reads one part of a list; the part after the last is empty. Kind Refused, code list_not_found, when there is
	// no such list of this customer.
	UserList(ctx context.Context, tenant, name string, part int) ([]string, error)

	// Journal stores a note under a step's name the first time and answers the stored note ever after: what had to be
	// known before a write, for an attempt after a lost reply.
	Journal(ctx context.Context, upgradeID, step, note string) (stored string, err error)
	// JournalRequest is Journal for a request that an attempt, by, is about to send. Kind Refused, code attempt_superseded: a
	// later attempt has claimed the order; nothing is noted then.
	JournalRequest(ctx context.Context, by, upgradeID, step, note string) (stored string, err error)
	// Note answers a stored note without storing one.
	Note(ctx context.Context, upgradeID, step string) (note string, ok bool, err error)
	// SaveFacts keeps what an activity has gathered for the next one: of each owner, an upgrade or a dry run, what it was given
	// last, under the name that it was given with. An upgrade's goes with its end.
	SaveFacts(ctx context.Context, owner, name, tenant string, facts []byte) error
	// Facts is what is kept for an owner under a name, nothing where there is none.
	Facts(ctx context.Context, owner, name string) ([]byte, error)
	RecordAnswer(ctx context.Context, upgradeID string, a upgrade.OperatorAnswer) error
	// SaveMembership records which plan or offer a subscription is on.
	SaveMembership(ctx context.Context, tenant, subscription, plan, offer string, at time.Time) error
	// RecordEnd writes the end, and with it destroys whatever code or token is still there.
	RecordEnd(ctx context.Context, upgradeID string, r upgrade.Result) error
	// SaveCallback stores a callback under the next sequence number of its upgrade, once for each fact, and answers the number.
	SaveCallback(ctx context.Context, upgradeID, fact string, c upgrade.Callback) (sequence int, err error)
	// Callback reads one, Kind NotFound when there is none.
	Callback(ctx context.Context, upgradeID string, sequence int) (upgrade.Callback, error)
	// SaveDelivery stores how far a callback is at one destination; a later word takes the place of the one before.
	SaveDelivery(ctx context.Context, d upgrade.Delivery) error
	// Deliveries lists how far the callbacks of an upgrade are, by sequence and destination.
	Deliveries(ctx context.Context, upgradeID string) ([]upgrade.Delivery, error)
	// Plan returns the plan that was recorded last, Kind NotFound when there is none.
	Plan(ctx context.Context, upgradeID string) (upgrade.Plan, error)

	// SavePrices puts a whole price list in the place of the one before; a list that is older than that is ignored.
	SavePrices(ctx context.Context, list []upgrade.Price, at time.Time) error
	// Prices returns the prices of a market and those that hold everywhere; without a market, the whole list.
	Prices(ctx context.Context, market string) ([]upgrade.Price, error)
	// MayUpgrade tells every reason why a reseller may not upgrade a customer at a moment; none: it may. A claim asks the same.
	MayUpgrade(ctx context.Context, reseller, tenant string, at time.Time) (upgrade.Problems, error)
}

// Cleaner deletes from the register what need not be kept any longer.
type Cleaner interface {
	Prune(ctx context.Context, now time.Time) (upgrade.Pruned, error)
}

// PartnerSignIns is the sign-in of the partner's own user, by which app+user tokens are had.
type PartnerSignIns interface {
	// SignedIn tells when the person signed in and when the refresh token was last used. Kind Act, code
	// no_partner_sign_in: nobody has signed in.
	SignedIn(ctx context.Context) (at, used time.Time, err error)
	// Renew uses the refresh token, whatever is in memory. Kind Act, code partner_sign_in_lost: it has died.
	Renew(ctx context.Context) error
	// Access tells, by a new token of the partner's user in a customer's tenant, who acts there, with which delegated
	// permissions and, where RolesSaid, with which directory roles. Kind Act, code no_partner_sign_in or
	// partner_sign_in_lost; Kind GrantLost: the tenant does not let the user in, or nobody consented to the application there.
	Access(ctx context.Context, tenant string) (who upgrade.Identity, permissions []string, err error)
}

// Executions tells of Temporal's own executions.
type Executions interface {
	// Closed tells whether the execution that began with this run is closed, or unknown to Temporal.
	Closed(ctx context.Context, workflowID, firstRun string) (bool, error)
	// OpenGate starts the turn gate, unless it runs.
	OpenGate(ctx context.Context) error
	// TellGate has the turn gate know what an upgrade wants, and starts it where it does not run.
	TellGate(ctx context.Context, w upgrade.TurnWanted) error
	// Slots asks the turn gate how many slots the installation has.
	Slots(ctx context.Context) (int, error)
	// NotifyBilling has the workflow that tells billing of an upgrade know of a callback in the register, and starts it where it
	// does not run.
	NotifyBilling(ctx context.Context, upgradeID string, due upgrade.CallbackDue) error
	// Running counts the upgrades that run. What began or ended within the last seconds may be missing.
	Running(ctx context.Context) (int, error)
	// Past lists the running upgrades that have got past their administrator's consent, by workflow id, with the same delay. An
	// empty cursor begins, an empty next cursor ends.
	Past(ctx context.Context, cursor []byte) (page []string, next []byte, err error)
	// Status asks a running upgrade. Kind NotFound: it has closed.
	Status(ctx context.Context, workflowID string) (upgrade.Status, error)
}

// Authority is Microsoft Entra ID.
type Authority interface {
	StartDeviceCode(ctx context.Context, tenant string, scopes []string) (upgrade.PendingCode, error)
	// RedeemDeviceCode asks once. Kind Waiting: not yet signed in; Refused with the code authorization_declined,
	// expired_token or an AADSTS number: over.
	RedeemDeviceCode(ctx context.Context, tenant string, code upgrade.Secret) (upgrade.Tokens, error)
	// Identify verifies an id token: signature, issuer of the tenant, audience, expiry. Kind Refused, code
	// wrong_tenant, where another tenant issued it.
	Identify(ctx context.Context, tenant string, idToken upgrade.Secret) (upgrade.Identity, error)
	// ApplicationRoles obtains an app-only token of the tenant and returns the permissions in it. Kind GrantLost:
	// nobody consented there.
	ApplicationRoles(ctx context.Context, tenant string) ([]string, error)
}

// Directory is Microsoft Graph in one customer's tenant. A grant that has died is Kind GrantLost.
type Directory interface {
	Organization(ctx context.Context, g upgrade.Grant) (upgrade.Organization, error)
	// DirectoryRoles returns the role template ids that the signed-in person holds.
	DirectoryRoles(ctx context.Context, g upgrade.Grant) ([]string, error)
	SKUs(ctx context.Context, g upgrade.Grant) ([]upgrade.TenantSKU, error)
	Subscriptions(ctx context.Context, g upgrade.Grant) ([]upgrade.TenantSubscription, error)
	// Holders pages through the users who hold a SKU, directly or by a group. An empty cursor begins, an empty next
	// cursor ends. The answer comes from an index that lags writes.
	Holders(ctx context.Context, g upgrade.Grant, sku, cursor string) (page []upgrade.User, next string, err error)
	// Licensed is Holders with the state of every service of theirs, in smaller pages.
	Licensed(ctx context.Context, g upgrade.Grant, sku, cursor string) (page []upgrade.User, next string, err error)
	// Group finds a group by object id or display name. Kind Refused, code group_not_found or group_ambiguous.
	Group(ctx context.Context, g upgrade.Grant, name string) (upgrade.Group, error)
	// Members pages through the users of a group, without those of groups within it. Of a user only the id and the name
	// are filled in.
	Members(ctx context.Context, g upgrade.Grant, group, cursor string) (page []upgrade.User, next string, err error)
	// AssignGroupLicenses changes a group's licences; members follow later, and what goes wrong is written on them. Kind
	// Conflict, code license_not_held, when the group no longer has what is to be removed.
	AssignGroupLicenses(ctx context.Context, g upgrade.Grant, id upgrade.WriteID, group string, add []upgrade.License, remove []string) error
	// Users reads single users, not the index, by object id or user principal name, at most 20; unknown ones are
	// left out.
	Users(ctx context.Context, g upgrade.Grant, names []string) ([]upgrade.User, error)
	// SetUsageLocation sets a user's country; the empty string clears it.
	SetUsageLocation(ctx context.Context, g upgrade.Grant, id upgrade.WriteID, user, country string) error
	// AssignLicenses makes at most 20 changes; the outcomes are in the order of the changes. An error speaks of the
	// whole call.
	AssignLicenses(ctx context.Context, g upgrade.Grant, id upgrade.WriteID, changes []upgrade.LicenseChange) ([]upgrade.LicenseOutcome, error)
}

// Commerce is Partner Center.
type Commerce interface {
	Customer(ctx context.Context, tenant string) (upgrade.Customer, error)
	// Customers is a page of the provider's customers, of whom it says the tenant, the name, the domain and the relationship.
	// An empty cursor begins, an empty next cursor ends.
	Customers(ctx context.Context, cursor string) (page []upgrade.Customer, next string, err error)
	// SubscribedSKUs are the licences of a customer's tenant and how many users hold each. Kind Act, code 900329, where only a
	// token without a user is had.
	SubscribedSKUs(ctx context.Context, tenant string) ([]upgrade.TenantSKU, error)
	Subscriptions(ctx context.Context, tenant string) ([]upgrade.Subscription, error)
	Subscription(ctx context.Context, tenant, id string) (upgrade.Subscription, error)
	// SetSeats reads the subscription, and where it still has from seats, sends the whole of it back with to seats. It
	// answers without a write when it has to seats already; Kind Conflict when it has neither.
	SetSeats(ctx context.Context, id upgrade.WriteID, tenant, subscription string, from, to int) error
	// SetScheduled puts a scheduled change back, where the subscription has none.
	SetScheduled(ctx context.Context, id upgrade.WriteID, tenant, subscription string, c upgrade.ScheduledChange) error
	// SetAutoRenew switches the renewal on or off.
	SetAutoRenew(ctx context.Context, id upgrade.WriteID, tenant, subscription string, on bool) error
	// SetRenewal brings what happens at the renewal from one state to another: the renewal itself, and the scheduled change
	// set, replaced or cleared. Where the state is `to` already nothing is sent; Kind Conflict, code renewal_changed, where
	// it is neither.
	SetRenewal(ctx context.Context, id upgrade.WriteID, tenant, subscription string, from, to upgrade.RenewalState) error
	// Cancel ends a subscription inside its cancellation window; one that has ended already is left alone. Kind Refused
	// when the window has closed.
	Cancel(ctx context.Context, id upgrade.WriteID, tenant, subscription string) error
	// Provisioned tells whether Partner Center has finished the subscription's pending changes and what it then
	// counts. Kind Act, code 900329, where only a token without a user is configured: the caller goes by the
	// subscription and the directory alone.
	Provisioned(ctx context.Context, tenant, subscription string) (done bool, seats int, sku string, err error)
	TransitionTargets(ctx context.Context, tenant, subscription string) ([]upgrade.TransitionTarget, error)
	// RenewalTargets lists what the subscription may become at its renewal.
	RenewalTargets(ctx context.Context, tenant, subscription string) ([]upgrade.TransitionTarget, error)
	Transitions(ctx context.Context, tenant, subscription string) ([]upgrade.Transition, error)
	StartTransition(ctx context.Context, id upgrade.WriteID, tenant string, r upgrade.TransitionRequest) (upgrade.Transition, error)
	// LegacyUpgrades lists what a traditional subscription may become by the call that is for those alone.
	LegacyUpgrades(ctx context.Context, tenant, subscription string) ([]upgrade.TransitionTarget, error)
	// StartLegacyUpgrade carries one out, all seats at once, and answers the id of the new subscription.
	StartLegacyUpgrade(ctx context.Context, id upgrade.WriteID, tenant, subscription, targetOffer string, transfer bool) (string, error)
	// Orders lists the customer's orders, one entry for each line. A new one may take a quarter of an hour to show.
	Orders(ctx context.Context, tenant string) ([]upgrade.CommerceOrder, error)
	// CreateCart makes a cart of one line; it buys nothing. Checkout buys it; repeating it answers the same order.
	CreateCart(ctx context.Context, id upgrade.WriteID, tenant string, r upgrade.PurchaseRequest) (cart string, err error)
	Checkout(ctx context.Context, id upgrade.WriteID, tenant, cart string) (upgrade.CommerceOrder, error)
	// Preconsent consents in the customer's tenant, by the partner's delegated administration, to delegated permissions of
	// our application. One that is there already is left as it is. Kind Act, code 900329: no user of the partner is signed in.
	Preconsent(ctx context.Context, id upgrade.WriteID, tenant string, permissions []string) error
	SKU(ctx context.Context, productSKU, country string) (upgrade.SKU, error)
	Availabilities(ctx context.Context, productSKU, country string) ([]upgrade.Availability, error)
}

// Mailer sends letters. A letter sent twice carries the same Message-ID.
type Mailer interface {
	Send(ctx context.Context, l upgrade.Letter) error
}

// Links makes the links that administrators open.
type Links interface {
	// Link returns the consent page's address for an invitation of an upgrade: a capability. A further attempt at the
	// order is another upgrade, for which the link is void.
	Link(workflowID, upgradeID string, invitation int) (upgrade.Secret, error)
}

// Callbacks are the destinations of the provider's settings.
type Callbacks interface {
	// Destinations are the names of those that want callbacks of this type, in the order of the settings.
	Destinations(t upgrade.CallbackType) []string
	// Post sends a callback once. Kind Refused, code callback_gone: the destination wants no more; no_such_destination: the
	// settings have none of this name. Everything else may be tried again, after RetryAfter where the destination said so.
	Post(ctx context.Context, destination, id string, body []byte) error
}
