package sim

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"uplift/internal/sim/cloud"
)

// SeedCustomers adds n customers such as a provider has: small ones and large ones in several countries, with one subscription
// or a few, of which some are suspended, traditional or another partner's, and a few with something in the way of a change. They
// are the same in every run. It returns the tenants' ids; every administrator is admin@ the tenant's domain.
func SeedCustomers(state *cloud.Cloud, n int) []string {
	s := seeder{state}
	ids := make([]string, n)
	for i := range n {
		ids[i] = s.company(i)
	}
	return ids
}

// company adds the customer with this number.
func (s seeder) company(i int) string {
	dice := rand.New(rand.NewPCG(5, uint64(i)))
	name, domain := companyName(i)
	id := stable("tenant " + domain)
	at := places[dice.IntN(len(places))]
	s.AddTenant(cloud.TenantSpec{ID: id, Domain: domain, Company: name, Country: at.country,
		Address: cloud.Address{Line1: fmt.Sprintf("%d %s", 1+dice.IntN(180), at.street), City: at.city, PostalCode: at.code, Country: at.country, Phone: at.phone},
		// About one in forty has not signed, one in sixty has given the partner no rights, one in a hundred is locked.
		NoAgreement: i%41 == 40, NoTransferRights: i%61 == 60, Locked: i%101 == 100})
	s.person(id, domain, "admin", cloud.UserSpec{DisplayName: name + " Administrator", UsageLocation: at.country, Roles: []string{cloud.GlobalAdministrator}})
	held := portfolio(dice)
	for k, part := range held {
		seats := size(dice)
		if k > 0 {
			seats = 1 + seats/3 // what comes second is for fewer people
		}
		sub := cloud.SubscriptionSpec{ID: stable("subscription " + domain + part), Part: part, Quantity: seats, Age: time.Duration(1+dice.IntN(350)) * day}
		switch {
		case i%37 == 36:
			sub.Status = cloud.Suspended
		case i%29 == 28 && k == 0:
			sub.Legacy = true
		case i%23 == 22 && k > 0:
			sub.Channel = "another partner"
		case dice.IntN(4) == 0:
			sub.Term, sub.Age = "P1M", sub.Age%(27*day)
		}
		s.AddSubscription(id, sub)
		s.staff(id, domain, at.country, part, k, min(seats-dice.IntN(1+seats/3), mostStaff))
	}
	return id
}

// mostStaff bounds the people of one customer, so that thousands of customers stay quick to make.
const mostStaff = 40

// staff adds holders of an offer.
func (s seeder) staff(tenant, domain, country, part string, k, n int) {
	for i := range n {
		given, family := personName(i + 7*k + len(domain))
		upn := account(given, family) + strings.Repeat("2", k) + "@" + domain // the same name may come twice
		s.person(tenant, domain, "", cloud.UserSpec{UPN: upn, DisplayName: given + " " + family, UsageLocation: country, Licences: []cloud.LicenceChange{{SKU: sku(part)}}})
	}
}

// portfolio is what a customer holds.
func portfolio(dice *rand.Rand) []string {
	all := [][]string{
		{cloud.BusinessBasic}, {cloud.BusinessBasic}, {cloud.BusinessBasic}, {cloud.BusinessBasic}, {cloud.BusinessBasic, cloud.TeamsPhone},
		{cloud.BusinessStandard}, {cloud.BusinessStandard}, {cloud.BusinessStandard}, {cloud.BusinessStandard, cloud.TeamsPhone},
		{cloud.BusinessBasic, cloud.BusinessStandard}, {cloud.BusinessPremium}, {cloud.BusinessPremium}, {cloud.AppsForBusiness},
		{cloud.Office365E1}, {cloud.Office365E3}, {cloud.Microsoft365E3}, {cloud.Microsoft365E3, cloud.Microsoft365E5}, {cloud.BusinessBasic, cloud.BusinessPremium},
	}
	return all[dice.IntN(len(all))]
}

// size is a number of seats: mostly few, now and then many.
func size(dice *rand.Rand) int {
	switch dice.IntN(10) {
	case 0:
		return 60 + dice.IntN(240)
	case 1, 2, 3:
		return 15 + dice.IntN(45)
	}
	return 1 + dice.IntN(14)
}

