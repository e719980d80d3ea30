package service

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"uplift/internal/config"
	"uplift/internal/entra"
	"uplift/internal/graph"
	"uplift/internal/partner"
	"uplift/internal/portal/consent"
	"uplift/internal/preflight"
	"uplift/internal/register"
	"uplift/internal/seal"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// consentCallback is where Microsoft sends the browser of an administrator who consents, below the public address.
const consentCallback = consent.CallbackPath

// DoctorOptions are what the settings of an examination do not say.
type DoctorOptions struct {
	Settings *config.Settings
	// Broken is what Load said of the settings, if anything.
	Broken    upgrade.Problems
	Customers []string
	Redirect  string // of the partner's sign-in; empty is DefaultPartnerRedirect
	Log       *zap.Logger
	Now       func() time.Time // nil: the system's
}

// Examine makes every check of an installation.
func Examine(ctx context.Context, o DoctorOptions) preflight.Report {
	if o.Redirect == "" {
		o.Redirect = DefaultPartnerRedirect
	}
	return preflight.Run(ctx, o.installation())
}

// installation connects the checks with the adapters. Nothing is opened before a check asks for it.
func (o DoctorOptions) installation() preflight.Installation {
	s := o.Settings
	web := &http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	identity := sync.OnceValues(func() (*entra.Client, error) { return newIdentity(s, o.Now) })
	return preflight.Installation{
		Settings: s, Broken: o.Broken, Customers: o.Customers, Now: o.Now,
		ConsentRedirect: s.PublicURL + consentCallback, PartnerRedirect: o.Redirect,
		Catalogue: o.catalogue, CodecKeys: o.codecKeys, LinkKeys: o.linkKeys, Register: o.registerState, Temporal: o.temporal,
		Entra: func() (preflight.Entra, error) { return identity() },
		Public: func() (preflight.Entra, error) {
			bare := *s
			bare.ClientSecret, bare.ClientCertificate = "", ""
			return newIdentity(&bare, o.Now)
		},
		Graph: func(ctx context.Context) (int, error) {
			status, _, err := look(ctx, web, s.GraphURL+"/organization")
			return status, err
		},
		Organization: func(ctx context.Context, tenant string, token upgrade.Secret) (upgrade.Organization, error) {
			directory, err := graph.New(graph.Options{BaseURL: s.GraphURL, HTTP: web,
				Token: func(context.Context, upgrade.Grant) (upgrade.Secret, error) { return token, nil }})
			if err != nil {
				return upgrade.Organization{}, err
			}
			return directory.Organization(ctx, upgrade.Grant{Kind: upgrade.GrantDelegated, Tenant: tenant})
		},
		Center: func(token func(context.Context) (upgrade.Secret, error)) (preflight.Center, error) {
			return partner.New(partner.Options{BaseURL: s.PartnerURL, Token: token, HTTP: web, Now: o.Now})
		},
		SignIn: func(ctx context.Context) (preflight.SignIn, error) {
			client, err := identity()
			if err != nil {
				return nil, err
			}
			store, err := openRegister(ctx, s, o.Now, o.Log)
			if err != nil {
				return nil, err
			}
			return signIn{entra.NewPartnerUser(client, store), store}, nil
		},
		Mail: func(ctx context.Context) error {
			mailer, err := newMailer(s)
			if err != nil {
				return err
			}
			return mailer.Check(ctx)
		},
		Portal: func(ctx context.Context) (int, string, error) { return look(ctx, web, s.PublicURL+"/healthz") },
	}
}

// look reads a page without showing who we are.
func look(ctx context.Context, web *http.Client, address string) (status int, body string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, "", err
	}
	resp, err := web.Do(req)
	if err != nil {
		return 0, "", &upgrade.Error{Kind: upgrade.Transient, Code: "no_reply", Message: "no answer came", Err: err}
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	return resp.StatusCode, string(data), err
}

func (o DoctorOptions) catalogue() (string, error) {
	c, err := loadCatalog(o.Settings.CatalogFile)
	if err != nil {
		return "", err
	}
	from := "the one inside the program"
	if o.Settings.CatalogFile != "" {
		from = o.Settings.CatalogFile
	}
	return fmt.Sprintf("%s: %d plans, %d offers, %d paths", from, len(c.Plans()), len(c.Offers()), len(c.Paths())), nil
}

func (o DoctorOptions) codecKeys() (string, error) {
	r, err := ring(o.Settings)
	if err != nil {
		return "", err
	}
	return r.String(), nil
}

// linkKeys makes a link and reads it back.
func (o DoctorOptions) linkKeys() (string, error) {
	k, err := keys(o.Settings, "link", o.Settings.LinkKeyFile, o.Log)
	if err != nil {
		return "", err
	}
	l := links{tokens: seal.NewLinks(k)}
	link, err := l.Link("preflight", "preflight#1", 1)
	if err == nil {
		_, _, _, err = l.Parse(strings.TrimPrefix(link.Reveal(), "/consent/"))
	}
	return k.String(), err
}

func (o DoctorOptions) registerState(ctx context.Context) (upgrade.RegisterState, error) {
	k, err := keys(o.Settings, "register", o.Settings.RegisterKeyFile, o.Log)
	if err != nil {
		return upgrade.RegisterState{}, err
	}
	return register.Inspect(ctx, register.Options{DSN: o.Settings.RegisterDSN.Reveal(), Keys: k, Now: o.Now})
}

// temporal connects as a worker would.
func (o DoctorOptions) temporal(ctx context.Context) (preflight.Temporal, error) {
	s := o.Settings
	r, err := ring(s)
	if err != nil {
		return nil, err
	}
	dial := temporalclient.Options{Ring: r, HostPort: s.TemporalAddress, Namespace: s.TemporalNamespace, Local: s.Dev()}
	said, err := temporalclient.Load(dial)
	if err != nil {
		return nil, err
	}
	c, err := temporalclient.Dial(ctx, dial)
	if err != nil {
		return nil, err
	}
	return oneNamespace{Client: c, address: said.HostPort, namespace: said.Namespace}, nil
}

// oneNamespace is one namespace of a Temporal server.
type oneNamespace struct {
	client.Client
	address, namespace string
}

// Address is where the server is.
func (t oneNamespace) Address() string { return t.address }

// Namespace is the one that we use.
func (t oneNamespace) Namespace() string { return t.namespace }

// Retention is how long it keeps closed executions.
func (t oneNamespace) Retention(ctx context.Context) (time.Duration, error) {
	return temporalclient.Retention(ctx, t.Client, t.namespace)
}

// SearchAttributes compares the namespace's with those that the workflows set.
func (t oneNamespace) SearchAttributes(ctx context.Context) (missing, wrong []string, err error) {
	return temporalclient.CompareSearchAttributes(ctx, t.Client, t.namespace, SearchAttributes()...)
}

// Pollers counts who asks for work on our task queue.
func (t oneNamespace) Pollers(ctx context.Context) (workflows, activities int, err error) {
	return temporalclient.Pollers(ctx, t.Client, upgrade.TaskQueue)
}

// signIn is the partner's user with the register that keeps the sign-in.
type signIn struct {
	*entra.PartnerUser
	store *register.Register
}

// SecondFactor reads what a token says of its person's sign-in.
func (signIn) SecondFactor(token upgrade.Secret) (said, has bool) { return entra.SecondFactor(token) }

// Roles reads which directory roles a token has.
func (signIn) Roles(token upgrade.Secret) (roles []string, said bool) {
	return entra.RolesInToken(token)
}

// Close closes the register.
func (s signIn) Close() { _ = s.store.Close() }
