package entra

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// need says what stands between a signed-in person and the end of the visit.
type need struct {
	// consent: the tenant has not yet granted all that is asked.
	consent bool
	// admin: what is missing may be granted by an administrator only.
	admin bool
}

func (s *Server) need(in interaction) need {
	if in.flow == flowAdminConsent {
		return need{consent: true, admin: true}
	}
	delegated, _, ok := s.state.Consented(in.person.TenantID, in.app.ClientID)
	if in.ask.resource == PartnerAudience && in.person.TenantID == in.app.TenantID {
		delegated = append(slices.Clone(delegated), partnerScope)
	}
	lacking := missing(in.wanted, forResource(delegated, in.ask.resource))
	return need{
		consent: !ok || len(lacking) > 0,
		admin:   slices.ContainsFunc(lacking, adminRestricted),
	}
}

// accept is the button of the consent page, or its omission when nothing is to
// be asked. The rights are looked at again: the post may come without the page.
func (s *Server) accept(w http.ResponseWriter, r *http.Request, in interaction) {
	need := s.need(in)
	if need.admin && !mayConsent(in.person, len(in.application) > 0) {
		s.showApproval(w, in)
		return
	}
	if !s.store.takeInteraction(in.id) {
		s.showProblem(w, problemOf(90120, "invalid_request"))
		return
	}
	// The device authorization is settled first, so that of two people at once
	// only the one who counts leaves a consent behind.
	if in.flow == flowDevice && !s.approveDevice(in) {
		s.showProblem(w, problemOf(90120, "invalid_request"))
		return
	}
	if need.consent {
		s.grant(in)
	}
	switch in.flow {
	case flowDevice:
		s.showDone(w, "You have signed in", "You have signed in to "+in.app.Name+" on your device. You may now close this window.")
	case flowAuthorize:
		s.finishAuthorize(w, r, in)
	case flowAdminConsent:
		s.finishAdminConsent(w, r, in)
	}
}

// grant records a consent in the tenant of the person.
func (s *Server) grant(in interaction) {
	s.state.GrantConsent(in.person.TenantID, in.app.ClientID, in.wanted, in.application)
	s.state.Record(RecordConsent, in.person.TenantID, in.person.ObjectID,
		"app "+in.app.ClientID+", delegated "+strings.Join(in.wanted, " ")+", application "+strings.Join(in.application, " "))
}

// approveDevice answers the waiting poller, and is false when the authorization
// was decided or has expired meanwhile.
func (s *Server) approveDevice(in interaction) bool {
	grant, ok := s.store.device(in.deviceCode)
	if !ok || !s.state.Now().Before(grant.expires) {
		return false
	}
	return s.store.moveDevice(in.deviceCode, devicePending, deviceApproved, func(grant *deviceGrant) {
		grant.person, grant.home, grant.granted = in.person, in.home, in.wanted
	})
}

// deny is the other button.
func (s *Server) deny(w http.ResponseWriter, r *http.Request, in interaction) {
	if !s.store.takeInteraction(in.id) {
		s.showProblem(w, problemOf(90120, "invalid_request"))
		return
	}
	s.state.Record(RecordDeclined, in.person.TenantID, in.person.ObjectID, "app "+in.app.ClientID)
	switch in.flow {
	case flowAuthorize:
		in.back(w, r, url.Values{"error": {"access_denied"}, "error_description": {problemOf(65004, "").sentence()}})
	case flowAdminConsent:
		s.refuseAdminConsent(w, r, in)
	default:
		if !s.store.moveDevice(in.deviceCode, devicePending, deviceDeclined, nil) {
			s.showProblem(w, problemOf(90120, "invalid_request"))
			return
		}
		s.showDone(w, "You declined", "Nothing was granted to "+in.app.Name+". You may now close this window.")
	}
}
