package upgrade_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"uplift/upgrade"
)

// TestWireNames pins what stands in histories, in billing systems and in operators' scripts. Who changes a literal here
// migrates all three.
func TestWireNames(t *testing.T) {
	for got, want := range map[string]string{
		upgrade.UpgradeWorkflow: "UpgradeCustomerWorkflow", upgrade.PlanWorkflow: "PlanUpgradeWorkflow", upgrade.PruneWorkflow: "PruneRegisterWorkflow", upgrade.WatchPartnerWorkflow: "WatchPartnerWorkflow", upgrade.StorePricesWorkflow: "StorePricesWorkflow", upgrade.ReadPricesWorkflow: "ReadPricesWorkflow", upgrade.PostLetterWorkflow: "PostLetterWorkflow", upgrade.TaskQueue: "uplift",
		upgrade.WorkflowIDPrefix: "upgrade/", upgrade.WorkflowID("A-1"): "upgrade/A-1",
		upgrade.SignalConsent: "consent", upgrade.UpdateStartAuthentication: "startAuthentication", upgrade.UpdateConfirm: "confirm",
		upgrade.UpdateCancel: "cancel", upgrade.UpdateResend: "resend", upgrade.UpdateRevoke: "revoke", upgrade.UpdateResolve: "resolve",
		upgrade.TurnGateWorkflow: "TurnGateWorkflow", upgrade.TurnGateID: "uplift/turn-gate", upgrade.SignalTurn: "turn", upgrade.SignalTurnGiven: "turnGiven",
		upgrade.UpdateSetSlots: "setSlots", upgrade.QueryTurns: "turns",
		upgrade.NotifyWorkflow: "NotifyBillingWorkflow", upgrade.CallbacksWorkflow: "ReadCallbacksWorkflow", upgrade.SignalCallback: "callback", upgrade.SignalReplay: "replay", upgrade.NotifyID("A-1#2"): "callbacks/A-1#2",
		upgrade.CallbackID("A-1#1", 3): "msg_6e9e5e27-d8a5-5e76-9a87-0d8d64d11f4d",
		upgrade.QueryStatus:            "status", upgrade.QueryPlan: "plan",
		upgrade.AttributeStage: "UpliftStage", upgrade.AttributeOrder: "UpliftOrder", upgrade.AttributeCustomerTenant: "UpliftCustomerTenant",
		upgrade.AttributeSourceOffer: "UpliftSourceOffer", upgrade.AttributeTargetOffer: "UpliftTargetOffer", upgrade.AttributeBatch: "UpliftBatch", upgrade.AttributeEnd: "UpliftEnd",
		upgrade.AttributeNeedsOperator: "UpliftNeedsOperator", upgrade.AttributeConsentDeadline: "UpliftConsentDeadline",
		upgrade.LookAtCustomerWorkflow: "LookAtCustomerWorkflow", upgrade.TakeInventoryWorkflow: "TakeInventoryWorkflow", upgrade.InventoryWorkflowID: "inventory",
		upgrade.AttributeReseller: "UpliftReseller",
		upgrade.BatchWorkflow:     "UpgradeBatchWorkflow", upgrade.BatchPageWorkflow: "UpgradeBatchPageWorkflow", upgrade.PlanBatchPageWorkflow: "PlanBatchPageWorkflow",
		upgrade.StoreBatchWorkflow: "StoreBatchWorkflow", upgrade.ReadBatchWorkflow: "ReadBatchWorkflow", upgrade.BatchID("spring"): "batch/spring",
		upgrade.BatchPageID("spring", "run", 2): "batch/spring/run/page-2", upgrade.BatchRowID("spring", 7): "spring-00007",
		upgrade.UpdateStartBatch: "start", upgrade.UpdateCancelBatch + " ": "cancel ", upgrade.UpdatePauseBatch: "pause", upgrade.UpdateResumeBatch: "resume", upgrade.UpdateBatchAgain: "again",
		upgrade.SignalRow: "row", upgrade.SignalPage: "page", upgrade.SignalSteer: "steer",
	} {
		if got != want {
			t.Errorf("%q is on the wire; it became %q", want, got)
		}
	}
	words := fmt.Sprintln(upgrade.Granted, upgrade.DeclinedDecision, upgrade.DeviceCode, upgrade.AdminConsent, upgrade.Existing,
		upgrade.Retry, upgrade.Skip, upgrade.UndoIt, upgrade.Abandon, upgrade.ByMail, upgrade.ByLink, upgrade.ByExisting, upgrade.ByGDAP, upgrade.ByPartner,
		upgrade.Holders, upgrade.Listed, upgrade.Grouped, upgrade.FromCSV, upgrade.Nobody, upgrade.FinishAutomatic, upgrade.FinishConfirm,
		upgrade.Urgent, upgrade.Normal, upgrade.Bulk, upgrade.RefuseResidue, upgrade.ResidueAtRenewal, upgrade.ReportUsers, upgrade.UndoUsers,
		upgrade.Resize, upgrade.Transit, upgrade.Replace, upgrade.Buy, upgrade.Release, upgrade.AtRenewal, upgrade.AssignOnly, upgrade.TransitionOnly, upgrade.TransitionWithLicenses)
	const want = "granted declined device_code admin_consent existing retry skip undo abandon mail link existing gdap partner_preconsent" +
		" holders users group file nobody automatic confirm urgent normal bulk refuse at-renewal report undo" +
		" resize transition replace buy release at_renewal assign transition_only transition_with_license_transfer"
	if words != want+"\n" {
		t.Errorf("the words on the wire became\n%s", words)
	}
}

