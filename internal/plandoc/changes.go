package plandoc

import (
	"fmt"
	"strings"

	"uplift/upgrade"
)

// change says in one sentence what happens, and for whom.
func (w *writer) change() {
	p := w.plan
	if w.customer {
		w.section("change", "What will change", strong(dated(p.Headline)))
		return
	}
	verdict := text("Nothing speaks against it.")
	if n := len(p.Reasons); n > 0 {
		verdict = strong("NOT ELIGIBLE: " + upgrade.Counted(n, "reason speaks", "reasons speak") + " against it.")
	}
	var facts []Fact
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, Fact{name, value})
		}
	}
	add("Order", p.Order)
	customer := p.Customer.Name
	if p.Customer.Domain != "" {
		customer = strings.TrimSpace(fmt.Sprintf("%s (%s)", customer, p.Customer.Domain))
	}
	add("Customer", customer)
	add("Tenant", p.Tenant)
	add("Plan", p.PlanID)
	add("Reseller", p.Reseller)
	add("Work", kinds(p.Kinds))
	if !p.MadeAt.IsZero() {
		add("As of", moment(p.MadeAt))
	}
	w.section("change", "What happens", strong(dated(p.Headline)), verdict, Block{Facts: facts})
}

// kinds names the kinds of work.
func kinds(all []upgrade.Work) string {
	var words []string
	for _, k := range all {
		switch k {
		case upgrade.Resize:
			words = append(words, "resize")
		case upgrade.Transit:
			words = append(words, "transition")
		case upgrade.Replace, upgrade.Buy, upgrade.Release:
			words = append(words, "purchase or replacement")
		case upgrade.AtRenewal:
			words = append(words, "change at the renewal")
		case upgrade.AssignOnly:
			words = append(words, "assignment of licences only")
		default:
			words = append(words, string(k))
		}
	}
	return strings.Join(words, ", ")
}

// subscriptions is a table of what changes, now and then, and a sentence for what does not.
func (w *writer) subscriptions() {
	table := &Table{Head: []string{"Subscription", "Seats now", "Then", "Term"}}
	var others []string
	for _, l := range w.plan.Lines {
		if !l.Touched {
			if l.Now > 0 {
				others = append(others, fmt.Sprintf("%s ×%d", first(l.Name, l.Offer), l.Now))
			}
			continue
		}
		now := fmt.Sprint(l.Now)
		if l.Subscription == "" {
			now = "none"
		}
		table.Rows = append(table.Rows, []string{w.lineName(l), now, w.then(l), w.term(l)})
	}
	blocks := []Block{{Table: table}}
	if len(others) > 0 && !w.customer {
		blocks = append(blocks, text("Stays as it is: "+strings.Join(others, ", ")+"."))
	}
	w.section("subscriptions", "Subscriptions, now and then", blocks...)
}

// lineName names a subscription; its id says something to the provider's people only.
func (w *writer) lineName(l upgrade.PlanLine) string {
	name := plain(first(l.Name, l.Offer))
	switch {
	case l.Subscription == "":
		return name + "\n(new)"
	case w.customer:
		return name
	}
	return name + "\n" + l.Subscription
}

// then is what a subscription ends as.
func (w *writer) then(l upgrade.PlanLine) string {
	for _, s := range w.plan.Steps {
		if s.Work != upgrade.AtRenewal || s.Subscription != l.Subscription || s.Date == nil {
			continue
		}
		switch {
		case s.ToOffer != "":
			return fmt.Sprintf("%s ×%d, from %s", w.plan.NameOf(s.ToOffer), s.To, day(*s.Date))
		case s.To == 0:
			return fmt.Sprintf("%d, and none from %s", l.Then, day(*s.Date))
		}
		return fmt.Sprintf("%d, and %d from %s", l.Then, s.To, day(*s.Date))
	}
	switch {
	case l.ThenOffer != "":
		return fmt.Sprintf("%s ×%d", w.plan.NameOf(l.ThenOffer), l.Then)
	case l.Then == 0:
		return "none"
	}
	return fmt.Sprint(l.Then)
}

// term is a subscription's term, its billing, and when it renews, where that is known.
func (w *writer) term(l upgrade.PlanLine) string {
	words := terms(l.Term, l.BillingCycle)
	for _, t := range w.plan.Terms {
		switch {
		case l.Subscription == "" || t.Subscription != l.Subscription:
		case t.Renews:
			words += "; renews " + day(t.At)
		default:
			words += "; ends " + day(t.At)
		}
	}
	return strings.TrimPrefix(words, "; ")
}

// steps is what is done, in its order, and why it is done this way.
func (w *writer) steps() {
	b := Block{Ordered: true}
	for _, s := range w.plan.Steps {
		it := Item{Text: dated(s.Words)}
		say := func(words string) {
			if words != "" {
				it.More = append(it.More, words)
			}
		}
		say(work(s))
		say(licences(s.Transition))
		if s.Subscription != "" {
			say("Subscription " + s.Subscription + into(s.Into))
		}
		if s.After {
			say("Only after the users have moved.")
		}
		if !s.Reversible() {
			say("It cannot be undone.")
		}
		b.Items = append(b.Items, it)
	}
	w.section("steps", "Step by step", append([]Block{b}, titled("Why this way:", w.plan.Why)...)...)
}

func into(subscription string) string {
	if subscription == "" {
		return "."
	}
	return ", into " + subscription + "."
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
