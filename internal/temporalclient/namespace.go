package temporalclient

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"go.temporal.io/api/enums/v1"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	"uplift/upgrade"
)

// MinRetention is how long a namespace should keep closed upgrades: an engineer who comes back from holidays still finds
// the history of what went wrong. The register keeps what must not be forgotten.
const MinRetention = 30 * 24 * time.Hour

// namespaces is the part of Temporal's workflow service that is needed here.
type namespaces interface {
	DescribeNamespace(context.Context, *workflowservice.DescribeNamespaceRequest, ...grpc.CallOption) (*workflowservice.DescribeNamespaceResponse, error)
	RegisterNamespace(context.Context, *workflowservice.RegisterNamespaceRequest, ...grpc.CallOption) (*workflowservice.RegisterNamespaceResponse, error)
	UpdateNamespace(context.Context, *workflowservice.UpdateNamespaceRequest, ...grpc.CallOption) (*workflowservice.UpdateNamespaceResponse, error)
}

// Retention is how long a namespace keeps closed executions. Kind Act, code no_namespace: it does not exist.
func Retention(ctx context.Context, c client.Client, namespace string) (time.Duration, error) {
	return retention(ctx, c.WorkflowService(), namespace)
}

func retention(ctx context.Context, service namespaces, namespace string) (time.Duration, error) {
	answer, err := service.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
	if err != nil {
		return 0, namespaceError(err, "read", namespace)
	}
	return answer.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration(), nil
}

// namespaceError says what an answer about a namespace means, and which command somebody who may has to run.
func namespaceError(err error, verb, namespace string) error {
	switch code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.ResourceExhausted, codes.Aborted:
		return &upgrade.Error{Kind: upgrade.Transient, Code: "temporal_unavailable", Message: "Temporal did not answer about the namespace", Err: err}
	case codes.NotFound:
		return &upgrade.Error{Kind: upgrade.Act, Code: "no_namespace", Err: err, Message: fmt.Sprintf("the namespace %s does not exist", namespace)}
	case codes.PermissionDenied, codes.Unauthenticated, codes.Unimplemented:
		return &upgrade.Error{Kind: upgrade.Act, Code: "namespace_denied", Err: err, Message: fmt.Sprintf("Temporal does not let us %s the namespace %s", verb, namespace)}
	}
	return &upgrade.Error{Kind: upgrade.Act, Code: "namespace", Err: err, Message: fmt.Sprintf("Temporal did not %s the namespace %s", verb, namespace)}
}

// CompareSearchAttributes looks which of the attributes a namespace lacks, and which it has with another type. It adds
// nothing.
func CompareSearchAttributes(ctx context.Context, c client.Client, namespace string, keys ...temporal.SearchAttributeKey) (missing, wrong []string, err error) {
	lacks, differs, err := difference(ctx, c.OperatorService(), namespace, keys)
	return names(lacks), names(differs), err
}

func names(of map[string]enums.IndexedValueType) []string {
	var all []string
	for name := range of {
		all = append(all, name)
	}
	sort.Strings(all)
	return all
}

// Pollers counts the processes that have asked a task queue for work in the last minutes.
func Pollers(ctx context.Context, c client.Client, queue string) (workflows, activities int, err error) {
	for _, one := range []struct {
		kind  enums.TaskQueueType
		count *int
	}{{enums.TASK_QUEUE_TYPE_WORKFLOW, &workflows}, {enums.TASK_QUEUE_TYPE_ACTIVITY, &activities}} {
		answer, err := c.DescribeTaskQueue(ctx, queue, one.kind)
		if err != nil {
			return 0, 0, namespaceError(err, "look at the task queue of", "")
		}
		*one.count = len(answer.GetPollers())
	}
	return workflows, activities, nil
}

// SetupOptions say what Setup makes.
type SetupOptions struct {
	Namespace string
	// Create makes a namespace that does not exist; without it that is an error.
	Create bool
	// Retention is the least that the namespace shall keep; a longer one is left alone. Zero is MinRetention.
	Retention  time.Duration
	Attributes []temporal.SearchAttributeKey
}

// Setup brings a namespace to what Uplift needs: its retention and its search attributes. It returns what it did, in
// sentences; nothing where nothing was to do. Run twice, it does nothing the second time. Kind Act: it may not, and the
// message says what somebody who may has to run; what it had done before stands in the list.
func Setup(ctx context.Context, c client.Client, o SetupOptions) (did []string, err error) {
	return setup(ctx, c.WorkflowService(), c.OperatorService(), o)
}

