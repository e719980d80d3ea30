package service

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"go.uber.org/zap"

	"uplift/activities"
	"uplift/catalog"
	"uplift/internal/callback"
	"uplift/internal/config"
	"uplift/internal/entra"
	"uplift/internal/graph"
	"uplift/internal/mail"
	"uplift/internal/partner"
	"uplift/internal/planning"
	"uplift/internal/register"
	"uplift/internal/seal"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
	"uplift/workflows"
)

// holdersPage is how many holders of a licence are read at once: Microsoft's maximum, since each page costs the same and a tenant may
// have fifty thousand.
const holdersPage = 999

// keptWorkflows is how many executions a process keeps in memory between their tasks; the others are brought back from their histories
// when something comes for them. Most upgrades wait for people, for days, and each of them takes some 200 KB, the garbage of its making included.
const keptWorkflows = 400

// stickyPatience is how long a task waits for the process that has its execution in memory, before any other takes it: what a person waits
// for after a worker has died.
const stickyPatience = 2 * time.Second

// stopTimeout is how long a worker that is told to stop lets its activities finish.
const stopTimeout = 30 * time.Second

// Worker runs workflows and activities.
type Worker struct {
	client   client.Client
	register *register.Register
	partner  *entra.PartnerUser // the partner's own user, for what Partner Center does for people only
	workers  []worker.Worker    // of the workflows' queue, and one for each queue with a rate
	failed   chan error
}

// WorkerOptions are what the settings do not say.
type WorkerOptions struct {
	Settings *config.Settings
	Log      *zap.Logger
	Now      func() time.Time // Microsoft's clock where it is simulated; nil: the system's
	// Wall is the clock by which Microsoft's Retry-After counts; nil: the system's.
	Wall func() time.Time
	// Transport carries every request to Microsoft; nil: http.DefaultTransport. A test that lets one request hang gives up
	// waiting for that one alone, instead of sitting out the clients' own time-outs.
	Transport http.RoundTripper
	// Interceptors stand outside our own around every workflow and activity, for what measures or watches them.
	Interceptors []interceptor.WorkerInterceptor
	// Commerce may put something before Partner Center's client, such as a planted defect; nil leaves it.
	Commerce func(activities.Commerce) activities.Commerce
}

