// Package service puts the parts together: it is the one place that knows every adapter, and where the compiler is asked
// whether each satisfies the interface that its consumer declares.
package service

import (
	"uplift/activities"
	"uplift/internal/entra"
	"uplift/internal/graph"
	"uplift/internal/mail"
	"uplift/internal/partner"
	"uplift/internal/portal/consent"
	"uplift/internal/portal/desk"
	"uplift/internal/register"
	"uplift/internal/temporalclient"
)

var (
	_ activities.Register   = (*register.Register)(nil)
	_ activities.Cleaner    = (*register.Register)(nil)
	_ activities.Inventory  = (*register.Register)(nil)
	_ activities.Authority  = (*entra.Client)(nil)
	_ activities.Directory  = (*graph.Client)(nil)
	_ activities.Commerce   = (*partner.Client)(nil)
	_ activities.Mailer     = (*mail.Mailer)(nil)
	_ activities.Links      = links{}
	_ activities.Executions = executions{}
	_ consent.Upgrades      = (*temporalclient.Upgrades)(nil)
	_ consent.LinkParser    = links{}
	_ desk.Upgrades         = deskUpgrades{}
	_ desk.Links            = links{}
	_ desk.Auditor          = (*register.Register)(nil)

	_ entra.PartnerStore        = (*register.Register)(nil)
	_ activities.PartnerSignIns = (*entra.PartnerUser)(nil)
)
