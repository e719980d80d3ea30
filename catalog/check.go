package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	slug       = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	guid       = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	productSKU = regexp.MustCompile(`^[0-9A-Z]{12}:[0-9A-Z]{4}$`)
)

// check looks for everything that decoding cannot see. The order is that of the file.
func (k *checker) check(f file) {
	if f.Version != Version {
		k.add("version", "unsupported_version", fmt.Sprintf("the version is %d; this program reads version %d", f.Version, Version), "write \"version\": 1")
	}
	k.servicePlans(f.ServicePlans)
	k.services(f.Services)
	k.rules(f.Rules)
	offers := k.offers(f.Offers)
	k.plans(f.Plans, offers)
	k.paths(f.Paths, offers)
}

func (k *checker) servicePlans(plans []ServicePlan) {
	k.names = map[string]ServicePlan{}
	ids := map[string]string{}
	for i, p := range plans {
		at := fmt.Sprintf("servicePlans[%d]", i)
		k.required(at+".name", p.Name)
		k.required(at+".friendly", p.Friendly)
		k.guid(at+".id", p.ID)
		k.unique(at+".id", "duplicate_guid", p.ID, at, ids)
		oneOf(k, at+".class", p.Class, classes)
		if _, again := k.names[p.Name]; again && p.Name != "" {
			k.add(at+".name", "duplicate_id", fmt.Sprintf("the service plan %q stands here twice", p.Name), "keep one of them")
		}
		k.names[p.Name] = p
	}
}

func (k *checker) services(lines []fileLine) {
	names, member := map[string]string{}, map[string]string{}
	for i, l := range lines {
		at := fmt.Sprintf("services[%d]", i)
		k.required(at+".name", l.Name)
		k.unique(at+".name", "duplicate_id", l.Name, at, names)
		k.references(at+".plans", l.Plans)
		if len(l.Plans) < 2 {
			k.add(at+".plans", "too_few", "a service needs two editions to be listed", "name another, or remove the service")
		}
		for j, name := range l.Plans {
			k.unique(fmt.Sprintf("%s.plans[%d]", at, j), "duplicate_reference", name, at, member)
		}
	}
}

func (k *checker) rules(r fileRules) {
	for i, rule := range r.Exclusive {
		at := fmt.Sprintf("rules.exclusive[%d]", i)
		k.references(at+".plans", rule.Plans)
		if len(rule.Plans) < 2 {
			k.add(at+".plans", "too_few", "a rule of exclusion needs two service plans", "name another, or remove the rule")
		}
		k.evidence(at, rule.Verified, rule.Source)
	}
	for i, rule := range r.Requires {
		at := fmt.Sprintf("rules.requires[%d]", i)
		k.reference(at+".plan", rule.Plan)
		k.references(at+".anyOf", rule.AnyOf)
		if len(rule.AnyOf) == 0 {
			k.add(at+".anyOf", "too_few", "a need of nothing is no rule", "name a service plan, or remove the rule")
		}
		if slices.Contains(rule.AnyOf, rule.Plan) {
			k.add(at+".anyOf", "self_reference", fmt.Sprintf("%s cannot need itself", rule.Plan), "remove it from the list")
		}
		k.evidence(at, rule.Verified, rule.Source)
	}
	for i, rule := range r.Includes {
		at := fmt.Sprintf("rules.includes[%d]", i)
		k.reference(at+".plan", rule.Plan)
		k.references(at+".includes", rule.Includes)
		if len(rule.Includes) == 0 {
			k.add(at+".includes", "too_few", "to include nothing is no rule", "name a service plan, or remove the rule")
		}
		if slices.Contains(rule.Includes, rule.Plan) {
			k.add(at+".includes", "self_reference", fmt.Sprintf("%s cannot include itself", rule.Plan), "remove it from the list")
		}
		k.evidence(at, rule.Verified, rule.Source)
	}
}

// evidence checks the two fields that say where a fact comes from.
func (k *checker) evidence(at string, verified Trust, source string) {
	oneOf(k, at+".verified", verified, trusts)
	k.required(at+".source", source)
}

func (k *checker) required(path, value string) {
	if strings.TrimSpace(value) == "" {
		k.add(path, "missing", "a value is missing", "give one")
	}
}

func (k *checker) slug(path, value string) {
	if !slug.MatchString(value) {
		k.add(path, "bad_id", fmt.Sprintf("%q is not an id", value), "write small letters, digits and single hyphens, such as business-basic")
	}
}

func (k *checker) guid(path, value string) {
	if !guid.MatchString(value) {
		k.add(path, "bad_guid", fmt.Sprintf("%q is not a GUID in lower case", value), "write it as 3b555118-da6a-4418-894f-7df1e2096870")
	}
}

// unique reports a value that another place has already. Empty values are never the same.
func (k *checker) unique(path, code, value, owner string, seen map[string]string) {
	if value == "" {
		return
	}
	if first, again := seen[value]; again {
		k.add(path, code, fmt.Sprintf("%q stands already in %s", value, first), "keep one of them")
		return
	}
	seen[value] = owner
}

func (k *checker) reference(path, name string) {
	if _, known := k.names[name]; !known {
		k.add(path, "unknown_reference", fmt.Sprintf("there is no service plan %q", name), "describe it under servicePlans, or mend the name")
	}
}

func (k *checker) references(path string, names []string) {
	seen := map[string]string{}
	for i, name := range names {
		at := fmt.Sprintf("%s[%d]", path, i)
		k.reference(at, name)
		k.unique(at, "duplicate_reference", name, path, seen)
	}
}

func (k *checker) markets(at string, markets, excluded []string) {
	seen := map[string]string{}
	for i, code := range append(slices.Clone(markets), excluded...) {
		path := fmt.Sprintf("%s.markets[%d]", at, i)
		if i >= len(markets) {
			path = fmt.Sprintf("%s.excludedMarkets[%d]", at, i-len(markets))
		}
		if !isCountry(code) {
			k.add(path, "bad_market", fmt.Sprintf("%q is not a market", code), "write an ISO 3166-1 code of two capitals, such as IN or GB")
		}
		k.unique(path, "duplicate_market", code, at, seen)
	}
}

// oneOf reports a value that is not among those allowed. It is a function, since methods have no type parameters.
func oneOf[T ~string](k *checker, path string, value T, allowed []T) {
	if slices.Contains(allowed, value) {
		return
	}
	names := make([]string, 0, len(allowed))
	for _, a := range allowed {
		if a != "" {
			names = append(names, string(a))
		}
	}
	k.add(path, "unknown_value", fmt.Sprintf("%q is not known here", string(value)), "write one of: "+strings.Join(names, ", "))
}
