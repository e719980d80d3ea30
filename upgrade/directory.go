package upgrade

// GrantKind is the way in which we may act in a customer's tenant.
type GrantKind string

// The kinds of grant.
const (
	// GrantDelegated is an administrator's own token, obtained by device code and kept sealed in the register.
	GrantDelegated GrantKind = "delegated"
	// GrantApplication is our application's token in the customer's tenant, after consent to its permissions.
	GrantApplication GrantKind = "application"
	// GrantPartner is the provider's own user in the customer's tenant, by granular delegated admin privileges.
	GrantPartner GrantKind = "partner"
)

// Grant refers to the proof by which we act in a tenant. It carries no secret: the tokens are in the register.
type Grant struct {
	Kind       GrantKind `json:"kind"`
	Tenant     string    `json:"tenant"`
	Upgrade    string    `json:"upgrade"`    // the claim's id
	Invitation int       `json:"invitation"` // 0 for an existing grant
}

// Organization is the tenant as its own directory describes it.
type Organization struct {
	Tenant  string `json:"tenant"`
	Name    string `json:"name"`
	Country string `json:"country,omitempty"` // ISO 3166-1 alpha-2
}

// TenantSKU is a product that the tenant holds, from whatever channel. https://learn.microsoft.com/graph/api/resources/subscribedsku
type TenantSKU struct {
	SKUID           string   `json:"skuId"`
	PartNumber      string   `json:"partNumber"`
	Status          string   `json:"status"`    // Enabled, Warning, Suspended, Deleted, LockedOut, or one that we do not know
	AppliesTo       string   `json:"appliesTo"` // User or Company
	Enabled         int      `json:"enabled"`   // seats paid and active
	Warning         int      `json:"warning"`   // expired, in grace
	Suspended       int      `json:"suspended"`
	Consumed        int      `json:"consumed"`
	SubscriptionIDs []string `json:"subscriptionIds,omitempty"` // directory ids, not commerce ids
	ServicePlans    []string `json:"servicePlans,omitempty"`    // ids of those that apply to users
}

// TenantSubscription is a directory subscription; CommerceID joins it with Partner Center.
type TenantSubscription struct {
	ID         string `json:"id"`
	CommerceID string `json:"commerceId"`
	SKUID      string `json:"skuId"`
	Status     string `json:"status"`
	Seats      int    `json:"seats"`
	Trial      bool   `json:"trial,omitempty"`
}

// License is a product that a user holds, with the service plans that are switched off.
type License struct {
	SKUID         string   `json:"skuId"`
	DisabledPlans []string `json:"disabledPlans,omitempty"`
}

// LicenseState is what the directory says of one assignment.
type LicenseState struct {
	SKUID   string   `json:"skuId"`
	ByGroup string   `json:"byGroup,omitempty"` // the group's id; empty for a direct assignment
	Off     []string `json:"off,omitempty"`     // service plans that this assignment switches off
	State   string   `json:"state"`             // Active, ActiveWithError, Disabled, Error
	Error   string   `json:"error,omitempty"`   // CountViolation, MutuallyExclusiveViolation, ...
}

// ServiceState is what the directory says of one service plan of a user.
type ServiceState struct {
	PlanID string `json:"planId"`
	State  string `json:"state"` // Enabled, Warning, Suspended, Deleted, LockedOut
}

// User is a user with all that a licence move needs to know.
type User struct {
	ID            string         `json:"id"`
	UPN           string         `json:"upn"`
	Name          string         `json:"name,omitempty"`
	Enabled       bool           `json:"enabled"`
	Guest         bool           `json:"guest,omitempty"`
	Synced        bool           `json:"synced,omitempty"` // mastered in the customer's own directory
	UsageLocation string         `json:"usageLocation,omitempty"`
	Licenses      []License      `json:"licenses,omitempty"` // assigned: directly or by a group
	States        []LicenseState `json:"states,omitempty"`
	Services      []ServiceState `json:"services,omitempty"`
}

// License returns the user's licence of a SKU.
func (u User) License(sku string) (License, bool) {
	for _, l := range u.Licenses {
		if l.SKUID == sku {
			return l, true
		}
	}
	return License{}, false
}

// Group returns the group by which the user holds a SKU, or "".
func (u User) Group(sku string) string {
	for _, s := range u.States {
		if s.SKUID == sku && s.ByGroup != "" {
			return s.ByGroup
		}
	}
	return ""
}

// OffByGroup are the service plans that the group has switched off by which the user holds a SKU.
func (u User) OffByGroup(sku string) []string {
	for _, s := range u.States {
		if s.SKUID == sku && s.ByGroup != "" {
			return s.Off
		}
	}
	return nil
}

// Group is a group of users.
type Group struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// LicenseChange is one assignLicense call: additions and removals together, so that nobody is without a licence.
type LicenseChange struct {
	User   string    `json:"user"` // object id
	Add    []License `json:"add,omitempty"`
	Remove []string  `json:"remove,omitempty"` // SKU ids
}

// LicenseOutcome is the answer to one LicenseChange.
type LicenseOutcome struct {
	User string `json:"user"`
	Err  *Error `json:"-"` // nil: accepted
}

// Snapshot is a user as photographed before the change, and what became of the user since.
type Snapshot struct {
	User        User   `json:"user"`
	LocationSet string `json:"locationSet,omitempty"` // the usage location that we set, to be put back on undo
}

// UserOutcome is a line of the per-user report.
type UserOutcome string

// The outcomes.
const (
	UserMoved     UserOutcome = "moved"     // holds the target, the source is gone
	UserUnchanged UserOutcome = "unchanged" // needed nothing
	UserFailed    UserOutcome = "failed"    // with a reason
	UserRestored  UserOutcome = "restored"  // put back by undo
)

// UserReport says what became of one user, service by service where something is not active.
type UserReport struct {
	User     string         `json:"user"` // object id
	UPN      string         `json:"upn"`
	Outcome  UserOutcome    `json:"outcome"`
	Code     string         `json:"code,omitempty"`
	Reason   string         `json:"reason,omitempty"`
	Remedy   string         `json:"remedy,omitempty"`
	Services []ServiceState `json:"services,omitempty"` // those that are not enabled
	Notes    []string       `json:"notes,omitempty"`    // what is worth knowing of the account: guest, sign-in blocked, synchronised
}