func TestStagesAndEnds(t *testing.T) {
	stages := fmt.Sprintln(upgrade.Stages(), upgrade.Scheduled, upgrade.Undoing)
	if stages != "[planning invited consented checking confirming queued changing scheduled assigning settling notifying ended] scheduled undoing\n" {
		t.Errorf("the stages became %s", stages)
	}
	for _, c := range []struct {
		end           upgrade.End
		wire, words   string
		good, nothing bool
	}{
		{upgrade.Completed, "completed", "completed", true, false},
		{upgrade.CompletedWithResidue, "completed_with_residue", "completed, with seats that stay until renewal", true, false},
		{upgrade.CompletedWithExceptions, "completed_with_exceptions", "completed with exceptions", true, false},
		{upgrade.Declined, "declined", "declined", false, true},
		{upgrade.Expired, "expired", "expired", false, true},
		{upgrade.Cancelled, "cancelled", "cancelled", false, true},
		{upgrade.Ineligible, "ineligible", "ineligible", false, true},
		{upgrade.FailedUndone, "failed_undone", "failed, undone", false, true},
		{upgrade.Abandoned, "abandoned", "abandoned", false, false},
		{upgrade.Duplicate, "duplicate", "duplicate", false, false},
		{upgrade.RefusedOrder, "refused", "refused", false, false},
	} {
		if string(c.end) != c.wire || c.end.Words() != c.words || c.end.Succeeded() != c.good || c.end.ChangedNothing() != c.nothing {
			t.Errorf("%q: words %q, succeeded %t, changed nothing %t", c.end, c.end.Words(), c.end.Succeeded(), c.end.ChangedNothing())
		}
	}
}

// TestIDs pins the derivation: an id that changes with a release is a write that is made twice.
func TestIDs(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{upgrade.UUID(), "87666f2d-09f8-5a21-897a-9d605ee6803e"},
		{upgrade.UUID("A-1#1"), "4a4f6cd1-ee74-54b7-8425-468dae04fb2d"},
		{upgrade.WriteIDOf("A-1#1", "transition", 0).Request, "1d317103-f296-530a-9ef7-0a6a3a9f517a"},
		{upgrade.WriteIDOf("A-1#1", "transition", 0).Correlation, "4a4f6cd1-ee74-54b7-8425-468dae04fb2d"},
		{upgrade.WriteIDOf("A-1#1", "transition", 1).Request, "eff217f4-c89f-5463-b9fe-f5db6d881827"},
	} {
		if c.got != c.want || !upgrade.IsGUID(c.got) || c.got[14] != '5' {
			t.Errorf("%s became %s", c.want, c.got)
		}
	}
	if upgrade.UUID("a", "bc") == upgrade.UUID("ab", "c") {
		t.Error("parts run into each other")
	}
	seen := map[string]string{}
	for _, up := range []string{"A-1#1", "A-1#2", "A-2#1"} {
		for _, step := range []string{"raise", "lower", "undo-raise"} {
			for epoch := range 3 {
				name, id := fmt.Sprint(up, step, epoch), upgrade.WriteIDOf(up, step, epoch)
				if other := seen[id.Request]; other != "" {
					t.Errorf("%s and %s are one write", name, other)
				}
				seen[id.Request] = name
				if id.Correlation != upgrade.WriteIDOf(up, "another", 7).Correlation {
					t.Errorf("the writes of %s do not belong together", up)
				}
			}
		}
	}
	for s, want := range map[string]bool{tenant: true, strings.ToUpper(tenant): false, tenant + "\n": false, "{" + tenant + "}": false, "": false, tenant[1:]: false} {
		if upgrade.IsGUID(s) != want {
			t.Errorf("IsGUID(%q) is %t", s, !want)
		}
	}
}

