package upgrade_test

import (
	"slices"
	"testing"

	"uplift/upgrade"
)

// The customer reads their own sentences, each once, and nothing that was meant for somebody else.
func TestProblemsForCustomer(t *testing.T) {
	got := upgrade.Problems{
		{Code: "a", Path: "x", Message: "jargon", Remedy: "more jargon", Customer: "plain", Billing: "money"},
		{Code: "b", Message: "other jargon", Customer: "plain"},
		{Code: "c", Message: "for everybody", Remedy: "do it", Billing: "money"},
		{Code: "cancelled", Message: "cancelled by Olga: they do not pay", Customer: "x"},
	}.ForCustomer()
	want := upgrade.Problems{
		{Code: "a", Message: "plain"},
		{Code: "c", Message: "for everybody", Remedy: "do it"},
		{Code: "cancelled", Message: "Your provider has withdrawn the change."},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	if none := (upgrade.Problems)(nil).ForCustomer(); none != nil {
		t.Errorf("of nothing: %+v", none)
	}
}
