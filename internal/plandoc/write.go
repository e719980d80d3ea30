package plandoc

import "uplift/upgrade"

// writer writes one document.
type writer struct {
	plan     upgrade.Plan
	customer bool // written for the customer's administrator
	doc      Doc
}

// Of is the whole plan, for those who sell and decide.
func Of(p upgrade.Plan) Doc {
	w := &writer{plan: p, doc: Doc{Title: "Upgrade plan"}}
	w.change()
	if !p.Eligible() {
		w.reasons()
	}
	w.subscriptions()
	w.steps()
	w.users()
	w.services()
	w.cost()
	w.residue()
	w.renewal()
	w.undo()
	w.permissions()
	w.unknown()
	w.approval()
	w.notes()
	w.confirm()
	return w.doc.plain()
}

// ForCustomer is what of the plan concerns the customer: what changes, what users gain and lose, what can be undone, and
// which permissions are asked and why. Reasons, costs and the digest are between the provider's people.
func ForCustomer(p upgrade.Plan) Doc {
	w := &writer{plan: p, customer: true, doc: Doc{Title: "Your Microsoft 365 subscriptions"}}
	w.change()
	w.subscriptions()
	w.users()
	w.services()
	w.residue()
	w.renewal()
	w.undo()
	w.permissions()
	return w.doc.plain()
}

// section adds a section, unless it has nothing to say.
func (w *writer) section(id, title string, blocks ...Block) {
	s := Section{ID: id, Title: title}
	for _, b := range blocks {
		if b.Text != "" || len(b.Items) > 0 || len(b.Facts) > 0 || b.Command != "" || b.Table != nil && len(b.Table.Rows) > 0 {
			s.Blocks = append(s.Blocks, b)
		}
	}
	if len(s.Blocks) > 0 {
		w.doc.Sections = append(w.doc.Sections, s)
	}
}

func text(s string) Block   { return Block{Text: s} }
func strong(s string) Block { return Block{Text: s, Strong: true} }

// list is a block of bare items.
func list(items []string) Block {
	b := Block{}
	for _, s := range items {
		b.Items = append(b.Items, Item{Text: dated(s)})
	}
	return b
}

// titled puts a sentence before a list, where the list has anything.
func titled(title string, items []string) []Block {
	if len(items) == 0 {
		return nil
	}
	return []Block{text(title), list(items)}
}
