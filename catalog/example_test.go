package catalog_test

import (
	"fmt"
	"strings"

	"uplift/catalog"
)

// A person may write an offer as it comes to mind. What is not certain is asked back.
func ExampleCatalog_Resolve() {
	c := catalog.Load()
	for _, text := range []string{"Business Premium", "O365_BUSINESS_PREMIUM", "Busines Basic"} {
		offer, near, ok := c.Resolve(text)
		if !ok {
			fmt.Println(text, "–", catalog.DidYouMean(near))
			continue
		}
		fmt.Println(text, "–", offer.Name)
	}
	// Output:
	// Business Premium – Microsoft 365 Business Premium
	// O365_BUSINESS_PREMIUM – Microsoft 365 Business Standard
	// Busines Basic – Did you mean business-basic (Microsoft 365 Business Basic)?
}

// The India edition of Business Basic leads to that of Business Standard, and nowhere else.
func ExampleCatalog_Path() {
	c := catalog.Load()
	path, err := c.Path("business-basic-india", "business-standard-india", "IN")
	fmt.Println(path.Commerce, path.Kinds, err)
	_, err = c.Path("business-basic-india", "business-standard", "IN")
	fmt.Println(err)
	// Output:
	// new-commerce [transition replace] <nil>
	// the catalogue has no step from business-basic-india to business-standard [path_not_in_catalogue] → from business-basic-india choose one of: business-standard-india
}

// Who had no mailbox in Office 365 E1 has none in E3, though it is another service plan.
func ExampleCatalog_MapDisabledPlans() {
	c := catalog.Load()
	e1, _ := c.Offer("office-365-e1")
	e3, _ := c.Offer("office-365-e3")
	off, err := c.MapDisabledPlans(e1.SKUID, e3.SKUID, []string{
		"9aaf7827-d63c-4b61-89c3-182f06f82e5c", // Exchange Online (Plan 1)
		"7547a3fe-08ee-4ccb-b430-5077c5041653", // Viva Engage
	})
	for _, id := range off {
		plan, _ := c.ServicePlan(id)
		fmt.Println(plan.Friendly)
	}
	fmt.Println(err)
	// Output:
	// Viva Engage (Yammer Enterprise)
	// Exchange Online (Plan 2)
	// <nil>
}

// Even a step up may take something away: Microsoft 365 E3 protects devices less than Business Premium does.
func ExampleCatalog_Compare() {
	c := catalog.Load()
	premium, _ := c.Offer("business-premium")
	e3, _ := c.Offer("microsoft-365-e3")
	difference := c.Compare([]catalog.Offer{premium}, []catalog.Offer{e3})
	for _, plan := range difference.Gained {
		fmt.Println("gained:", plan.Friendly)
	}
	for _, plan := range difference.Lost {
		fmt.Println("lost:", plan.Friendly)
	}
	for _, change := range difference.Smaller {
		fmt.Printf("smaller: %s, from %s to %s\n", change.Service, change.From.Friendly, change.To.Friendly)
	}
	// Output:
	// gained: Immersive spaces for Teams
	// gained: Information Protection and Governance Analytics (Standard)
	// gained: Information Protection for Office 365 (Standard)
	// gained: Windows Autopatch
	// lost: Purview Discovery
	// smaller: Defender for Endpoint, from Microsoft Defender for Business to Microsoft Defender for Endpoint Plan 1
	// smaller: Power Virtual Agents, from Power Virtual Agents for Office 365 (Plan 3) to Power Virtual Agents for Office 365 (Plan 2)
	// smaller: Project for Office, from Project for Office (Plan E5) to Project for Office (Plan E3)
}

// Every problem of a file is reported, with its place and line.
func ExampleRead() {
	_, err := catalog.Read(strings.NewReader(`{
  "version": 1,
  "servicePlans": [],
  "offers": [
    {"id": "Business Basic", "name": "Basic", "colour": "red", "family": "business", "verified": "unverified", "source": "me"}
  ],
  "paths": [
    {"from": "basic", "to": "basic", "commerce": "legacy", "kinds": ["replace"], "verified": "unverified", "source": "me"}
  ]
}`))
	fmt.Println(err)
	// Output:
	// offers[0].colour: there is no field "colour" (line 5) [unknown_field] → remove it, or mend its name
	// offers[0].id: "Business Basic" is not an id (line 5) [bad_id] → write small letters, digits and single hyphens, such as business-basic
	// paths[0].from: there is no offer "basic" (line 8) [unknown_reference] → describe it under offers, or mend the id
	// paths[0].to: there is no offer "basic" (line 8) [unknown_reference] → describe it under offers, or mend the id
	// paths[0].to: the path leads from basic to itself (line 8) [self_reference] → name another offer; more seats of the same are no path
}