type place struct{ country, city, street, code, phone string }

var places = []place{
	{"GB", "Leeds", "Park Row", "LS1 5HD", "+441132450000"}, {"GB", "Bristol", "Corn Street", "BS1 1HT", "+441179290000"},
	{"GB", "Glasgow", "Buchanan Street", "G1 3HA", "+441412210000"}, {"GB", "London", "Old Street", "EC1V 9HL", "+442072500000"},
	{"IE", "Cork", "South Mall", "T12 RX84", "+353214270000"}, {"DE", "Bremen", "Am Wall", "28195", "+49421320000"},
	{"DE", "Leipzig", "Nikolaistraße", "04109", "+49341960000"}, {"FR", "Nantes", "Rue Crébillon", "44000", "+33240480000"},
	{"NL", "Utrecht", "Oudegracht", "3511 AB", "+31302310000"}, {"SE", "Malmö", "Södergatan", "211 34", "+4640120000"},
}

var (
	firsts = strings.Fields("Aldgate Amber Beacon Birch Blackwater Bluebell Calder Canary Castle Cedar Copper Crescent Dalton Eastgate Ember " +
		"Fairfield Falcon Garnet Granite Harbour Hawthorn Heron Highfield Ivy Juniper Kestrel Kingfisher Lark Linden Lomond Maple Marlow Meridian " +
		"Mill Northgate Oakwood Orchard Pennine Quayside Raven Rowan Saltmarsh Silver Stonebridge Summit Thistle Tidewater Westbrook Willow Yarrow")
	trades = []string{"Dental", "Architects", "Logistics", "Bakery", "Law", "Engineering", "Veterinary Practice", "Interiors", "Brewing", "Accountants",
		"Estate Agents", "Printing", "Physiotherapy", "Roofing", "Insurance Brokers", "Travel", "Foods", "Joinery", "Opticians", "Care Homes"}
	forms = []string{"Ltd", "Ltd", "LLP", "& Sons", "Group", ""}

	givens = strings.Fields("Ada Amir Aoife Astrid Ben Bianca Callum Chidi Chloé Daniel Deniz Elif Emma Farid Fiona Gareth Greta Hana Hugo Imani Ines " +
		"Jakob Jana Kofi Lena Liam Lucía Maja Marek Mei Mohammed Nadia Niall Noor Olga Oscar Priya Rafael Rosa Saoirse Sven Tariq Tess Uma Vera Wei Yusuf Zoë")
	families = strings.Fields("Adeyemi Ahmed Andersson Bakker Becker Brown Byrne Chen Clarke Costa Davies Dubois Evans Fischer Fraser García Gallagher " +
		"Hughes Ivanova Jansen Jensen Jones Kaya Kelly Khan Kowalski Laurent Lewis Lindqvist MacLeod Meyer Moreau Murphy Novák Okafor Patel Petrov " +
		"Quinn Rossi Schmidt Sharma Silva Smith Taylor Thomas Visser Walsh Weber Williams Yılmaz Zhang")
)

// companyName is the name of the customer with this number, and its domain. Neighbours differ in every word.
func companyName(i int) (name, domain string) {
	first, trade := firsts[i%len(firsts)], trades[(i/len(firsts)+7*i)%len(trades)]
	name = strings.TrimSpace(first + " " + trade + " " + forms[(i+i/len(firsts))%len(forms)])
	domain = strings.ToLower(strings.ReplaceAll(first+"-"+trade, " ", "-"))
	if round := i / (len(firsts) * len(trades)); round > 0 {
		name, domain = fmt.Sprintf("%s %d", name, round+1), fmt.Sprintf("%s-%d", domain, round+1)
	}
	return name, domain + ".example"
}

// personName is the name of the person with this number.
func personName(i int) (given, family string) {
	return givens[i%len(givens)], families[(i/len(givens)+13*i)%len(families)]
}

// account is the part of a user principal name before the @, in letters that every system takes.
func account(given, family string) string {
	return strings.NewReplacer("á", "a", "é", "e", "ë", "e", "í", "i", "ı", "i", "ï", "i").Replace(strings.ToLower(given + "." + family))
}