// NewWorker opens everything that a worker needs and starts polling. Close ends it.
func NewWorker(ctx context.Context, o WorkerOptions) (w *Worker, err error) {
	worker.SetStickyWorkflowCacheSize(keptWorkflows)
	w = &Worker{failed: make(chan error, 1)}
	defer func() {
		if err != nil {
			w.Close()
		}
	}()
	policy, err := upgrade.ParsePolicy(o.Settings.Policy)
	if err != nil {
		return w, err
	}
	codecKeys, err := ring(o.Settings)
	if err != nil {
		return w, err
	}
	w.client, err = temporalclient.Dial(ctx, temporalclient.Options{
		Ring: codecKeys, Logger: o.Log, HostPort: o.Settings.TemporalAddress, Namespace: o.Settings.TemporalNamespace, Local: o.Settings.Dev(),
	})
	if err != nil {
		return w, err
	}
	if err := temporalclient.EnsureSearchAttributes(ctx, w.client, namespace(o.Settings), SearchAttributes()...); err != nil {
		return w, err
	}
	steps, err := w.activities(ctx, o, policy)
	if err != nil {
		return w, err
	}
	around := append(slices.Clone(o.Interceptors), &activities.Interceptor{})
	main := w.poll(upgrade.TaskQueue, steps, around, worker.Options{})
	for name, run := range map[string]any{
		upgrade.UpgradeWorkflow: workflows.UpgradeCustomerWorkflow, upgrade.PlanWorkflow: workflows.PlanUpgradeWorkflow,
		upgrade.PruneWorkflow: workflows.PruneRegisterWorkflow, upgrade.WatchPartnerWorkflow: workflows.WatchPartnerWorkflow,
		upgrade.StoreUsersWorkflow: workflows.StoreUserListWorkflow, upgrade.ReportsWorkflow: workflows.ReadReportsWorkflow,
		upgrade.TurnGateWorkflow: workflows.TurnGateWorkflow,
		upgrade.NotifyWorkflow:   workflows.NotifyBillingWorkflow, upgrade.CallbacksWorkflow: workflows.ReadCallbacksWorkflow,
		upgrade.StorePricesWorkflow: workflows.StorePricesWorkflow, upgrade.ReadPricesWorkflow: workflows.ReadPricesWorkflow,
		upgrade.LookAtCustomerWorkflow: workflows.LookAtCustomerWorkflow, upgrade.TakeInventoryWorkflow: workflows.TakeInventoryWorkflow,
		upgrade.PostLetterWorkflow: workflows.PostLetterWorkflow,
		upgrade.BatchWorkflow:      workflows.UpgradeBatchWorkflow, upgrade.BatchPageWorkflow: workflows.UpgradeBatchPageWorkflow,
		upgrade.PlanBatchPageWorkflow: workflows.PlanBatchPageWorkflow, upgrade.StoreBatchWorkflow: workflows.StoreBatchWorkflow,
		upgrade.ReadBatchWorkflow: workflows.ReadBatchWorkflow,
	} {
		main.RegisterWorkflowWithOptions(run, workflow.RegisterOptions{Name: name, VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade})
	}
	all := []worker.Worker{main}
	for _, q := range ratedQueues(o.Settings) {
		all = append(all, w.poll(q.name, steps, around, worker.Options{DisableWorkflowWorker: true, TaskQueueActivitiesPerSecond: q.rate, MaxConcurrentActivityExecutionSize: q.slots}))
	}
	for _, one := range all {
		if err := one.Start(); err != nil {
			return w, err
		}
		w.workers = append(w.workers, one)
	}
	return w, errors.Join(steps.Executions.OpenGate(ctx), schedulePruning(ctx, w.client), scheduleWatching(ctx, w.client), scheduleInventory(ctx, w.client))
}

// poll makes a worker of one queue. Every worker has every activity: which queue is an activity's, whoever schedules it says.
func (w *Worker) poll(queue string, steps *activities.Activities, around []interceptor.WorkerInterceptor, o worker.Options) worker.Worker {
	o.WorkerStopTimeout = stopTimeout
	o.StickyScheduleToStartTimeout = stickyPatience
	o.Interceptors = around
	o.OnFatalError = func(err error) {
		select {
		case w.failed <- err:
		default: // one is enough to end the process
		}
	}
	one := worker.New(w.client, queue, o)
	one.RegisterActivity(steps)
	return one
}

// ratedQueue is a task queue whose rate is a budget of the whole installation.
type ratedQueue struct {
	name  string
	rate  float64 // activities a second; zero: no limit
	slots int     // activities at a time in this process
}

// ratedQueues are those of Microsoft's services. What Partner Center is asked is over in seconds, so that a few slots suffice for
// any rate that it allows. What goes through a tenant's users may take hours and mostly waits, so that there are many.
func ratedQueues(s *config.Settings) []ratedQueue {
	return []ratedQueue{
		{upgrade.QueuePartnerWrites, s.PartnerWritesRate, 50},
		{upgrade.QueuePartnerReads, s.PartnerReadsRate, 50},
		{upgrade.QueueGraph, s.GraphRate, 200},
	}
}

// SearchAttributes are the typed keys of the attributes that the workflows set.
func SearchAttributes() []temporal.SearchAttributeKey {
	var keys []temporal.SearchAttributeKey
	for _, name := range []string{
		upgrade.AttributeStage, upgrade.AttributeOrder, upgrade.AttributeCustomerTenant,
		upgrade.AttributeSourceOffer, upgrade.AttributeTargetOffer, upgrade.AttributeBatch, upgrade.AttributeEnd, upgrade.AttributeReseller,
	} {
		keys = append(keys, temporal.NewSearchAttributeKeyKeyword(name))
	}
	return append(keys,
		temporal.NewSearchAttributeKeyBool(upgrade.AttributeNeedsOperator),
		temporal.NewSearchAttributeKeyTime(upgrade.AttributeConsentDeadline))
}

