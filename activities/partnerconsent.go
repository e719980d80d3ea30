package activities

import (
	"context"
	"slices"
	"strings"

	"uplift/upgrade"
)

// licenceWriters are the directory roles of which one suffices to move licences: Global, License and User Administrator, and
// Directory Writers. https://learn.microsoft.com/graph/api/user-assignlicense
var licenceWriters = []string{
	globalAdministrator, "4d6ac14f-3453-41d0-bef9-a3e0c569773a", "fe930be7-5e62-47db-91af-98c3a49a38b1", "9360feb5-f418-4baa-8175-e2a00bac4301",
}

// preconsented is what any upgrade may need. A pre-consent that is there already cannot be widened by another one, so that
// the first one is made for all that follow.
var preconsented = []string{"Organization.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All", "GroupMember.Read.All"}

// PreconsentInput names the tenant in which the partner consents for the customer.
type PreconsentInput struct {
	Upgrade     string   `json:"upgrade"`
	Tenant      string   `json:"tenant"`
	Permissions []string `json:"permissions"` // what the plan needs
}

// PreconsentOutput says why Microsoft refuses the consent; nil where it is there.
type PreconsentOutput struct {
	Refusal *upgrade.Problem `json:"refusal,omitempty"`
}

// Preconsent has the partner's user consent in the customer's tenant to our application's delegated permissions. A repeat finds
// the consent there, and so does one after a lost reply: both are well. Whether it suffices is for the verification.
func (a *Activities) Preconsent(ctx context.Context, in PreconsentInput) (PreconsentOutput, error) {
	if refusal, err := a.partnerSignedIn(ctx); refusal != nil || err != nil {
		return PreconsentOutput{Refusal: refusal}, err
	}
	permissions := slices.Clone(preconsented)
	for _, p := range in.Permissions {
		if !slices.Contains(permissions, p) {
			permissions = append(permissions, p)
		}
	}
	err := a.Commerce.Preconsent(ctx, upgrade.WriteID{
		Request: upgrade.UUID(in.Upgrade, "preconsent"), Correlation: upgrade.UUID(in.Upgrade),
	}, in.Tenant, permissions)
	switch upgrade.KindOf(err) {
	case upgrade.Refused, upgrade.Act, upgrade.GrantLost, upgrade.NotFound, upgrade.Invalid:
		if err == nil {
			break
		}
		if upgrade.CodeOf(err) == "900329" { // asked as an application, for want of a user
			return PreconsentOutput{Refusal: notSignedIn("partner_sign_in_lost")}, nil
		}
		out := refusal("preconsent_refused", "Microsoft does not let the partner consent for this customer ("+upgrade.CodeOf(err)+").",
			"Check that the customer has an active GDAP relationship whose roles the signed-in user of the partner holds, and order again.")
		return PreconsentOutput{Refusal: out.Refusal}, nil
	}
	return PreconsentOutput{}, err
}

// partnerSignedIn refuses an order that needs the partner's user where nobody is signed in, before anything is tried.
func (a *Activities) partnerSignedIn(ctx context.Context) (*upgrade.Problem, error) {
	if a.Partner == nil {
		return notSignedIn("no_partner_sign_in"), nil
	}
	_, _, err := a.Partner.SignedIn(ctx)
	if code := upgrade.CodeOf(err); code == "no_partner_sign_in" {
		return notSignedIn(code), nil
	}
	return nil, err
}

func notSignedIn(code string) *upgrade.Problem {
	message := "No user of the partner is signed in, and this consent is by the partner's own user."
	if code == "partner_sign_in_lost" {
		message = "The sign-in of the partner's user has died, and this consent is by the partner's own user."
	}
	return refusal(code, message, "Run starter partner sign-in, then order again.").Refusal
}

// verifyPartner asks of the partner's user what it may do in the tenant: the permissions that this plan needs, a role in which
// licences can be moved where the plan moves some, and that the directory answers.
func (a *Activities) verifyPartner(ctx context.Context, in VerifyConsentInput) (VerifyConsentOutput, error) {
	if refusal, err := a.partnerSignedIn(ctx); refusal != nil || err != nil {
		return VerifyConsentOutput{Refusal: refusal}, err
	}
	who, held, err := a.Partner.Access(ctx, in.Tenant)
	if err != nil {
		return noEntry(err)
	}
	if missing := lacking(held, in.Permissions); len(missing) > 0 {
		return refusal("permission_missing", "The application's delegated consent in the tenant lacks these permissions: "+strings.Join(missing, ", ")+".",
			"Remove the application's consent in the customer's tenant and order with partner pre-consent, or let an administrator of the customer consent."), nil
	}
	writes := slices.ContainsFunc(in.Permissions, func(p string) bool { return strings.Contains(p, ".ReadWrite.") })
	able := slices.ContainsFunc(who.Roles, func(r string) bool { return slices.Contains(licenceWriters, strings.ToLower(r)) })
	if writes && who.RolesSaid && !able { // a token that is silent about roles proves nothing
		return refusal("gdap_role_missing", "The partner's user may not move licences in the customer's tenant: the GDAP relationship gives none of the roles License Administrator, User Administrator or Directory Writers.",
			"Have the customer accept a GDAP relationship with License Administrator and Directory Readers, assign the roles to the user's security group, and order again."), nil
	}
	grant := upgrade.Grant{Kind: upgrade.GrantPartner, Tenant: in.Tenant, Upgrade: in.Upgrade}
	org, err := a.Directory.Organization(ctx, grant)
	if err != nil {
		return noEntry(err) // its remedies are the provider's, not an administrator's
	}
	if org.Tenant != in.Tenant {
		return refusal("wrong_tenant", "The directory that answered is another organisation's.", "Check the tenant id, then order again."), nil
	}
	if _, err := a.Directory.SKUs(ctx, grant); err != nil {
		return noEntry(err)
	}
	return VerifyConsentOutput{Grant: grant, Evidence: upgrade.Evidence{
		Tenant: in.Tenant, ObjectID: who.ObjectID, Name: who.Name, Method: in.Method, Scopes: held, Roles: who.Roles,
	}}, nil
}

// noEntry says why the tenant does not let the partner's user in. What is neither a yes nor a no is left to be retried.
func noEntry(err error) (VerifyConsentOutput, error) {
	code := upgrade.CodeOf(err)
	switch code {
	case "no_partner_sign_in", "partner_sign_in_lost":
		return VerifyConsentOutput{Refusal: notSignedIn(code)}, nil
	case "AADSTS65001", "AADSTS700016", "AADSTS650051", "AADSTS90099":
		return refusal("not_consented", "Nobody has consented to the application in the customer's tenant ("+code+").",
			"Order with \"consent\": \"partner_preconsent\", or let an administrator of the customer consent."), nil
	}
	if upgrade.BlockedByPolicy(code) {
		return refusal("partner_blocked", "A Conditional Access rule keeps the partner's user out of the customer's tenant ("+code+").",
			"Let the customer's security administrator exclude service provider users from the rule, sign in again with what the rule asks for (starter partner sign-in), or choose another consent."), nil
	}
	switch upgrade.KindOf(err) {
	case upgrade.GrantLost, upgrade.Act, upgrade.Refused:
		return refusal("no_gdap", "The customer's tenant does not let the partner's user in ("+code+"): there is no active GDAP relationship, or its roles are not assigned to the user.",
			"Have the customer accept a GDAP relationship with License Administrator and Directory Readers, assign the roles to the user's security group, and order again."), nil
	}
	return VerifyConsentOutput{}, err
}
