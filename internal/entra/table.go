package entra

import "uplift/upgrade"

// use is what a token was asked for: the same number means different things.
type use string

const (
	onDevice      use = "device"      // an administrator signs in
	onRefresh     use = "refresh"     // a grant that we hold is renewed
	onApplication use = "application" // our own token in a customer's tenant
	onPartner     use = "partner"     // our own token in the provider's tenant
	onKeys        use = "keys"        // discovery and signing keys
)

// class says who can do something about a number.
type class string

const (
	passing  class = "passes"        // R: trouble that passes
	slow     class = "slow"          // R, after a pause
	waiting  class = "waiting"       // nobody has signed in yet
	person   class = "person"        // U: the user, or the tenant's administrator, must act
	consent  class = "consent"       // nobody has consented, or the consent has not spread yet
	ours     class = "configuration" // C: our registration or our settings
	terminal class = "terminal"      // X: no
)

// kind is what a class means for a use.
//
//   - In a sign-in, a person's trouble ends this code: another may be asked for. Missing consent passes, since right after
//     the click the replicas differ; the code's own expiry bounds that.
//   - In a refresh, whatever needs a person means that the grant has died.
//   - For the application, missing consent means that nobody consented, or that it has not spread: the caller knows which.
func (c class) kind(u use) upgrade.Kind {
	switch c {
	case passing:
		return upgrade.Transient
	case slow:
		return upgrade.Throttled
	case waiting:
		return upgrade.Waiting
	case ours:
		return upgrade.Act
	case terminal:
		if u == onRefresh {
			return upgrade.GrantLost
		}
		return upgrade.Refused
	case consent:
		switch u {
		case onDevice:
			return upgrade.Transient
		case onApplication, onRefresh:
			return upgrade.GrantLost
		}
		return upgrade.Act
	case person:
		switch u {
		case onDevice:
			return upgrade.Refused
		case onRefresh:
			return upgrade.GrantLost
		}
		return upgrade.Act
	}
	return upgrade.Unknown
}

// row is an AADSTS number: its class, and our sentence for it.
type row struct {
	class class
	says  string
	// lost makes the application's grant lost, where the class alone would not.
	lost bool
}

// The sentences that many numbers share.
const (
	saysPassing  = "Entra has a passing trouble"
	saysMFA      = "the tenant asks for another proof of identity, such as multi-factor authentication"
	saysBlocked  = "a policy of the tenant blocks this sign-in"
	saysNoTenant = "Entra does not know this tenant"
	saysNoUser   = "the account does not belong to this tenant, or may not sign in there"
	saysRefresh  = "the administrator's sign-in has expired or was revoked"
	saysAudience = "the application cannot be used at this authority"
)

