package activitiestest_test

import (
	"testing"

	"uplift/activities"
	"uplift/activities/activitiestest"
	"uplift/internal/register/registertest"
)

var (
	_ activities.Register   = activitiestest.Register{}
	_ activities.Executions = activitiestest.Executions{}
	_ activities.Authority  = activitiestest.Authority{}
	_ activities.Directory  = activitiestest.Directory{}
	_ activities.Commerce   = activitiestest.Commerce{}
	_ activities.Mailer     = activitiestest.Mailer{}
	_ activities.Links      = activitiestest.Links{}
)

func TestRegisterConforms(t *testing.T) {
	t.Parallel()
	registertest.Conformance(t, func(*testing.T) registertest.Register {
		register, _ := activitiestest.New(nil).Activities().Register.(activitiestest.Register)
		return register
	})
}
