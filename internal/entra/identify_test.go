package entra

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"reflect"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"uplift/upgrade"
)

func TestIdentify(t *testing.T) {
	f := newFake(t)
	c := f.client(nil)
	for name, test := range map[string]struct {
		change map[string]any
		want   upgrade.Identity
	}{
		"administrator":    {nil, upgrade.Identity{Tenant: contoso, ObjectID: "o-1", Name: "Ada", Roles: []string{"role"}, RolesSaid: true}},
		"no word of roles": {map[string]any{"wids": nil}, upgrade.Identity{Tenant: contoso, ObjectID: "o-1", Name: "Ada"}},
		"no roles":         {map[string]any{"wids": []string{}}, upgrade.Identity{Tenant: contoso, ObjectID: "o-1", Name: "Ada", Roles: []string{}, RolesSaid: true}},
		"guest of a tenant": {map[string]any{"idp": "https://sts.windows.net/" + fabrikam + "/", "wids": nil},
			upgrade.Identity{Tenant: contoso, ObjectID: "o-1", Name: "Ada", Guest: true}},
		"guest by acct":  {map[string]any{"acct": 1, "wids": nil}, upgrade.Identity{Tenant: contoso, ObjectID: "o-1", Name: "Ada", Guest: true}},
		"guest by mail":  {map[string]any{"idp": "mail", "wids": nil}, upgrade.Identity{Tenant: contoso, ObjectID: "o-1", Name: "Ada", Guest: true}},
		"own tenant idp": {map[string]any{"idp": "https://sts.windows.net/" + contoso + "/", "wids": nil, "acct": 0}, upgrade.Identity{Tenant: contoso, ObjectID: "o-1", Name: "Ada"}},
	} {
		if got, err := c.Identify(context.Background(), contoso, f.idToken(test.change)); err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if f.gets != 1 {
		t.Errorf("the discovery document was read %d times", f.gets)
	}
}

func TestIdentifyRefuses(t *testing.T) {
	f := newFake(t)
	c := f.client(nil)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{"iss": f.url + "/" + contoso + "/v2.0", "aud": appID, "tid": contoso, "oid": "o-1", "exp": f.now.Add(time.Hour).Unix()}
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." +
		base64.RawURLEncoding.EncodeToString([]byte(`{"tid":"`+contoso+`","iss":"`+f.url+"/"+contoso+`/v2.0","aud":"`+appID+`"}`)) + "."
	for name, test := range map[string]struct {
		token upgrade.Secret
		code  string
	}{
		"another tenant":                {f.idToken(map[string]any{"tid": fabrikam, "iss": f.url + "/" + fabrikam + "/v2.0"}), "wrong_tenant"},
		"no tenant":                     {f.idToken(map[string]any{"tid": nil}), "wrong_tenant"},
		"personal":                      {f.idToken(map[string]any{"tid": personalTenant}), "personal_account"},
		"tenant of another's issuer":    {f.idToken(map[string]any{"iss": f.url + "/" + fabrikam + "/v2.0"}), "bad_id_token"},
		"issuer of the first version":   {f.idToken(map[string]any{"iss": "https://sts.windows.net/" + contoso + "/"}), "bad_id_token"},
		"another application":           {f.idToken(map[string]any{"aud": "somebody else"}), "bad_id_token"},
		"nobody":                        {f.idToken(map[string]any{"oid": nil}), "bad_id_token"},
		"expired":                       {f.idToken(map[string]any{"exp": f.now.Add(-time.Second).Unix()}), "token_expired"},
		"not yet":                       {f.idToken(map[string]any{"nbf": f.now.Add(time.Hour).Unix()}), "bad_id_token"},
		"somebody else's key":           {upgrade.Secret(sign(t, jose.RS256, other, "k1", claims)), "bad_id_token"},
		"an unknown key":                {upgrade.Secret(sign(t, jose.RS256, other, "k2", claims)), "bad_id_token"},
		"symmetric with the public key": {upgrade.Secret(sign(t, jose.HS256, f.key.PublicKey.N.Bytes(), "k1", claims)), "bad_id_token"},
		"unsigned":                      {upgrade.Secret(none), "bad_id_token"},
		"nonsense":                      {"nonsense", "bad_id_token"},
		"empty":                         {"", "bad_id_token"},
	} {
		_, err := c.Identify(context.Background(), contoso, test.token)
		if upgrade.KindOf(err) != upgrade.Refused || upgrade.CodeOf(err) != test.code {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
}

// TestIdentifyTrouble: what is no fault of the token is not refused.
func TestIdentifyTrouble(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*fake)
		kind   upgrade.Kind
	}{
		"discovery is down":    {func(f *fake) { f.down = true }, upgrade.Transient},
		"keys are not there":   {func(f *fake) { f.jwks = "http://127.0.0.1:1/keys" }, upgrade.Transient},
		"keys over plain http": {func(f *fake) { f.jwks = "http://login.example.com/keys" }, upgrade.Act},
		"another issuer":       {func(f *fake) { f.issuer = "https://login.example.com/x/v2.0" }, upgrade.Act},
		"keys on another path": {func(f *fake) { f.jwks = f.url + "/elsewhere" }, upgrade.Unknown},
	} {
		f := newFake(t)
		test.change(f)
		if _, err := f.client(nil).Identify(context.Background(), contoso, f.idToken(nil)); upgrade.KindOf(err) != test.kind {
			t.Errorf("%s: %v, want %s", name, err, test.kind)
		}
	}
}
