package upgrade

// BlockedByPolicy names Entra's answers by which a Conditional Access rule, or Microsoft's own security policy, refuses a
// sign-in, or asks for what a code that is typed on another device cannot give.
// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
func BlockedByPolicy(code string) bool {
	switch code {
	case "AADSTS53000", "AADSTS53001", "AADSTS53002", "AADSTS53003", "AADSTS530031", "AADSTS530032", "AADSTS530033", "AADSTS530034",
		"AADSTS530035", "AADSTS50158":
		return true
	}
	return false
}
