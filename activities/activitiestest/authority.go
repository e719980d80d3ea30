package activitiestest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"uplift/upgrade"
)

// GlobalAdministrator is the role template id that is always accepted.
const GlobalAdministrator = "62e90394-69f5-4237-9190-012177145e10"

// PersonalAccounts is the tenant of personal accounts.
const PersonalAccounts = "9188040d-6c67-4c5b-b112-36a304b66dad"

// Person is somebody who types a device code.
type Person struct {
	Tenant   string
	Name     string
	Roles    []string // directory role template ids
	Silent   bool     // the id token does not speak of roles
	Guest    bool
	Polls    int      // how often we ask before the person is through
	Problem  string   // the sign-in ends with this code instead, such as authorization_declined
	Withhold []string // permissions that are not given
}

// patience is how often a code is asked for in vain before it expires. The asking takes real time.
const patience = 12

type deviceCode struct {
	tenant string
	scopes []string
	person *Person
	polls  int
	used   bool
	until  time.Time
}

// Authority is Microsoft Entra ID.
type Authority struct{ w *World }

// SignIn lets a person redeem the next device code that is asked for and that nobody is about to redeem.
func (w *World) SignIn(p Person) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.people = append(w.people, p)
}

// Administrator is the customer's Global Administrator, who is through when we ask for the third time.
func Administrator(c *Customer) Person {
	return Person{Tenant: c.Tenant, Name: "Ada Admin", Roles: []string{GlobalAdministrator}, Polls: 2}
}

// StartDeviceCode implements activities.Authority, as every method here does.
func (a Authority) StartDeviceCode(_ context.Context, tenant string, scopes []string) (out upgrade.PendingCode, err error) {
	end, err := a.w.begin("Authority.StartDeviceCode")
	if err != nil {
		return out, err
	}
	defer end(&err)
	a.w.minted++
	secret := fmt.Sprintf("device-%d", a.w.minted)
	until := a.w.Now().Add(15 * time.Minute)
	a.w.codes[secret] = &deviceCode{tenant: tenant, scopes: slices.Clone(scopes), until: until}
	return upgrade.PendingCode{
		DeviceCode: upgrade.Secret(secret), UserCode: fmt.Sprintf("CODE%04d", a.w.minted), VerificationURI: "https://login.example/device",
		Interval: time.Millisecond, ExpiresAt: until,
	}, nil
}

// RedeemDeviceCode asks once.
func (a Authority) RedeemDeviceCode(_ context.Context, tenant string, code upgrade.Secret) (out upgrade.Tokens, err error) {
	end, err := a.w.begin("Authority.RedeemDeviceCode")
	if err != nil {
		return out, err
	}
	defer end(&err)
	c := a.w.codes[code.Reveal()]
	switch {
	case c == nil || c.tenant != tenant:
		return out, refused("bad_verification_code", "the code is not known")
	case c.used:
		return out, refused("bad_verification_code", "the code was used already")
	}
	c.polls++
	if c.person == nil && len(a.w.people) > 0 {
		c.person, a.w.people = &a.w.people[0], a.w.people[1:]
		c.polls = 1
	}
	switch p := c.person; {
	case p == nil && (c.polls > patience || !c.until.After(a.w.Now())):
		return out, refused("expired_token", "the code was not used in time")
	case p == nil, c.polls <= p.Polls:
		return out, &upgrade.Error{Kind: upgrade.Waiting, Code: "authorization_pending", Message: "nobody has signed in yet"}
	case p.Problem != "":
		c.used = true
		return out, refused(p.Problem, "the sign-in did not succeed")
	}
	c.used = true
	return a.w.tokens(c), nil
}

// tokens are what a person's sign-in gives; the id token leads back to the person.
func (w *World) tokens(c *deviceCode) upgrade.Tokens {
	scopes := slices.DeleteFunc(slices.Clone(c.scopes), func(s string) bool { return slices.Contains(c.person.Withhold, s) })
	id := fmt.Sprintf("id-%d", len(w.codes))
	w.codes[id] = c
	return upgrade.Tokens{Access: "access", Refresh: "refresh", ID: upgrade.Secret(id), ExpiresAt: w.Now().Add(time.Hour), Scopes: scopes}
}

func (w *World) person(id upgrade.Secret) (Person, error) {
	c := w.codes[id.Reveal()]
	if c == nil || !strings.HasPrefix(id.Reveal(), "id-") || c.person == nil {
		return Person{}, refused("bad_id_token", "the id token cannot be read")
	}
	return *c.person, nil
}

// Identify reads an id token.
func (a Authority) Identify(_ context.Context, tenant string, idToken upgrade.Secret) (out upgrade.Identity, err error) {
	end, err := a.w.begin("Authority.Identify")
	if err != nil {
		return out, err
	}
	defer end(&err)
	p, err := a.w.person(idToken)
	switch {
	case err != nil:
		return out, err
	case p.Tenant == PersonalAccounts:
		return out, refused("personal_account", "a personal Microsoft account signed in")
	case p.Tenant != tenant:
		return out, refused("wrong_tenant", "somebody of another tenant signed in")
	}
	out = upgrade.Identity{Tenant: p.Tenant, ObjectID: upgrade.UUID(p.Name), Name: p.Name, Guest: p.Guest}
	if !p.Silent {
		out.Roles, out.RolesSaid = slices.Clone(p.Roles), true
	}
	return out, nil
}

// ApplicationRoles are those of our application in the tenant.
func (a Authority) ApplicationRoles(_ context.Context, tenant string) (out []string, err error) {
	end, err := a.w.begin("Authority.ApplicationRoles")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	c := a.w.customers[tenant]
	if c == nil || c.AppRoles == nil {
		return nil, &upgrade.Error{Kind: upgrade.GrantLost, Code: "AADSTS7000229", Message: "the application is not known in the tenant"}
	}
	return slices.Clone(c.AppRoles), nil
}
