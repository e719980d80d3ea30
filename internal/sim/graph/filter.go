package graph

import (
	"regexp"
	"strings"

	"uplift/internal/sim/cloud"
)

var (
	holdsSku    = regexp.MustCompile(`(?i)^assignedLicenses/any\(\s*(\w+)\s*:\s*(\w+)/skuId\s+eq\s+([0-9a-f-]{36})\s*\)$`)
	licenceZero = regexp.MustCompile(`(?i)^assignedLicenses/\$count\s+(eq|ne)\s+0$`)
	enabled     = regexp.MustCompile(`(?i)^accountEnabled\s+eq\s+(true|false)$`)
	equals      = regexp.MustCompile(`(?i)^(userPrincipalName|mail|userType|usageLocation|id)\s+eq\s+'((?:[^']|'')*)'$`)
)

// parseFilter understands the filters that licence work needs, joined by "and".
func parseFilter(c call) (func(cloud.User) bool, *cloud.Refusal) {
	for _, unknown := range []string{"$search", "$orderby", "$expand", "$skip"} {
		if c.query.Has(unknown) {
			return nil, unsupported(unknown)
		}
	}
	var tests []func(cloud.User) bool
	if f := strings.TrimSpace(c.query.Get("$filter")); f != "" {
		for _, term := range regexp.MustCompile(`(?i)\s+and\s+`).Split(f, -1) {
			test, r := parseTerm(c, strings.TrimSpace(term))
			if r != nil {
				return nil, r
			}
			tests = append(tests, test)
		}
	}
	return func(u cloud.User) bool {
		for _, test := range tests {
			if !test(u) {
				return false
			}
		}
		return true
	}, nil
}

func unsupported(what string) *cloud.Refusal {
	return &cloud.Refusal{Status: 400, Code: "Request_UnsupportedQuery", Text: "Unsupported Query: " + what}
}

func parseTerm(c call, term string) (func(cloud.User) bool, *cloud.Refusal) {
	if m := holdsSku.FindStringSubmatch(term); m != nil && m[1] == m[2] {
		return func(u cloud.User) bool {
			for _, l := range u.AssignedLicences() {
				if strings.EqualFold(l.SKU, m[3]) {
					return true
				}
			}
			return false
		}, nil
	}
	if m := licenceZero.FindStringSubmatch(term); m != nil {
		if !strings.EqualFold(c.header.Get("ConsistencyLevel"), "eventual") || c.query.Get("$count") != "true" {
			return nil, unsupported("the filter needs the header ConsistencyLevel: eventual and $count=true")
		}
		none := strings.EqualFold(m[1], "eq")
		return func(u cloud.User) bool { return (len(u.AssignedLicences()) == 0) == none }, nil
	}
	if m := enabled.FindStringSubmatch(term); m != nil {
		on := strings.EqualFold(m[1], "true")
		return func(u cloud.User) bool { return u.Disabled != on }, nil
	}
	if m := equals.FindStringSubmatch(term); m != nil {
		value := strings.ReplaceAll(m[2], "''", "'")
		return func(u cloud.User) bool { return strings.EqualFold(property(u, m[1]), value) }, nil
	}
	return nil, &cloud.Refusal{Status: 400, Code: "Request_UnsupportedQuery", Text: "Unsupported or invalid query filter clause specified for property of resource 'User'."}
}

func property(u cloud.User, name string) string {
	switch strings.ToLower(name) {
	case "usertype":
		if u.Guest {
			return "Guest"
		}
		return "Member"
	case "usagelocation":
		return u.UsageLocation
	case "id":
		return u.ID
	}
	return u.UPN
}
