package partner

import (
	"context"
	"net/http"
	"strings"

	"uplift/upgrade"
)

// graphApplication is Microsoft Graph's application id in every tenant.
const graphApplication = "00000003-0000-0000-c000-000000000000"

// applicationConsent is the body of a pre-consent.
type applicationConsent struct {
	ApplicationID string             `json:"applicationId"`
	DisplayName   string             `json:"displayName"`
	Grants        []applicationGrant `json:"applicationGrants"`
}

type applicationGrant struct {
	Enterprise string `json:"enterpriseApplicationId"`
	Scope      string `json:"scope"` // separated by commas, unlike everywhere else
}

// Preconsent consents in a customer's tenant to delegated permissions of Microsoft Graph for our application, without a click
// of the customer's. The call wants the token of a user of the partner (900329) and a GDAP relationship. A consent that exists
// is answered by a conflict, or by a sentence that says so; it is left as it is, and that is well.
// https://learn.microsoft.com/en-us/partner-center/developer/control-panel-vendor-apis
func (c *Client) Preconsent(ctx context.Context, id upgrade.WriteID, tenant string, permissions []string) error {
	switch {
	case id.Request == "":
		return invalid("no_write_id", "a write needs an id")
	case c.application == "":
		return invalid("no_client_id", "the application is not named")
	}
	path, err := pathOf("customers", tenant, "applicationconsents")
	if err != nil {
		return err
	}
	_, err = c.withUser().do(ctx, call{method: http.MethodPost, path: path, id: id, body: applicationConsent{
		ApplicationID: c.application, DisplayName: c.displayName,
		Grants: []applicationGrant{{graphApplication, strings.Join(permissions, ",")}},
	}})
	if alreadyConsented(err) {
		return nil
	}
	return err
}

// alreadyConsented tells a consent that is there. Microsoft's pages do not say how it is answered; the sentence is the one
// that was seen.
func alreadyConsented(err error) bool {
	return err != nil && (upgrade.KindOf(err) == upgrade.Conflict || strings.Contains(err.Error(), "Permission entry already exists"))
}
