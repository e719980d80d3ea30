package consent

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"mime"
	"net/http"
	"strings"
	"time"

	"uplift/internal/plandoc"
	"uplift/upgrade"
)

// opened is a link that was accepted.
type opened struct {
	token      string
	workflowID string
	upgradeID  string
	invitation int
}

func (o opened) path() string { return "/consent/" + o.token }

// tag names a link in a log without giving it away.
func tag(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:4])
}

// link reads the token, counts the request, and hands on what it names. A link that was never made looks the same
// whatever is wrong with it. Such links alone are counted by address: behind a proxy all share one, and who guesses must
// not close the page for those who were invited, whose links are counted one by one.
func (p *site) link(next func(http.ResponseWriter, *http.Request, opened)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := r.PathValue("token")
		now := p.Now()
		workflowID, upgradeID, invitation, err := p.Links.Parse(token)
		if err != nil && !p.byAddress.Allow(p.Address(r), now) || err == nil && (!p.byLink.Allow(tag(token), now) ||
			r.Method == http.MethodPost && !p.posts.Allow(tag(token), now)) {
			w.Header().Set("Retry-After", "30")
			p.show(w, r, http.StatusTooManyRequests, view{State: stateTooMany})
			return
		}
		if err != nil {
			p.Log.Info("a link that is not valid was opened", "link", tag(token))
			p.show(w, r, http.StatusNotFound, view{State: stateForged})
			return
		}
		next(w, r, opened{token: token, workflowID: workflowID, upgradeID: upgradeID, invitation: invitation})
	})
}

// look reads the upgrade's status and decides what the page shows. It answers itself, and returns false, when the
// status cannot be had.
func (p *site) look(w http.ResponseWriter, r *http.Request, o opened) (view, bool) {
	_, v, ok := p.lookAt(w, r, o)
	return v, ok
}

// lookAt is look with the status itself.
func (p *site) lookAt(w http.ResponseWriter, r *http.Request, o opened) (upgrade.Status, view, bool) {
	s, err := p.Upgrades.Status(r.Context(), o.workflowID)
	if err != nil {
		p.trouble(w, r, o, err)
		return s, view{}, false
	}
	v := viewOf(s, o, p.Now())
	v.Admin = p.Admin != nil && v.Answerable()
	return s, v, true
}

// page shows where the upgrade stands. It changes nothing, whoever opens it and however often.
func (p *site) page(w http.ResponseWriter, r *http.Request, o opened) {
	v, ok := p.look(w, r, o)
	if !ok {
		return
	}
	if v.Answerable() && r.URL.Query().Get("answer") == "declined" {
		v.sent()
	}
	v.told(r.URL.Query().Get("said"))
	if p.describe(w, r, o, &v) {
		p.show(w, r, v.code(), v)
	}
}

// describe adds the plan document, as far as it concerns the customer, where the administrator is to decide. It answers
// itself, and returns false, when the plan cannot be had: nobody is asked to agree to what is not shown.
func (p *site) describe(w http.ResponseWriter, r *http.Request, o opened, v *view) bool {
	if !v.Answerable() {
		return true
	}
	plan, err := p.Upgrades.PlanOf(r.Context(), o.workflowID)
	if err == nil {
		// The page says by itself what is permitted, in its reader's language.
		v.Permissions = plan.Permissions
		v.Plan, err = p.pages.plans.Fragment(plandoc.ForCustomer(plan).Without("permissions"))
	}
	if err != nil {
		p.trouble(w, r, o, err)
		return false
	}
	return true
}

// declineForm asks for the reason: the first of the two steps of declining.
func (p *site) declineForm(w http.ResponseWriter, r *http.Request, o opened) {
	v, ok := p.look(w, r, o)
	switch {
	case !ok:
	case !v.Answerable():
		http.Redirect(w, r, o.path(), http.StatusSeeOther)
	default:
		p.show(w, r, http.StatusOK, v.asking())
	}
}

// maxBody bounds what a form may carry; maxReason what of it is kept, in characters.
const (
	maxBody   = 16 << 10
	maxReason = 1000
)

