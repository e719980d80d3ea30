package main

import (
	"context"
	"slices"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"
	"google.golang.org/protobuf/types/known/durationpb"

	"uplift/internal/config"
	"uplift/internal/service"
	"uplift/internal/sim"
	"uplift/upgrade"
)

// verdicts are what the doctor says of a check, by its name.
func verdicts(ctx context.Context, s *config.Settings, customers ...string) (all map[string]string, notOK []string) {
	all = map[string]string{}
	for _, f := range service.Examine(ctx, service.DoctorOptions{Settings: s, Customers: customers, Log: zap.NewNop()}).Findings {
		all[f.Check] = string(f.Verdict) + " " + f.Says
		if f.Verdict != "ok" && f.Verdict != "skipped" {
			notOK = append(notOK, f.Check)
		}
	}
	return all, notOK
}

// TestDoctor examines what this command starts: all is in order, but that nobody of the partner has signed in.
func TestDoctor(t *testing.T) {
	all, _ := launch(t)
	found, notOK := verdicts(patient(t), all.settings, sim.TailspinTenant)
	if !slices.Equal(notOK, []string{"partner sign-in"}) {
		t.Errorf("not in order: %q\n%v", notOK, found)
	}
}

// TestDoctorAndSetup breaks everything about Temporal in turn, on a real server. The doctor names each, and setup mends
// what it may, once.
func TestDoctorAndSetup(t *testing.T) {
	all, connection := launch(t)
	ctx := patient(t)
	namespaces, attributes := connection.Client.WorkflowService(), connection.Client.OperatorService()
	keep := func(days int) {
		t.Helper()
		if _, err := namespaces.UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{Namespace: "default",
			Config: &namespacepb.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(time.Duration(days) * 24 * time.Hour)}}); err != nil {
			t.Fatal(err)
		}
	}
	in := func(namespace string) *config.Settings {
		s := *all.settings
		s.TemporalNamespace = namespace
		return &s
	}
	want := func(s *config.Settings, check string) {
		t.Helper()
		// What a write changes shows a little later.
		var found map[string]string
		var notOK []string
		for range 60 {
			if found, notOK = verdicts(ctx, s); slices.Equal(notOK, []string{check, "partner sign-in"}) || check == "" && len(notOK) == 1 {
				return
			}
			time.Sleep(500 * time.Millisecond)
		}
		t.Errorf("not in order: %q, want %q\n%v", notOK, check, found)
	}
	setup := func(c client.Client, namespace string, create bool, least int) {
		t.Helper()
		did, err := service.Setup(ctx, c, namespace, create)
		if err != nil || len(did) < least {
			t.Errorf("setup of %s did %q: %v", namespace, did, err)
		}
		if again, err := service.Setup(ctx, c, namespace, create); err != nil || len(again) != 0 {
			t.Errorf("the second setup of %s did %q: %v", namespace, again, err)
		}
	}

	nowhere := *all.settings
	nowhere.TemporalAddress = "127.0.0.1:1"
	want(&nowhere, "Temporal")
	want(in("elsewhere"), "namespace")
	keep(3)
	want(in("default"), "retention")
	setup(connection.Client, "default", false, 1)
	want(in("default"), "")

	if _, err := service.Setup(ctx, connection.Client, "fresh", false); upgrade.CodeOf(err) != "no_namespace" {
		t.Errorf("without -create: %v", err)
	}
	setup(connection.Client, "fresh", true, 10)
	want(in("fresh"), "worker") // nobody works there, and all else is in order

	if _, err := attributes.RemoveSearchAttributes(ctx, &operatorservice.RemoveSearchAttributesRequest{Namespace: "default", SearchAttributes: []string{upgrade.AttributeBatch}}); err != nil {
		t.Fatal(err)
	}
	want(in("default"), "search attributes")
	if _, err := attributes.AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{Namespace: "default",
		SearchAttributes: map[string]enums.IndexedValueType{upgrade.AttributeBatch: enums.INDEXED_VALUE_TYPE_INT}}); err != nil {
		t.Fatal(err)
	}
	want(in("default"), "search attributes") // there, and of another type
	if _, err := service.Setup(ctx, connection.Client, "default", false); upgrade.CodeOf(err) != "search_attribute_type" {
		t.Errorf("setup of an attribute of another type: %v", err)
	}
}
