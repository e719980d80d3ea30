package entra

import (
	"fmt"

	"uplift/internal/errorbook"
	"uplift/upgrade"
)

// use is what a token was asked for: the same number means different things.
type use string

const (
	onDevice      use = "device"      // an administrator signs in
	onRefresh     use = "refresh"     // a grant that we hold is renewed
	onApplication use = "application" // our own token in a customer's tenant
	onPartner     use = "partner"     // our own token in the provider's tenant
	onKeys        use = "keys"        // discovery and signing keys
)

// kindOf is what a row of the error book means for a use.
//
//   - In a sign-in, a person's trouble ends this code: another may be asked for. Missing consent passes, since right after
//     the click the replicas differ; the code's own expiry bounds that.
//   - In a refresh, whatever needs a person of the tenant means that the grant has died.
//   - For the application, missing consent means that nobody consented, or that it has not spread: the caller knows which.
//     So does an application that the tenant has removed or switched off.
//   - What needs a person and no person of the tenant needs us: our registration or our settings.
func kindOf(r errorbook.Row, u use) upgrade.Kind {
	switch r.Trait {
	case errorbook.Slower:
		return upgrade.Throttled
	case errorbook.Pending:
		return upgrade.Waiting
	case errorbook.Consent:
		switch u {
		case onDevice:
			return upgrade.Transient
		case onApplication, onRefresh:
			return upgrade.GrantLost
		}
		return upgrade.Act
	case errorbook.Tenant, errorbook.Withdrawn:
		switch {
		case u == onDevice:
			return upgrade.Refused
		case u == onRefresh, u == onApplication && r.Trait == errorbook.Withdrawn:
			return upgrade.GrantLost
		}
		return upgrade.Act
	}
	switch r.Class {
	case errorbook.Retry, errorbook.Wait:
		return upgrade.Transient
	case errorbook.Act:
		return upgrade.Act
	case errorbook.Stop:
		if u == onRefresh {
			return upgrade.GrantLost
		}
		return upgrade.Refused
	}
	return upgrade.Unknown
}

// number returns what the error book knows of an AADSTS number.
func number(n int) (errorbook.Row, bool) {
	return errorbook.Find(errorbook.Entra, fmt.Sprintf("AADSTS%d", n), 0, "")
}

// word returns what it knows of an OAuth error: all that Microsoft guarantees.
func word(w string) (errorbook.Row, bool) {
	if !wordForm.MatchString(w) {
		return errorbook.Row{}, false
	}
	return errorbook.Find(errorbook.Entra, w, 0, "")
}