// Run waits until the context ends or the worker fails for good.
func (w *Worker) Run(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-w.failed:
		return fmt.Errorf("the worker cannot go on: %w", err)
	}
}

// Close lets what runs finish, and closes everything.
func (w *Worker) Close() {
	var all sync.WaitGroup
	for _, one := range w.workers {
		all.Go(one.Stop) // all at once: each lets what runs finish
	}
	all.Wait()
	if w.client != nil {
		w.client.Close()
	}
	if w.register != nil {
		_ = w.register.Close()
	}
}

// Ping tells whether Temporal and the register answer.
func (w *Worker) Ping(ctx context.Context) error {
	_, err := w.client.CheckHealth(ctx, &client.CheckHealthRequest{})
	return errors.Join(err, w.register.Ping(ctx))
}

// activities connects the steps with the adapters.
func (w *Worker) activities(ctx context.Context, o WorkerOptions, policy upgrade.Policy) (*activities.Activities, error) {
	s := o.Settings
	offers, err := loadCatalog(s.CatalogFile)
	if err != nil {
		return nil, err
	}
	linking, err := keys(s, "link", s.LinkKeyFile, o.Log)
	if err != nil {
		return nil, err
	}
	if w.register, err = openRegister(ctx, s, o.Now, o.Log); err != nil {
		return nil, err
	}
	identity, err := identityOver(o.Transport, s, o.Now)
	if err != nil {
		return nil, err
	}
	web := &http.Client{Timeout: time.Minute, Transport: o.Transport}
	w.partner = entra.NewPartnerUser(identity, w.register)
	grants := entra.NewGrants(identity, w.register).WithPartner(w.partner)
	directory, err := graph.New(graph.Options{BaseURL: s.GraphURL, Token: grants.Token, Forget: grants.Forget, HTTP: web, PageSize: holdersPage, Pace: policy.Pace, Now: o.Now})
	if err != nil {
		return nil, err
	}
	commerce, err := partner.New(partner.Options{
		BaseURL: s.PartnerURL, Token: identity.PartnerToken, HTTP: web, Now: o.Now, Wall: o.Wall, NotReady: 4 * policy.PollFirst.D(),
		Forget:      func(context.Context, upgrade.Secret) { identity.Forget(s.PartnerTenant) },
		Application: s.ClientID, DisplayName: applicationName(s),
		UserToken: userToken(w.partner.PartnerCenter, identity.PartnerToken),
		ForgetUser: func(context.Context, upgrade.Secret) {
			w.partner.Forget(s.PartnerTenant)
			identity.Forget(s.PartnerTenant)
		},
	})
	if err != nil {
		return nil, err
	}
	// A worker whose credential is wrong would look healthy until the first order parks.
	asking, stop := context.WithTimeout(ctx, 15*time.Second)
	defer stop()
	if _, err := identity.PartnerToken(asking); err != nil {
		o.Log.Error("Microsoft gives no token for Partner Center; orders will park until this is mended", zap.String("client", s.ClientID), zap.String("tenant", s.PartnerTenant), zap.Error(err))
	} else {
		o.Log.Info("Microsoft gives a token for Partner Center", zap.String("client", s.ClientID), zap.String("entra", s.EntraURL), zap.String("graph", s.GraphURL), zap.String("partner", s.PartnerURL))
	}
	mailer, err := newMailer(s)
	if err != nil {
		return nil, err
	}
	var partnerCenter activities.Commerce = commerce
	if o.Commerce != nil {
		partnerCenter = o.Commerce(commerce)
	}
	all := &activities.Activities{
		Register: w.register, Inventory: w.register, Batches: w.register, Cleaner: w.register, Partner: w.partner, Executions: executionsOf(w.client, s, policy), Authority: identity, Directory: directory, Commerce: partnerCenter,
		Mailer: mailer, Links: links{s.PublicURL, seal.NewLinks(linking)}, Catalog: offers,
		Settings: activities.Settings{Policy: policy, OperatorMail: s.OperatorMail, EngineerMail: s.EngineerMail, ConsentRoles: s.ConsentRoles, Observe: s.Observe, Guards: planning.Guards{
			MaxSeatRise: s.MaxSeatRise, ApproveSeats: s.ApproveSeats, ApproveMinor: s.ApproveMinor, Currency: s.ApproveCurrency,
		}},
		Now: o.Now,
	}
	if len(s.Callbacks) > 0 { // an interface that holds a nil pointer would be no nil
		all.Callbacks = newCallbacks(s)
	}
	return all, nil
}

