package sim

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/entra"
)

const day = 24 * time.Hour

// Plans that the demonstration's people have switched off.
const (
	planTeams  = "57ff2da0-773e-42df-b2af-ffb7a2317929"
	planYammer = "7547a3fe-08ee-4ccb-b430-5077c5041653"
	planSway   = "a23b959c-7ce8-4e57-9140-b90eb88a9e97"
)

// SeedDemo fills a state with a partner, its application and its customers. The
// application's redirect URIs are the given ones, or DemoRedirects.
func SeedDemo(state *cloud.Cloud, redirects ...string) {
	if len(redirects) == 0 {
		redirects = DemoRedirects()
	}
	s := seeder{state}
	s.partner(redirects)
	s.portal()
	s.contoso()
	s.fabrikam()
	s.plain(WoodgroveTenant, WoodgroveDomain, "Woodgrove Cafe", 5, cloud.SubscriptionSpec{ID: WoodgroveBasic, Part: cloud.BusinessBasic, Quantity: 5, Age: 200 * day})
	s.plain(AdventureTenant, AdventureDomain, "Adventure Works", 6, cloud.SubscriptionSpec{ID: AdventureStandard, Part: cloud.BusinessStandard, Quantity: 10, Age: 90 * day, Status: cloud.Suspended})
	s.tailspin()
	s.plain(WingtipTenant, WingtipDomain, "Wingtip Clinics", 9, cloud.SubscriptionSpec{ID: WingtipBasic, Part: cloud.BusinessBasic, Quantity: 12, Age: 100 * day, Legacy: true})
	s.others()
	s.cases()
	s.plain(LakesideTenant, LakesideDomain, "Lakeside Motors", 7, cloud.SubscriptionSpec{ID: LakesideStandard, Part: cloud.BusinessStandard, Quantity: 8, Age: 120 * day})
	state.AddSubscription(LakesideTenant, cloud.SubscriptionSpec{Part: cloud.BusinessPremium, Quantity: 4, Age: 40 * day, Channel: "another partner"})
}

// SeedMany adds n ordinary customers with Business Basic, 10 seats and 8 holders
// each, for bulk upgrades. It returns the tenants' ids; every administrator is
// admin@ the tenant's domain, customer-0001.example and so on.
func SeedMany(state *cloud.Cloud, n int) []string {
	s := seeder{state}
	var out []string
	for i := range n {
		domain := fmt.Sprintf("customer-%04d.example", i+1)
		id := stable("tenant " + domain)
		s.plain(id, domain, fmt.Sprintf("Customer %04d", i+1), 8, cloud.SubscriptionSpec{ID: stable("subscription " + domain), Part: cloud.BusinessBasic, Quantity: 10, Age: 60 * day})
		out = append(out, id)
	}
	return out
}

// stable is an id that is the same in every run.
func stable(of string) string { return uuid.NewSHA1(uuid.NameSpaceURL, []byte(of)).String() }

type seeder struct{ *cloud.Cloud }

func (s seeder) partner(redirects []string) {
	s.AddPartner(cloud.TenantSpec{ID: DemoPartnerTenant, Domain: DemoPartnerDomain, Company: "Northstar Telecom", Country: "GB"})
	s.AddUser(DemoPartnerTenant, cloud.UserSpec{ID: stable(DemoAgent), UPN: DemoAgent, DisplayName: "Alex Agent", Password: DemoPassword,
		UsageLocation: "GB", AdminAgent: true, Roles: []string{cloud.GlobalAdministrator}})
	delegated, application := DemoPermissions()
	s.AddApp(cloud.AppSpec{ClientID: DemoClientID, Name: "Northstar Upgrades", Tenant: DemoPartnerTenant, Secret: DemoClientSecret,
		PublicClient: true, RedirectURIs: redirects, Delegated: delegated, Application: application})
	s.GrantConsentNow(DemoPartnerTenant, DemoClientID, append([]string{"user_impersonation"}, delegated...), application)
}

