package partner

import (
	"uplift/internal/errorbook"
	"uplift/upgrade"
)

// The enumerations of Microsoft's SDK, as the error book lists them.
const (
	transitionError = "transition/" // TransitionErrorCode
	targetError     = "target/"     // TargetSubscriptionErrorCode
	upgradeError    = "upgrade/"    // UpgradeErrorCode, of traditional subscriptions; from 7 on it counts differently
)

// intoReasons says why an existing subscription cannot take the seats.
func intoReasons(errors []transitionErr) upgrade.Problems { return explained(errors, targetError) }

// legacyReasons says why a traditional subscription cannot be upgraded.
func legacyReasons(errors []transitionErr) upgrade.Problems { return explained(errors, upgradeError) }

// reasons turns Microsoft's errors into problems. A number that we do not know keeps Microsoft's words.
func reasons(errors []transitionErr) upgrade.Problems { return explained(errors, transitionError) }

func explained(errors []transitionErr, enumeration string) upgrade.Problems {
	var out upgrade.Problems
	for _, e := range errors {
		r, ok := errorbook.Find(errorbook.Partner, enumeration+string(e.Code), 0, "")
		if !ok {
			r, ok = errorbook.Find(errorbook.Partner, enumeration+"0", 0, "")
		}
		if !ok {
			r, _ = errorbook.Find(errorbook.Partner, transitionError+"0", 0, "")
		}
		message := r.Message
		if said := scrub(string(e.Description)); said != "" {
			message += " (Microsoft: " + said + ")"
		}
		out = append(out, upgrade.Problem{Code: r.As, Message: message, Remedy: r.Operator.Remedy, Customer: r.ForCustomer(), Billing: r.Billing.Sentence})
	}
	return out
}
