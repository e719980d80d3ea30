package service

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"go.uber.org/zap"

	"uplift/internal/config"
	"uplift/internal/portal/access"
	"uplift/internal/portal/web"
)

// SignInCallback is where the identity provider sends the provider's people, below the public address.
const SignInCallback = access.CallbackPath

// newGuard lets people and programs into the portal by the identity provider of the settings, or, where there is none, this
// machine only.
func newGuard(o ServerOptions, sealer web.Sealer, log *slog.Logger) *access.Guard {
	s := o.Settings
	names := map[string]access.Role{}
	for said, role := range s.OIDCRoleNames {
		names[said] = access.Role(role)
	}
	return access.New(access.Options{
		Issuer: s.OIDCIssuer, ClientID: s.OIDCClientID, ClientSecret: s.OIDCClientSecret, RedirectURL: s.PublicURL + SignInCallback,
		RolesClaim: s.OIDCRolesClaim, ResellerClaim: s.OIDCResellerClaim, RoleNames: names, Audience: s.APIAudience,
		Sealer: sealer, Secure: secure(s), Provider: web.Provider{Name: s.ProviderName}, TokenNow: o.Now,
		Log: log.With("part", "access"),
	})
}

// secure tells whether browsers reach us by https.
func secure(s *config.Settings) bool { return strings.HasPrefix(s.PublicURL, "https:") }

// reach says at the start whether anybody can sign in. An identity provider that is down keeps nothing from starting: it is
// asked again when somebody comes.
func reach(guard *access.Guard, s *config.Settings, log *zap.Logger) {
	if guard.Local() {
		log.Info("no identity provider is configured: the provider's pages and the API are open to this machine only; give -oidc-issuer and -oidc-client-id for people")
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	if err := guard.Reach(ctx); err != nil {
		log.Warn("the identity provider cannot be reached, so that nobody can sign in until it can", zap.String("issuer", s.OIDCIssuer), zap.Error(err))
	}
}
