package partner

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// Standing makes the smallest call that needs a token and, where the token is a user's, a role in Partner Center. mfa is
// what the service says of the second factor (header isMfaCompliant): true or false, and empty where it does not say, as
// for a token without a user. date is the service's clock; zero where it does not say.
// https://learn.microsoft.com/en-us/partner-center/developer/get-a-list-of-customers
func (c *Client) Standing(ctx context.Context) (mfa string, date time.Time, err error) {
	out, err := c.do(ctx, call{method: http.MethodGet, path: "/customers?size=1", header: map[string]string{"ValidateMfa": "true"}})
	if err != nil {
		return "", time.Time{}, err
	}
	date, _ = http.ParseTime(out.header.Get("Date"))
	return strings.ToLower(out.header.Get("isMfaCompliant")), date, nil
}