// portal is the application of the provider's own pages and API, who has its roles, and the billing system.
func (s seeder) portal() {
	person := func(upn, name, reseller string) {
		u := cloud.UserSpec{ID: stable(DemoPartnerTenant + " " + upn), UPN: upn, DisplayName: name, Password: DemoPassword, UsageLocation: "GB"}
		if reseller != "" {
			u.Guest, u.Attributes = true, map[string]string{portalReseller: reseller}
		}
		s.AddUser(DemoPartnerTenant, u)
	}
	person(DemoOperator, "Olga Operator", "")
	person(DemoSecondOperator, "Arno Approver", "")
	person(DemoHelpdesk, "Hannah Helpdesk", "")
	person(DemoEngineer, "Emil Engineer", "")
	person(DemoNobody, "Tim Trainee", "")
	person(DemoReseller, "Rita of Harbor IT", DemoResellerID)
	person(DemoSecondReseller, "Quentin of Quayside", DemoSecondResellerID)
	s.AddApp(cloud.AppSpec{ClientID: DemoPortalClientID, Name: "Northstar Upgrade Desk", Tenant: DemoPartnerTenant, Secret: DemoPortalSecret,
		RedirectURIs: DemoPortalRedirects(), Delegated: []string{"openid", "profile", "email"}, Claims: map[string]string{"reseller": portalReseller},
		Assigned: map[string][]string{
			DemoOperator: {"operator"}, DemoSecondOperator: {"operator"}, DemoHelpdesk: {"helpdesk"}, DemoEngineer: {"engineer"},
			DemoReseller: {"reseller"}, DemoSecondReseller: {"reseller"}, DemoBillingClientID: {"billing"},
		}})
	s.GrantConsentNow(DemoPartnerTenant, DemoPortalClientID, []string{"openid", "profile", "email"}, nil)
	s.AddApp(cloud.AppSpec{ClientID: DemoBillingClientID, Name: "Northstar Billing", Tenant: DemoPartnerTenant, Secret: DemoBillingSecret})
}

// DemoPermissions are what the demonstration application's registration lists.
func DemoPermissions() (delegated, application []string) {
	application = []string{"Organization.Read.All", "User.Read.All", "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All", "Directory.Read.All", "Group.ReadWrite.All"}
	return append([]string{"openid", "profile", "offline_access", "User.Read"}, application...), application
}

func sku(part string) string {
	o, ok := cloud.OfferByPart(part)
	if !ok {
		panic("no offer " + part) // the seed and the table are compiled together
	}
	return o.SKU
}

func (s seeder) tenant(id, domain, company string) {
	s.AddTenant(cloud.TenantSpec{ID: id, Domain: domain, Company: company, Country: "GB",
		Address: cloud.Address{Line1: "1 High Street", City: "London", PostalCode: "EC1A 1AA", Country: "GB", Phone: "+442071234567"}})
	s.person(id, domain, "admin", cloud.UserSpec{DisplayName: company + " Administrator", Roles: []string{cloud.GlobalAdministrator}})
}

// person adds somebody who can sign in.
func (s seeder) person(tenant, domain, name string, u cloud.UserSpec) {
	if u.UPN == "" {
		u.UPN = name + "@" + domain
	}
	if u.UsageLocation == "" {
		u.UsageLocation = "GB"
	}
	if u.UsageLocation == "none" {
		u.UsageLocation = ""
	}
	u.ID, u.Password = stable(tenant+" "+u.UPN), DemoPassword
	s.AddUser(tenant, u)
}

// plain is a customer with one subscription and so many holders.
func (s seeder) plain(id, domain, company string, holders int, sub cloud.SubscriptionSpec) {
	s.tenant(id, domain, company)
	s.AddSubscription(id, sub)
	for i := range holders {
		s.person(id, domain, fmt.Sprintf("user%02d", i+1), cloud.UserSpec{Licences: []cloud.LicenceChange{{SKU: sku(sub.Part)}}})
	}
}

