package sim

import "uplift/internal/sim/cloud"

// Blue Yonder Airlines: 300 people with Business Standard, some of whom an upgrade to Microsoft 365 E3 cannot move, for pages that
// are full.
const (
	CrowdTenant   = "0c000000-0000-4000-8000-000000000019"
	CrowdDomain   = "blue-yonder-airlines.example"
	CrowdAdmin    = "admin@blue-yonder-airlines.example"
	CrowdStandard = "5c000000-0000-4000-8000-000000000019"
	CrowdGroup    = "6c000000-0000-4000-8000-000000000019"

	// CrowdPeople hold Business Standard.
	CrowdPeople = 300
	// CrowdConflicts of them hold Business Basic besides, whose Exchange excludes that of an E3: their licence cannot be moved.
	CrowdConflicts = 7
	// CrowdNowhere of them have no usage location, CrowdGrouped have the licence through a group, CrowdFormer may not sign in,
	// CrowdGuests are guests, and CrowdQuiet have switched services off. All of these can be moved.
	CrowdNowhere = 5
	CrowdGrouped = 12
	CrowdFormer  = 4
	CrowdGuests  = 3
	CrowdQuiet   = 20
)

// SeedCrowd adds Blue Yonder Airlines.
func SeedCrowd(state *cloud.Cloud) {
	s := seeder{state}
	s.tenant(CrowdTenant, CrowdDomain, "Blue Yonder Airlines")
	s.AddSubscription(CrowdTenant, cloud.SubscriptionSpec{ID: CrowdStandard, Part: cloud.BusinessStandard, Quantity: CrowdPeople, Age: 60 * day})
	s.AddSubscription(CrowdTenant, cloud.SubscriptionSpec{ID: stable("subscription of the crowd"), Part: cloud.BusinessBasic, Quantity: 10, Age: 60 * day})
	var members []string
	for i := range CrowdPeople {
		given, family := personName(i)
		u := cloud.UserSpec{UPN: account(given, family) + "@" + CrowdDomain, DisplayName: given + " " + family,
			Licences: []cloud.LicenceChange{{SKU: sku(cloud.BusinessStandard)}}}
		switch at := i % 5; { // they are spread over the list, as they are in life
		case at == 0 && i/5 < CrowdConflicts:
			u.Licences = append(u.Licences, cloud.LicenceChange{SKU: sku(cloud.BusinessBasic)})
		case at == 1 && i/5 < CrowdNowhere:
			u.UsageLocation = "none"
		case at == 2 && i/5 < CrowdGrouped:
			u.Licences = nil
			members = append(members, stable(CrowdTenant+" "+u.UPN))
		case at == 3 && i/5 < CrowdFormer:
			u.Disabled = true
		case at == 3 && i/5 < CrowdFormer+CrowdGuests:
			u.Guest = true
		case at == 4 && i/5 < CrowdQuiet:
			u.Licences[0].Disabled = []string{planYammer, planSway}
		}
		s.person(CrowdTenant, CrowdDomain, "", u)
	}
	s.AddGroup(CrowdTenant, cloud.GroupSpec{ID: CrowdGroup, Name: "Cabin crew", Members: members, Licences: []cloud.LicenceChange{{SKU: sku(cloud.BusinessStandard)}}})
}
