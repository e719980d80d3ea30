package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"uplift/upgrade"
)

// globalAdministrator is the role template that is always accepted.
// https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
const globalAdministrator = "62e90394-69f5-4237-9190-012177145e10"

// personalAccounts is the tenant of personal accounts.
const personalAccounts = "9188040d-6c67-4c5b-b112-36a304b66dad"

// VerifyConsentInput is the claim to be verified.
type VerifyConsentInput struct {
	Upgrade     string         `json:"upgrade"`
	Tenant      string         `json:"tenant"`
	Invitation  int            `json:"invitation"`
	Method      upgrade.Method `json:"method"`
	Permissions []string       `json:"permissions"`  // what the plan needs
	By          string         `json:"by,omitempty"` // whom the claim names
	// Wait for a consent that was given just now to reach every replica, instead of refusing it.
	Wait bool `json:"wait,omitempty"`
}

// VerifyConsentOutput is the grant with its evidence, or why the claim is not believed.
type VerifyConsentOutput struct {
	Grant    upgrade.Grant    `json:"grant"`
	Evidence upgrade.Evidence `json:"evidence"`
	Refusal  *upgrade.Problem `json:"refusal,omitempty"`
}

// VerifyConsent believes nothing of a claim: it looks for proof that we obtained ourselves. It only reads, but for the
// evidence, which a repeat writes again.
func (a *Activities) VerifyConsent(ctx context.Context, in VerifyConsentInput) (VerifyConsentOutput, error) {
	var out VerifyConsentOutput
	var err error
	switch in.Method {
	case upgrade.DeviceCode:
		out, err = a.verifyPerson(ctx, in)
	case upgrade.Existing, upgrade.AdminConsent:
		out, err = a.verifyApplication(ctx, in)
	case upgrade.DelegatedAdmin, upgrade.Preconsented:
		out, err = a.verifyPartner(ctx, in)
	default:
		return refusal("method_not_offered", fmt.Sprintf("Consent by %s cannot be verified by this version.", in.Method), "Use the code on the page."), nil
	}
	if out.Refusal != nil && in.Wait && spreading(out.Refusal.Code) {
		return VerifyConsentOutput{}, waiting(out.Refusal.Code, "%s", out.Refusal.Message)
	}
	if err != nil || out.Refusal != nil {
		return out, err
	}
	out.Evidence.By, out.Evidence.VerifiedAt = in.By, a.now()
	return out, a.Register.SaveEvidence(ctx, in.Upgrade, in.Invitation, out.Evidence)
}

// verifyPerson asks of a device code's token: the right tenant, no guest, an accepted role, and that it works.
func (a *Activities) verifyPerson(ctx context.Context, in VerifyConsentInput) (VerifyConsentOutput, error) {
	tokens, err := a.Register.Tokens(ctx, in.Upgrade, in.Invitation)
	if upgrade.KindOf(err) == upgrade.NotFound {
		return refusal("no_proof", "Nobody has signed in with this invitation's code.", "Open the link, press Start authentication and sign in."), nil
	} else if err != nil {
		return VerifyConsentOutput{}, err
	}
	who, err := a.Authority.Identify(ctx, in.Tenant, tokens.ID)
	if upgrade.KindOf(err) == upgrade.Refused {
		return unidentified(upgrade.CodeOf(err)), nil
	} else if err != nil {
		return VerifyConsentOutput{}, err
	}
	grant := upgrade.Grant{Kind: upgrade.GrantDelegated, Tenant: in.Tenant, Upgrade: in.Upgrade, Invitation: in.Invitation}
	switch {
	case who.Tenant == personalAccounts:
		return unidentified("personal_account"), nil
	case who.Tenant != in.Tenant:
		return unidentified("wrong_tenant"), nil
	case who.Guest:
		return refusal("guest", "A guest account signed in.", "Sign in with an account of the invited organisation itself."), nil
	}
	roles := who.Roles
	if !a.accepts(roles) { // a role may be missing from the token: absence is not "no administrator"
		if roles, err = a.Directory.DirectoryRoles(ctx, grant); err != nil {
			return refusalOr(err)
		}
	}
	if !a.accepts(roles) {
		return refusal("role_missing", "The account that signed in is not Global Administrator, nor holds the roles that your provider accepts.", "Sign in as Global Administrator."), nil
	}
	if missing := lacking(tokens.Scopes, in.Permissions); len(missing) > 0 {
		return refusal("permission_missing", "The sign-in did not give these permissions: "+strings.Join(missing, ", ")+".", "Start again and accept all of them."), nil
	}
	if out, err := a.works(ctx, grant); err != nil || out.Refusal != nil {
		return out, err
	}
	return VerifyConsentOutput{Grant: grant, Evidence: upgrade.Evidence{
		Tenant: who.Tenant, ObjectID: who.ObjectID, Name: who.Name, Method: in.Method, Scopes: tokens.Scopes, Roles: roles,
	}}, nil
}

