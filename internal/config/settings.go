package config

import (
	"net"
	"strconv"

	"uplift/upgrade"
)

// Role is what a program does, which decides the settings it has. One process may have several: Worker | Serve.
type Role uint8

const (
	// Worker runs workflows and activities: it alone changes anything at Microsoft, and sends mail.
	Worker Role = 1 << iota
	// Serve is `starter serve`: the consent page, the provider's pages, the API and the codec endpoint. It reads the register, and
	// has no key to the tokens in it. With the app registration's id and credential it
	// leads administrators to Microsoft's sign-in; without them it offers the code only.
	Serve
	// CLI is every other command of the starter: it talks to Temporal only.
	CLI
)

// Settings is everything that can be set. Fields of settings that a role does not have stay zero.
type Settings struct {
	Profile string // "" or "dev"

	EntraURL   string // without a slash at the end, as all URLs here
	GraphURL   string // with its version segment, such as /v1.0
	PartnerURL string // with /v1

	PartnerTenant string // the provider's own tenant, a GUID
	ClientID      string // of the provider's app registration
	// ClientSecret or ClientCertificate is set, never both.
	ClientSecret      upgrade.Secret
	ClientCertificate upgrade.Secret // PEM: the certificate, its chain if any, and the private key

	SMTP         SMTP
	MailFrom     string // an address, perhaps with a name, in the form of RFC 5322
	OperatorMail string // an address without a name
	EngineerMail string // an address without a name; empty is OperatorMail
	ReplyTo      string // an address without a name; empty is MailFrom

	ProviderName string // as customers know it
	LogoURL      string // of the provider's logo in mails, https; may be empty

	PublicURL     string // where customers' browsers reach `starter serve`
	Listen        string // host:port
	TemporalUIURL string // of the Temporal UI, for links to it; empty: none are shown
	// CodecOrigins are the web origins of the Temporal UI that may use /encode and /decode.
	CodecOrigins []string

	// OIDCIssuer is the identity provider of the provider's own people; empty is none, and Listen is loopback then.
	OIDCIssuer       string
	OIDCClientID     string
	OIDCClientSecret upgrade.Secret // empty: a public client
	OIDCRolesClaim   string
	OIDCRoleNames    map[string]string // values of that claim, and the roles that they mean
	// OIDCResellerClaim names the claim with a reseller's id.
	OIDCResellerClaim string
	APIAudience       string // of the HTTP API's bearer tokens; empty is OIDCClientID

	RegisterDSN upgrade.Secret // of the register; a secret since PostgreSQL's may hold a password

	// The key files are empty in the dev profile unless set; development keys are meant then.
	RegisterKeyFile string
	LinkKeyFile     string
	CodecKeyFile    string

	Policy       string   // as written; Load has seen that upgrade.ParsePolicy takes it
	CatalogFile  string   // empty is the catalogue inside the program
	ConsentRoles []string // role template ids that may consent, besides Global Administrator

	// The provider's guards; zero is no limit.
	Observe         bool
	MaxSeatRise     int
	ApproveSeats    int
	ApproveMinor    int64 // in the minor unit of ApproveCurrency
	ApproveCurrency string

	// Rates are how many activities a second the task queues of Microsoft's services begin at most, by queue.
	PartnerWritesRate, PartnerReadsRate, GraphRate float64

	Slots int // upgrades that change subscriptions at a time, of a turn gate that is opened

	CallbacksFile string        // as written; Load has read it
	Callbacks     []Destination // of the callbacks file, in its order

	LogLevel  string // debug, info, warn or error
	LogFormat string // json or console

	// TemporalAddress and TemporalNamespace are set in the dev profile only, where they override TEMPORAL_…'s other
	// sources: a profile of another server must not be used by accident.
	TemporalAddress   string
	TemporalNamespace string

	given map[string]*value
}

// Dev tells whether the dev profile is on, and with it development keys wherever a key file is not named.
func (s *Settings) Dev() bool { return s.Profile == profileDev }

// SMTP is a mail server.
type SMTP struct {
	// Implicit TLS from the first byte ("smtps"). Otherwise ("smtp") the connection begins in plain and must be raised
	// by STARTTLS, unless the host is loopback.
	Implicit bool
	Host     string
	Port     int
	Username string // empty: no sign-in
	Password upgrade.Secret
}

// URL is the server without the sign-in, fit to be shown.
func (s SMTP) URL() string {
	scheme := "smtp"
	if s.Implicit {
		scheme = "smtps"
	}
	return scheme + "://" + net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
}

