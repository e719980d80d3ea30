package graph

import (
	"regexp"
	"slices"
	"strings"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/front"
)

// licenceBody is the body of assignLicense; both arrays must be there.
type licenceBody struct {
	Add *[]struct {
		SkuID         string   `json:"skuId"`
		DisabledPlans []string `json:"disabledPlans"`
	} `json:"addLicenses"`
	Remove *[]string `json:"removeLicenses"`
}

func readLicences(c call) (add []cloud.LicenceChange, remove []string, r *cloud.Refusal) {
	var in licenceBody
	if r := decode(c, &in); r != nil {
		return nil, nil, r
	}
	if in.Add == nil || in.Remove == nil {
		return nil, nil, &cloud.Refusal{Status: 400, Code: "Request_BadRequest", Text: "One or more parameters of the operation 'assignLicense' are missing from the request payload."}
	}
	for _, a := range *in.Add {
		add = append(add, cloud.LicenceChange{SKU: a.SkuID, Disabled: a.DisabledPlans})
	}
	return add, *in.Remove, nil
}

func (s *Server) assignLicense(c call) cloud.Reply {
	add, remove, r := readLicences(c)
	if r != nil {
		return refusal(r, c.origin)
	}
	u, r := s.state.AssignLicense(c.token.Tenant, c.args[0], add, remove, c.origin)
	return s.userReply(c, u, r)
}

func (s *Server) reprocess(c call) cloud.Reply {
	u, r := s.state.Reprocess(c.token.Tenant, c.args[0], c.origin)
	return s.userReply(c, u, r)
}

func (s *Server) userReply(c call, u cloud.User, r *cloud.Refusal) cloud.Reply {
	if r != nil {
		return refusal(r, c.origin)
	}
	m := s.shownUser(c, u)
	m["@odata.context"] = "https://graph.microsoft.com/v1.0/$metadata#users/$entity"
	return front.JSON(200, m)
}

func groupJSON(g cloud.Group, errors bool) map[string]any {
	licences := []map[string]any{}
	for _, l := range g.Licences {
		licences = append(licences, map[string]any{"skuId": l.SKU, "disabledPlans": append([]string{}, l.Disabled...)})
	}
	return map[string]any{"id": g.ID, "displayName": g.Name, "securityEnabled": true, "groupTypes": []string{},
		"assignedLicenses": licences, "licenseProcessingState": map[string]string{"state": g.Processing}, "hasMembersWithLicenseErrors": errors}
}

// hasName is the filter by a group's name.
var hasName = regexp.MustCompile(`^displayName eq '((?:[^']|'')*)'$`)

func (s *Server) groups(c call) cloud.Reply {
	filter := strings.TrimSpace(c.query.Get("$filter"))
	holds, named := holdsSku.FindStringSubmatch(filter), hasName.FindStringSubmatch(filter)
	if filter != "" && holds == nil && named == nil {
		return refusal(unsupported("$filter"), c.origin)
	}
	values := []any{}
	for _, g := range s.state.Groups(c.token.Tenant) {
		switch {
		case holds != nil && !slices.ContainsFunc(g.Licences, func(l cloud.LicenceChange) bool { return strings.EqualFold(l.SKU, holds[3]) }):
		case named != nil && !strings.EqualFold(g.Name, strings.ReplaceAll(named[1], "''", "'")):
		default:
			values = append(values, pick(c, groupJSON(g, s.failing(c, g)), nil))
		}
	}
	return front.JSON(200, collection(c, "groups", values))
}

func (s *Server) group(c call) cloud.Reply {
	g, r := s.state.Group(c.token.Tenant, c.args[0])
	if r != nil {
		return refusal(r, c.origin)
	}
	return front.JSON(200, pick(c, groupJSON(g, s.failing(c, g)), nil))
}

func (s *Server) failing(c call, g cloud.Group) bool { return len(s.groupMembers(c, g, true)) > 0 }

// groupMembers are the members, or those on whom a licence of the group failed.
func (s *Server) groupMembers(c call, g cloud.Group, failed bool) []any {
	out := []any{}
	for _, id := range g.Members {
		u, r := s.state.User(c.token.Tenant, id)
		if r != nil {
			continue
		}
		bad := slices.ContainsFunc(u.Assignments, func(a cloud.Assignment) bool { return a.Group == g.ID && a.State == "Error" })
		if !failed || bad {
			m := s.shownUser(c, u)
			m["@odata.type"] = "#microsoft.graph.user"
			out = append(out, m)
		}
	}
	return out
}

func (s *Server) members(c call) cloud.Reply { return s.listMembers(c, false) }

func (s *Server) membersWithErrors(c call) cloud.Reply { return s.listMembers(c, true) }

func (s *Server) listMembers(c call, failed bool) cloud.Reply {
	g, r := s.state.Group(c.token.Tenant, c.args[0])
	if r != nil {
		return refusal(r, c.origin)
	}
	return front.JSON(200, collection(c, "directoryObjects", s.groupMembers(c, g, failed)))
}

// assignGroupLicense only accepts: the members follow.
func (s *Server) assignGroupLicense(c call) cloud.Reply {
	add, remove, r := readLicences(c)
	if r != nil {
		return refusal(r, c.origin)
	}
	g, r := s.state.AssignGroupLicense(c.token.Tenant, c.args[0], add, remove, c.origin)
	if r != nil {
		return refusal(r, c.origin)
	}
	reply := front.JSON(202, groupJSON(g, false))
	reply.Header.Set("Location", c.base+"/groups/"+g.ID)
	return reply
}
