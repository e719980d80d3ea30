package service

// row is an activity, the story that reaches it, and where the faults strike. Ends has a word for each fault in the order of
// faults; the words are explained at verdict.
type row struct {
	activity string
	nth      int // its execution in the story; 0: the first
	story    string
	at       place
	ends     string
}

const (
	customers    = "/v1/customers/[^/]+"
	subscription = customers + "/subscriptions/[^/]+"
	graphUser    = "/v1.0/users/[^/]+"
)

func rows() []row {
	return []row{
		{"ClaimOrder", 0, "more seats", ledger("Claim"), ""},
		{"ClaimOrder", 0, "a further attempt", holders(), ""},
		{"ReadOrder", 0, "a dry run", edge(), ""},
		{"PlanUpgrade", 0, "more seats", api("Partner Center's subscriptions", "GET", customers+"/subscriptions"), ""},
		{"PlanUpgrade", 0, "more seats", ledger("SavePlan"), ""},
		{"PlanUpgrade", 2, "another offer", api("the tenant's holders", "GET", "/v1.0/users"), ""},
		{"PlanUpgrade", 0, "a dry run", api("Partner Center's subscriptions", "GET", customers+"/subscriptions"), ""},
		{"Preconsent", 0, "consented for by the partner", api("the consent in the customer's place", "POST", customers+"/applicationconsents"), ""},
		{"Preconsent", 0, "consented for by the partner", entraAt("the partner's user's token", "/token"), ""},
		{"VerifyConsent", 0, "more seats", entraAt("an application's token of the tenant", "/token"), ""},
		{"VerifyConsent", 0, "more seats", ledger("SaveEvidence"), ""},
		{"VerifyConsent", 0, "by invitation", api("the organisation", "GET", "/v1.0/organization"), ""},
		{"VerifyConsent", 0, "consented for by the partner", entraAt("the partner's user's token of the tenant", "/token"), ""},
		{"SendLetter", 0, "by invitation", post(), ""},
		{"SendLetter", 0, "more seats", post(), ""},
		{"RecordAnswer", 0, "by invitation", ledger("RecordAnswer"), ""},
		{"MakeLink", 0, "by invitation", linkKeys(), ""},
		{"StartDeviceCode", 0, "by invitation", entraAt("a device code", "/devicecode"), ""},
		{"StartDeviceCode", 0, "by invitation", ledger("SaveCode"), ""},
		{"AwaitSignIn", 0, "by invitation", entraAt("the redemption of a device code", "/token"), ""},
		{"AwaitSignIn", 0, "by invitation", ledger("SaveTokens"), ""},
		{"DropGrant", 0, "by invitation, somebody else first", ledger("DestroyTokens"), ""},
		{"TakeSnapshot", 0, "another offer", api("the tenant's holders", "GET", "/v1.0/users"), ""},
		{"TakeSnapshot", 0, "another offer", ledger("SaveSnapshots"), ""},
		{"TakeStock", 0, "another offer", api("Partner Center's subscriptions", "GET", customers+"/subscriptions"), ""},
		{"TakeStock", 2, "another offer", ledger("SaveMembership"), ""},
		{"ChangeSeats", 0, "more seats", api("the subscription's number", "PATCH", subscription), ""},
		{"ChangeSeats", 0, "more seats", api("the subscription, read first", "GET", subscription), ""},
		{"ChangeSeats", 0, "more seats", ledger("Journal"), ""},
		{"ChangeSeats", 2, "a user taken back", api("the number, put back", "PATCH", subscription), ""},
		{"AwaitProvisioning", 0, "more seats", api("the subscription", "GET", subscription), ""},
		{"AwaitProvisioning", 0, "another offer", api("the tenant's directory", "GET", "/v1.0/directory/subscriptions"), ""},
		{"BuySeats", 0, "a purchase", api("a cart", "POST", customers+"/carts"), ""},
		{"BuySeats", 0, "a purchase", api("the checkout", "POST", customers+"/carts/[^/]+/checkout"), ""},
		{"BuySeats", 0, "a purchase", ledger("Journal"), ""},
		{"UndoPurchase", 0, "a purchase taken back", api("the cancellation", "PATCH", subscription), ""},
		{"CheckTransition", 0, "another offer", api("the transitions of before", "GET", subscription+"/transitions"), ""},
		{"StartTransition", 0, "another offer", api("the transition", "POST", subscription+"/transitions"), ""},
		{"StartTransition", 0, "another offer", ledger("Journal"), ""},
		{"StartTransition", 0, "a traditional subscription", api("the traditional upgrade", "POST", subscription+"/upgrades"), ""},
		{"AssignLicenses", 0, "a user taken back", batched("one user's licences", "/assignLicense"), ""},
		{"AssignLicenses", 0, "a user taken back", api("a usage location", "PATCH", graphUser), ""},
		{"AssignLicenses", 0, "at the renewal", batched("the users' licences", "/assignLicense"), ""},
		{"AssignLicenses", 0, "another offer", ledger("SaveReports"), ""},
		{"ConfirmLicenses", 0, "another offer", batched("the users, one by one", "/users/"), ""},
		{"ConfirmLicenses", 0, "another offer", ledger("SaveReports"), ""},
		{"ReleaseSeats", 0, "seats given back", api("the cancellation", "PATCH", subscription), ""},
		{"ScheduleRenewal", 0, "at the renewal", api("the next term", "PATCH", subscription), ""},
		{"AwaitRenewal", 0, "at the renewal", api("the subscription", "GET", subscription), ""},
		{"RestoreRenewal", 0, "a scheduled change kept", api("the next term", "PATCH", subscription), ""},
		{"RestoreLicenses", 0, "a user taken back", batched("one user's licences", "/assignLicense"), ""},
		{"RestoreLocations", 0, "a user taken back", api("a usage location", "PATCH", graphUser), ""},
		{"RecordEnd", 0, "by invitation", ledger("DestroyTokens"), ""},
		{"RecordEnd", 0, "by invitation", ledger("RecordEnd"), ""},
		{"StoreUserList", 0, "a list of users", ledger("SaveUserList"), ""},
		{"ReadReports", 0, "a report", ledger("Reports"), ""},
		{"PruneRegister", 0, "pruning", ledger("Prune"), ""},
		{"WatchPartner", 0, "the partner's sign-in", entraAt("the partner's user's token", "/token"), ""},
		{"StorePrices", 0, "a price list", ledger("SavePrices"), ""},
		{"ReadPrices", 0, "the price list", ledger("Prices"), ""},
	}
}

// edge is the place of an activity that reaches nobody.
func edge() place {
	return place{words: "the worker itself, for the activity reaches nobody: it fails before, or after it and its answer is lost"}
}
