package entra

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"
)

// session is a finished proof from which tokens of a person are made.
type session struct {
	client client
	person Person
	// tenant is where the token is good; home is where the person lives.
	tenant, home string
	// wids are the roles in tenant.
	wids    []string
	granted []string
	ask     asked
	nonce   string
	v1      bool
	// origin is the refresh token redeemed, whose sign-in a new one inherits.
	origin *refreshGrant
}

// tokenReply is the body of a success. The first generation of the endpoint
// writes its numbers as strings, hence any.
type tokenReply struct {
	TokenType    string `json:"token_type"`
	Scope        string `json:"scope,omitempty"`
	ExpiresIn    any    `json:"expires_in"`
	ExtExpiresIn any    `json:"ext_expires_in"`
	ExpiresOn    any    `json:"expires_on,omitempty"`
	NotBefore    any    `json:"not_before,omitempty"`
	Resource     string `json:"resource,omitempty"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
}

// newReply dresses an access token for the generation of the endpoint.
func (s *Server) newReply(access, resource string, v1 bool) tokenReply {
	seconds := int(s.life(AccessTokenLife) / time.Second)
	if !v1 {
		return tokenReply{TokenType: "Bearer", ExpiresIn: seconds, ExtExpiresIn: seconds, AccessToken: access}
	}
	now := s.state.Now()
	return tokenReply{
		TokenType:    "Bearer",
		ExpiresIn:    fmt.Sprint(seconds),
		ExtExpiresIn: fmt.Sprint(seconds),
		ExpiresOn:    fmt.Sprint(now.Add(s.life(AccessTokenLife)).Unix()),
		NotBefore:    fmt.Sprint(now.Unix()),
		Resource:     resource,
		AccessToken:  access,
	}
}

// userReply makes the tokens of a person.
func (s *Server) userReply(in session) tokenReply {
	access := s.sign(AccessToken, s.accessClaims(in))
	reply := s.newReply(access, in.ask.resource, in.v1)
	reply.Scope = in.ask.answer(in.granted)
	if in.ask.openid {
		reply.IDToken = s.sign(IDToken, s.idClaims(in))
	}
	if in.ask.offline {
		reply.RefreshToken = s.newRefresh(in)
	}
	s.state.Record(RecordToken, in.tenant, in.person.ObjectID,
		fmt.Sprintf("user token for %s, app %s, scopes %s", in.ask.resource, in.client.app.ClientID, strings.Join(in.granted, " ")))
	return reply
}

// commonClaims are the claims of every token.
func (s *Server) commonClaims(tenant string) map[string]any {
	now := s.state.Now()
	return map[string]any{
		"iat": now.Unix(),
		"nbf": now.Unix(),
		"exp": now.Add(s.life(AccessTokenLife)).Unix(),
		"tid": tenant,
		"uti": uuid.NewString(),
	}
}

// accessClaims are those of a v1 token: Graph and Partner Center take these.
func (s *Server) accessClaims(in session) map[string]any {
	claims := s.commonClaims(in.tenant)
	maps.Copy(claims, map[string]any{
		"iss":             "https://sts.windows.net/" + in.tenant + "/",
		"aud":             in.ask.resource,
		"ver":             "1.0",
		"appid":           in.client.app.ClientID,
		"appidacr":        in.client.kind,
		"app_displayname": in.client.app.Name,
		"idtyp":           "user",
		"oid":             in.person.ObjectID,
		"sub":             pairwise(in.person.ObjectID, in.ask.resource),
		"name":            in.person.Name,
		"upn":             in.person.UPN,
		"unique_name":     in.person.UPN,
		"scp":             strings.Join(in.granted, " "),
		"wids":            orEmpty(in.wids),
		"amr":             s.amr(in.tenant),
	})
	s.addHome(claims, in)
	return claims
}

// idClaims are those of a v2.0 id token. tid and oid are there with openid
// already, although the page asks for profile: clients differ in what they send.
func (s *Server) idClaims(in session) map[string]any {
	claims := s.commonClaims(in.tenant)
	maps.Copy(claims, map[string]any{
		"iss": s.idIssuer(in.tenant),
		"aud": in.client.app.ClientID,
		"ver": "2.0",
		"oid": in.person.ObjectID,
		"sub": pairwise(in.person.ObjectID, in.client.app.ClientID),
	})
	if in.ask.profile {
		claims["name"], claims["preferred_username"] = in.person.Name, in.person.UPN
	}
	if in.ask.email {
		claims["email"] = in.person.UPN
	}
	if in.nonce != "" {
		claims["nonce"] = in.nonce
	}
	if !s.state.Fault(FaultNoWIDs, in.tenant) {
		claims["wids"] = orEmpty(in.wids)
	}
	s.addAppClaims(claims, in)
	s.addHome(claims, in)
	return claims
}

// addHome tells a guest by idp, which Entra leaves out for a member.
func (s *Server) addHome(claims map[string]any, in session) {
	switch {
	case in.home != "" && in.home != in.tenant:
		claims["idp"] = "https://sts.windows.net/" + in.home + "/"
	case in.person.Guest:
		claims["idp"] = "mail"
	}
}

func (s *Server) amr(tenant string) []string {
	if s.state.Fault(FaultNoMFA, tenant) {
		return []string{"pwd"}
	}
	return []string{"pwd", "mfa"}
}

// pairwise makes a subject that differs per application.
func pairwise(oid, other string) string {
	sum := sha256.Sum256([]byte(oid + "/" + other))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// sign makes a JWT and notes it as issued.
func (s *Server) sign(kind SecretKind, claims map[string]any) string {
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: s.key, KeyID: s.keyID}},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err == nil {
		var token string
		if token, err = jwt.Signed(signer).Claims(claims).Serialize(); err == nil {
			s.store.note(kind, token)
			return token
		}
	}
	panic("entra: a token cannot be signed: " + err.Error())
}

// send writes a success, or loses it when the fault is rolled.
func (s *Server) send(w http.ResponseWriter, tenant string, reply tokenReply) {
	if s.state.Fault(FaultTokenReplyLost, tenant) {
		s.log.Info("token reply lost", "tenant", tenant)
		panic(http.ErrAbortHandler)
	}
	s.answer(w, tenant, reply)
}

// answer writes a success, or two thirds of it when the fault is rolled.
func (s *Server) answer(w http.ResponseWriter, tenant string, reply any) {
	if !s.state.Fault(FaultCutReply, tenant) {
		writeJSON(w, http.StatusOK, reply)
		return
	}
	s.log.Info("reply cut short", "tenant", tenant)
	body, _ := json.Marshal(reply)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(body[:len(body)*2/3])
}