func (s seeder) contoso() {
	s.tenant(ContosoTenant, ContosoDomain, "Contoso Dental")
	s.AddSubscription(ContosoTenant, cloud.SubscriptionSpec{ID: ContosoBasic, Part: cloud.BusinessBasic, Quantity: 20, Age: 60 * day, FriendlyName: "Contoso Basic"})
	s.person(ContosoTenant, ContosoDomain, "helpdesk", cloud.UserSpec{DisplayName: "Harper Helpdesk"})
	s.person(ContosoTenant, ContosoDomain, "licences", cloud.UserSpec{DisplayName: "Lee Licences", Roles: []string{cloud.LicenseAdministrator}})
	basic := sku(cloud.BusinessBasic)
	for _, name := range []string{"ana", "ben", "cara", "dev", "eli", "fay", "gus", "hana", "ivan"} {
		s.person(ContosoTenant, ContosoDomain, name, cloud.UserSpec{Licences: []cloud.LicenceChange{{SKU: basic}}})
	}
	s.person(ContosoTenant, ContosoDomain, "jo", cloud.UserSpec{Licences: []cloud.LicenceChange{{SKU: basic, Disabled: []string{planTeams}}}})
	s.person(ContosoTenant, ContosoDomain, "kit", cloud.UserSpec{Licences: []cloud.LicenceChange{{SKU: basic, Disabled: []string{planYammer, planSway}}}})
	s.person(ContosoTenant, ContosoDomain, "former", cloud.UserSpec{Disabled: true, Licences: []cloud.LicenceChange{{SKU: basic, Disabled: []string{planYammer}}}})
	s.person(ContosoTenant, ContosoDomain, "nowhere", cloud.UserSpec{UsageLocation: "none", Licences: []cloud.LicenceChange{{SKU: basic}}})
	s.person(ContosoTenant, ContosoDomain, "", cloud.UserSpec{UPN: ContosoGuest, DisplayName: "Kim of Fabrikam", Guest: true, Licences: []cloud.LicenceChange{{SKU: basic}}})
}

func (s seeder) fabrikam() {
	s.plain(FabrikamTenant, FabrikamDomain, "Fabrikam Legal", 6, cloud.SubscriptionSpec{ID: FabrikamStandard, Part: cloud.BusinessStandard, Quantity: 10, Age: 80 * day})
	s.AddSubscription(FabrikamTenant, cloud.SubscriptionSpec{ID: FabrikamPremium, Part: cloud.BusinessPremium, Quantity: 3, Age: 30 * day})
	s.person(FabrikamTenant, FabrikamDomain, "kim", cloud.UserSpec{Licences: []cloud.LicenceChange{{SKU: sku(cloud.BusinessPremium)}}})
}

func (s seeder) tailspin() {
	s.tenant(TailspinTenant, TailspinDomain, "Tailspin Toys")
	s.AddSubscription(TailspinTenant, cloud.SubscriptionSpec{ID: TailspinStandard, Part: cloud.BusinessStandard, Quantity: 25, Age: 45 * day})
	standard := sku(cloud.BusinessStandard)
	var members []string
	for i := range 6 {
		name := fmt.Sprintf("member%d", i+1)
		s.person(TailspinTenant, TailspinDomain, name, cloud.UserSpec{})
		members = append(members, stable(TailspinTenant+" "+name+"@"+TailspinDomain))
	}
	for i := range 4 {
		s.person(TailspinTenant, TailspinDomain, fmt.Sprintf("direct%d", i+1), cloud.UserSpec{Licences: []cloud.LicenceChange{{SKU: standard}}})
	}
	s.AddGroup(TailspinTenant, cloud.GroupSpec{ID: TailspinGroup, Name: "Everybody with an office", Members: members, Licences: []cloud.LicenceChange{{SKU: standard}}})
	delegated, application := DemoPermissions()
	s.GrantConsentNow(TailspinTenant, DemoClientID, delegated, application)
}

// others are tenants with which something stands in the way.
func (s seeder) others() {
	s.AddTenant(cloud.TenantSpec{ID: LitwareTenant, Domain: LitwareDomain, Company: "Litware Exports", Country: "IN", NoAgreement: true})
	s.person(LitwareTenant, LitwareDomain, "admin", cloud.UserSpec{UsageLocation: "IN", Roles: []string{cloud.GlobalAdministrator}})
	s.AddSubscription(LitwareTenant, cloud.SubscriptionSpec{ID: LitwareBasic, Part: cloud.BusinessBasic, Quantity: 10, Age: 3 * day})
	s.AddTenant(cloud.TenantSpec{ID: ProsewareTenant, Domain: ProsewareDomain, Company: "Proseware", NoRelationship: true})
	s.person(ProsewareTenant, ProsewareDomain, "admin", cloud.UserSpec{Roles: []string{cloud.GlobalAdministrator}})
	s.AddTenant(cloud.TenantSpec{ID: entra.ConsumerTenant, Domain: "outlook.example", Company: "Microsoft Accounts", NoRelationship: true})
	s.person(entra.ConsumerTenant, "outlook.example", "someone", cloud.UserSpec{})
}
