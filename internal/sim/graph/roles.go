package graph

import (
	"slices"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/front"
)

func (s *Server) myRoles(c call) cloud.Reply { return s.roles(c, c.token.ObjectID, false) }

func (s *Server) rolesOf(c call) cloud.Reply { return s.roles(c, c.args[0], false) }

func (s *Server) memberOf(c call) cloud.Reply { return s.roles(c, c.args[0], true) }

// roles lists directory roles and, if asked, groups of a user.
func (s *Server) roles(c call, id string, groups bool) cloud.Reply {
	u, r := s.state.User(c.token.Tenant, id)
	if r != nil {
		return refusal(r, c.origin)
	}
	values := []any{}
	for _, role := range u.Roles {
		m := pick(c, map[string]any{"id": role, "roleTemplateId": role, "displayName": cloud.RoleName(role)}, nil)
		m["@odata.type"] = "#microsoft.graph.directoryRole"
		values = append(values, m)
	}
	if groups {
		for _, g := range s.state.Groups(c.token.Tenant) {
			if slices.Contains(g.Members, u.ID) {
				m := pick(c, groupJSON(g, false), nil)
				m["@odata.type"] = "#microsoft.graph.group"
				values = append(values, m)
			}
		}
	}
	return front.JSON(200, collection(c, "directoryObjects", values))
}

func (s *Server) myLicenseDetails(c call) cloud.Reply { return s.details(c, c.token.ObjectID) }

func (s *Server) licenseDetails(c call) cloud.Reply { return s.details(c, c.args[0]) }

func (s *Server) details(c call, id string) cloud.Reply {
	u, r := s.state.User(c.token.Tenant, id)
	if r != nil {
		return refusal(r, c.origin)
	}
	values := []any{}
	for _, l := range u.AssignedLicences() {
		offer, ok := cloud.OfferBySKU(l.SKU)
		if !ok {
			continue
		}
		list := servicePlans(offer)
		for i, p := range offer.Plans {
			if slices.Contains(l.Disabled, p.ID) {
				list[i]["provisioningStatus"] = "Disabled"
			}
		}
		values = append(values, map[string]any{"id": u.ID + "_" + l.SKU, "skuId": l.SKU, "skuPartNumber": offer.PartNumber, "servicePlans": list})
	}
	return front.JSON(200, collection(c, "users('"+u.ID+"')/licenseDetails", values))
}
