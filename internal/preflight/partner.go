package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"uplift/upgrade"
)

// remedySignIn ends what a new sign-in mends.
const remedySignIn = "run `starter partner sign-in`"

// partnerSignedIn looks at the stored sign-in, and uses it. That nobody has signed in is a warning: upgrades by invitation
// need nobody.
func partnerSignedIn(ctx context.Context, x *examination) []Finding {
	state, err := x.Register(ctx)
	if err != nil {
		return fail(words(err), "mend the register")
	}
	none := warn("nobody has signed in: delegated administration (GDAP), consent by the partner, and what Partner Center does for persons only do not work", remedySignIn)
	if !state.Exists {
		return none
	}
	if state.Schema != state.Newest {
		return skipped("the register is of another schema")
	}
	user, err := x.SignIn(ctx)
	if err != nil {
		return fail(words(err), "mend the register")
	}
	x.closers = append(x.closers, user.Close)
	at, used, err := user.SignedIn(ctx)
	switch {
	case upgrade.CodeOf(err) == "no_partner_sign_in":
		return none
	case err != nil:
		return fail(words(err), "mend the register, or "+remedySignIn)
	}
	if _, err := user.PartnerCenter(ctx); err != nil {
		if upgrade.CodeOf(err) == "partner_sign_in_lost" {
			return fail(words(err), remedySignIn)
		}
		return fail(words(err), x.credentialRemedy(err))
	}
	x.user = user
	age := x.Now().Sub(used)
	if age > upgrade.PartnerSignInOld {
		return warn(fmt.Sprintf("it works, and was not used for %s before this look; after 90 days it would have died", inDays(age)),
			"keep a worker running: it renews the sign-in every day")
	}
	return ok("signed in %s, used last %s, and renewed just now", at.UTC().Format(time.DateOnly), used.UTC().Format(time.DateTime+" UTC"))
}

// nobody says that a check has nobody to look at.
func nobody() []Finding { return skipped("nobody of the partner has signed in") }

// partnerMFA: Partner Center takes no app+user token without a second factor since 2026-04-01.
func partnerMFA(ctx context.Context, x *examination) []Finding {
	if x.user == nil {
		return nobody()
	}
	const remedy = "have the account enrol in multi-factor authentication, require it by Conditional Access, and " + remedySignIn
	token, err := x.user.PartnerCenter(ctx)
	if err != nil {
		return fail(words(err), remedySignIn)
	}
	if said, has := x.user.SecondFactor(token); said && !has {
		return fail("the sign-in was made without a second factor, and Partner Center takes no other since 2026-04-01", remedy)
	}
	c, err := x.Center(x.user.PartnerCenter)
	if err != nil {
		return fail(words(err), "correct -partner-url")
	}
	mfa, _, err := c.Standing(ctx)
	switch {
	case upgrade.CodeOf(err) == "900309", mfa == "false":
		return fail("Partner Center says that the sign-in lacks a second factor", remedy)
	case mfa == "true":
		return ok("Partner Center says that the sign-in has one (isMfaCompliant)")
	}
	return ok("the token says that the sign-in had one (amr)")
}

func partnerHasRole(ctx context.Context, x *examination) []Finding {
	if x.user == nil {
		return nobody()
	}
	c, err := x.Center(x.user.PartnerCenter)
	if err != nil {
		return fail(words(err), "correct -partner-url")
	}
	_, _, err = c.Standing(ctx)
	switch {
	case err == nil:
		return ok("Partner Center takes the user's token")
	case upgrade.KindOf(err) == upgrade.Transient, upgrade.KindOf(err) == upgrade.Throttled:
		return fail(words(err), "look again later")
	}
	return fail("Partner Center does not take the user who signed in: "+words(err),
		"in Partner Center, under Account settings, User management, make the user an Admin agent; or "+remedySignIn+" as one")
}

// of binds a check to a customer's tenant.
func of(tenant string, run func(context.Context, *examination, string) []Finding) func(context.Context, *examination) []Finding {
	return func(ctx context.Context, x *examination) []Finding {
		if !upgrade.IsGUID(tenant) {
			return fail("the tenant is not named by its id", "give the customer's Microsoft ID, a GUID in lower case")
		}
		return run(ctx, x, tenant)
	}
}

func (x *examination) customer(ctx context.Context, tenant string) (upgrade.Customer, error) {
	c, err := x.application()
	if err != nil {
		return upgrade.Customer{}, err
	}
	return c.Customer(ctx, tenant)
}

