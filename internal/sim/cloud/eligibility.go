package cloud

import "fmt"

// Transition types.
const (
	TransitionOnly   = "transition_only"
	TransferLicences = "transition_with_license_transfer"
)

// TransitionError is Microsoft's reason, by number (SDK: TransitionErrorCode).
type TransitionError struct {
	Code int
	Text string
}

// Path is one possible target of a transition.
type Path struct {
	OperationID string
	Offer       *Offer
	Item        string // toCatalogItemId
	Quantity    int
	// Only and Transfer are what stands against each type; empty means eligible.
	Only, Transfer []TransitionError
	// Into judges the customer's subscriptions of the target offer.
	Into []IntoPath
}

// IntoPath is an existing subscription as the target.
type IntoPath struct {
	Subscription Subscription
	Errors       []TransitionError // SDK: TargetSubscriptionErrorCode
}

// Eligibilities answers transitionEligibilities. At renewal (atRenewal) more
// targets are possible, downgrades too, and none into existing subscriptions.
func (c *Cloud) Eligibilities(tenant, id string, atRenewal bool) ([]Path, *Refusal) {
	c.enter()
	defer c.leave()
	t, s, r := c.own(tenant, id)
	if r != nil {
		return nil, r
	}
	if s.Legacy {
		return nil, refuse(403, "900263", "The operation is not supported for legacy subscriptions.")
	}
	targets := upgrades(s.Offer.PartNumber)
	if atRenewal {
		targets = scheduled(s.Offer.PartNumber)
	}
	out := []Path{}
	for _, target := range offersOf(targets) {
		out = append(out, c.path(t, s, target, atRenewal))
	}
	return out, nil
}

func (c *Cloud) path(t *Tenant, s *Subscription, target *Offer, atRenewal bool) Path {
	p := Path{OperationID: c.newID(), Offer: target, Item: c.catalogItem(target), Quantity: s.Quantity, Into: []IntoPath{}}
	p.Only = c.obstacles(t, s)
	if s.Quantity > target.MaxSeats {
		p.Only = append(p.Only, TransitionError{0, fmt.Sprintf("The target allows %d seats at most.", target.MaxSeats)})
	}
	p.Transfer = append(append([]TransitionError{}, p.Only...), t.transferObstacles(s, target)...)
	if atRenewal || s.Trial {
		return p
	}
	for _, other := range t.subs {
		if other != s && other.Channel == "" && !other.Legacy && other.Offer == target && other.Status != Deleted {
			p.Into = append(p.Into, IntoPath{other.copy(), c.intoObstacles(s, other)})
		}
	}
	return p
}

// obstacles are the reasons against any transition of the source.
func (c *Cloud) obstacles(t *Tenant, s *Subscription) []TransitionError {
	out := []TransitionError{}
	if s.Status != Active {
		out = append(out, TransitionError{2, "Subscription cannot be transitioned because it is not active."})
	}
	if s.pushes > 0 {
		out = append(out, TransitionError{9, "Subscription cannot be transitioned because it is not provisioned yet."})
	}
	if s.moving != "" || s.renewing || c.at.Before(s.lockedUntil) {
		out = append(out, TransitionError{4, "Subscription cannot be transitioned because another operation is in progress."})
	}
	for _, other := range t.subs {
		if other.ParentID == s.ID && other.Status != Deleted {
			out = append(out, TransitionError{6, "Subscription cannot be transitioned because it has add-ons."})
			break
		}
	}
	return out
}

// transferObstacles are the reasons against moving licences along: the customer
// owns the target already, from whomever, or the partner lacks the role.
func (t *Tenant) transferObstacles(s *Subscription, target *Offer) []TransitionError {
	var out []TransitionError
	for _, d := range t.directory {
		if d.CommerceID != s.ID && d.Offer == target && d.Status == "Enabled" && d.Total > 0 {
			out = append(out, TransitionError{3, "Subscription cannot be transitioned because there are conflicting services."})
			break
		}
	}
	if t.NoTransferRights {
		out = append(out, TransitionError{13, "The granular delegated admin privileges are insufficient for a license transfer."})
	}
	return out
}

func (c *Cloud) intoObstacles(s, target *Subscription) []TransitionError {
	out := []TransitionError{}
	if target.Status != Active {
		out = append(out, TransitionError{1, "The subscription is not active."})
	}
	if c.at.Before(target.CancelUntil) {
		out = append(out, TransitionError{2, "The subscription is in its cancellation window."})
	}
	if months(target.Term) < months(s.Term) {
		out = append(out, TransitionError{3, "The subscription's term duration is shorter than the source subscription's term duration."})
	}
	if target.End.Before(s.End) {
		out = append(out, TransitionError{4, "The subscription's term ends before the source subscription's."})
	}
	return out
}
