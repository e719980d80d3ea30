package entra

import (
	"slices"
	"sync"
	"time"
)

// store holds what the service remembers. Its methods never call the State, so
// that a State may call the Server under its own lock.
type store struct {
	mu           sync.Mutex
	secrets      []Secret
	devices      map[string]*deviceGrant // by device code
	userCodes    map[string]string       // user code to device code
	interactions map[string]interaction
	authCodes    map[string]*authGrant
	refresh      map[string]*refreshGrant
}

func newStore() *store {
	return &store{
		devices:      map[string]*deviceGrant{},
		userCodes:    map[string]string{},
		interactions: map[string]interaction{},
		authCodes:    map[string]*authGrant{},
		refresh:      map[string]*refreshGrant{},
	}
}

func (st *store) note(kind SecretKind, value string) {
	if value == "" {
		return
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if one := (Secret{kind, value}); kind.issued() || !slices.Contains(st.secrets, one) {
		st.secrets = append(st.secrets, one)
	}
}

func (st *store) noted() []Secret {
	st.mu.Lock()
	defer st.mu.Unlock()
	return slices.Clone(st.secrets)
}

func (st *store) revoke(tenant, oid string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, grant := range st.refresh {
		if grant.tenant == tenant && grant.oid == oid {
			grant.revoked = true
		}
	}
}

// addDevice keeps a device authorization; it is false when the user code is
// taken by another one, and the caller tries a new code.
func (st *store) addDevice(grant deviceGrant) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	if _, taken := st.userCodes[grant.userCode]; taken {
		return false
	}
	st.devices[grant.deviceCode] = &grant
	st.userCodes[grant.userCode] = grant.deviceCode
	return true
}

// deviceByUserCode returns a copy of what belongs to the short code.
func (st *store) deviceByUserCode(userCode string) (deviceGrant, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	grant, ok := st.devices[st.userCodes[userCode]]
	if !ok {
		return deviceGrant{}, false
	}
	return *grant, true
}

// poll counts a poll and returns a copy of the grant with the count.
func (st *store) poll(deviceCode string, now time.Time) (deviceGrant, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	grant, ok := st.devices[deviceCode]
	if !ok {
		return deviceGrant{}, false
	}
	if !grant.lastPoll.IsZero() && now.Sub(grant.lastPoll) < hastyBelow {
		grant.hasty++
	} else {
		grant.hasty = 0
	}
	grant.lastPoll = now
	return *grant, true
}

// moveDevice changes the status of a device authorization if it still has the
// one expected, and says whether it did. It is how one of two racing
// redemptions loses.
func (st *store) moveDevice(deviceCode string, from, to deviceStatus, change func(*deviceGrant)) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	grant, ok := st.devices[deviceCode]
	if !ok || grant.status != from {
		return false
	}
	grant.status = to
	if change != nil {
		change(grant)
	}
	return true
}

func (st *store) putInteraction(in interaction) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.interactions[in.id] = in
}

func (st *store) interaction(id string) (interaction, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	in, ok := st.interactions[id]
	return in, ok
}

// takeInteraction removes an interaction, so that a decision counts once.
func (st *store) takeInteraction(id string) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	_, ok := st.interactions[id]
	delete(st.interactions, id)
	return ok
}

func (st *store) putAuthCode(code string, grant authGrant) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.authCodes[code] = &grant
}

func (st *store) authCode(code string) (authGrant, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	grant, ok := st.authCodes[code]
	if !ok {
		return authGrant{}, false
	}
	return *grant, true
}

// spendAuthCode marks a code as redeemed; false when it was already.
func (st *store) spendAuthCode(code string) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	grant, ok := st.authCodes[code]
	if !ok || grant.spent {
		return false
	}
	grant.spent = true
	return true
}

func (st *store) putRefresh(token string, grant refreshGrant) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.refresh[token] = &grant
}

func (st *store) refreshToken(token string) (refreshGrant, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	grant, ok := st.refresh[token]
	if !ok {
		return refreshGrant{}, false
	}
	return *grant, true
}

// useRefresh notes a redemption and pushes the end of inactivity away.
func (st *store) useRefresh(token string, now time.Time) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if grant, ok := st.refresh[token]; ok {
		grant.used, grant.lastUse = true, now
	}
}

// device returns a copy of a device authorization.
func (st *store) device(deviceCode string) (deviceGrant, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	grant, ok := st.devices[deviceCode]
	if !ok {
		return deviceGrant{}, false
	}
	return *grant, true
}
