package cloud

// Fault names one way in which the real cloud misbehaves. Each constant says
// what happens and where it was reported: a section of Microsoft's pages as
// condensed for this project, named by the page or the thread.
type Fault string

// Faults of every HTTP API.
const (
	// Throttled answers 429 with Retry-After in seconds before anything happens
	// ("Microsoft Graph throttling guidance"; Partner Center "API throttling
	// guidance": 500 requests a minute on subscriptions and orders).
	Throttled Fault = "throttled"
	// ThrottledDate is Throttled with Retry-After as an HTTP date, which RFC 9110
	// section 10.2.3 permits.
	ThrottledDate Fault = "throttled_date"
	// ThrottledBare is a 429 without Retry-After ("throttling guidance": then use
	// exponential back-off).
	ThrottledBare Fault = "throttled_bare"
	// ServerError answers 500 before anything happens (Partner Center 800003 and
	// 900192; Graph "error responses").
	ServerError Fault = "server_error"
	// Unavailable answers 503 with Retry-After before anything happens (Graph
	// "error responses": ServiceUnavailable, replica trouble).
	Unavailable Fault = "unavailable"
	// ErrorAfterEffect answers 500 although the write was committed (Partner
	// Center 800094 and 800005: "read, compare, then repeat").
	ErrorAfterEffect Fault = "error_after_effect"
	// ReplyLost commits the write and closes the connection without an answer:
	// why MS-RequestId exists (Partner Center "REST headers").
	ReplyLost Fault = "reply_lost"
	// Hang accepts the request and never answers; nothing happens.
	Hang Fault = "hang"
	// MalformedBody cuts a reply short in the middle of its JSON.
	MalformedBody Fault = "malformed_body"
	// CutAfterEffect commits a write and cuts its reply short: MalformedBody for
	// what is not a read.
	CutAfterEffect Fault = "cut_after_effect"
	// AnswerLost closes the connection of a read in the place of an answer:
	// ReplyLost for what changes nothing.
	AnswerLost Fault = "answer_lost"
)

// Faults of every HTTP API that strike only where they are injected: by
// themselves no service gives such an answer to a request that is in order.
const (
	// Refused answers with a definite documented no before anything happens:
	// Partner Center 900279 ("Updates no longer allowed"), Graph 403
	// Authorization_RequestDenied.
	Refused Fault = "refused"
	// UndocumentedCode answers 400 with a code that no page lists, before anything
	// happens.
	UndocumentedCode Fault = "undocumented_code"
)

// Faults of Partner Center.
const (
	// ByteOrderMark begins a reply with EF BB BF (Partner Center SDK samples strip it).
	ByteOrderMark Fault = "byte_order_mark"
	// NumberCodes writes an error's code as a JSON number ("error codes": strings
	// by the documentation, numbers in its samples).
	NumberCodes Fault = "number_codes"
	// GatewayThrottle is a 429 in the gateway's own shape
	// {"statusCode":429,"message":"Rate limit is exceeded. Try again in N seconds."}.
	GatewayThrottle Fault = "gateway_throttle"
	// UnknownEnums puts values into enumerations that no page lists.
	UnknownEnums Fault = "unknown_enums"
	// BusinessErrorOK answers HTTP 200 with code 400072 on catalogue reads
	// ("error codes": 400072 arrives with 200).
	BusinessErrorOK Fault = "business_error_ok"
	// Accepted answers a subscription PATCH 202 with Location; the effect follows
	// later ("change the quantity of a subscription").
	Accepted Fault = "accepted"
	// PendingOperation locks a subscription: 409 900278 until Lags.PendingLock has
	// passed ("error codes": again after 24 hours).
	PendingOperation Fault = "pending_operation"
	// NotReady answers 409 800082 once (Work365 articles 150000215250 and
	// 150000199064: typical just after a purchase or a transition).
	NotReady Fault = "not_ready"
	// StartedBlank writes an event's status as "Started " ("transition a new
	// commerce subscription": the sample has the trailing blank).
	StartedBlank Fault = "started_blank"
	// HistoryWrapper wraps the history of transitions as {"transition":[…]}
	// instead of {"items":[…]} (page "transition resources" against the SDK).
	HistoryWrapper Fault = "history_wrapper"
	// EventsCapital names the member "Events" instead of "events" (older samples
	// of "transition resources").
	EventsCapital Fault = "events_capital"
	// SeatReassignment names the transfer event "SeatReassignment" instead of
	// "LicenseReassignment" (SDK comment against the page).
	SeatReassignment Fault = "seat_reassignment"
	// TransitionFails ends the Conversion event Failed, with nothing changed.
	TransitionFails Fault = "transition_fails"
	// TransferFails leaves some holders on the old licence and ends the
	// reassignment Failed (legacy page: licenseErrors beside a finished upgrade).
	TransferFails Fault = "transfer_fails"
	// TransferWipesPlans forgets holders' switched-off plans in a licence transfer
	// (field reports collected in "Behaviours and pitfalls": re-check assignments).
	TransferWipesPlans Fault = "transfer_wipes_plans"
	// NoRefundable omits refundableQuantity from a subscription ("subscription
	// resources": null when suspended, absent in older replies).
	NoRefundable Fault = "no_refundable"
	// PlainDecreaseRefusal refuses a decrease with 800090 instead of 900257
	// ("error codes" lists both).
	PlainDecreaseRefusal Fault = "plain_decrease_refusal"
	// EligibilityBare omits operationId and subscriptionEligibilities
	// ("transition resources": not in the table, in the sample).
	EligibilityBare Fault = "eligibility_bare"
	// StaleAvailability refuses a catalogue item with 400019 once (availability
	// ids rotate; "create a cart").
	StaleAvailability Fault = "stale_availability"
)

// Faults of Graph and of the directory.
const (
	// ConcurrencyViolation answers 409 Directory_ConcurrencyViolation
	// (nais/azurerator issue 448).
	ConcurrencyViolation Fault = "concurrency_violation"
	// LocationUnsettled refuses a licence as "invalid usage location" for
	// Lags.UsageLocation after the location was set (CIPP issues 783, 889, 4408).
	LocationUnsettled Fault = "location_unsettled"
	// ReplicaLag lets reads show the state from before a write for Lags.Replica
	// (the directory is multi-master; CIPP tells its users to wait 2–5 minutes).
	ReplicaLag Fault = "replica_lag"
	// ThrottledPart answers 429 to single parts of a batch ("JSON batching").
	ThrottledPart Fault = "throttled_part"
)

// All lists every fault of this package.
func All() []Fault {
	return []Fault{Throttled, ThrottledDate, ThrottledBare, ServerError, Unavailable, ErrorAfterEffect, ReplyLost, Hang,
		MalformedBody, CutAfterEffect, AnswerLost, Refused, UndocumentedCode, ByteOrderMark, NumberCodes, GatewayThrottle, UnknownEnums, BusinessErrorOK, Accepted,
		PendingOperation, NotReady, StartedBlank, HistoryWrapper, EventsCapital, SeatReassignment, TransitionFails,
		TransferFails, TransferWipesPlans, NoRefundable, PlainDecreaseRefusal, EligibilityBare, StaleAvailability,
		ConcurrencyViolation, LocationUnsettled, ReplicaLag, ThrottledPart}
}
