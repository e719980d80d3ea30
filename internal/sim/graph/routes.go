package graph

import (
	"slices"
	"strings"

	"uplift/internal/sim/cloud"
)

// route is one call of Graph: what it needs, what it costs, who answers.
type route struct {
	method, pattern string
	// delegated and application list the permissions of which one is enough.
	delegated, application []string
	// roles are the directory roles of which a signed-in user needs one; nil: none.
	roles []string
	cost  int // resource units before the discounts of "throttling limits"
	run   func(call) cloud.Reply
}

// routes is everything that this Graph answers.
func (s *Server) routes() []route {
	readUsers := []string{"User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
	self := append([]string{"User.Read"}, readUsers...)
	readOrg := []string{"Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
	readSkus := append([]string{"LicenseAssignment.Read.All", "LicenseAssignment.ReadWrite.All"}, readOrg...)
	writeUsers := []string{"User.ReadUpdate.All", "User.ReadWrite.All", "Directory.ReadWrite.All"}
	license := []string{"LicenseAssignment.ReadWrite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"}
	readGroups := []string{"GroupMember.Read.All", "Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
	licenseGroup := []string{"LicenseAssignment.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"}
	userAdmins := []string{cloud.GlobalAdministrator, cloud.UserAdministrator, cloud.DirectoryWriters}
	licenseAdmins := append([]string{cloud.LicenseAdministrator}, userAdmins...)
	groupAdmins := append([]string{cloud.GroupsAdministrator}, licenseAdmins...)
	never := []string{}
	return []route{
		{"GET", "organization", append([]string{"User.Read"}, readOrg...), readOrg, nil, 1, s.organization},
		{"GET", "subscribedSkus", readSkus, readOrg, nil, 3, s.subscribedSkus},
		{"GET", "directory/subscriptions", readOrg, readOrg, nil, 1, s.companySubscriptions},
		{"GET", "directory/subscriptions/{id}", readOrg, readOrg, nil, 1, s.companySubscription},
		{"GET", "directory/{subscriptions(commerceSubscriptionId=)}", readOrg, readOrg, nil, 1, s.byAlternateKey},

		{"GET", "me", self, never, nil, 1, s.me},
		{"GET", "me/memberOf/microsoft.graph.directoryRole", self, never, nil, 1, s.myRoles},
		{"GET", "me/transitiveMemberOf/microsoft.graph.directoryRole", self, never, nil, 1, s.myRoles},
		{"GET", "me/licenseDetails", self, never, nil, 2, s.myLicenseDetails},

		{"GET", "users", readUsers, readUsers, nil, 2, s.users},
		{"GET", "users/{id}", readUsers, readUsers, nil, 1, s.user},
		{"PATCH", "users/{id}", writeUsers, writeUsers, userAdmins, 1, s.changeUser},
		{"GET", "users/{id}/memberOf", readUsers, readUsers, nil, 1, s.memberOf},
		{"GET", "users/{id}/memberOf/microsoft.graph.directoryRole", readUsers, readUsers, nil, 1, s.rolesOf},
		{"GET", "users/{id}/transitiveMemberOf/microsoft.graph.directoryRole", readUsers, readUsers, nil, 1, s.rolesOf},
		{"GET", "users/{id}/licenseDetails", append([]string{"LicenseAssignment.Read.All"}, readUsers...), never, nil, 2, s.licenseDetails},
		{"POST", "users/{id}/assignLicense", license, license, licenseAdmins, 1, s.assignLicense},
		{"POST", "users/{id}/reprocessLicenseAssignment", license, license, licenseAdmins, 1, s.reprocess},

		{"GET", "groups", readGroups, readGroups, nil, 1, s.groups},
		{"GET", "groups/{id}", readGroups, readGroups, nil, 1, s.group},
		{"GET", "groups/{id}/members", readGroups, readGroups, nil, 1, s.members},
		{"GET", "groups/{id}/membersWithLicenseErrors", readGroups, readGroups, nil, 1, s.membersWithErrors},
		{"POST", "groups/{id}/assignLicense", licenseGroup, licenseGroup, groupAdmins, 1, s.assignGroupLicense},

		{"POST", "$batch", nil, nil, nil, 0, s.batch},
	}
}

// allowed checks the permission, and the directory role of a signed-in user.
func (s *Server) allowed(c call, r route) bool {
	if r.delegated == nil && r.application == nil {
		return true // the parts of a batch are checked one by one
	}
	if c.token.ObjectID == "" {
		return anyOf(c.token.Roles, r.application)
	}
	own := len(c.args) == 1 && strings.EqualFold(c.args[0], c.token.ObjectID) && c.method == "GET" && anyOf(c.token.Scopes, []string{"User.Read"})
	if !own && !anyOf(c.token.Scopes, r.delegated) {
		return false
	}
	return r.roles == nil || anyOf(s.rolesNow(c), r.roles)
}

// rolesNow are the roles that the user has in this tenant at this moment; a
// partner's delegated user is no member, and has those its token names.
func (s *Server) rolesNow(c call) []string {
	if p, ok := s.state.Person(c.token.Tenant, c.token.ObjectID); ok {
		if !p.Enabled {
			return nil
		}
		return p.Roles
	}
	return c.token.WIDs
}

func anyOf(have, wanted []string) bool {
	return slices.ContainsFunc(wanted, func(w string) bool {
		return slices.ContainsFunc(have, func(h string) bool { return strings.EqualFold(h, w) })
	})
}
