package preflight

// The names of the checks, which other checks wait for.
const (
	settings      = "settings"
	catalogue     = "catalogue"
	codecKeys     = "codec keys"
	linkKeys      = "link keys"
	registerOpens = "register"
	registerKeys  = "register keys"
	server        = "Temporal"
	namespace     = "namespace"
	retention     = "retention"
	attributes    = "search attributes"
	workers       = "worker"
	entra         = "Microsoft Entra"
	clock         = "clock"
	credential    = "client credential"
	deviceCode    = "device code"
	redirect      = "redirect address"
	graph         = "Microsoft Graph"
	center        = "Partner Center"
	signIn        = "partner sign-in"
	secondFactor  = "second factor"
	partnerRole   = "partner role"
	signInAddress = "sign-in address"
	mailAddresses = "mail addresses"
	mailServer    = "mail server"
	publicAddress = "public address"
)

// who is the settings without which Microsoft cannot be asked anything.
func who(more ...string) []string {
	return append([]string{"-client-id", "-partner-tenant", "-entra-url"}, more...)
}

// proof is who, and the credential.
func proof(more ...string) []string {
	return who(append([]string{"-client-secret-file", "-client-certificate", "UPLIFT_CLIENT_SECRET"}, more...)...)
}

// table is every check, in the order in which a person would mend things.
func (x *examination) table() []check {
	all := []check{
		{settings, nil, nil, settingsInOrder},
		{catalogue, []string{"-catalog"}, nil, catalogueReads},
		{codecKeys, []string{"-codec-key"}, nil, codecKeysOpen},
		{linkKeys, []string{"-link-key"}, nil, linkKeysOpen},
		{registerOpens, []string{"-register", "-register-key"}, nil, registerThere},
		{registerKeys, nil, []string{registerOpens}, registerReadable},

		{server, nil, []string{codecKeys}, temporalAnswers},
		{namespace, nil, []string{server}, namespaceThere},
		{retention, nil, []string{namespace}, retentionLong},
		{attributes, nil, []string{namespace}, attributesThere},
		{workers, nil, []string{namespace}, workerPolls},

		{entra, who(), nil, entraAnswers},
		{clock, nil, []string{entra}, clockRight},
		{credential, proof(), []string{entra}, credentialTaken},
		{deviceCode, nil, []string{entra}, deviceCodeAllowed},
		{redirect, []string{"-public-url"}, []string{entra}, redirectRegistered},
		{graph, []string{"-graph-url"}, nil, graphAnswers},
		{center, []string{"-partner-url"}, []string{credential}, centerTakesUs},

		{signIn, proof(), []string{registerKeys, credential}, partnerSignedIn},
		{secondFactor, []string{"-partner-url"}, []string{signIn, center}, partnerMFA},
		{partnerRole, []string{"-partner-url"}, []string{signIn, secondFactor}, partnerHasRole},
		{signInAddress, nil, []string{entra}, signInRegistered},

		{mailAddresses, []string{"-mail-from", "-operator-mail", "-engineer-mail", "-reply-to"}, nil, addressesReal},
		{mailServer, []string{"-smtp-url", "-mail-from"}, nil, mailTaken},
		{publicAddress, []string{"-public-url"}, nil, portalAnswers},
	}
	for _, tenant := range x.Customers {
		all = append(all, x.customerChecks(tenant)...)
	}
	return all
}

// customerChecks are those of one customer's tenant.
func (x *examination) customerChecks(tenant string) []check {
	name := func(what string) string { return "customer " + tenant + ", " + what }
	relationship := name("relationship")
	return []check{
		{relationship, nil, []string{center}, of(tenant, customerRelationship)},
		{name("agreement"), nil, []string{relationship}, of(tenant, customerAgreement)},
		{name("delegated administration"), nil, []string{signIn, graph, relationship}, of(tenant, customerDelegation)},
		{name("application consent"), nil, []string{credential, relationship}, of(tenant, customerConsent)},
	}
}
