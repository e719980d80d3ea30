package temporalclient_test

import (
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"uplift/upgrade"
)

func TestLookAtCustomer(t *testing.T) {
	const tenant = "11111111-2222-3333-4444-555555555555"
	f, u := newFake()
	f.answers = map[string]any{upgrade.LookAtCustomerWorkflow: upgrade.CustomerView{Customer: upgrade.Customer{Name: "Contoso"}, Problems: upgrade.Problems{{Path: "used"}}}}
	view, err := u.LookAtCustomer(t.Context(), tenant)
	if err != nil || view.Customer.Name != "Contoso" || len(view.Problems) != 1 {
		t.Errorf("%+v, %v", view, err)
	}
	var asked upgrade.CustomerAsked
	if err := f.convert.FromPayload(f.inputs[0], &asked); err != nil || asked.Tenant != tenant {
		t.Errorf("%+v was asked, %v", asked, err)
	}
	wire := temporal.GetDefaultFailureConverter() // its details are encoded, as they come from the server
	f.answers[upgrade.LookAtCustomerWorkflow] = wire.FailureToError(wire.ErrorToFailure(
		temporal.NewApplicationError("nobody", string(upgrade.NotFound), map[string]string{"code": "unknown_customer"})))
	_, err = u.LookAtCustomer(t.Context(), tenant)
	want(t, err, upgrade.NotFound, "unknown_customer")
}

// TestTakeInventory: one is taken at a time, under one id.
func TestTakeInventory(t *testing.T) {
	f, u := newFake()
	f.answers = map[string]any{upgrade.TakeInventoryWorkflow: upgrade.Inventory{}}
	if err := u.TakeInventory(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o := f.starts[0]; o.ID != "inventory" || o.TaskQueue != upgrade.TaskQueue || o.WorkflowIDConflictPolicy != enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING {
		t.Errorf("%+v", o)
	}
	f.startError = serviceerror.NewWorkflowExecutionAlreadyStarted("it runs", "", "")
	if err := u.TakeInventory(t.Context()); err != nil {
		t.Errorf("one that runs already: %v", err)
	}
	f.startError = serviceerror.NewUnavailable("gone")
	want(t, u.TakeInventory(t.Context()), upgrade.Transient, "temporal_unreachable")
}
