package entra

// The audiences of access tokens.
const (
	GraphAudience   = "https://graph.microsoft.com"
	PartnerAudience = "https://api.partnercenter.microsoft.com"
)

// Tenants with a fixed meaning.
const (
	// ConsumerTenant is the tenant of personal Microsoft accounts.
	ConsumerTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"
)
