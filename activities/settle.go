package activities

import (
	"context"
	"fmt"

	"uplift/catalog"
	"uplift/internal/errorbook"
	"uplift/upgrade"
)

// RestoreRenewalInput names the scheduled renewal changes that our steps deleted.
type RestoreRenewalInput struct {
	Requests
	Step   string                `json:"step"` // names this restoring among others of the same change
	Tenant string                `json:"tenant"`
	Lost   []upgrade.LostRenewal `json:"lost"`
	// Begin is the first of them that is still to be looked at; the earlier ones are done.
	Begin int `json:"begin,omitempty"`
}

// RestoreRenewalOutput says what was put back, and what means nothing any more.
type RestoreRenewalOutput struct {
	Restored int      `json:"restored"`
	Notes    []string `json:"notes,omitempty"`
	Next     int      `json:"next,omitempty"` // where the next execution begins, since this one has made its share of requests; 0: all are done
}

// RestoreRenewal puts back what was scheduled for the renewal, as far as it still means something. The client reads first
// and writes only where nothing is scheduled, so a repeat writes nothing.
func (a *Activities) RestoreRenewal(ctx context.Context, in RestoreRenewalInput) (RestoreRenewalOutput, error) {
	var out RestoreRenewalOutput
	for i, l := range in.Lost {
		if i < in.Begin {
			continue
		}
		if upgrade.CallsLeft(ctx) < changeCalls {
			out.Next = i
			return out, nil
		}
		if !l.Restorable {
			out.Notes = append(out.Notes, fmt.Sprintf("what was scheduled for the renewal of %s means nothing for what it is now", l.Subscription))
			continue
		}
		err := a.write(ctx, errorbook.Renewal, in.Requests, in.Step+"/"+l.Subscription, func(id upgrade.WriteID) error {
			return a.Commerce.SetScheduled(ctx, id, in.Tenant, l.Subscription, l.Change)
		})
		if err != nil {
			return out, err
		}
		out.Restored++
	}
	return out, nil
}

// changeCalls is what a change of a subscription takes at Partner Center: it is read, and sent back.
const changeCalls = 2

// TakeStockInput says what the customer should hold: the lines of the plan.
type TakeStockInput struct {
	Upgrade string             `json:"upgrade"`
	Tenant  string             `json:"tenant"`
	PlanID  string             `json:"planId,omitempty"`
	Lines   []upgrade.PlanLine `json:"lines"`
	Final   bool               `json:"final"`          // compare with the plan's end, and record the memberships
	Wait    bool               `json:"wait,omitempty"` // a difference may be a list that lags: wait instead of answering it
	// Became are the subscriptions that steps have made, by step.
	Became map[string]string `json:"became,omitempty"`
	// Kept are seats that could not be given back, by subscription: they are no difference.
	Kept map[string]int `json:"kept,omitempty"`
}

// TakeStockOutput is what the customer holds, and where it differs from the plan. How many users hold each is not known here.
type TakeStockOutput struct {
	Holdings    []upgrade.Holding `json:"holdings"`
	Differences upgrade.Problems  `json:"differences,omitempty"`
}

// TakeStock counts what Partner Center shows of every offer that the plan names. It only reads, but for the membership of each
// subscription, which a repeat writes again.
func (a *Activities) TakeStock(ctx context.Context, in TakeStockInput) (TakeStockOutput, error) {
	var out TakeStockOutput
	subs, err := a.Commerce.Subscriptions(ctx, in.Tenant)
	if err != nil {
		return out, err
	}
	held := map[string]upgrade.Subscription{}
	for _, s := range subs {
		held[s.ID] = s
	}
	out.Holdings = a.holdings(subs, in.Lines)
	if !in.Final {
		return out, nil
	}
	for _, line := range in.Lines {
		if err := a.compare(ctx, in, line, held, &out); err != nil {
			return out, err
		}
	}
	if len(out.Differences) > 0 && in.Wait {
		return out, waiting("not_as_planned", "%s", out.Differences.Error())
	}
	return out, nil
}

// compare holds one subscription against its line of the plan. Which plan and offer it is on from now on is recorded.
func (a *Activities) compare(ctx context.Context, in TakeStockInput, line upgrade.PlanLine, held map[string]upgrade.Subscription, out *TakeStockOutput) error {
	if !line.Touched {
		return nil
	}
	id, offer, then := line.Subscription, line.Offer, line.Then
	if id == "" {
		id = in.Became[line.Step]
	}
	if line.ThenOffer != "" {
		offer = line.ThenOffer
	}
	if kept, ok := in.Kept[id]; ok {
		then = kept
	}
	s, listed := held[id]
	if then == 0 && (!listed || s.Status == "deleted" || s.Seats == 0) {
		return nil
	}
	if got := a.offerOf(s); got != offer && s.ProductSKU != "" || s.Seats != then || !s.Active() {
		out.Differences.Add(id, "not_as_planned",
			fmt.Sprintf("subscription %s is %s with %s (%s), where the plan ends with %s and %d", id, got, upgrade.Seats(s.Seats), s.Status, offer, then),
			"compare with Partner Center; retry checks again")
		return nil
	}
	return a.Register.SaveMembership(ctx, in.Tenant, id, in.PlanID, offer, a.now())
}

// holdings are the lines of the subscriptions whose offers the plan names.
func (a *Activities) holdings(subs []upgrade.Subscription, lines []upgrade.PlanLine) (out []upgrade.Holding) {
	for _, s := range subs {
		if h, ok := a.holding(s, lines); ok {
			out = append(out, h)
		}
	}
	return out
}

func offersOf(held []upgrade.Holding) (ids []string) {
	for _, h := range held {
		ids = append(ids, h.Offer)
	}
	return ids
}

// holding is the line of one subscription, where the plan names its offer.
func (a *Activities) holding(s upgrade.Subscription, lines []upgrade.PlanLine) (upgrade.Holding, bool) {
	id := a.offerOf(s)
	named := false
	for _, l := range lines {
		named = named || l.Subscription == s.ID || (l.Touched && (l.Offer == id || l.ThenOffer == id))
	}
	if !named || !s.Active() {
		return upgrade.Holding{}, false
	}
	h := upgrade.Holding{Offer: id, Name: s.Name, Subscription: s.ID, Seats: s.Seats, Users: -1}
	if offer, ok := a.Catalog.Offer(catalog.OfferID(id)); ok {
		h.Name = offer.Name
	}
	return h, true
}

// offerOf is the catalogue's id of what a subscription is, or Microsoft's own for what we do not know.
func (a *Activities) offerOf(s upgrade.Subscription) string {
	if offer, ok := a.Catalog.OfferByProductSKU(s.ProductSKU); ok && s.ProductSKU != "" {
		return string(offer.ID)
	}
	return s.CatalogItem
}