func customerRelationship(ctx context.Context, x *examination, tenant string) []Finding {
	const remedy = "have the customer's Global Administrator accept your request for a reseller relationship (Partner Center, Customers)"
	c, err := x.customer(ctx, tenant)
	switch {
	case upgrade.KindOf(err) == upgrade.Transient && err != nil:
		return fail(words(err), "look again later")
	case err != nil:
		return fail(words(err), remedy)
	case c.Relationship != "reseller":
		return fail(fmt.Sprintf("%s is no customer of this partner: the relationship is %q", c.Name, c.Relationship), remedy)
	}
	return ok("%s is a customer of this partner", c.Name)
}

// customerAgreement asks by the person's token where there is one: Partner Center shows agreements to persons only, and
// what it does not show counts as accepted.
func customerAgreement(ctx context.Context, x *examination, tenant string) []Finding {
	ask, err := x.application()
	if x.user != nil && x.verdicts[partnerRole] == OK {
		ask, err = x.Center(x.user.PartnerCenter)
	}
	var c upgrade.Customer
	if err == nil {
		c, err = ask.Customer(ctx, tenant)
	}
	switch {
	case err != nil:
		return fail(words(err), "look again")
	case !c.AgreementAccepted:
		return fail("the customer has not accepted the Microsoft Customer Agreement, without which nothing can be bought or changed",
			"confirm the acceptance in Partner Center, on the customer's Account page")
	}
	return ok("the Microsoft Customer Agreement is accepted, as far as Partner Center tells")
}

// mayAssign are the roles that may assign licences and set a country; the first is the least. permissions of assignLicense.
func mayAssign() map[string]string {
	return map[string]string{
		"4d6ac14f-3453-41d0-bef9-a3e0c569773a": "License Administrator",
		"fe930be7-5e62-47db-91af-98c3a49a38b1": "User Administrator",
		"9360feb5-f418-4baa-8175-e2a00bac4301": "Directory Writers",
		"62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
	}
}

func customerDelegation(ctx context.Context, x *examination, tenant string) []Finding {
	if x.user == nil {
		return nobody()
	}
	token, err := x.user.Graph(ctx, tenant)
	if err != nil {
		return fail(words(err), delegationRemedy(err))
	}
	if _, err := x.Organization(ctx, tenant, token); err != nil {
		return fail("the token is given, and Microsoft Graph does not take it in the tenant: "+words(err),
			"consent to the application's delegated permissions there, and give the user's security group a role in the GDAP relationship")
	}
	roles, said := x.user.Roles(token)
	if !said {
		return warn("it works; which roles it has there, the token does not say", "see the GDAP relationship in Partner Center")
	}
	var good []string
	for _, id := range roles {
		if name := mayAssign()[id]; name != "" {
			good = append(good, name)
		}
	}
	slices.Sort(good)
	if len(good) == 0 {
		return fail(fmt.Sprintf("it works, and none of its %d roles there may assign licences", len(roles)),
			"give the user's security group License Administrator and User Administrator in the GDAP relationship")
	}
	return ok("it works, as %s", strings.Join(good, ", "))
}

// delegationRemedy explains why a customer's tenant does not let the partner's user in.
func delegationRemedy(err error) string {
	switch upgrade.CodeOf(err) {
	case "AADSTS65001", "AADSTS90099", "AADSTS700016", "AADSTS650051", "AADSTS7000229":
		return "the customer's tenant has not consented to the application's delegated permissions: invite its administrator, or consent by Partner Center (applicationconsents)"
	case "AADSTS50020", "AADSTS50177", "AADSTS50034", "AADSTS50105":
		return "ask the customer for a GDAP relationship with License Administrator and User Administrator, and put the user who signed in into a security group that it is assigned to"
	case "AADSTS53000", "AADSTS53003", "AADSTS530032", "AADSTS530034", "AADSTS530035":
		return "the customer's Conditional Access blocks service providers' users; ask for an exception, or invite the administrator instead"
	case "partner_sign_in_lost", "no_partner_sign_in":
		return remedySignIn
	}
	return "look again later, or invite the customer's administrator instead"
}

// customerConsent is a warning: only orders with an existing consent need it, the others ask the administrator.
func customerConsent(ctx context.Context, x *examination, tenant string) []Finding {
	e, err := x.Entra()
	if err != nil {
		return fail(words(err), "correct the settings named")
	}
	roles, err := e.ApplicationRoles(ctx, tenant)
	switch {
	case err == nil:
		slices.Sort(roles)
		return ok("the tenant has consented to %s", strings.Join(roles, ", "))
	case upgrade.KindOf(err) == upgrade.GrantLost:
		return warn(words(err), "nothing for orders that invite the administrator; orders with \"consent\": \"existing\" need the consent first, by the link on the consent page")
	}
	return fail(words(err), x.credentialRemedy(err))
}
