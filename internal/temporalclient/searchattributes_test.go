package temporalclient

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc"

	"uplift/upgrade"
)

// namespace is an operator service with one namespace.
type namespace struct {
	has             map[string]enums.IndexedValueType
	listErr, addErr error
	lag             int // so many looks pass before what was added is listed
	pending         map[string]enums.IndexedValueType
	added           int
}

func (n *namespace) ListSearchAttributes(context.Context, *operatorservice.ListSearchAttributesRequest, ...grpc.CallOption) (*operatorservice.ListSearchAttributesResponse, error) {
	if n.listErr != nil {
		return nil, n.listErr
	}
	if n.pending != nil {
		if n.lag--; n.lag < 0 {
			for name, kind := range n.pending {
				n.has[name] = kind
			}
		}
	}
	return &operatorservice.ListSearchAttributesResponse{CustomAttributes: n.has}, nil
}

func (n *namespace) AddSearchAttributes(_ context.Context, r *operatorservice.AddSearchAttributesRequest, _ ...grpc.CallOption) (*operatorservice.AddSearchAttributesResponse, error) {
	n.added += len(r.SearchAttributes)
	n.pending = r.SearchAttributes
	return &operatorservice.AddSearchAttributesResponse{}, n.addErr
}

func TestEnsure(t *testing.T) {
	keys := []temporal.SearchAttributeKey{
		temporal.NewSearchAttributeKeyKeyword("UpliftStage"),
		temporal.NewSearchAttributeKeyBool("UpliftNeedsOperator"),
		temporal.NewSearchAttributeKeyTime("UpliftConsentDeadline"),
	}
	all := func() map[string]enums.IndexedValueType {
		return map[string]enums.IndexedValueType{
			"UpliftStage":           enums.INDEXED_VALUE_TYPE_KEYWORD,
			"UpliftNeedsOperator":   enums.INDEXED_VALUE_TYPE_BOOL,
			"UpliftConsentDeadline": enums.INDEXED_VALUE_TYPE_DATETIME,
			"Foreign":               enums.INDEXED_VALUE_TYPE_INT,
		}
	}
	without := func(name string) map[string]enums.IndexedValueType {
		m := all()
		delete(m, name)
		return m
	}
	wrong := all()
	wrong["UpliftStage"] = enums.INDEXED_VALUE_TYPE_TEXT
	const create = "temporal operator search-attribute create --namespace prod"

	for name, c := range map[string]struct {
		service namespace
		added   int
		kind    upgrade.Kind
		says    string
	}{
		"all there":      {service: namespace{has: all()}},
		"none there":     {service: namespace{has: map[string]enums.IndexedValueType{}}, added: 3},
		"one missing":    {service: namespace{has: without("UpliftStage")}, added: 1},
		"listed later":   {service: namespace{has: without("UpliftStage"), lag: 2}, added: 1},
		"another worker": {service: namespace{has: without("UpliftStage"), addErr: serviceerror.NewAlreadyExists("exists")}, added: 1},
		"may not add": {service: namespace{has: without("UpliftStage"), addErr: serviceerror.NewPermissionDenied("no", "")}, added: 1,
			kind: upgrade.Act, says: create + " --name UpliftStage --type Keyword"},
		"may not look": {service: namespace{listErr: serviceerror.NewPermissionDenied("no", "")},
			kind: upgrade.Act, says: create + " --name UpliftConsentDeadline --type Datetime --name UpliftNeedsOperator --type Bool --name UpliftStage --type Keyword"},
		"no operator service": {service: namespace{listErr: serviceerror.NewUnimplemented("cloud")}, kind: upgrade.Act, says: create},
		"no namespace":        {service: namespace{listErr: serviceerror.NewNamespaceNotFound("prod")}, kind: upgrade.Act, says: "namespace create --namespace prod"},
		"no answer":           {service: namespace{listErr: serviceerror.NewUnavailable("down")}, kind: upgrade.Transient},
		"wrong type": {service: namespace{has: wrong}, kind: upgrade.Act,
			says: "search-attribute remove --yes --namespace prod --name UpliftStage && " + create + " --name UpliftStage --type Keyword"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			err := ensure(ctx, &c.service, "prod", keys)
			if c.service.added != c.added {
				t.Errorf("%d attributes were added, want %d", c.service.added, c.added)
			}
			if c.kind == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if upgrade.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %s and %q", err, c.kind, c.says)
			}
		})
	}
}
