package partner

import "uplift/upgrade"

// reason is what one of the numbers in a transition's errors means.
type reason struct{ code, sentence, remedy string }

// transitionReasons is the enumeration TransitionErrorCode of Microsoft's SDK.
var transitionReasons = map[text]reason{
	"0":  {"transition_refused", "Microsoft refuses the transition", "see Microsoft's own words, and ask its support"},
	"1":  {"no_delegated_admin", "the delegated administration of the customer is switched off", "ask the customer for a GDAP relationship with Directory Writers"},
	"2":  {"subscription_not_active", "the subscription is not active", "reactivate it"},
	"3":  {"conflicting_services", "the tenant holds services that conflict with the target", "remove the other subscription, or move the licences without Microsoft's transfer"},
	"4":  {"concurrent_change", "another change of the subscription is under way", "try again later"},
	"5":  {"user_context_required", "Microsoft asks for a token with a user", "configure an app+user token"},
	"6":  {"add_ons_present", "add-ons of the subscription stand in the way", "remove them first"},
	"7":  {"no_transition_path", "Microsoft offers no transition for this subscription", "replace the subscription"},
	"8":  {"target_not_found", "Microsoft does not know the target", "choose another target"},
	"9":  {"not_provisioned", "the subscription is not provisioned yet", "try again later"},
	"10": {"billing_cycle_unsupported", "the target does not have this billing cycle", "choose another billing cycle"},
	"11": {"no_conversions", "Microsoft found nothing to convert", "choose another target"},
	"12": {"user_license_error", "Microsoft cannot move the licences of some users", "move the licences without Microsoft's transfer"},
	"13": {"no_gdap_role", "the GDAP roles are not sufficient", "ask the customer for a GDAP relationship with Directory Writers"},
}

// targetReasons is the enumeration TargetSubscriptionErrorCode of Microsoft's SDK.
var targetReasons = map[text]reason{
	"1": {"subscription_not_active", "the subscription is not active", "reactivate it"},
	"2": {"target_in_window", "the subscription is in its own cancellation window", "wait until that has closed"},
	"3": {"target_term_shorter", "the subscription's term is shorter than the source's", "choose another target, or order the seats beside the existing ones"},
	"4": {"target_ends_earlier", "the subscription's term ends before the source's", "choose another target, or order the seats beside the existing ones"},
}

// intoReasons says why an existing subscription cannot take the seats.
func intoReasons(errors []transitionErr) upgrade.Problems { return explained(errors, targetReasons) }

// reasons turns Microsoft's errors into problems. A number that we do not know keeps Microsoft's words.
func reasons(errors []transitionErr) upgrade.Problems { return explained(errors, transitionReasons) }

func explained(errors []transitionErr, known map[text]reason) upgrade.Problems {
	var out upgrade.Problems
	for _, e := range errors {
		r, ok := known[e.Code]
		if !ok {
			r = reason{"transition_refused", "Microsoft refuses the transition", "see Microsoft's own words, and ask its support"}
		}
		if said := scrub(string(e.Description)); said != "" {
			r.sentence += " (Microsoft: " + said + ")"
		}
		out.Add("", r.code, r.sentence, r.remedy)
	}
	return out
}
