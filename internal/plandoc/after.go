package plandoc

import (
	"fmt"

	"uplift/upgrade"
)

// undo is what can be given back and until when, and after which step no longer.
func (w *writer) undo() {
	u := w.plan.Undo
	blocks := []Block{text(dated(u.Words))}
	for i, s := range w.plan.Steps {
		if s.ID == u.NoReturnAfter && u.NoReturnAfter != "" && !w.customer {
			blocks = append(blocks, strong(fmt.Sprintf("The point of no return is step %d: %s", i+1, dated(s.Words))))
		}
	}
	w.section("undo", "What can be undone, and until when", blocks...)
}

func (w *writer) unknown() {
	w.section("unknown", "Not known yet", titled("This can be seen only with the customer's consent. The plan is made again then; if it differs, an operator is asked.", w.plan.Unknown)...)
}

func (w *writer) approval() {
	if w.plan.Approval == "" {
		return
	}
	w.section("approval", "A second person has to approve it", strong(dated(w.plan.Approval)))
}

// reasons is everything that speaks against it, each with its code and what to do about it.
func (w *writer) reasons() {
	b := Block{}
	for _, r := range w.plan.Reasons {
		b.Items = append(b.Items, reason(r))
	}
	w.section("reasons", "Why not", b)
}

func reason(r upgrade.Problem) Item {
	it := Item{Text: dated(r.Message), Code: r.Code}
	if r.Remedy != "" {
		it.More = append(it.More, "→ "+dated(r.Remedy))
	}
	if r.Path != "" {
		it.More = append(it.More, "Where: "+r.Path)
	}
	return it
}

func (w *writer) notes() { w.section("notes", "Notes", list(w.plan.Notes)) }

// confirm names the digest, by which a person confirms what was read.
func (w *writer) confirm() {
	p := w.plan
	if p.Digest == "" || !p.Eligible() {
		return
	}
	w.section("confirm", "To confirm it",
		text("Where the order waits for an operator, or the plan has changed meanwhile, whoever has read this plan confirms it by its digest, "+p.Digest+":"),
		Block{Command: fmt.Sprintf("starter confirm %s -digest %s", p.Order, p.Digest)})
}
