package temporalclient

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	"uplift/upgrade"
)

// keeper is a workflow service with one namespace, or none: retention 0.
type keeper struct {
	retention time.Duration
	denied    error
	writes    int
}

func (k *keeper) DescribeNamespace(_ context.Context, r *workflowservice.DescribeNamespaceRequest, _ ...grpc.CallOption) (*workflowservice.DescribeNamespaceResponse, error) {
	if k.retention == 0 {
		return nil, serviceerror.NewNamespaceNotFound(r.Namespace)
	}
	return &workflowservice.DescribeNamespaceResponse{Config: &namespacepb.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(k.retention)}}, nil
}

func (k *keeper) RegisterNamespace(_ context.Context, r *workflowservice.RegisterNamespaceRequest, _ ...grpc.CallOption) (*workflowservice.RegisterNamespaceResponse, error) {
	if k.denied != nil {
		return nil, k.denied
	}
	k.writes++
	k.retention = r.WorkflowExecutionRetentionPeriod.AsDuration()
	return &workflowservice.RegisterNamespaceResponse{}, nil
}

func (k *keeper) UpdateNamespace(_ context.Context, r *workflowservice.UpdateNamespaceRequest, _ ...grpc.CallOption) (*workflowservice.UpdateNamespaceResponse, error) {
	if k.denied != nil {
		return nil, k.denied
	}
	k.writes++
	k.retention = r.Config.WorkflowExecutionRetentionTtl.AsDuration()
	return &workflowservice.UpdateNamespaceResponse{}, nil
}

func TestSetup(t *testing.T) {
	const day = 24 * time.Hour
	denied := serviceerror.NewPermissionDenied("no", "")
	for name, test := range map[string]struct {
		keeper    keeper
		attribute namespace
		create    bool
		did       int
		kept      time.Duration
		code      string
		says      string
	}{
		"all is there":                 {keeper{retention: 40 * day}, namespace{has: map[string]enums.IndexedValueType{"UpliftStage": enums.INDEXED_VALUE_TYPE_KEYWORD}}, false, 0, 40 * day, "", ""},
		"short, and an attribute":      {keeper{retention: 3 * day}, namespace{has: map[string]enums.IndexedValueType{}}, false, 2, 30 * day, "", ""},
		"no namespace":                 {keeper{}, namespace{}, false, 0, 0, "no_namespace", "add -create"},
		"no namespace, and told so":    {keeper{}, namespace{has: map[string]enums.IndexedValueType{}}, true, 2, 30 * day, "", ""},
		"may not change it":            {keeper{retention: day, denied: denied}, namespace{}, false, 0, day, "namespace_denied", "tcld namespace retention set --namespace uplift --retention-days 30"},
		"may not make it":              {keeper{denied: denied}, namespace{}, true, 0, 0, "namespace_denied", "temporal operator namespace create --namespace uplift --retention 30d"},
		"may not look at attributes":   {keeper{retention: 3 * day}, namespace{listErr: denied}, false, 1, 30 * day, "search_attributes", "tcld namespace search-attributes add"},
		"an attribute of another kind": {keeper{retention: 30 * day}, namespace{has: map[string]enums.IndexedValueType{"UpliftStage": enums.INDEXED_VALUE_TYPE_TEXT}}, false, 0, 30 * day, "search_attribute_type", "search-attribute remove"},
	} {
		t.Run(name, func(t *testing.T) {
			o := SetupOptions{Namespace: "uplift", Create: test.create, Attributes: []temporal.SearchAttributeKey{temporal.NewSearchAttributeKeyKeyword("UpliftStage")}}
			did, err := setup(context.Background(), &test.keeper, &test.attribute, o)
			if upgrade.CodeOf(err) != test.code || err != nil && (upgrade.KindOf(err) != upgrade.Act || !strings.Contains(err.Error(), test.says)) {
				t.Errorf("%v", err)
			}
			if len(did) != test.did || test.keeper.retention != test.kept {
				t.Errorf("did %q, keeps for %v", did, test.keeper.retention)
			}
			if err != nil {
				return
			}
			writes := test.keeper.writes + test.attribute.added
			if again, err := setup(context.Background(), &test.keeper, &test.attribute, o); err != nil || len(again) != 0 || test.keeper.writes+test.attribute.added != writes {
				t.Errorf("the second time it did %q, %v", again, err)
			}
		})
	}
	if !slices.Equal(names(map[string]enums.IndexedValueType{"b": 1, "a": 1}), []string{"a", "b"}) {
		t.Error("names in no order")
	}
}