// number returns what is known of an AADSTS number. The facts' section 1.7, from reference-error-codes.
func number(n int) (row, bool) {
	r, ok := map[int]row{
		65001:   {class: consent, says: "nobody in the tenant has consented to the application yet"},
		650051:  {class: consent, says: "the application is being set up in the tenant"},
		700016:  {class: consent, says: "the application is not set up in the tenant yet"},
		7000229: {class: consent, says: "the application is not set up in the tenant yet"}, // general knowledge
		90099:   {class: consent, says: "the application was not consented to in the customer's tenant"},

		65004:  {class: person, says: "the user declined the permissions"},
		90094:  {class: person, says: "an administrator must consent to the permissions", lost: true},
		90095:  {class: person, says: "an administrator must approve the request for consent", lost: true},
		650052: {class: person, says: "the tenant does not hold the service that is asked for"},

		70001:   {class: person, says: "the application was removed from the tenant, or switched off there", lost: true},
		7000112: {class: person, says: "the application was switched off in the tenant", lost: true},
		50105:   {class: person, says: "the account is not assigned to the application"},

		50020: {class: person, says: saysNoUser}, 50177: {class: person, says: saysNoUser}, 50034: {class: person, says: saysNoUser},
		50057: {class: person, says: "the account is switched off"},
		50053: {class: person, says: "the account is locked"},
		50126: {class: person, says: "the password was wrong"},
		50058: {class: person, says: "nobody is signed in"},
		50072: {class: person, says: saysMFA}, 50074: {class: person, says: saysMFA}, 50076: {class: person, says: saysMFA},
		50078: {class: person, says: saysMFA}, 50079: {class: person, says: saysMFA},
		700020: {class: person, says: "the user must sign in again"},
		53000:  {class: person, says: saysBlocked}, 53003: {class: person, says: saysBlocked},
		530032: {class: person, says: saysBlocked}, 530034: {class: person, says: saysBlocked}, 530035: {class: person, says: saysBlocked},
		50173: {class: person, says: saysRefresh}, 70008: {class: person, says: saysRefresh}, 70043: {class: person, says: saysRefresh},
		700082: {class: person, says: saysRefresh}, 700084: {class: person, says: saysRefresh},

		70000:   {class: terminal, says: "the grant is no good"},
		54005:   {class: terminal, says: "the code was already used"},
		70018:   {class: terminal, says: "the code is not known, or was already used"},
		70019:   {class: terminal, says: "the code has expired"},
		90119:   {class: terminal, says: "the code is not known"},
		90120:   {class: terminal, says: "the request was already allowed or declined"},
		90002:   {class: terminal, says: saysNoTenant},
		900023:  {class: terminal, says: saysNoTenant},
		5000224: {class: terminal, says: "the tenant is no longer there"},

		65002:  {class: ours, says: "the application lacks an authorization by Microsoft"},
		65005:  {class: ours, says: "the application's registration does not list the permission"},
		650056: {class: ours, says: "the application's registration does not list the permission"},
		700011: {class: ours, says: "the application's id is not known"},
		500011: {class: ours, says: "the tenant does not know the service that is asked for"},
		50194:  {class: ours, says: "the application is registered for a single tenant"},
		90014:  {class: ours, says: "a field is missing from the request"},
		90038:  {class: ours, says: "the tenant lives in another national cloud"},
		90124:  {class: ours, says: saysAudience}, 90130: {class: ours, says: saysAudience}, 9001023: {class: ours, says: saysAudience},
		7000215: {class: ours, says: "the client secret is wrong; often its id was configured in its place"},
		7000222: {class: ours, says: "the client secret has expired"},
		7000218: {class: ours, says: "the registration allows no public client flows, and no credential was sent"},
		700021:  {class: ours, says: "the client assertion names another application"},
		700023:  {class: ours, says: "the client assertion was made for another authority"},
		700024:  {class: ours, says: "the client assertion is not valid now; is this machine's clock right?"},
		700025:  {class: ours, says: "the registration is a public client, and a credential was sent"},
		700027:  {class: ours, says: "the certificate is not the one in the application's registration"},
		70011:   {class: ours, says: "a permission's name is wrong"},

		70016: {class: waiting, says: "nobody has signed in yet"},
		50196: {class: slow, says: "Entra sees too many requests alike and asks for a pause"},
		90055: {class: slow, says: "Entra limits the requests of this tenant"},
		50134: {class: passing, says: saysPassing}, 90006: {class: passing, says: saysPassing}, 90033: {class: passing, says: saysPassing},
		90024: {class: passing, says: saysPassing}, 90090: {class: passing, says: saysPassing}, 90087: {class: passing, says: saysPassing},
		50033: {class: passing, says: saysPassing}, 50000: {class: passing, says: saysPassing}, 50087: {class: passing, says: saysPassing},
	}[n]
	return r, ok
}

// word returns what is known of an OAuth error: all that Microsoft guarantees.
func word(w string) (row, bool) {
	r, ok := map[string]row{
		"authorization_pending":   {class: waiting, says: "nobody has signed in yet"},
		"slow_down":               {class: waiting, says: "nobody has signed in yet, and we ask too often"},
		codeDeclined:              {class: terminal, says: "the administrator declined"},
		codeExpired:               {class: terminal, says: "the code has expired"},
		"bad_verification_code":   {class: terminal, says: "the code is not known, or was already used"},
		"invalid_grant":           {class: terminal, says: "the grant is no good"},
		"interaction_required":    {class: person, says: "the user must sign in again"},
		"login_required":          {class: person, says: "the user must sign in again"},
		"consent_required":        {class: consent, says: "nobody in the tenant has consented to the application yet"},
		"invalid_client":          {class: ours, says: "Entra does not accept the application's credential"},
		"unauthorized_client":     {class: ours, says: "the application may not ask in this way"},
		"invalid_request":         {class: ours, says: "Entra does not accept the request's form"},
		"invalid_scope":           {class: ours, says: "a permission's name is wrong"},
		"invalid_resource":        {class: ours, says: "the tenant does not know the service that is asked for"},
		"unsupported_grant_type":  {class: ours, says: "Entra does not know this way of asking"},
		"temporarily_unavailable": {class: passing, says: saysPassing},
		"server_error":            {class: passing, says: saysPassing},
	}[w]
	return r, ok
}