func setup(ctx context.Context, service namespaces, attributes operator, o SetupOptions) (did []string, err error) {
	if o.Retention == 0 {
		o.Retention = MinRetention
	}
	has, err := retention(ctx, service, o.Namespace)
	switch {
	case upgrade.CodeOf(err) == "no_namespace" && o.Create:
		if err := makeNamespace(ctx, service, o); err != nil {
			return nil, err
		}
		did = append(did, fmt.Sprintf("made the namespace %s, which keeps closed executions for %s", o.Namespace, days(o.Retention)))
	case upgrade.CodeOf(err) == "no_namespace":
		return nil, &upgrade.Error{Kind: upgrade.Act, Code: "no_namespace", Err: err, Message: fmt.Sprintf(
			"the namespace %s does not exist; add -create, or have somebody who may run: temporal operator namespace create --namespace %[1]s --retention %[2]s"+
				" (Temporal Cloud: its web pages, or tcld namespace create)", o.Namespace, days(o.Retention))}
	case err != nil:
		return nil, err
	case has < o.Retention:
		if err := keepLonger(ctx, service, o); err != nil {
			return nil, err
		}
		did = append(did, fmt.Sprintf("the namespace %s keeps closed executions for %s, no longer %s", o.Namespace, days(o.Retention), days(has)))
	}
	added, err := addAttributes(ctx, attributes, o)
	for _, name := range added {
		did = append(did, "added the search attribute "+name)
	}
	return did, err
}

func makeNamespace(ctx context.Context, service namespaces, o SetupOptions) error {
	_, err := service.RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{Namespace: o.Namespace,
		Description: "Uplift", WorkflowExecutionRetentionPeriod: durationpb.New(o.Retention)})
	if err == nil || code(err) == codes.AlreadyExists {
		return nil
	}
	e := namespaceError(err, "make", o.Namespace)
	return explain(e, fmt.Sprintf("temporal operator namespace create --namespace %s --retention %s", o.Namespace, days(o.Retention)),
		"its web pages, or tcld namespace create")
}

func keepLonger(ctx context.Context, service namespaces, o SetupOptions) error {
	_, err := service.UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{Namespace: o.Namespace,
		Config: &namespacepb.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(o.Retention)}})
	if err == nil {
		return nil
	}
	e := namespaceError(err, "change", o.Namespace)
	return explain(e, fmt.Sprintf("temporal operator namespace update --namespace %s --retention %s", o.Namespace, days(o.Retention)),
		fmt.Sprintf("tcld namespace retention set --namespace %s --retention-days %d", o.Namespace, int(o.Retention.Hours()/24)))
}

// explain adds to a refusal what to run where we may not.
func explain(err error, command, cloud string) error {
	var e *upgrade.Error
	if !errors.As(err, &e) || e.Kind != upgrade.Act {
		return err
	}
	return &upgrade.Error{Kind: e.Kind, Code: e.Code, Err: e.Err,
		Message: fmt.Sprintf("%s; somebody who may has to run: %s (Temporal Cloud: %s)", e.Message, command, cloud)}
}

// spread is how long a namespace that was just made may be unknown to other parts of the server.
const spread = 30 * time.Second

// addAttributes is EnsureSearchAttributes, with a list of what was missing.
func addAttributes(ctx context.Context, service operator, o SetupOptions) (added []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, spread)
	defer cancel()
	for {
		var lacks map[string]enums.IndexedValueType
		lacks, err = compare(ctx, service, o.Namespace, o.Attributes)
		if err == nil {
			err = ensure(ctx, service, o.Namespace, o.Attributes)
			added = names(lacks)
		}
		if upgrade.CodeOf(err) != "no_namespace" {
			break
		}
		select {
		case <-time.After(again):
			continue
		case <-ctx.Done():
		}
		break
	}
	if e := (*upgrade.Error)(nil); errors.As(err, &e) && e.Code == "search_attributes" {
		err = &upgrade.Error{Kind: e.Kind, Code: e.Code, Err: e.Err, Message: e.Message + " (Temporal Cloud: tcld namespace search-attributes add)"}
	}
	if err != nil {
		return nil, err
	}
	return added, nil
}

func days(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%dd", int(d.Hours()/24))
	}
	return d.String()
}
