package sim

import (
	"fmt"

	"uplift/internal/sim/cloud"
)

// cases are the customers of the example orders.
func (s seeder) cases() {
	phone := cloud.SubscriptionSpec{Part: cloud.TeamsPhone, Quantity: 5, Age: 60 * day}
	s.plain(NorthwindTenant, NorthwindDomain, "Northwind Traders", 4, cloud.SubscriptionSpec{Part: cloud.BusinessBasic, Quantity: 5, Age: 60 * day})
	s.AddSubscription(NorthwindTenant, phone)
	s.plain(AlpineTenant, AlpineDomain, "Alpine Ski House", 1, cloud.SubscriptionSpec{Part: cloud.BusinessBasic, Quantity: 1, Age: 2 * day})
	s.plain(CohoTenant, CohoDomain, "Coho Winery", 1, cloud.SubscriptionSpec{Part: cloud.BusinessBasic, Quantity: 1, Age: 90 * day})
	s.plain(TreyTenant, TreyDomain, "Trey Research", 3, cloud.SubscriptionSpec{Part: cloud.BusinessBasic, Quantity: 8, Age: 60 * day})
	for i := range 3 {
		s.person(TreyTenant, TreyDomain, "", cloud.UserSpec{UPN: fmt.Sprintf("lab%02d@%s", i+1, TreyLabs), Licences: []cloud.LicenceChange{{SKU: sku(cloud.BusinessBasic)}}})
	}
	s.plain(VanArsdelTenant, VanArsdelDomain, "VanArsdel", 3, cloud.SubscriptionSpec{Part: cloud.BusinessBasic, Quantity: 5, Age: 60 * day})
	s.AddSubscription(VanArsdelTenant, cloud.SubscriptionSpec{Part: cloud.BusinessStandard, Quantity: 5, Age: 60 * day})
	s.plain(MargieTenant, MargieDomain, "Margie's Travel", 2, cloud.SubscriptionSpec{Part: cloud.AppsForBusiness, Quantity: 4, Age: 100 * day, Legacy: true})
	s.plain(GraphicTenant, GraphicDomain, "Graphic Design Institute", 3, cloud.SubscriptionSpec{Part: cloud.BusinessStandard, Quantity: 6, Age: 100 * day, Legacy: true})
	s.india(LucerneTenant, LucerneDomain, "Lucerne Publishing", cloud.BusinessBasicIndia)
	s.india(WideWorldTenant, WideWorldDomain, "Wide World Importers", cloud.AppsForBusinessIndia)
}

// india is a customer there, with all that India asks for, three seats and two users.
func (s seeder) india(tenant, domain, company, part string) {
	s.AddTenant(cloud.TenantSpec{ID: tenant, Domain: domain, Company: company, Country: "IN", OrganizationRegistration: "AAACL1234C",
		Address: cloud.Address{Line1: "1 Link Road", City: "Mumbai", State: "MH", PostalCode: "400001", Country: "IN", Phone: "+912212345678"}})
	s.person(tenant, domain, "admin", cloud.UserSpec{UsageLocation: "IN", Roles: []string{cloud.GlobalAdministrator}})
	s.AddSubscription(tenant, cloud.SubscriptionSpec{Part: part, Quantity: 3, Age: 100 * day, Legacy: true})
	for i := range 2 {
		s.person(tenant, domain, fmt.Sprintf("user%02d", i+1), cloud.UserSpec{UsageLocation: "IN", Licences: []cloud.LicenceChange{{SKU: sku(part)}}})
	}
}
