package provider

import (
	"uplift/upgrade"
)

// The words that are given to an upgrade. Each answers in the upgrade's own words what will happen now.

func replied(q *request, r upgrade.Reply, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return saying(back(q), sentence(r.Message)), nil
}

// link shows the link of the present invitation on the page that answers the post: it stands in no address and no cookie.
func (p *provider) link(q *request) (answer, error) {
	link, err := p.Desk.Link(q.Context(), q.who, q.order())
	if err != nil {
		return answer{}, err
	}
	p.Log.Info("the link of an invitation was shown", "order", q.order(), "by", q.who.By())
	return p.show(q, link.Reveal())
}

func (p *provider) resend(q *request) (answer, error) {
	r, err := p.Desk.Resend(q.Context(), q.who, q.order(), q.text("reason"))
	return replied(q, upgrade.Reply{Message: r.Message}, err)
}

func (p *provider) revoke(q *request) (answer, error) {
	r, err := p.Desk.Revoke(q.Context(), q.who, q.order(), q.text("reason"))
	return replied(q, r, err)
}

func (p *provider) confirm(q *request) (answer, error) {
	in := upgrade.Confirm{Digest: q.text("digest")}
	if s := q.text("seats"); s != "" {
		if in.Seats = number(s); in.Seats < 1 {
			return answer{}, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_seats", Message: "the number of seats is a whole number above zero"}
		}
	}
	in.Reason = q.text("reason")
	r, err := p.Desk.Confirm(q.Context(), q.who, q.order(), in)
	return replied(q, r, err)
}

func (p *provider) approve(q *request) (answer, error) {
	in := upgrade.Approve{Digest: q.text("digest")}
	in.Reason = q.text("reason")
	r, err := p.Desk.Approve(q.Context(), q.who, q.order(), in)
	return replied(q, r, err)
}

func (p *provider) cancel(q *request) (answer, error) {
	r, err := p.Desk.Cancel(q.Context(), q.who, q.order(), q.text("reason"))
	return replied(q, r, err)
}

func (p *provider) resolve(q *request) (answer, error) {
	in := upgrade.Resolve{Answer: upgrade.Answer(q.text("answer"))}
	in.Reason = q.text("reason")
	r, err := p.Desk.Resolve(q.Context(), q.who, q.order(), in)
	return replied(q, r, err)
}

func (p *provider) again(q *request) (answer, error) {
	started, err := p.Desk.RunAgain(q.Context(), q.who, q.order())
	if err != nil {
		return answer{}, err
	}
	return saying(back(q), "The order is run again, as attempt "+plainNumber(started.Attempt)+"."), nil
}

func (p *provider) replay(q *request) (answer, error) {
	sequence := 0
	if s := q.text("sequence"); s != "" {
		sequence = number(s)
	}
	if err := p.Desk.ReplayCallbacks(q.Context(), q.who, q.order(), sequence); err != nil {
		return answer{}, err
	}
	return saying(back(q), "Billing is being told again."), nil
}
