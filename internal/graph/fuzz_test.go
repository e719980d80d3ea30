package graph

import (
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	kiotajson "github.com/microsoft/kiota-serialization-json-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"context"
)

// theirs is an id by which Microsoft finds a call.
const theirs = "7e1f0000-0000-4000-8000-000000000001"

func FuzzUser(f *testing.F) {
	f.Add([]byte(userJSON))
	f.Add([]byte(`{"id":"1","assignedLicenses":[null,{"skuId":3}],"assignedPlans":[{}]}`))
	f.Add([]byte(`{"@odata.type":"#microsoft.graph.agentUser","id":"1"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		u, err := parseUser(body)
		if err == nil && u.ID == "" {
			t.Error("a user without an id")
		}
	})
}

func FuzzBatch(f *testing.F) {
	f.Add([]byte(`{"responses":[{"id":"1","status":200,"body":{}},{"id":2,"status":429,"headers":{"Retry-After":3}}]}`))
	f.Add([]byte(`{"responses":[{"id":null,"status":"200"}]}`))
	f.Add([]byte(`{"responses":[{"id":"1","status":400,"body":"aGVsbG8="}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		out, err := parseBatch(body, 3, true)
		if err != nil {
			return
		}
		if len(out) != 3 {
			t.Fatalf("%d answers", len(out))
		}
		for _, r := range out {
			if r.err != nil && (r.err.Kind == "" || r.err.Code == "" || r.err.RetryAfter < 0 || r.err.RetryAfter > maxRetryAfter) {
				t.Errorf("%#v", r.err)
			}
		}
	})
}

func FuzzFault(f *testing.F) {
	f.Add(400, "", []byte(faultJSON("Request_BadRequest", "License assignment cannot be done for user with invalid usage location.")))
	f.Add(429, "Wed, 21 Oct 2026 07:28:00 GMT", []byte(`{"error":{"code":"TooManyRequests","message":"ada@fabrikam.example"}}`))
	f.Fuzz(func(t *testing.T, status int, after string, body []byte) {
		e := classify(answer{status: status, header: http.Header{"Retry-After": {after}}, body: body, write: true})
		if e.Kind == "" || e.Code == "" || e.RetryAfter < 0 || e.RetryAfter > maxRetryAfter {
			t.Errorf("%#v", e)
		}
		if len(e.Message) > 2000 || !utf8.ValidString(e.Message) || strings.Contains(e.Message, "@") {
			t.Errorf("message %q", e.Message)
		}
	})
}

// FuzzTenant feeds the SDK's models of the tenant's own listings, which are read behind the same guard.
func FuzzTenant(f *testing.F) {
	f.Add([]byte(`{"value":[{"skuId":"` + basic + `","prepaidUnits":{"enabled":1},"servicePlans":[{"appliesTo":"User"}]}],"@odata.nextLink":"x"}`))
	f.Add([]byte(`{"value":[null,{"servicePlans":[null]}]}`))
	f.Fuzz(func(_ *testing.T, body []byte) {
		_ = guarded(context.Background(), func(context.Context) error {
			node, err := kiotajson.NewJsonParseNode(body)
			if err != nil || node == nil {
				return err
			}
			value, err := node.GetObjectValue(models.CreateSubscribedSkuCollectionResponseFromDiscriminatorValue)
			if err != nil {
				return err
			}
			for _, s := range value.(models.SubscribedSkuCollectionResponseable).GetValue() {
				skuOf(s)
			}
			return nil
		})
	})
}
