package entra

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// The reasons for which Verify refuses. Graph answers each with 401
// InvalidAuthenticationToken.
var (
	ErrTokenMalformed = errors.New("the token is not a signed JWT of this service")
	ErrTokenAudience  = errors.New("the token is for no resource known here")
	ErrTokenExpired   = errors.New("the token has expired or is not valid yet")
)

// accessToken is what Verify reads of an access token.
type accessToken struct {
	Audience  string   `json:"aud"`
	Tenant    string   `json:"tid"`
	ClientID  string   `json:"appid"`
	ObjectID  string   `json:"oid"`
	Kind      string   `json:"idtyp"`
	Scopes    string   `json:"scp"`
	Roles     []string `json:"roles"`
	WIDs      []string `json:"wids"`
	AMR       []string `json:"amr"`
	NotBefore int64    `json:"nbf"`
	Expires   int64    `json:"exp"`
}

// Verify reads an access token, with or without the word "Bearer" in front. It
// checks the signature, that the audience is one of the known resources, and the
// expiry on the virtual clock; the caller compares Token.Audience with its own.
// Errors are ErrTokenMalformed, ErrTokenAudience and ErrTokenExpired, wrapped.
func (s *Server) Verify(_ context.Context, bearer string) (Token, error) {
	bearer = strings.TrimSpace(bearer)
	if word, rest, found := strings.Cut(bearer, " "); found && strings.EqualFold(word, "bearer") {
		bearer = strings.TrimSpace(rest)
	}
	parsed, err := jwt.ParseSigned(bearer, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return Token{}, fmt.Errorf("%w: %w", ErrTokenMalformed, err)
	}
	var claims accessToken
	if err := parsed.Claims(&s.key.PublicKey, &claims); err != nil {
		return Token{}, fmt.Errorf("%w: %w", ErrTokenMalformed, err)
	}
	if audience, ok := resourceOf(claims.Audience); !ok || audience != claims.Audience {
		return Token{}, fmt.Errorf("%w: %q", ErrTokenAudience, claims.Audience)
	}
	if now := s.state.Now().Unix(); now >= claims.Expires || now < claims.NotBefore {
		return Token{}, fmt.Errorf("%w: until %s", ErrTokenExpired, time.Unix(claims.Expires, 0).UTC())
	}
	return claims.token(), nil
}

func (c accessToken) token() Token {
	t := Token{
		Tenant:   c.Tenant,
		ClientID: c.ClientID,
		ObjectID: c.ObjectID,
		Audience: c.Audience,
		Scopes:   strings.Fields(c.Scopes),
		Roles:    c.Roles,
		WIDs:     c.WIDs,
		AMR:      c.AMR,
		Expires:  time.Unix(c.Expires, 0).UTC(),
	}
	if c.Kind == "app" {
		t.ObjectID = ""
	}
	return t
}