// newCallbacks are the destinations of the settings.
func newCallbacks(s *config.Settings) *callback.Sender {
	var to []callback.Destination
	for _, d := range s.Callbacks {
		to = append(to, callback.Destination{Name: d.Name, URL: d.URL, Secrets: d.Secrets, Types: d.Types})
	}
	return callback.New(callback.Options{Destinations: to})
}

// applicationName is what a customer's administrator reads of a pre-consented application.
func applicationName(s *config.Settings) string {
	if s.ProviderName == "" {
		return "Uplift"
	}
	return s.ProviderName + " upgrades"
}

// userToken is the partner's user's token, and the application's own where nobody is signed in or the sign-in has died:
// Partner Center then says itself what is not open to an application (900329), which upgrades know to do without. Who
// watches the sign-in tells the operator.
func userToken(user, application func(context.Context) (upgrade.Secret, error)) func(context.Context) (upgrade.Secret, error) {
	return func(ctx context.Context) (upgrade.Secret, error) {
		token, err := user(ctx)
		switch upgrade.CodeOf(err) {
		case "no_partner_sign_in", "partner_sign_in_lost":
			return application(ctx)
		}
		return token, err
	}
}

// openRegister opens the register under its own keys.
func openRegister(ctx context.Context, s *config.Settings, now func() time.Time, log *zap.Logger) (*register.Register, error) {
	sealing, err := keys(s, "register", s.RegisterKeyFile, log)
	if err != nil {
		return nil, err
	}
	return register.Open(ctx, register.Options{DSN: s.RegisterDSN.Reveal(), Keys: sealing, Now: now})
}

// newIdentity makes the client of Microsoft Entra.
func newIdentity(s *config.Settings, now func() time.Time) (*entra.Client, error) {
	return identityOver(nil, s, now)
}

// identityOver is newIdentity with a transport of its own; nil: http.DefaultTransport.
func identityOver(transport http.RoundTripper, s *config.Settings, now func() time.Time) (*entra.Client, error) {
	return entra.New(entra.Options{
		HTTP:    &http.Client{Timeout: 30 * time.Second, Transport: transport},
		BaseURL: s.EntraURL, ClientID: s.ClientID, ClientSecret: s.ClientSecret,
		CertificatePEM: []byte(s.ClientCertificate.Reveal()), PartnerTenant: s.PartnerTenant, Now: now,
		GraphScope: resource(s.GraphURL), PartnerResource: resource(s.PartnerURL),
	})
}

// resource is what tokens for an API are asked for: its origin, which differs in the national clouds. Of an API on this
// machine nothing can be told by its address; it plays the worldwide one.
func resource(api string) string {
	u, err := url.Parse(api)
	if err != nil || u.Scheme != "https" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// loadCatalog reads the provider's own catalogue, or takes the embedded one.
func loadCatalog(file string) (*catalog.Catalog, error) {
	if file == "" {
		return catalog.Load(), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c, err := catalog.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s:\n%w", file, err)
	}
	return c, nil
}

func newMailer(s *config.Settings) (*mail.Mailer, error) {
	return mail.New(mail.Options{URL: s.SMTP.URL(), User: s.SMTP.Username, Password: s.SMTP.Password, From: s.MailFrom, Provider: mail.Branding{
		Name: s.ProviderName, ReplyTo: s.ReplyTo, LogoURL: s.LogoURL,
	}})
}

// namespace is the Temporal namespace that Dial uses.
func namespace(s *config.Settings) string {
	if s.TemporalNamespace != "" {
		return s.TemporalNamespace
	}
	if name := os.Getenv("TEMPORAL_NAMESPACE"); name != "" {
		return name
	}
	return client.DefaultNamespace
}
