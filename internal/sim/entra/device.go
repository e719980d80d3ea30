package entra

import (
	"crypto/rand"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"
)

// deviceStatus is where a device authorization stands.
type deviceStatus int

const (
	devicePending deviceStatus = iota
	deviceApproved
	deviceDeclined
	deviceSpent
)

// deviceGrant is one device authorization.
type deviceGrant struct {
	deviceCode, userCode string
	authority            authority
	app                  App
	ask                  asked
	status               deviceStatus
	expires              time.Time
	lastPoll             time.Time
	hasty                int
	// person, home and granted are set by the approval.
	person  Person
	home    string
	granted []string
}

// deviceReply is the answer to step A (page "v2-oauth2-device-code"). Entra sends
// no verification_uri_complete.
type deviceReply struct {
	DeviceCode      string `json:"device_code"`
	UserCode        string `json:"user_code"`
	VerificationURI string `json:"verification_uri"`
	ExpiresIn       int    `json:"expires_in"`
	Interval        int    `json:"interval"`
	Message         string `json:"message"`
}

// deviceCode starts a device authorization. Whether the application may use the
// flow is asked at the token only, as Entra does.
func (s *Server) deviceCode(w http.ResponseWriter, r *http.Request) {
	grant, p := s.newDevice(r)
	if p != nil {
		s.fail(w, r, p)
		return
	}
	if s.state.Fault(FaultDeviceCodeReplyLost, grant.authority.tenant) {
		panic(http.ErrAbortHandler)
	}
	uri := s.issuer + "/devicelogin"
	s.answer(w, grant.authority.tenant, deviceReply{
		DeviceCode:      grant.deviceCode,
		UserCode:        grant.userCode,
		VerificationURI: uri,
		ExpiresIn:       int(s.life(DeviceCodeLife) / time.Second),
		Interval:        int(PollInterval / time.Second),
		Message: "To sign in, use a web browser to open the page " + uri + " and enter the code " +
			grant.userCode + " to authenticate.",
	})
}

func (s *Server) newDevice(r *http.Request) (deviceGrant, *problem) {
	a, p := s.formAndAuthority(r)
	if p != nil {
		return deviceGrant{}, p
	}
	if p := s.rolled(a.tenant, anyGrantFaults()); p != nil {
		return deviceGrant{}, p
	}
	clientID := r.PostForm.Get("client_id")
	if clientID == "" {
		return deviceGrant{}, problemOf(90014, "invalid_request").because("'client_id'.")
	}
	app, ok := s.state.AppByClientID(clientID)
	if !ok {
		return deviceGrant{}, notInDirectory(clientID)
	}
	ask, p := parseScope(r.PostForm.Get("scope"))
	if p != nil {
		return deviceGrant{}, p
	}
	grant := deviceGrant{
		deviceCode: s.secret(DeviceCode, "D"), userCode: newUserCode(), authority: a, app: app, ask: ask,
		expires: s.state.Now().Add(s.life(DeviceCodeLife)),
	}
	for !s.store.addDevice(grant) {
		grant.userCode = newUserCode()
	}
	s.store.note(UserCode, grant.userCode)
	s.state.Record(RecordDeviceCode, a.tenant, app.ClientID, "device authorization started")
	return grant, nil
}

// newUserCode makes a short code without letters that look alike. Nine
// characters were seen; the format is UNVERIFIED.
func newUserCode() string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	var code strings.Builder
	for range 9 {
		n, _ := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
		code.WriteByte(letters[n.Int64()])
	}
	return code.String()
}

// redeemDevice answers a poll. A code of another application or another
// authority is not recognised.
func (s *Server) redeemDevice(t tokenRequest) (tokenReply, *problem) {
	now := s.state.Now()
	grant, ok := s.store.poll(t.r.PostForm.Get("device_code"), now)
	if !ok || grant.app.ClientID != t.client.app.ClientID || grant.authority.key() != t.authority.key() {
		return tokenReply{}, problemOf(70018, "bad_verification_code")
	}
	if grant.hasty >= hastyLimit {
		return tokenReply{}, problemOf(50196, "invalid_grant")
	}
	switch {
	case grant.status == deviceDeclined:
		// The number under which Entra says so is UNVERIFIED.
		return tokenReply{}, problemOf(65004, "authorization_declined")
	case grant.status == deviceSpent:
		return tokenReply{}, s.spentDevice(grant)
	case !now.Before(grant.expires):
		return tokenReply{}, problemOf(70019, "expired_token")
	case grant.status == devicePending:
		return tokenReply{}, problemOf(70016, "authorization_pending")
	}
	return s.redeemApproved(t, grant)
}

func (s *Server) redeemApproved(t tokenRequest, grant deviceGrant) (tokenReply, *problem) {
	tenant := grant.person.TenantID
	if s.state.Fault(FaultDeviceTokenBlocked, tenant) {
		return tokenReply{}, problemOf(53003, "interaction_required").sub("message_only")
	}
	if p := s.slowConsent(tenant, grant.app.ClientID); p != nil {
		return tokenReply{}, p
	}
	if !s.store.moveDevice(grant.deviceCode, deviceApproved, deviceSpent, nil) {
		return tokenReply{}, s.spentDevice(grant)
	}
	return s.userReply(session{
		client: t.client, person: grant.person, tenant: tenant, home: grant.home,
		wids: grant.person.Roles, granted: grant.granted, ask: grant.ask, v1: t.v1,
	}), nil
}

// spentDevice is the answer to a second redemption. That Entra says
// invalid_grant with 70018 is UNVERIFIED; FaultSpentCode54005 varies it.
func (s *Server) spentDevice(grant deviceGrant) *problem {
	if s.state.Fault(FaultSpentCode54005, grant.person.TenantID) {
		return problemOf(54005, "invalid_grant")
	}
	return problemOf(70018, "invalid_grant")
}

// slowConsent is 65001 while the fault is rolled and the consent just given has
// not reached the replica that makes tokens.
func (s *Server) slowConsent(tenant, clientID string) *problem {
	if _, _, ok := s.state.Consented(tenant, clientID); ok || !s.state.Fault(FaultSlowConsent, tenant) {
		return nil
	}
	return problemOf(65001, "invalid_grant").sub("consent_required")
}

// normalCode forgives the ways people type a code.
func normalCode(typed string) string {
	drop := []rune{' ', '-', '\t'}
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if slices.Contains(drop, r) {
			return -1
		}
		return r
	}, typed))
}
