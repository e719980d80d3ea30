package upgrade

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// ManagementPlan is a plan of the kind "customer management": who subscribes to it may upgrade its own customers. It is made
// on the template of the plans that the provider resells, costs nothing and contains nothing; anything else is refused.
type ManagementPlan struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Template  string    `json:"template"` // ResaleTemplate
	Prices    []Price   `json:"prices"`   // all of them zero
	Resources []string  `json:"resources"`
	MadeBy    string    `json:"madeBy,omitempty"`
	MadeAt    time.Time `json:"madeAt"`
}

// ResaleTemplate is the template of the plans that the provider resells.
const ResaleTemplate = "resale"

// Reseller is a company that looks after customers of its own.
type Reseller struct {
	ID        string `json:"id"` // as the identity provider's claim says it
	Name      string `json:"name"`
	Customers int    `json:"customers"`
	// Entitlement is the latest subscription to a management plan; nil: there never was one.
	Entitlement *Entitlement `json:"entitlement,omitempty"`
}

// Entitled tells whether the reseller may upgrade its customers at a moment.
func (r Reseller) Entitled(at time.Time) bool {
	e := r.Entitlement
	return e != nil && !at.Before(e.From) && (e.Until == nil || at.Before(*e.Until))
}

// Entitlement is a reseller's subscription to a management plan.
type Entitlement struct {
	Plan    string       `json:"plan"` // a ManagementPlan's id
	Form    ResellerForm `json:"form"`
	From    time.Time    `json:"from"`
	Until   *time.Time   `json:"until,omitempty"` // nil: it goes on
	By      string       `json:"by,omitempty"`    // who subscribed the reseller
	EndedBy string       `json:"endedBy,omitempty"`
}

// ResellerForm is the classic form. It is stored, and nothing is provisioned by it.
type ResellerForm struct {
	Account   string `json:"account"`   // a new Microsoft account's user name
	Subdomain string `json:"subdomain"` // of onmicrosoft.com
}

var (
	// resellerID is what an identity provider's claim may say, and a URL carry.
	resellerID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)
	// planSlug is the form of a plan's id.
	planSlug = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	// accountName is the part of a user name before the @.
	// https://learn.microsoft.com/en-us/entra/identity/authentication/howto-password-policies
	accountName = regexp.MustCompile(`^[A-Za-z0-9'._!#^~-]{1,64}$`)
	// subdomainName is the part of an initial domain before .onmicrosoft.com.
	// https://learn.microsoft.com/en-us/microsoft-365/admin/setup/domains-faq
	subdomainName = regexp.MustCompile(`^[A-Za-z0-9]{1,27}$`)
)

// maxResellerName is how many characters a reseller's or a management plan's name may have.
const maxResellerName = 200

// Check finds what keeps the reseller from being kept.
func (r Reseller) Check() Problems {
	var ps Problems
	if !resellerID.MatchString(r.ID) {
		ps.Add("id", "bad_reseller_id", "a reseller's id is 1 to 100 letters, digits, dots, hyphens and underscores, as the identity provider's claim has it", "correct the id")
	}
	checkName(&ps, r.Name)
	return ps
}

// Check finds what keeps the plan from being one of customer management: it is made on the template of the plans that the
// provider resells, all its prices are zero, and it has no resources.
func (p ManagementPlan) Check() Problems {
	var ps Problems
	if !planSlug.MatchString(p.ID) {
		ps.Add("id", "bad_plan_id", "a plan's id is 1 to 64 small letters, digits and hyphens", "correct the id")
	}
	checkName(&ps, p.Name)
	if p.Template != ResaleTemplate {
		ps.Add("template", "not_resale_template", "a customer management plan is made on the template of the plans that the provider resells", "choose the template "+ResaleTemplate)
	}
	for i, price := range p.Prices {
		if price.Minor != 0 {
			ps.Add(fmt.Sprintf("prices[%d]", i), "price_not_zero", "a customer management plan costs nothing", "set every price to zero")
		}
	}
	if len(p.Resources) > 0 {
		ps.Add("resources", "has_resources", "a customer management plan has no resources", "take all resources out")
	}
	return ps
}

// Check finds what Microsoft would not take as the name of an account or of a subdomain.
func (f ResellerForm) Check() Problems {
	var ps Problems
	if !accountName.MatchString(f.Account) || strings.HasPrefix(f.Account, ".") || strings.HasSuffix(f.Account, ".") {
		ps.Add("account", "bad_account", "the account's name is at most 64 letters, digits and ' . - _ ! # ^ ~, with no dot first or last", "choose another name, without the @ and what follows it")
	}
	if !subdomainName.MatchString(f.Subdomain) {
		ps.Add("subdomain", "bad_subdomain", "the subdomain is 1 to 27 letters and digits", "choose another one, without .onmicrosoft.com")
	}
	return ps
}

// ResellerProblems are the reasons why an order on a reseller's behalf is not carried out, by what the register says of the
// reseller and the customer.
func ResellerProblems(known, owns, entitled bool) Problems {
	var ps Problems
	if !known {
		ps.Add("reseller", "reseller_unknown", "there is no such reseller", "correct the reseller's id, or have the provider add it")
		return ps
	}
	if !owns {
		ps.Add("reseller", "not_resellers_customer", "the customer is not this reseller's", "correct the tenant, or have the provider make it the reseller's customer")
	}
	if !entitled {
		ps.Add("reseller", "not_entitled", "the reseller is not subscribed to a customer management plan now", "have the provider subscribe the reseller, then order again")
	}
	return ps
}

func checkName(ps *Problems, name string) {
	if n := len([]rune(strings.TrimSpace(name))); n == 0 || n > maxResellerName {
		ps.Add("name", "bad_name", fmt.Sprintf("a name has 1 to %d characters", maxResellerName), "give a name")
	}
}