// TestSecret: there is no way of printing that shows a secret, in whole, in part or by its length. (%p and %w of what is
// neither pointer nor error are vet's to refuse: fmt asks no method there.)
func TestSecret(t *testing.T) {
	const text = "hunter2-hunter2"
	s := upgrade.Secret(text)
	if s.Reveal() != text {
		t.Error("Reveal does not give the secret")
	}
	type holder struct {
		Name  string
		Token upgrade.Secret
		More  []upgrade.Secret
		By    map[string]upgrade.Secret
		Ptr   *upgrade.Secret
	}
	h := holder{"n", s, []upgrade.Secret{s}, map[string]upgrade.Secret{"k": s}, &s}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%c", "%U", "%e", "%b", "%o", "%20s", "%.3s", "%-5q", "%z"} {
		alone := fmt.Sprintf(verb, s)
		if strings.Trim(alone, `"`) != "[redacted]" {
			t.Errorf("%s prints %s", verb, alone)
		}
		fmt.Fprintf(&out, verb+verb+verb+verb, h, &h, []any{s, &s}, fmt.Errorf("wrapped: "+verb, s))
	}
	fmt.Fprintln(&out, s, &s, h, s.String(), s.GoString())
	for _, handler := range []func(w io.Writer) slog.Handler{
		func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) }, func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		l := slog.New(handler(&out)).With("with", s)
		l.Info("message", "secret", s, "holder", h, "group", slog.GroupValue(slog.Any("inside", s)), "error", fmt.Errorf("%v", s))
	}
	if err := json.NewEncoder(&out).Encode([]any{h, s}); err != nil {
		t.Fatal(err)
	}
	if err := xml.NewEncoder(&out).Encode(h.More); err != nil {
		t.Fatal(err)
	}
	for _, leak := range []string{text, "hunter", fmt.Sprintf("%x", text), fmt.Sprintf("%X", text), fmt.Sprintf("%x", "hunter")} {
		if i := strings.Index(out.String(), leak); i >= 0 {
			t.Errorf("%q shows after\n%s", leak, out.String()[max(0, i-100):i])
		}
	}
	if !strings.Contains(out.String(), "[redacted]") {
		t.Error("nothing was printed at all")
	}
}

