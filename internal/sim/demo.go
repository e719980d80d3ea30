package sim

// The demonstration's fixed points. They are secrets of nothing: they exist in
// this simulator only.
const (
	DemoPartnerTenant = "0a000000-0000-4000-8000-000000000001"
	DemoPartnerDomain = "northstar-telecom.example"
	DemoClientID      = "0b000000-0000-4000-8000-000000000001"
	DemoClientSecret  = "demo-secret-of-the-simulator"
	// DemoPassword signs in every person who can sign in.
	DemoPassword = "Correct-Horse-9"
	// DemoAgent is an admin agent of the partner.
	DemoAgent = "agent@northstar-telecom.example"

	// The provider's own pages and API are an application of the partner's tenant,
	// with app roles, and the billing system is one more.
	DemoPortalClientID  = "0b000000-0000-4000-8000-000000000002"
	DemoPortalSecret    = "demo-secret-of-the-portal"
	DemoBillingClientID = "0b000000-0000-4000-8000-000000000003"
	DemoBillingSecret   = "demo-secret-of-the-billing"
	// The people who have its roles: two operators, since some orders need a second
	// person's word, and somebody of a reseller, who is a guest here.
	DemoOperator       = "operator@northstar-telecom.example"
	DemoSecondOperator = "approver@northstar-telecom.example"
	DemoHelpdesk       = "helpdesk@northstar-telecom.example"
	DemoEngineer       = "engineer@northstar-telecom.example"
	DemoReseller       = "reseller@harbor-it.example"
	DemoResellerID     = "harbor-it"
	// DemoSecondReseller is of another reseller, which is not subscribed.
	DemoSecondReseller   = "reseller@quayside.example"
	DemoSecondResellerID = "quayside"
	// DemoNobody can sign in, and has no role.
	DemoNobody = "trainee@northstar-telecom.example"

	// Contoso Dental: Business Basic, 20 seats, 14 holders. The ordinary case.
	ContosoTenant   = "0c000000-0000-4000-8000-000000000001"
	ContosoDomain   = "contoso-dental.example"
	ContosoBasic    = "5c000000-0000-4000-8000-000000000001"
	ContosoAdmin    = "admin@contoso-dental.example"    // Global Administrator
	ContosoHelpdesk = "helpdesk@contoso-dental.example" // no role
	ContosoLicences = "licences@contoso-dental.example" // License Administrator
	ContosoGuest    = "kim@fabrikam-legal.example"      // guest here, member at Fabrikam

	// Fabrikam Legal: Business Standard, 10 seats, and Business Premium beside it,
	// so that an upgrade to Premium conflicts.
	FabrikamTenant   = "0c000000-0000-4000-8000-000000000002"
	FabrikamDomain   = "fabrikam-legal.example"
	FabrikamStandard = "5c000000-0000-4000-8000-000000000002"
	FabrikamPremium  = "5c000000-0000-4000-8000-000000000003"
	FabrikamAdmin    = "admin@fabrikam-legal.example"

	// Woodgrove Cafe: Business Basic, 5 seats, bought long ago: nothing can be given back.
	WoodgroveTenant = "0c000000-0000-4000-8000-000000000003"
	WoodgroveDomain = "woodgrove-cafe.example"
	WoodgroveBasic  = "5c000000-0000-4000-8000-000000000004"
	WoodgroveAdmin  = "admin@woodgrove-cafe.example"

	// Adventure Works: Business Standard, suspended.
	AdventureTenant   = "0c000000-0000-4000-8000-000000000004"
	AdventureDomain   = "adventure-works.example"
	AdventureStandard = "5c000000-0000-4000-8000-000000000005"
	AdventureAdmin    = "admin@adventure-works.example"

	// Tailspin Toys: Business Standard by a group's licence, and consent given before.
	TailspinTenant   = "0c000000-0000-4000-8000-000000000005"
	TailspinDomain   = "tailspin-toys.example"
	TailspinStandard = "5c000000-0000-4000-8000-000000000006"
	TailspinGroup    = "6c000000-0000-4000-8000-000000000001"
	TailspinAdmin    = "admin@tailspin-toys.example"

	// Wingtip Clinics: a traditional Business Basic subscription, 12 seats.
	WingtipTenant = "0c000000-0000-4000-8000-000000000006"
	WingtipDomain = "wingtip-clinics.example"
	WingtipBasic  = "5c000000-0000-4000-8000-000000000007"
	WingtipAdmin  = "admin@wingtip-clinics.example"

	// Litware Exports: in India, without registration number and agreement.
	LitwareTenant = "0c000000-0000-4000-8000-000000000007"
	LitwareDomain = "litware-exports.example"
	LitwareBasic  = "5c000000-0000-4000-8000-000000000008"
	LitwareAdmin  = "admin@litware-exports.example"

	// Proseware: a tenant that has no relationship with the partner.
	ProsewareTenant = "0c000000-0000-4000-8000-000000000008"
	ProsewareDomain = "proseware.example"
	ProsewareAdmin  = "admin@proseware.example"

	// Lakeside Motors: Business Standard of this partner, and Business Premium
	// bought from another.
	LakesideTenant   = "0c000000-0000-4000-8000-000000000009"
	LakesideDomain   = "lakeside-motors.example"
	LakesideStandard = "5c000000-0000-4000-8000-000000000009"
	LakesideAdmin    = "admin@lakeside-motors.example"

	// Northwind Traders: Hosted Essentials, which is Business Basic with Teams Phone
	// beside it, 5 of each.
	NorthwindTenant = "0c000000-0000-4000-8000-000000000010"
	NorthwindDomain = "northwind-traders.example"

	// Alpine Ski House: one seat of Business Basic, bought two days ago, which can
	// still be given back.
	AlpineTenant = "0c000000-0000-4000-8000-000000000011"
	AlpineDomain = "alpine-ski-house.example"

	// Coho Winery: one seat of Business Basic, bought long ago.
	CohoTenant = "0c000000-0000-4000-8000-000000000012"
	CohoDomain = "coho-winery.example"

	// Trey Research: Business Basic for people of two domains.
	TreyTenant = "0c000000-0000-4000-8000-000000000013"
	TreyDomain = "trey-research.example"
	TreyLabs   = "trey-labs.example"

	// VanArsdel: Business Basic and Business Standard, so that no single
	// subscription is the source of an upgrade.
	VanArsdelTenant = "0c000000-0000-4000-8000-000000000014"
	VanArsdelDomain = "vanarsdel.example"

	// Margie's Travel and the Graphic Design Institute: traditional subscriptions
	// of Apps for business and of Business Standard.
	MargieTenant  = "0c000000-0000-4000-8000-000000000015"
	MargieDomain  = "margies-travel.example"
	GraphicTenant = "0c000000-0000-4000-8000-000000000016"
	GraphicDomain = "graphic-design-institute.example"

	// Lucerne Publishing and Wide World Importers: traditional subscriptions of the
	// India editions of Business Basic and of Apps for business.
	LucerneTenant   = "0c000000-0000-4000-8000-000000000017"
	LucerneDomain   = "lucerne-publishing.example"
	WideWorldTenant = "0c000000-0000-4000-8000-000000000018"
	WideWorldDomain = "wide-world-importers.example"

	// DemoPersonal is a personal Microsoft account.
	DemoPersonal = "someone@outlook.example"
)

// DemoRedirects are the redirect URIs registered when SeedDemo gets none.
func DemoRedirects() []string {
	return []string{"http://127.0.0.1:8080/consent/callback", "http://localhost:8080/consent/callback"}
}

// DemoPortalRedirects are those of the provider's pages, beside the given ones.
func DemoPortalRedirects() []string {
	return []string{"http://127.0.0.1:8080/signin/callback", "http://localhost:8080/signin/callback"}
}

// portalReseller is the attribute that carries a reseller's id.
const portalReseller = "extensionAttribute1"
