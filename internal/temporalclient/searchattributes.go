package temporalclient

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"uplift/upgrade"
)

const (
	// settle is how long added attributes may take to be listed.
	settle = 15 * time.Second
	// again is the time between two looks.
	again = 200 * time.Millisecond
)

// operator is the part of Temporal's operator service that is needed here.
type operator interface {
	ListSearchAttributes(context.Context, *operatorservice.ListSearchAttributesRequest, ...grpc.CallOption) (*operatorservice.ListSearchAttributesResponse, error)
	AddSearchAttributes(context.Context, *operatorservice.AddSearchAttributesRequest, ...grpc.CallOption) (*operatorservice.AddSearchAttributesResponse, error)
}

// EnsureSearchAttributes makes the custom search attributes that keys describe exist in the namespace. A workflow that
// sets an attribute which the namespace lacks would fail its task again and again, so a worker calls this before it
// polls. What is missing is added; running it twice, or in two workers at once, adds nothing twice.
//
// When it may not look or add, or finds one with another type, the error is of kind Act and gives the command of the
// official CLI with which somebody who may can mend it.
func EnsureSearchAttributes(ctx context.Context, c client.Client, namespace string, keys ...temporal.SearchAttributeKey) error {
	return ensure(ctx, c.OperatorService(), namespace, keys)
}

func ensure(ctx context.Context, service operator, namespace string, keys []temporal.SearchAttributeKey) error {
	missing, err := compare(ctx, service, namespace, keys)
	if err != nil || len(missing) == 0 {
		return err
	}
	_, err = service.AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: missing,
	})
	// Another worker that started with us may have been faster; the look below decides.
	if err != nil && code(err) != codes.AlreadyExists {
		return classify(err, "add", namespace, missing)
	}
	ctx, cancel := context.WithTimeout(ctx, settle)
	defer cancel()
	for {
		missing, err = compare(ctx, service, namespace, keys)
		if err != nil || len(missing) == 0 {
			return err
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
			return &upgrade.Error{Kind: upgrade.Transient, Code: "search_attributes_pending", Err: ctx.Err(),
				Message: "the search attributes that were added are not listed yet"}
		}
	}
}

// compare returns what the namespace lacks.
func compare(ctx context.Context, service operator, namespace string, keys []temporal.SearchAttributeKey) (map[string]enums.IndexedValueType, error) {
	missing, wrong, err := difference(ctx, service, namespace, keys)
	if err != nil {
		return nil, err
	}
	if len(wrong) > 0 {
		return nil, &upgrade.Error{Kind: upgrade.Act, Code: "search_attribute_type", Message: fmt.Sprintf(
			"search attributes of the namespace %s have another type than Uplift's; remove them and add them again: %s && %s",
			namespace, command("remove --yes", namespace, wrong, false), command("create", namespace, wrong, true))}
	}
	return missing, nil
}

// difference returns what the namespace lacks, and what it has with another type, both with the types wanted.
func difference(ctx context.Context, service operator, namespace string, keys []temporal.SearchAttributeKey) (missing, wrong map[string]enums.IndexedValueType, err error) {
	wanted := map[string]enums.IndexedValueType{}
	for _, key := range keys {
		wanted[key.GetName()] = key.GetValueType()
	}
	answer, err := service.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return nil, nil, classify(err, "list", namespace, wanted)
	}
	missing, wrong = map[string]enums.IndexedValueType{}, map[string]enums.IndexedValueType{}
	for name, want := range wanted {
		switch have, ok := answer.GetCustomAttributes()[name]; {
		case !ok:
			missing[name] = want
		case have != want:
			wrong[name] = want
		}
	}
	return missing, wrong, nil
}

func classify(err error, verb, namespace string, attributes map[string]enums.IndexedValueType) error {
	switch code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.ResourceExhausted, codes.Aborted:
		return &upgrade.Error{Kind: upgrade.Transient, Code: "temporal_unavailable",
			Message: "Temporal did not answer about search attributes", Err: err}
	case codes.NotFound:
		return &upgrade.Error{Kind: upgrade.Act, Code: "no_namespace", Err: err, Message: fmt.Sprintf(
			"the namespace %s does not exist; somebody who may has to run: temporal operator namespace create --namespace %[1]s", namespace)}
	}
	return &upgrade.Error{Kind: upgrade.Act, Code: "search_attributes", Err: err, Message: fmt.Sprintf(
		"Uplift cannot %s the search attributes that it needs in the namespace %s; somebody who may has to run: %s",
		verb, namespace, command("create", namespace, attributes, true))}
}

func code(err error) codes.Code { return serviceerror.ToStatus(err).Code() }

// command is the official CLI's command, in an order that does not change from run to run.
func command(verb, namespace string, attributes map[string]enums.IndexedValueType, types bool) string {
	names := make([]string, 0, len(attributes))
	for name := range attributes {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	fmt.Fprintf(&b, "temporal operator search-attribute %s --namespace %s", verb, namespace)
	for _, name := range names {
		fmt.Fprintf(&b, " --name %s", name)
		if types {
			fmt.Fprintf(&b, " --type %s", attributes[name])
		}
	}
	return b.String()
}
