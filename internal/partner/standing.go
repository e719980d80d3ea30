package partner

import (
	"context"
	"net/http"
	"time"
)

// Standing is what Partner Center says of who calls it.
type Standing struct {
	// MFA tells whether the token was had with a second factor: header isMfaCompliant. Nil where the service does not
	// say, as for a token without a user.
	MFA *bool
	// Date is the service's clock; zero where it does not say.
	Date time.Time
}

// Standing makes the smallest call that needs a token and, where the token is a user's, a role in Partner Center.
// https://learn.microsoft.com/en-us/partner-center/developer/get-a-list-of-customers
func (c *Client) Standing(ctx context.Context) (Standing, error) {
	out, err := c.do(ctx, call{method: http.MethodGet, path: "/customers?size=1", header: map[string]string{"ValidateMfa": "true"}})
	if err != nil {
		return Standing{}, err
	}
	var s Standing
	switch out.header.Get("isMfaCompliant") {
	case "true", "True":
		s.MFA = new(true)
	case "false", "False":
		s.MFA = new(false)
	}
	s.Date, _ = http.ParseTime(out.header.Get("Date"))
	return s, nil
}

// AppOnlyRefused is the code with which a resource that is open to users only refuses a token without one.
const AppOnlyRefused = appOnlyRefused
