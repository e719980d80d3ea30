package workflows_test

import (
	"testing"
	"time"

	"uplift/upgrade"
)

// An update that does not fit the stage is refused, naming the stage.
func TestUpdatesInTheWrongStage(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	l.signsIn()
	wrong := map[string]*answer{}
	l.before("AwaitProvisioning", func() {
		for name, input := range map[string]object{
			upgrade.UpdateStartAuthentication: {}, upgrade.UpdateConfirm: {"digest": "x"}, upgrade.UpdateResend: {}, upgrade.UpdateRevoke: {},
		} {
			wrong[name] = l.update(name, input)
		}
		wrong[upgrade.UpdateResolve] = l.update(upgrade.UpdateResolve, object{"answer": "retry"})
	})
	l.ends(l.run(), upgrade.Completed)
	for name, a := range wrong {
		code := "wrong_stage"
		if name == upgrade.UpdateResolve {
			code = "not_parked"
		}
		a.refused(code, "changing")
	}
	if len(wrong) != 5 {
		t.Errorf("%d updates were sent", len(wrong))
	}
}

func TestMalformedUpdates(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.resize(10, 15)
	bad := map[string]*answer{}
	l.after(time.Hour, func() {
		bad["malformed_json"] = l.updateRaw(upgrade.UpdateResend, jsonPayload(`{"by":`))
		bad["unknown_field"] = l.updateRaw(upgrade.UpdateResend, jsonPayload(`{"bye":"x"}`))
		bad["not_an_object"] = l.updateRaw(upgrade.UpdateRevoke, jsonPayload(`["x"]`))
		bad["wrong_type"] = l.updateRaw(upgrade.UpdateStartAuthentication, jsonPayload(`{"invitation":"one"}`))
		bad["bad_invitation"] = l.updateRaw(upgrade.UpdateStartAuthentication, jsonPayload(`{"invitation":-1}`))
		bad["unreadable_input"] = l.updateRaw(upgrade.UpdateCancel, payload("binary/encrypted", "\x00"))
		bad["no_digest"] = l.updateRaw(upgrade.UpdateConfirm, jsonPayload(`{}`))
		bad["unknown_value"] = l.updateRaw(upgrade.UpdateResolve, jsonPayload(`{"answer":"perhaps"}`))
	})
	l.ends(l.run(), upgrade.Expired)
	for code, a := range bad {
		a.refused(code)
	}
	if len(bad) != 8 {
		t.Errorf("%d updates were sent", len(bad))
	}
}

// Updates without any input are updates with an empty one.
func TestUpdatesWithoutInput(t *testing.T) {
	t.Parallel()
	for name, input := range map[string][]any{"nothing": nil, "null": {payload("binary/null", "")}, "JSON null": {jsonPayload("null")}, "nil": {nil}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.resize(10, 15)
			var resend, code, cancel *answer
			l.after(time.Hour, func() { resend = l.updateRaw(upgrade.UpdateResend, input...) })
			l.after(2*time.Hour, func() { code = l.updateRaw(upgrade.UpdateStartAuthentication, input...) })
			l.after(3*time.Hour, func() { cancel = l.updateRaw(upgrade.UpdateCancel, input...) })
			l.ends(l.run(), upgrade.Cancelled)
			resend.well(nil)
			code.well(nil)
			cancel.well(nil)
		})
	}
}
