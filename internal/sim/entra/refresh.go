package entra

import (
	"errors"
	"slices"
	"time"
)

// refreshGrant is what a refresh token stands for. Redeeming it leaves it good
// until its own inactivity ends: "refresh tokens aren't revoked when used to
// acquire new access tokens" (page "refresh-tokens").
type refreshGrant struct {
	clientID          string
	tenant, home, oid string
	ask               asked
	// approved are the permissions given in the sign-in behind the token.
	approved   []string
	approvedAt time.Time
	lastUse    time.Time
	used       bool
	revoked    bool
}

// newRefresh makes the refresh token of a session.
func (s *Server) newRefresh(in session) string {
	now := s.state.Now()
	grant := refreshGrant{
		clientID: in.client.app.ClientID, tenant: in.tenant, home: in.home, oid: in.person.ObjectID,
		ask: in.ask, approved: in.granted, approvedAt: now,
	}
	if in.origin != nil {
		grant = *in.origin
	}
	grant.lastUse, grant.used = now, false
	token := s.secret(RefreshToken, "1.")
	s.store.putRefresh(token, grant)
	return token
}

// IssueRefreshToken makes a refresh token without a sign-in, for a set-up that
// starts where a partner's user consented long ago. The person and the
// application must be known to the State.
func (s *Server) IssueRefreshToken(clientID, tenant, oid string) (string, error) {
	app, ok := s.state.AppByClientID(clientID)
	if !ok {
		return "", errors.New("no such application")
	}
	person, ok := s.state.Person(tenant, oid)
	if !ok {
		return "", errors.New("no such person in the tenant")
	}
	return s.newRefresh(session{
		client: client{app: app}, person: person, tenant: tenant, home: tenant,
		ask: asked{resource: GraphAudience, dflt: true, openid: true, profile: true, offline: true},
	}), nil
}

// redeemRefresh makes new tokens from a refresh token: for the same resource or
// another one, in the same tenant or, for a partner's user, a customer's.
func (s *Server) redeemRefresh(t tokenRequest) (tokenReply, *problem) {
	token := t.r.PostForm.Get("refresh_token")
	grant, p := s.liveRefresh(token, t.client.app.ClientID)
	if p != nil {
		return tokenReply{}, p
	}
	ask, p := t.ask(grant.ask)
	if p != nil {
		return tokenReply{}, p
	}
	in, p := s.refreshSession(t, grant, ask)
	if p != nil {
		return tokenReply{}, p
	}
	s.store.useRefresh(token, s.state.Now())
	return s.userReply(in), nil
}

// liveRefresh finds a refresh token that may still be redeemed.
func (s *Server) liveRefresh(token, clientID string) (refreshGrant, *problem) {
	grant, ok := s.store.refreshToken(token)
	switch {
	case !ok || grant.clientID != clientID:
		return refreshGrant{}, problemOf(70000, "invalid_grant")
	case grant.revoked:
		return refreshGrant{}, problemOf(50173, "invalid_grant").sub("bad_token")
	case s.state.Now().Sub(grant.lastUse) >= RefreshTokenLife:
		return refreshGrant{}, problemOf(700082, "invalid_grant").sub("bad_token")
	case grant.used && s.state.Fault(FaultOldRefreshRefused, grant.tenant):
		return refreshGrant{}, problemOf(70008, "invalid_grant").sub("bad_token")
	}
	return grant, nil
}

// refreshSession decides for whom, where and for what the new tokens are.
func (s *Server) refreshSession(t tokenRequest, grant refreshGrant, ask asked) (session, *problem) {
	person, ok := s.state.Person(grant.tenant, grant.oid)
	if !ok {
		return session{}, problemOf(50034, "invalid_grant")
	}
	if !person.Enabled {
		return session{}, problemOf(50057, "invalid_grant")
	}
	in := session{client: t.client, person: person, tenant: grant.tenant, home: grant.home,
		wids: person.Roles, ask: ask, v1: t.v1, origin: &grant}
	in.ask.offline = true
	if abroad := t.authority.tenant; abroad != "" && abroad != grant.tenant {
		roles, p := s.delegated(grant, abroad, t.client.app)
		if p != nil {
			return session{}, p
		}
		in.tenant, in.home, in.wids = abroad, grant.tenant, roles
	}
	granted, p := s.refreshScopes(in, grant)
	in.granted = granted
	return in, p
}

// delegated is the entry of a partner's user into a customer's tenant.
func (s *Server) delegated(grant refreshGrant, tenant string, app App) ([]string, *problem) {
	if s.state.Fault(FaultNotPreconsented, tenant) {
		return nil, problemOf(90099, "invalid_grant")
	}
	known, ok := s.state.(Delegations)
	if !ok {
		if grant.tenant == app.TenantID {
			return nil, nil
		}
		return nil, problemOf(50020, "invalid_grant")
	}
	roles, ok := known.DelegatedRoles(grant.tenant, grant.oid, tenant)
	if !ok {
		return nil, problemOf(50020, "invalid_grant")
	}
	return roles, nil
}

// refreshScopes answers the permissions of the new token, or 65001. Within ten
// minutes of a sign-in its own answer counts, since the directory may not know
// it yet; after that only what the tenant has granted.
func (s *Server) refreshScopes(in session, grant refreshGrant) ([]string, *problem) {
	app := in.client.app
	if in.ask.resource == PartnerAudience && in.tenant == app.TenantID {
		return []string{partnerScope}, nil
	}
	consented, _, ok := s.state.Consented(in.tenant, app.ClientID)
	allowed := forResource(consented, in.ask.resource)
	fresh := s.state.Now().Sub(grant.approvedAt) < consentSettles
	if !ok && fresh && in.tenant == grant.tenant && in.ask.resource == grant.ask.resource {
		ok, allowed = true, slices.Clone(grant.approved)
	}
	switch {
	case !ok, len(missing(in.ask.names, allowed)) > 0, in.ask.dflt && len(allowed) == 0:
		return nil, problemOf(65001, "invalid_grant").sub("consent_required")
	case in.ask.dflt:
		return allowed, nil
	}
	return in.ask.names, nil
}