// verifyApplication asks of our own app-only token of the tenant: the permissions that this plan needs, and that it works.
// No person's role is asked.
func (a *Activities) verifyApplication(ctx context.Context, in VerifyConsentInput) (VerifyConsentOutput, error) {
	roles, err := a.Authority.ApplicationRoles(ctx, in.Tenant)
	if err != nil {
		return refusalOr(err)
	}
	if missing := lacking(roles, in.Permissions); len(missing) > 0 {
		return refusal("permission_missing", "The application's consent lacks these permissions: "+strings.Join(missing, ", ")+".", "Let an administrator consent to the application again."), nil
	}
	grant := upgrade.Grant{Kind: upgrade.GrantApplication, Tenant: in.Tenant, Upgrade: in.Upgrade, Invitation: in.Invitation}
	if out, err := a.works(ctx, grant); err != nil || out.Refusal != nil {
		return out, err
	}
	return VerifyConsentOutput{Grant: grant, Evidence: upgrade.Evidence{Tenant: in.Tenant, Method: in.Method, Scopes: roles}}, nil
}

// works tries the grant: the directory must answer, and answer for the right tenant.
func (a *Activities) works(ctx context.Context, g upgrade.Grant) (VerifyConsentOutput, error) {
	org, err := a.Directory.Organization(ctx, g)
	if err != nil {
		return refusalOr(err)
	}
	if org.Tenant != g.Tenant {
		return refusal("wrong_tenant", "The directory that answered is another organisation's.", "Sign in with an administrator of the invited organisation."), nil
	}
	return VerifyConsentOutput{}, nil
}

// accepts tells whether one of the roles is sufficient.
func (a *Activities) accepts(roles []string) bool {
	for _, r := range roles {
		r = strings.ToLower(r)
		if r == globalAdministrator || slices.Contains(a.Settings.ConsentRoles, r) {
			return true
		}
	}
	return false
}

// unidentified has the sentences for an id token that is refused.
func unidentified(code string) VerifyConsentOutput {
	switch code {
	case "personal_account":
		return refusal(code, "A personal Microsoft account signed in.", "Sign in with your work account.")
	case "wrong_tenant":
		return refusal(code, "The account that signed in does not belong to the invited organisation.", "Sign in with an administrator of the invited organisation.")
	}
	return refusal(code, "The sign-in could not be verified.", "Start the authentication again.")
}

func refusal(code, message, remedy string) VerifyConsentOutput {
	return VerifyConsentOutput{Refusal: &upgrade.Problem{Code: code, Message: message, Remedy: remedy}}
}

// refusalOr makes a refusal of a definite "no" and leaves every other error to be retried or parked.
func refusalOr(err error) (VerifyConsentOutput, error) {
	switch upgrade.KindOf(err) {
	case upgrade.GrantLost:
		return refusal("no_grant", "Microsoft gives us no working access to the organisation ("+upgrade.CodeOf(err)+").", "Give the consent again."), nil
	case upgrade.Act, upgrade.Refused:
		return refusal("access_denied", "Microsoft refuses the access that the consent should give ("+upgrade.CodeOf(err)+").", "Sign in as Global Administrator and accept all permissions."), nil
	}
	return VerifyConsentOutput{}, err
}

// lacking returns the permissions that are needed and not held. A permission that reads and writes includes one that
// reads.
func lacking(held, needed []string) []string {
	var missing []string
	for _, n := range needed {
		if !slices.ContainsFunc(held, func(h string) bool { return covers(h, n) }) {
			missing = append(missing, n)
		}
	}
	return missing
}

func covers(held, needed string) bool {
	held, needed = strings.ToLower(held), strings.ToLower(needed)
	if i := strings.LastIndexByte(held, '/'); i >= 0 {
		held = held[i+1:] // a scope may come with its resource before it
	}
	if needed == "groupmember.read.all" && (held == "group.read.all" || held == "group.readwrite.all" || held == "directory.read.all") {
		return true
	}
	return held == needed || held == strings.Replace(needed, ".read.", ".readwrite.", 1) ||
		(held == "directory.readwrite.all" && needed != "mail.send")
}

// spreading names the refusals that a consent meets for some minutes after it was given.
// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
func spreading(code string) bool {
	return code == "no_grant" || code == "permission_missing" || code == "not_consented"
}
