package plandoc

import (
	"fmt"

	"uplift/upgrade"
)

// cost is what a month costs, now and then, by the provider's own price list.
func (w *writer) cost() {
	c := w.plan.Cost
	if c == nil {
		return
	}
	then := "Then" + w.fromWhen()
	if len(c.Missing) > 0 {
		then += ", as far as known"
	}
	rows := [][]string{{"Now", upgrade.Money(c.Now, c.Currency)}, {then, upgrade.Money(c.Then, c.Currency)}}
	if len(c.Missing) == 0 {
		difference := upgrade.Money(c.Difference(), c.Currency)
		if c.Difference() > 0 {
			difference = "+" + difference
		}
		rows = append(rows, []string{"Difference", difference})
	}
	blocks := []Block{
		{Table: &Table{Numbers: true, Head: []string{"Of the subscriptions that change", "A month"}, Rows: rows}},
		text("This is an estimate by the provider's own price list: a yearly price counts by the twelfth, and taxes, discounts and parts of a month do not."),
	}
	blocks = append(blocks, titled("The price list does not know these, so the estimate leaves them out, and no difference can be told:", c.Missing)...)
	if c.Residue != 0 {
		blocks = append(blocks, strong(w.residueCost()))
	}
	w.section("cost", "What it costs", blocks...)
}

// fromWhen is the day from which the new price counts, where everything waits for one renewal.
func (w *writer) fromWhen() string {
	when := ""
	for _, s := range w.plan.Steps {
		switch {
		case s.Work != upgrade.AtRenewal || s.Date == nil, when != "" && when != day(*s.Date):
			return ""
		}
		when = day(*s.Date)
	}
	if when == "" {
		return ""
	}
	return ", from " + when
}

// residueCost says what the seats that stay cost, and until when.
func (w *writer) residueCost() string {
	c, until := w.plan.Cost, ""
	for i, r := range w.plan.Residue {
		if date := day(r.Until); i == 0 || date != until {
			until = enumeratedDate(until, date)
		}
	}
	words := fmt.Sprintf("Seats that stay until their renewal cost %s a month, until %s.", upgrade.Money(c.Residue, c.Currency), until)
	for _, s := range w.plan.Steps {
		if s.Work == upgrade.AtRenewal && s.ToOffer != "" {
			return words + " What they become costs nothing before that."
		}
	}
	return words + " They come on top of the above."
}

func enumeratedDate(have, more string) string {
	if have == "" {
		return more
	}
	return have + " or " + more
}

// residue is what Microsoft does not take back today.
func (w *writer) residue() {
	var items []string
	for _, r := range w.plan.Residue {
		items = append(items, fmt.Sprintf("%s of %s, until %s", upgrade.Counted(r.Seats, "seat", "seats"), first(r.Name, r.Offer), day(r.Until)))
	}
	w.section("residue", "Seats that stay until the renewal", titled("Microsoft takes these back only when their subscription renews:", items)...)
}

// renewal is what was to happen at the renewal, and is lost or restored.
func (w *writer) renewal() {
	b := Block{}
	for _, r := range w.plan.Renewal {
		it := Item{Text: fmt.Sprintf("%s: the renewal with %s%s", w.subscription(r.Subscription), upgrade.Counted(r.Change.Seats, "seat", "seats"), scheduledTerm(r.Change))}
		if r.Restorable {
			it.More = []string{"The change removes it, and it is scheduled again afterwards."}
		} else {
			it.More = []string{"The change removes it for good: it no longer fits what is held afterwards."}
		}
		b.Items = append(b.Items, it)
	}
	w.section("renewal", "What was scheduled for the renewal", b)
}

func scheduledTerm(c upgrade.ScheduledChange) string {
	if words := terms(c.Term, c.BillingCycle); words != "" {
		return " (" + words + ")"
	}
	return ""
}

// subscription names a subscription.
func (w *writer) subscription(id string) string {
	for _, l := range w.plan.Lines {
		if l.Subscription == id {
			return first(l.Name, l.Offer)
		}
	}
	return "subscription " + id
}
