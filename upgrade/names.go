package upgrade

// The names below are on the wire: in histories, in start requests of billing systems and in operators' scripts. They
// are a contract; a test pins each literal, and a rename is a migration.
const (
	// UpgradeWorkflow carries one order through. Input: the order as JSON.
	UpgradeWorkflow = "UpgradeCustomerWorkflow"
	// PlanWorkflow is a dry run: it answers the plan document and changes nothing.
	PlanWorkflow = "PlanUpgradeWorkflow"
	// PruneWorkflow deletes from the register what need not be kept any longer; an hourly schedule starts it.
	PruneWorkflow = "PruneRegisterWorkflow"
	// StorePricesWorkflow puts the provider's price list into the register. Input: a [PriceList] as JSON.
	StorePricesWorkflow = "StorePricesWorkflow"
	// ReadPricesWorkflow answers the price list. Input: a [PriceQuery] as JSON.
	ReadPricesWorkflow = "ReadPricesWorkflow"
	// WatchPartnerWorkflow keeps the sign-in of the partner's own user alive; a daily schedule starts it.
	WatchPartnerWorkflow = "WatchPartnerWorkflow"
	// PostLetterWorkflow goes on trying to send the last letter of an upgrade that has ended.
	PostLetterWorkflow = "PostLetterWorkflow"
	// StoreUsersWorkflow puts a part of an uploaded list of users into the register.
	StoreUsersWorkflow = "StoreUserListWorkflow"
	// ReportsWorkflow answers a page of an order's per-user report.
	ReportsWorkflow = "ReadReportsWorkflow"
	// NotifyWorkflow tells billing systems what became of one attempt at an order. Input: a [NotifyStart]; it is started by a
	// signal, under [NotifyID].
	NotifyWorkflow = "NotifyBillingWorkflow"
	// CallbacksWorkflow answers the callbacks of an order's last attempt and how far each is. Input: a [CallbacksAsked].
	CallbacksWorkflow = "ReadCallbacksWorkflow"
	// LookAtCustomerWorkflow answers one customer as Microsoft says it now, a [CustomerView]. Input: [CustomerAsked].
	LookAtCustomerWorkflow = "LookAtCustomerWorkflow"
	// TakeInventoryWorkflow reads all customers into the register; a schedule starts it every six hours, and only one runs.
	TakeInventoryWorkflow = "TakeInventoryWorkflow"
	// TaskQueue is where workers poll, and what any client names to start an upgrade.
	TaskQueue = "uplift"
	// QueuePartnerWrites, QueuePartnerReads and QueueGraph are the queues of the activities that change something at Partner
	// Center, that only ask it, and that talk to the customers' directories. Their rates are the budgets of the whole installation.
	QueuePartnerWrites = "uplift-partner-writes"
	QueuePartnerReads  = "uplift-partner-reads"
	QueueGraph         = "uplift-graph"
	// WorkflowIDPrefix stands before the order id in the workflow ids that our clients choose.
	WorkflowIDPrefix = "upgrade/"
)

// Signals, updates and queries of UpgradeWorkflow.
const (
	SignalConsent = "consent"

	UpdateStartAuthentication = "startAuthentication"
	UpdateConfirm             = "confirm"
	UpdateCancel              = "cancel"
	UpdateResend              = "resend"
	UpdateRevoke              = "revoke"
	UpdateResolve             = "resolve"
	UpdateApprove             = "approve"

	QueryStatus = "status"
	QueryPlan   = "plan"
)

// Signals of NotifyWorkflow.
const (
	SignalCallback = "callback" // a [CallbackDue]: a callback stands in the register
	SignalReplay   = "replay"   // a [CallbackDue]: send it again; sequence 0: all that were not delivered
)

// Search attributes. They stand in plain text in Temporal's visibility store: no personal data, ever.
const (
	AttributeStage           = "UpliftStage"
	AttributeOrder           = "UpliftOrder"
	AttributeCustomerTenant  = "UpliftCustomerTenant"
	AttributeSourceOffer     = "UpliftSourceOffer"
	AttributeTargetOffer     = "UpliftTargetOffer"
	AttributeBatch           = "UpliftBatch"
	AttributeEnd             = "UpliftEnd"
	AttributeNeedsOperator   = "UpliftNeedsOperator"
	AttributeConsentDeadline = "UpliftConsentDeadline"
	AttributeReseller        = "UpliftReseller" // on whose behalf; unset for the provider's own orders
)

// WorkflowID is the id under which our clients start the upgrade of an order.
func WorkflowID(order string) string { return WorkflowIDPrefix + order }

// NotifyID is the id of the workflow that tells billing about an upgrade, given by its key order#attempt.
func NotifyID(upgrade string) string { return "callbacks/" + upgrade }