// form reads a post's body before anything is done for it. Our forms are short, and sent as browsers send forms: what comes
// as another type was not made by our page, and its fields would be missing silently.
func (p *site) form(next func(http.ResponseWriter, *http.Request, opened)) func(http.ResponseWriter, *http.Request, opened) {
	return func(w http.ResponseWriter, r *http.Request, o opened) {
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if empty := r.ContentLength == 0 && r.Header.Get("Content-Type") == ""; !empty && (err != nil || kind != "application/x-www-form-urlencoded") {
			p.show(w, r, http.StatusUnsupportedMediaType, view{State: stateForeign})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if err := r.ParseForm(); err != nil {
			var large *http.MaxBytesError
			if errors.As(err, &large) {
				p.show(w, r, http.StatusRequestEntityTooLarge, view{State: stateTooLarge, Path: o.path()})
				return
			}
			p.show(w, r, http.StatusBadRequest, view{State: stateForeign}) // our form is never malformed
			return
		}
		next(w, r, o)
	}
}

// decline sends the administrator's no, and waits a moment for the upgrade to take it.
func (p *site) decline(w http.ResponseWriter, r *http.Request, o opened) {
	v, ok := p.look(w, r, o)
	if !ok {
		return
	}
	if !v.Answerable() {
		http.Redirect(w, r, o.path(), http.StatusSeeOther)
		return
	}
	err := p.Upgrades.Consent(r.Context(), o.workflowID, upgrade.Consent{
		Decision: upgrade.DeclinedDecision, By: "consent page", Reason: reason(r.PostFormValue("reason")), Invitation: o.invitation,
	})
	if err != nil && !ended(err) {
		p.trouble(w, r, o, err)
		return
	}
	p.Log.Info("declined on the page", "link", tag(o.token), "workflow", o.workflowID)
	p.settle(r, o)
	http.Redirect(w, r, o.path()+"?answer=declined", http.StatusSeeOther)
}

// settle gives a signal the second that it usually takes, so that the next page already knows.
func (p *site) settle(r *http.Request, o opened) {
	for range 8 {
		select {
		case <-time.After(150 * time.Millisecond):
		case <-r.Context().Done():
			return
		}
		s, err := p.Upgrades.Status(r.Context(), o.workflowID)
		if err != nil || s.Stage != upgrade.Invited {
			return
		}
	}
}

// reason makes a stranger's text plain and short.
func reason(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	if runes := []rune(strings.TrimSpace(s)); len(runes) > maxReason {
		return string(runes[:maxReason])
	}
	return strings.TrimSpace(s)
}

// start asks for a device code. The upgrade gives two requests at once the same one.
func (p *site) start(w http.ResponseWriter, r *http.Request, o opened) {
	v, ok := p.look(w, r, o)
	if !ok {
		return
	}
	if v.State != stateOffer {
		http.Redirect(w, r, o.path(), http.StatusSeeOther)
		return
	}
	_, err := p.Upgrades.StartAuthentication(r.Context(), o.workflowID, upgrade.StartAuthentication{Invitation: o.invitation})
	switch {
	case err == nil, ended(err):
		p.Log.Info("authentication started on the page", "link", tag(o.token), "workflow", o.workflowID)
		http.Redirect(w, r, o.path(), http.StatusSeeOther)
	case refused(err):
		p.Log.Info("authentication was refused", "link", tag(o.token), "workflow", o.workflowID, "code", upgrade.CodeOf(err))
		v.notStarted(err)
		if p.describe(w, r, o, &v) {
			p.show(w, r, http.StatusConflict, v)
		}
	default:
		p.trouble(w, r, o, err)
	}
}

func ended(err error) bool { return upgrade.CodeOf(err) == "ended" }

// refused tells a definite answer from a failure to get one.
func refused(err error) bool {
	switch upgrade.KindOf(err) {
	case upgrade.Refused, upgrade.Invalid, upgrade.Conflict, upgrade.Act, upgrade.Waiting:
		return true
	}
	return false
}

// trouble shows that we could not find out, which is our fault and may pass, or that there is no such upgrade any more.
func (p *site) trouble(w http.ResponseWriter, r *http.Request, o opened, err error) {
	if r.Context().Err() != nil {
		return // nobody is there to read it
	}
	if upgrade.KindOf(err) == upgrade.NotFound {
		p.show(w, r, http.StatusGone, view{State: stateForgotten})
		return
	}
	p.Log.Error("the consent page could not be made", "link", tag(o.token), "workflow", o.workflowID, "error", err.Error())
	w.Header().Set("Retry-After", "10")
	p.show(w, r, http.StatusServiceUnavailable, view{State: stateTrouble, Path: o.path()})
}