func TestError(t *testing.T) {
	cause := errors.New("cause")
	for _, c := range []struct {
		err  upgrade.Error
		want string
	}{
		{upgrade.Error{Kind: upgrade.Refused}, "refused"},
		{upgrade.Error{Kind: upgrade.Refused, Code: "800090", Message: "no seats", Correlation: "c"}, "refused 800090: no seats"},
		{upgrade.Error{Kind: upgrade.Transient, Message: "broken", Err: cause}, "transient: broken: cause"},
		{upgrade.Error{Kind: upgrade.Act, Code: "AADSTS65001", Err: cause}, "act AADSTS65001: cause"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("%q, not %q", got, c.want)
		}
	}
	wrapped := fmt.Errorf("reading: %w", &upgrade.Error{Kind: upgrade.Throttled, Code: "429", RetryAfter: time.Second, Err: cause})
	if upgrade.KindOf(wrapped) != upgrade.Throttled || upgrade.CodeOf(wrapped) != "429" || !errors.Is(wrapped, cause) {
		t.Errorf("a wrapped error lost its kind, its code or its cause: %v", wrapped)
	}
	for _, err := range []error{nil, cause} {
		if upgrade.KindOf(err) != upgrade.Unknown || upgrade.CodeOf(err) != "" {
			t.Errorf("%v has the kind %s", err, upgrade.KindOf(err))
		}
	}
	retried := []upgrade.Kind{upgrade.Transient, upgrade.Throttled, upgrade.Waiting, upgrade.Ambiguous}
	for _, k := range []upgrade.Kind{upgrade.Transient, upgrade.Throttled, upgrade.Waiting, upgrade.Ambiguous, upgrade.Act, upgrade.Refused,
		upgrade.NotFound, upgrade.Conflict, upgrade.GrantLost, upgrade.Invalid, upgrade.Unknown, "new"} {
		if k.Retryable() != slices.Contains(retried, k) {
			t.Errorf("%s: retryable %t", k, k.Retryable())
		}
	}
}

func TestProblems(t *testing.T) {
	var ps upgrade.Problems
	if ps.Err() != nil || ps.Has("a") {
		t.Error("no problems are an error")
	}
	ps.Add("x[0].y", "a", "one", "do")
	ps.Add("", "b", "two", "")
	if ps.Err() == nil || ps.Error() != "x[0].y: one [a] → do\ntwo [b]" || !ps.Has("b") || ps.Has("c") {
		t.Errorf("%v", ps)
	}
}

func TestReturnableAt(t *testing.T) {
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	s := upgrade.Subscription{Refundable: []upgrade.SeatBlock{
		{Seats: 5, Until: now.Add(48 * time.Hour)}, {Seats: 3, Until: now.Add(time.Hour)}, {Seats: 100, Until: now}, {Seats: 7, Until: now.Add(-time.Hour)},
	}}
	if seats, until := s.ReturnableAt(now); seats != 8 || !until.Equal(now.Add(time.Hour)) {
		t.Errorf("%d seats until %v", seats, until)
	}
	if seats, until := s.ReturnableAt(now.Add(48 * time.Hour)); seats != 0 || !until.IsZero() {
		t.Errorf("after every window: %d seats until %v", seats, until)
	}
}

func TestLookups(t *testing.T) {
	u := upgrade.User{
		Licenses: []upgrade.License{{SKUID: "a"}, {SKUID: "b", DisabledPlans: []string{"p"}}},
		States:   []upgrade.LicenseState{{SKUID: "a"}, {SKUID: "b"}, {SKUID: "b", ByGroup: "g"}},
	}
	if l, ok := u.License("b"); !ok || len(l.DisabledPlans) != 1 || u.Group("a") != "" || u.Group("b") != "g" {
		t.Errorf("%+v", u)
	}
	if _, ok := u.License("c"); ok {
		t.Error("a licence that the user does not hold")
	}
	target := upgrade.TransitionTarget{Types: []upgrade.TransitionChoice{{Type: upgrade.TransitionOnly, Eligible: true}}}
	if !target.Choice(upgrade.TransitionOnly).Eligible || target.Choice(upgrade.TransitionWithLicenses).Eligible {
		t.Errorf("%+v", target)
	}
	offer, product, sku := upgrade.Step{Work: upgrade.Transit, Offer: "a", ToOffer: "b", ProductSKU: "c", ToProductSKU: "d", SKU: "e", ToSKU: "f"}.HoldsAfter()
	if offer+product+sku != "bdf" {
		t.Errorf("after a transition: %s %s %s", offer, product, sku)
	}
	offer, product, sku = upgrade.Step{Work: upgrade.Resize, Offer: "a", ProductSKU: "c", SKU: "e"}.HoldsAfter()
	if offer+product+sku != "ace" {
		t.Errorf("after a resize: %s %s %s", offer, product, sku)
	}
	if (upgrade.Step{Work: upgrade.Transit}).Reversible() || !(upgrade.Step{Work: upgrade.Resize}).Reversible() {
		t.Error("a transition cannot be undone, a resize can")
	}
}