// Loopback tells whether the server is on this machine, where plain text is acceptable.
func (s SMTP) Loopback() bool { return loopbackHost(s.Host) }

// setting is one row of the table: a flag, the variable behind it, who has it and who must have it.
type setting struct {
	flag    string
	env     string
	def     string
	dev     string // the dev profile's value
	has     Role
	needs   Role // in the dev profile nothing that has a development key or value is missing
	secret  bool // its text may hold a password: never repeat it
	help    string
	example string // for the remedy when it is missing
	take    func(s *Settings, text string) *upgrade.Problem
}

const (
	everybody  = Worker | Serve | CLI
	profileDev = "dev"
)

// table is the whole configuration, in the order of the README and of -h.
func table() []setting {
	return []setting{
		{flag: "profile", env: "UPLIFT_PROFILE", has: everybody, take: takeProfile,
			help: "`name` of a set of values; dev: the addresses and keys of the dev command, on this machine only"},
		{flag: "entra-url", env: "UPLIFT_ENTRA_URL", def: "https://login.microsoftonline.com", dev: "http://127.0.0.1:9001", has: Worker | Serve,
			help: "`URL` of Microsoft Entra", take: takeURL(func(s *Settings) *string { return &s.EntraURL }, "")},
		{flag: "graph-url", env: "UPLIFT_GRAPH_URL", def: "https://graph.microsoft.com/v1.0", dev: "http://127.0.0.1:9002/v1.0", has: Worker | Serve,
			help: "`URL` of Microsoft Graph, with its version", take: takeURL(func(s *Settings) *string { return &s.GraphURL }, "/v1.0")},
		{flag: "partner-url", env: "UPLIFT_PARTNER_URL", def: "https://api.partnercenter.microsoft.com/v1", dev: "http://127.0.0.1:9003/v1", has: Worker,
			help: "`URL` of Partner Center, with its version", take: takeURL(func(s *Settings) *string { return &s.PartnerURL }, "/v1")},
		{flag: "partner-tenant", env: "UPLIFT_PARTNER_TENANT", dev: DevPartnerTenant, has: Worker, needs: Worker,
			help: "the provider's own `tenant`: its id, a GUID", example: "the Microsoft ID that Partner Center shows for your own company", take: takeTenant},
		{flag: "client-id", env: "UPLIFT_CLIENT_ID", dev: DevClientID, has: Worker | Serve, needs: Worker,
			help: "application `id` of the provider's app registration", example: "the id on the app's overview page", take: takeClientID},
		{flag: flagSecretFile, env: "UPLIFT_CLIENT_SECRET_FILE", has: Worker | Serve, take: takeSecretFile,
			help: "`file` with the app's client secret, readable by its owner only; or the secret itself in " + envSecret},
		{flag: flagCertificate, env: "UPLIFT_CLIENT_CERTIFICATE_FILE", has: Worker | Serve, take: takeCertificate,
			help: "PEM `file` with the app's certificate and private key, readable by its owner only, instead of a secret"},
		{flag: "smtp-url", env: "UPLIFT_SMTP_URL", dev: "smtp://127.0.0.1:9025", has: Worker, needs: Worker, secret: true,
			help: "`URL` of the mail server: smtp:// (raised by STARTTLS) or smtps://, with user:password@ where it asks for them", example: "smtps://user:password@mail.example.com", take: takeSMTP},
		{flag: "mail-from", env: "UPLIFT_MAIL_FROM", dev: "Northstar Telecom <uplift@provider.example>", has: Worker, needs: Worker,
			help: "`address` that mails come from", example: "Licences <licences@example.com>", take: takeMailFrom},
		{flag: "operator-mail", env: "UPLIFT_OPERATOR_MAIL", dev: "operator@provider.example", has: Worker, needs: Worker,
			help: "`address` of the provider's operators", example: "operators@example.com", take: takeAddress(func(s *Settings) *string { return &s.OperatorMail })},
		{flag: "engineer-mail", env: "UPLIFT_ENGINEER_MAIL", has: Worker, take: takeAddress(func(s *Settings) *string { return &s.EngineerMail }),
			help: "`address` of the engineers, who are written to about callbacks that are not taken; the operators' if empty"},
		{flag: "reply-to", env: "UPLIFT_REPLY_TO", has: Worker, take: takeAddress(func(s *Settings) *string { return &s.ReplyTo }),
			help: "`address` to which answers to mails go; the sender's if empty"},
		{flag: "logo-url", env: "UPLIFT_LOGO_URL", has: Worker, take: takeLogo,
			help: "https `URL` of the provider's logo, a picture that mails show at a height of 32 pixels; the name takes its place where there is none or pictures are not loaded"},
		{flag: "provider-name", env: "UPLIFT_PROVIDER_NAME", dev: "Northstar Telecom", has: Worker | Serve, take: takeText(func(s *Settings) *string { return &s.ProviderName }),
			help: "the provider's `name` in mails and on the consent page; the sender's name, and \"your provider\", if empty"},
		{flag: "public-url", env: "UPLIFT_PUBLIC_URL", dev: "http://127.0.0.1:8080", has: Worker | Serve, needs: Worker | Serve,
			help: "`URL` at which customers' browsers reach the consent page", example: "https://upgrades.example.com", take: takeURL(func(s *Settings) *string { return &s.PublicURL }, "")},
		{flag: "listen", env: "UPLIFT_LISTEN", def: "127.0.0.1:8080", dev: "127.0.0.1:8080", has: Serve,
			help: "`address` to listen on, host:port", take: takeListen},
		{flag: "temporal-ui-url", env: "UPLIFT_TEMPORAL_UI_URL", dev: "http://127.0.0.1:8233", has: Serve,
			help: "`URL` of the Temporal UI, to which the provider's pages link; no links if empty", take: takeURL(func(s *Settings) *string { return &s.TemporalUIURL }, "")},
		{flag: "codec-origins", env: "UPLIFT_CODEC_ORIGINS", dev: "http://127.0.0.1:8233,http://localhost:8233", has: Serve,
			help: "comma-separated web `origins` of the Temporal UI that may ask for payloads to be encoded and decoded; none if empty", take: takeOrigins},
		{flag: flagIssuer, env: "UPLIFT_OIDC_ISSUER", dev: "http://127.0.0.1:9001/" + DevPartnerTenant + "/v2.0", has: Serve, take: takeIssuer,
			help: "`URL` of the identity provider for the provider's pages and the API, as its tokens name it. Without it, or with none, serve listens on loopback only and answers this machine only"},
		{flag: flagPortalClient, env: "UPLIFT_OIDC_CLIENT_ID", dev: DevPortalClientID, has: Serve, take: takeText(func(s *Settings) *string { return &s.OIDCClientID }),
			help: "`id` of this program at the identity provider"},
		{flag: flagPortalSecret, env: "UPLIFT_OIDC_CLIENT_SECRET_FILE", has: Serve, take: takePortalSecret,
			help: "`file` with its secret there, readable by its owner only. Without it it is a public client, with PKCE"},
		{flag: "oidc-roles-claim", env: "UPLIFT_OIDC_ROLES_CLAIM", def: "roles", dev: "roles", has: Serve, take: takeText(func(s *Settings) *string { return &s.OIDCRolesClaim }),
			help: "`claim` with the roles operator, helpdesk, reseller, engineer and billing; a point leads into an object"},
		{flag: "oidc-role-names", env: "UPLIFT_OIDC_ROLE_NAMES", has: Serve, take: takeRoleNames,
			help: "comma-separated `list` of other values in that claim and what they mean, such as Uplift.Operators=operator"},
		{flag: "oidc-reseller-claim", env: "UPLIFT_OIDC_RESELLER_CLAIM", def: "reseller", dev: "reseller", has: Serve, take: takeText(func(s *Settings) *string { return &s.OIDCResellerClaim }),
			help: "`claim` with the reseller's id, of people with the role reseller"},
		{flag: "api-audience", env: "UPLIFT_API_AUDIENCE", has: Serve, take: takeText(func(s *Settings) *string { return &s.APIAudience }),
			help: "`audience` of the API's bearer tokens; -oidc-client-id if empty"},
		{flag: "register", env: "UPLIFT_REGISTER", dev: devRegister(), has: Worker | Serve, needs: Worker | Serve, secret: true,
			help: "`DSN` of the register: file:PATH for SQLite, or postgres://…; the same for workers and serve", example: "file:/var/lib/uplift/register.db", take: takeRegister},
		{flag: "register-key", env: "UPLIFT_REGISTER_KEY_FILE", has: Worker, needs: Worker, take: takeKey(func(s *Settings) *string { return &s.RegisterKeyFile }),
			help: "key `file` that seals the tokens in the register; serve opens none of them, and needs no key", example: "the path of a key file"},
		{flag: "link-key", env: "UPLIFT_LINK_KEY_FILE", has: Worker | Serve, needs: Worker | Serve, take: takeKey(func(s *Settings) *string { return &s.LinkKeyFile }),
			help: "key `file` that seals the links in mails; the same for workers and serve", example: "the path of a key file"},
		{flag: "codec-key", env: "UPLIFT_CODEC_KEY_FILE", has: everybody, needs: everybody, take: takeKey(func(s *Settings) *string { return &s.CodecKeyFile }),
			help: "key ring `file` that encrypts what Temporal stores; the same for all programs", example: "the path of a key file"},
		{flag: "policy", env: "UPLIFT_POLICY", has: Worker, take: takeText(func(s *Settings) *string { return &s.Policy }),
			help: "changes to the `waits`, such as expiry=7d,reminders=1d/3d or pace=86400; the documented ones if empty"},
		{flag: "catalog", env: "UPLIFT_CATALOG", has: everybody, take: takeText(func(s *Settings) *string { return &s.CatalogFile }),
			help: "catalogue `file` instead of the one inside the program"},
		{flag: "consent-roles", env: "UPLIFT_CONSENT_ROLES", has: Worker | Serve, take: takeRoles,
			help: "comma-separated role template `ids` whose holders may consent, besides Global Administrator"},
		{flag: "observe", env: "UPLIFT_OBSERVE", has: Worker, take: takeYes(func(s *Settings) *bool { return &s.Observe }),
			help: "`yes`: plan upgrades and write nothing at Microsoft; no or empty: carry them out"},
		{flag: "max-seat-rise", env: "UPLIFT_MAX_SEAT_RISE", has: Worker, take: takeCount(func(s *Settings) *int { return &s.MaxSeatRise }),
			help: "`seats` that one order may add at most; more are refused. No limit if empty"},
		{flag: "approve-seats", env: "UPLIFT_APPROVE_SEATS", has: Worker, take: takeCount(func(s *Settings) *int { return &s.ApproveSeats }),
			help: "`seats` that one order may add without the approval of a second person. No limit if empty"},
		{flag: "approve-cost", env: "UPLIFT_APPROVE_COST", has: Worker, take: takeMoney,
			help: "`amount` that one order may cost more a month without the approval of a second person, such as \"500.00 EUR\". No limit if empty"},
		{flag: "max-simultaneous-upgrades", env: "UPLIFT_MAX_SIMULTANEOUS_UPGRADES", def: strconv.Itoa(upgrade.DefaultSlots), dev: strconv.Itoa(upgrade.DefaultSlots), has: Worker, take: takeSlots,
			help: "`number` of upgrades that change subscriptions at a time, in the whole installation, when its first worker starts; later \"starter slots set\" changes it. 0 is the brake"},
		{flag: "partner-writes-rate", env: "UPLIFT_PARTNER_WRITES_RATE", def: "0.5", dev: "1000", has: Worker, take: takeRate(func(s *Settings) *float64 { return &s.PartnerWritesRate }),
			help: "`activities` a second that change something at Partner Center, with at most five requests each, in the whole installation; the same for all workers. \"starter rates\" changes it while they run"},
		{flag: "partner-reads-rate", env: "UPLIFT_PARTNER_READS_RATE", def: "1", dev: "1000", has: Worker, take: takeRate(func(s *Settings) *float64 { return &s.PartnerReadsRate }),
			help: "`activities` a second that only ask Partner Center, likewise"},
		{flag: "graph-rate", env: "UPLIFT_GRAPH_RATE", def: "20", dev: "1000", has: Worker, take: takeRate(func(s *Settings) *float64 { return &s.GraphRate }),
			help: "`activities` a second that begin to talk to a customer's directory, likewise; each customer has quotas of its own there"},
		{flag: "callbacks", env: "UPLIFT_CALLBACKS", has: Worker, take: takeText(func(s *Settings) *string { return &s.CallbacksFile }),
			help: "JSON `file` that names the billing systems to be called back; nobody if empty"},
		{flag: "log-level", env: "UPLIFT_LOG_LEVEL", def: "info", dev: "info", has: everybody, take: takeOneOf(func(s *Settings) *string { return &s.LogLevel }, logLevels()),
			help: "least `level` that is logged: debug, info, warn or error"},
		{flag: "log-format", env: "UPLIFT_LOG_FORMAT", def: formatJSON, dev: formatConsole, has: everybody, take: takeOneOf(func(s *Settings) *string { return &s.LogFormat }, logFormats()),
			help: "`form` of the log: json or console"},
	}
}
