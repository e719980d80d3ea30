package workflows_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"uplift/activities"
	"uplift/activities/activitiestest"
	"uplift/upgrade"
	"uplift/workflows"
)

// signIn is a partner's sign-in that was last used at a time, and whose renewals answer in turn; the last one stays.
type signIn struct {
	used    time.Time
	none    bool
	answers []error
	renewed int
}

func (s *signIn) SignedIn(context.Context) (at, used time.Time, err error) {
	if s.none {
		return at, used, &upgrade.Error{Kind: upgrade.Act, Code: "no_partner_sign_in"}
	}
	return s.used.Add(-time.Hour), s.used, nil
}

func (s *signIn) Renew(context.Context) error {
	err := s.answers[min(s.renewed, len(s.answers)-1)]
	s.renewed++
	return err
}

func (s *signIn) Access(context.Context, string) (upgrade.Identity, []string, error) {
	panic("watching a sign-in looks into no customer's tenant")
}

func TestWatchPartner(t *testing.T) {
	died := &upgrade.Error{Kind: upgrade.Act, Code: "partner_sign_in_lost", Message: "died"}
	secret := &upgrade.Error{Kind: upgrade.Act, Code: "AADSTS7000222", Message: "the client secret has expired"}
	passing := &upgrade.Error{Kind: upgrade.Transient, Code: "entra_unreachable", Message: "Entra did not answer"}
	for name, test := range map[string]struct {
		in      *signIn
		state   upgrade.PartnerSignInState
		letters int
		code    string
	}{
		"nobody signed in":              {&signIn{none: true}, upgrade.PartnerSignInNone, 0, ""},
		"renewed":                       {&signIn{used: start.Add(-day), answers: []error{nil}}, upgrade.PartnerSignInGood, 0, ""},
		"old, and renewed all the same": {&signIn{used: start.Add(-80 * day), answers: []error{nil}}, upgrade.PartnerSignInGood, 0, ""},
		"renewed at the third try":      {&signIn{used: start.Add(-day), answers: []error{passing, passing, nil}}, upgrade.PartnerSignInGood, 0, ""},
		"died":                          {&signIn{used: start.Add(-day), answers: []error{died}}, upgrade.PartnerSignInHasDied, 1, "partner_sign_in_lost"},
		"our secret has expired":        {&signIn{used: start.Add(-day), answers: []error{secret}}, upgrade.PartnerSignInOff, 0, "AADSTS7000222"},
		"our secret expired long ago":   {&signIn{used: start.Add(-61 * day), answers: []error{secret}}, upgrade.PartnerSignInOldAge, 1, "AADSTS7000222"},
		"out of reach for long":         {&signIn{used: start.Add(-61 * day), answers: []error{passing}}, upgrade.PartnerSignInOldAge, 1, "entra_unreachable"},
		"out of reach today":            {&signIn{used: start.Add(-day), answers: []error{passing}}, upgrade.PartnerSignInUnknown, 0, "entra_unreachable"},
	} {
		t.Run(name, func(t *testing.T) {
			suite := &testsuite.WorkflowTestSuite{}
			suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
			env := suite.NewTestWorkflowEnvironment()
			env.SetStartTime(start)
			env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&activities.Interceptor{}}})
			world := activitiestest.New(func() time.Time { return start })
			steps := world.Activities()
			steps.Partner, steps.Settings.OperatorMail = test.in, "operator@provider.example"
			env.RegisterActivity(steps)
			env.ExecuteWorkflow(workflows.WatchPartnerWorkflow)
			var found upgrade.PartnerSignIn
			if err := env.GetWorkflowResult(&found); err != nil {
				t.Fatal(err)
			}
			letters := world.Letters(upgrade.LetterPartnerSignIn)
			if found.State != test.state || len(letters) != test.letters {
				t.Errorf("state %s with %d letters; want %s with %d", found.State, len(letters), test.state, test.letters)
			}
			if got := found.Problem; (got == nil) != (test.code == "") || got != nil && got.Code != test.code {
				t.Errorf("problem %v, want code %q", got, test.code)
			}
			for _, l := range letters {
				if l.To != "operator@provider.example" || l.ID != "partner-sign-in-2026-03-02" || l.SignIn.State != test.state {
					t.Errorf("the letter is %+v", l)
				}
			}
			if test.state == upgrade.PartnerSignInGood && !found.UsedAt.Equal(start) {
				t.Errorf("last used %v", found.UsedAt)
			}
		})
	}
}
