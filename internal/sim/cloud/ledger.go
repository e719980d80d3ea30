package cloud

import (
	"fmt"
	"time"
)

// Origin says which request is asking: it is what the ledger records and what an
// injected fault is matched against.
type Origin struct {
	Method, Path, Tenant string
	// RequestID is MS-RequestId, CorrelationID is MS-CorrelationId, and
	// ClientRequestID is Graph's client-request-id.
	RequestID, CorrelationID, ClientRequestID string
	// ClientID is the calling application, UserID the signed-in user if any.
	ClientID, UserID string
}

// Entry is one line of the ledger.
type Entry struct {
	Seq             int       `json:"seq"`
	At              time.Time `json:"at"`   // virtual
	Real            time.Time `json:"real"` // the machine's
	Kind            string    `json:"kind"`
	Tenant          string    `json:"tenant,omitempty"`
	Object          string    `json:"object,omitempty"`
	Before          string    `json:"before,omitempty"`
	After           string    `json:"after,omitempty"`
	Method          string    `json:"method,omitempty"`
	Path            string    `json:"path,omitempty"`
	RequestID       string    `json:"msRequestId,omitempty"`
	CorrelationID   string    `json:"msCorrelationId,omitempty"`
	ClientRequestID string    `json:"clientRequestId,omitempty"`
	ClientID        string    `json:"clientId,omitempty"`
	UserID          string    `json:"userId,omitempty"`
}

// Kinds of ledger entries.
const (
	QuantityChanged     = "quantity_changed"
	StatusChanged       = "status_changed"
	SubscriptionUpdated = "subscription_updated" // renewal flag, names, next term
	NextTermDropped     = "next_term_dropped"
	SubscriptionCreated = "subscription_created"
	SubscriptionRenewed = "subscription_renewed"
	SubscriptionExpired = "subscription_expired"
	TransitionStarted   = "transition_started"
	TransitionCompleted = "transition_completed"
	TransitionFailed    = "transition_failed"
	TransferCompleted   = "transfer_completed"
	TransferFailed      = "transfer_failed"
	UpgradeCompleted    = "legacy_upgrade_completed"
	OrderPlaced         = "order_placed"
	DirectoryUpdated    = "directory_updated"
	LicenceAssigned     = "licence_assigned"
	LicenceRemoved      = "licence_removed"
	LicenceChanged      = "licence_plans_changed"
	LicenceTransferred  = "licence_transferred"
	UsageLocationSet    = "usage_location_set"
	UserChanged         = "user_changed"
	GroupLicenceChanged = "group_licence_changed"
	ConsentGranted      = "consent_granted"
	RequestReplayed     = "request_replayed" // a repeated MS-RequestId got its first answer
	FaultStruck         = "fault"
)

func (c *Cloud) record(kind, tenant, object string, before, after any, o Origin) {
	e := Entry{Seq: len(c.ledger) + 1, At: c.at, Real: time.Now(), Kind: kind, Tenant: tenant, Object: object,
		Before: text(before), After: text(after), Method: o.Method, Path: o.Path, RequestID: o.RequestID,
		CorrelationID: o.CorrelationID, ClientRequestID: o.ClientRequestID, ClientID: o.ClientID, UserID: o.UserID}
	c.ledger = append(c.ledger, e)
	c.log.Debug("ledger", "kind", kind, "tenant", tenant, "object", object, "before", e.Before, "after", e.After)
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// Note writes a line that is not an effect: a fault that struck, a replay.
func (c *Cloud) Note(kind, object, after string, o Origin) {
	c.enter()
	defer c.leave()
	c.record(kind, o.Tenant, object, nil, after, o)
}

// Query narrows the ledger; empty members match everything.
type Query struct {
	Kind, Tenant, Object, RequestID string
	// Since leaves out entries up to and including this sequence number.
	Since int
}

// Ledger returns the entries that fit, oldest first.
func (c *Cloud) Ledger(q Query) []Entry {
	c.enter()
	defer c.leave()
	out := []Entry{}
	for _, e := range c.ledger {
		if e.Seq > q.Since && (q.Kind == "" || e.Kind == q.Kind) && (q.Tenant == "" || e.Tenant == q.Tenant) &&
			(q.Object == "" || e.Object == q.Object) && (q.RequestID == "" || e.RequestID == q.RequestID) {
			out = append(out, e)
		}
	}
	return out
}
