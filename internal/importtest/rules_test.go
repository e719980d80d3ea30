package importtest

// Sets of packages. A pattern that ends in "/..." means a package and everything below it.
var (
	adapters = []string{"uplift/internal/entra", "uplift/internal/graph", "uplift/internal/partner", "uplift/internal/mail", "uplift/internal/register/..."}
	msgraph  = []string{"github.com/microsoftgraph/...", "github.com/microsoft/..."}
	server   = []string{"go.temporal.io/server/..."}
	temporal = []string{"go.temporal.io/sdk/...", "go.temporal.io/api/..."}
	story    = []string{"uplift/workflows/...", "uplift/activities/..."}
	zap      = []string{"go.uber.org/zap/..."}
	network  = []string{"net", "net/http", "crypto/tls", "database/sql", "os/exec"}
)

// rule is what one package, or all below it, may import directly besides the standard library, and what it must not
// reach. Of several rules for a package the longest pattern counts.
type rule struct {
	pattern string
	may     []string
	never   []string // not at all: transitive
	direct  []string // of the standard library: not by itself
	says    string   // the sentence that whoever breaks it reads
}

var rules = []rule{
	{pattern: "uplift/upgrade", never: join(network, []string{"uplift/...", "go.temporal.io/..."}),
		says: "upgrade is the nouns: the standard library only, no network"},
	{pattern: "uplift/catalog", may: is("uplift/upgrade"), direct: is("time", "os"),
		says: "catalog is pure: it imports upgrade, and knows neither clock nor files"},
	{pattern: "uplift/internal/planning", may: is("uplift/upgrade", "uplift/catalog"), direct: is("os", "net/http"), never: join(story, adapters, temporal),
		says: "planning is pure: facts come in, a plan goes out"},
	{pattern: "uplift/internal/pricelist", may: is("uplift/upgrade", "uplift/catalog"), direct: is("os", "net/http", "time"), never: join(story, adapters, temporal),
		says: "pricelist is pure: bytes come in, prices or problems go out"},
	{pattern: "uplift/internal/plandoc", may: is("uplift/upgrade"), direct: is("os", "net/http"), never: join(story, adapters, temporal),
		says: "plandoc is pure: a plan comes in, a document goes out"},
	{pattern: "uplift/activities",
		may:   is("uplift/upgrade", "uplift/catalog", "uplift/internal/errorbook", "uplift/internal/planning", "uplift/internal/pricelist", "go.temporal.io/sdk/activity", "go.temporal.io/sdk/temporal", "go.temporal.io/sdk/interceptor"),
		never: join(adapters, msgraph, zap, is("uplift/internal/config", "uplift/workflows/...")),
		says:  "activities know their own small interfaces, not the adapters behind them; msgraph would cost their tests three minutes"},
	{pattern: "uplift/activities/activitiestest",
		may:   is("uplift/upgrade", "uplift/catalog", "uplift/activities", "uplift/internal/planning", "github.com/google/uuid", "go.temporal.io/sdk/interceptor", "go.temporal.io/sdk/temporal", "go.temporal.io/sdk/testsuite", "go.temporal.io/sdk/workflow"),
		never: join(adapters, msgraph),
		says:  "the fakes stand for the adapters and use none of them"},
	// The enumerations are generated constants: what becomes of a child workflow is one of them.
	{pattern: "uplift/workflows",
		may:   is("uplift/upgrade", "uplift/activities", "go.temporal.io/sdk/workflow", "go.temporal.io/sdk/temporal", "go.temporal.io/sdk/converter", "go.temporal.io/sdk/log", "go.temporal.io/api/enums/v1"),
		never: join(adapters, msgraph, zap, is("uplift/internal/config")),
		says:  "workflows are deterministic: no catalogue, no configuration, no adapter, or a replay would take another branch"},

	{pattern: "uplift/internal/errorbook", may: is("uplift/upgrade"), direct: is("os", "net/http"), never: join(story, adapters, temporal),
		says: "errorbook is data and its look-up: adapters and activities ask it, and it knows none of them"},
	{pattern: "uplift/internal/keyfile", may: is("uplift/upgrade"), never: join(story, adapters, temporal),
		says: "keyfile reads key files and needs the standard library and the nouns"},
	{pattern: "uplift/internal/config", may: is("uplift/upgrade", "uplift/internal/keyfile", "go.temporal.io/sdk/contrib/envconfig", "go.uber.org/zap/...", "github.com/google/uuid", "github.com/peterbourgon/ff/..."), never: join(story, adapters, msgraph),
		says: "config reads settings; it starts nothing and adapts nothing"},
	{pattern: "uplift/internal/codec", may: join(temporal, is("uplift/upgrade", "uplift/internal/keyfile", "google.golang.org/protobuf/...")), never: join(story, adapters, msgraph),
		says: "codec encrypts payloads; it knows the SDK and keys, not what stands in a payload"},
	{pattern: "uplift/internal/seal", may: is("uplift/upgrade", "uplift/internal/keyfile", "github.com/tink-crypto/..."), never: join(story, adapters, temporal, msgraph),
		says: "seal knows Tink and keys, and nothing of what it seals"},
	{pattern: "uplift/internal/temporalclient", may: join(temporal, zap, is("uplift/upgrade", "uplift/internal/codec", "google.golang.org/grpc/...", "google.golang.org/protobuf/...", "github.com/google/uuid")), never: join(story, adapters, msgraph),
		says: "temporalclient has no privilege over the official CLI: it starts workflows by name"},

	{pattern: "uplift/internal/entra", may: is("uplift/upgrade", "uplift/internal/errorbook", "uplift/internal/seal", "github.com/coreos/go-oidc/...", "github.com/go-jose/...", "golang.org/x/oauth2/...", "github.com/google/uuid"), never: join(story, temporal, msgraph, others("uplift/internal/entra")),
		says: "entra adapts Microsoft Entra and meets no other adapter"},
	{pattern: "uplift/internal/graph", may: join(msgraph, is("uplift/upgrade", "uplift/internal/errorbook", "uplift/internal/seal", "github.com/google/uuid", "golang.org/x/oauth2/...")), never: join(story, temporal, others("uplift/internal/graph")),
		says: "graph adapts Microsoft Graph and meets no other adapter"},
	{pattern: "uplift/internal/partner", may: is("uplift/upgrade", "uplift/internal/errorbook", "uplift/internal/seal", "github.com/google/uuid", "golang.org/x/oauth2/..."), never: join(story, temporal, msgraph, others("uplift/internal/partner")),
		says: "partner adapts Partner Center and meets no other adapter"},
	{pattern: "uplift/internal/mail", may: is("uplift/upgrade", "uplift/internal/plandoc", "uplift/internal/seal", "github.com/wneessen/go-mail/..."), never: join(story, temporal, msgraph, others("uplift/internal/mail")),
		says: "mail adapts SMTP and meets no other adapter"},
	{pattern: "uplift/internal/register/...", may: is("uplift/upgrade", "uplift/internal/seal", "uplift/internal/register/...", "github.com/jackc/pgx/...", "modernc.org/sqlite/...", "github.com/google/uuid"), never: join(story, temporal, msgraph, others("uplift/internal/register")),
		says: "register adapts two databases and meets no other adapter"},

	{pattern: "uplift/internal/callback", may: is("uplift/upgrade", "github.com/standard-webhooks/..."), never: join(story, temporal, msgraph, adapters),
		says: "callback adapts billing systems by Standard Webhooks and meets no other adapter"},

	{pattern: "uplift/internal/sim/...", may: is("uplift/internal/sim/...", "github.com/go-jose/...", "github.com/emersion/...", "github.com/google/uuid"), never: join(story, adapters, temporal, msgraph, is("uplift/upgrade", "uplift/catalog")),
		says: "sim is written from Microsoft's pages, not from our clients: a shared struct hides a shared mistake"},
	{pattern: "uplift/internal/portal/...", may: is("uplift/upgrade", "uplift/internal/plandoc", "uplift/internal/seal", "uplift/internal/portal/...", "golang.org/x/time/rate"), never: join(story, adapters, temporal, msgraph),
		says: "portal shows pages over its own small interfaces"},
	{pattern: "uplift/internal/portal/api/...", may: is("uplift/upgrade", "uplift/internal/portal/access", "uplift/internal/portal/desk", "github.com/danielgtaylor/huma/v2/..."), never: join(story, adapters, temporal, msgraph),
		says: "the API is a thin layer over the desk; it alone meets huma, by which routes and document are one"},
	// The portal's own sign-in is with whatever identity provider the installation has, not with Microsoft as entra adapts it.
	{pattern: "uplift/internal/portal/access", may: is("uplift/upgrade", "uplift/internal/portal/web", "github.com/coreos/go-oidc/...", "golang.org/x/oauth2/...", "golang.org/x/time/rate"), never: join(story, adapters, temporal, msgraph),
		says: "access knows who asks: the identity provider by its libraries, and no upgrade"},
	{pattern: "uplift/internal/portal/provider", may: is("uplift/upgrade", "uplift/catalog", "uplift/internal/plandoc", "uplift/internal/pricelist", "uplift/internal/portal/..."), never: join(story, adapters, temporal, msgraph),
		says: "the provider's pages show what can be sold, which is the catalogue's, and read price lists; both are pure"},
	{pattern: "uplift/internal/preflight", may: is("uplift/upgrade", "uplift/internal/config"), never: join(story, adapters, temporal, msgraph),
		says: "preflight examines over its own small interfaces; service connects it with the adapters"},
	{pattern: "uplift/internal/service",
		may: join(temporal, zap, story, adapters, is("uplift/upgrade", "uplift/catalog", "uplift/internal/...", "golang.org/x/oauth2/...", "golang.org/x/sync/...", "github.com/google/uuid")), never: is("uplift/worker", "uplift/starter"),
		says: "service wires everything of the root module but the mains"},
	{pattern: "uplift/worker", may: mains, says: mainsSay},
	{pattern: "uplift/starter", may: join(mains, is("uplift/internal/callback", "uplift/internal/keyfile", "uplift/internal/planning", "uplift/internal/plandoc", "uplift/internal/pricelist", "uplift/internal/errorbook")), says: mainsSay + "; starter asks planning.CheckNames and pricelist before it starts anything, prints plans by plandoc and the error book, and verifies a callback by the code that signs one"},
	{pattern: "uplift/deploy/...", may: is("uplift/internal/codec", "uplift/internal/keyfile", "uplift/internal/seal"), never: join(story, adapters, msgraph),
		says: "the helpers of a deployment make keys and ask for health, no more"},
	{pattern: "uplift/internal/importtest", says: "importtest imports nothing"},
}

var mains = join(zap, is("uplift/upgrade", "uplift/catalog", "uplift/internal/config", "uplift/internal/service", "uplift/internal/temporalclient", "go.temporal.io/sdk/client", "github.com/peterbourgon/ff/..."))

const mainsSay = "a main wires by internal/service; it never touches an adapter itself"

// only lists what has one importer in the whole root module, tests included.
var only = []struct {
	packages []string
	importer []string
	says     string
}{
	{msgraph, is("uplift/internal/graph"), "only internal/graph meets msgraph, which adds three minutes to a cold build"},
	{server, nil, "the Temporal server lives in the nested module dev: it would take the module list from 43 to 211"},
}

func is(patterns ...string) []string { return patterns }

func join(sets ...[]string) []string {
	var all []string
	for _, s := range sets {
		all = append(all, s...)
	}
	return all
}

// others are the adapters but one.
func others(self string) []string {
	var rest []string
	for _, a := range adapters {
		if a != self && a != self+"/..." {
			rest = append(rest, a)
		}
	}
	return rest
}
