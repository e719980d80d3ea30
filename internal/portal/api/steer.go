package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

// ReasonBody is the body of what needs no more than a reason.
type ReasonBody struct {
	Reason string `json:"reason,omitempty" maxLength:"1000" doc:"Why, in words; it is written down with who asked."`
}

type reasonInput struct {
	PathID
	Body *ReasonBody
}

func (in *reasonInput) reason() string {
	if in.Body == nil {
		return ""
	}
	return in.Body.Reason
}

// confirmBody is the body of a confirmation.
type confirmBody struct {
	ReasonBody
	Digest string `json:"digest" maxLength:"200" doc:"The digest of the plan that was read. Another plan than the present one is refused (409, stale_plan)."`
	Seats  int    `json:"seats,omitempty" minimum:"0" maximum:"100000" doc:"Another number of seats than the plan's: the plan is then made anew and waits once more."`
}

// approveBody is the body of a second person's word.
type approveBody struct {
	ReasonBody
	Digest string `json:"digest" maxLength:"200" doc:"The digest of the plan that was read."`
}

// resolveBody is the body of an answer to a parked upgrade.
type resolveBody struct {
	ReasonBody
	Answer string `json:"answer" enum:"retry,skip,undo,abandon" doc:"One of those that the upgrade lists under parked.answers."`
}

type bodyInput[T any] struct {
	PathID
	Body T
}

const steerPath = "/v1/upgrades/{id}/"

func decision(name, path, summary, words string) huma.Operation {
	return huma.Operation{OperationID: name, Method: http.MethodPost, Path: steerPath + path, Tags: []string{"Decisions"}, Summary: summary,
		Description: words + " What does not fit the upgrade's stage is refused with the reason, 409."}
}

func (s *server) steering() {
	add(s, decision("cancelUpgrade", "cancel", "Cancel an upgrade", "What was done is undone; after the point of no return a cancel is refused. The answer says what will happen."),
		deciders, func(ctx context.Context, who access.Who, in *reasonInput) (*body[upgrade.Reply], error) {
			return answer(s.Desk.Cancel(ctx, who, in.ID, in.reason()))
		})
	add(s, decision("confirmUpgrade", "confirm", "Confirm the plan", "Where the order says finish confirm, or the plan has changed since it was agreed to."),
		deciders, func(ctx context.Context, who access.Who, in *bodyInput[confirmBody]) (*body[upgrade.Reply], error) {
			return answer(s.Desk.Confirm(ctx, who, in.ID, upgrade.Confirm{Request: upgrade.Request{Reason: in.Body.Reason}, Digest: in.Body.Digest, Seats: in.Body.Seats}))
		})
	add(s, decision("approveUpgrade", "approve", "Approve, as a second person, a plan above the provider's limit", "Refused to whoever placed or confirmed the order."),
		seconds, func(ctx context.Context, who access.Who, in *bodyInput[approveBody]) (*body[upgrade.Reply], error) {
			return answer(s.Desk.Approve(ctx, who, in.ID, upgrade.Approve{Request: upgrade.Request{Reason: in.Body.Reason}, Digest: in.Body.Digest}))
		})
	add(s, decision("resendInvitation", "resend", "Send the invitation again", "The earlier link is void, the deadline stays. The answer carries the new link, which opens the consent page to whoever has it."),
		inviters, func(ctx context.Context, who access.Who, in *reasonInput) (*body[upgrade.Reply], error) {
			return answer(s.Desk.Resend(ctx, who, in.ID, in.reason()))
		})
	add(s, decision("revokeInvitation", "revoke", "Void the invitation and end the upgrade", "Nothing was changed by then."),
		deciders, func(ctx context.Context, who access.Who, in *reasonInput) (*body[upgrade.Reply], error) {
			return answer(s.Desk.Revoke(ctx, who, in.ID, in.reason()))
		})
	add(s, decision("resolveUpgrade", "resolve", "Answer a parked upgrade", "The upgrade says under parked why it waits and what may be answered."),
		deciders, func(ctx context.Context, who access.Who, in *bodyInput[resolveBody]) (*body[upgrade.Reply], error) {
			return answer(s.Desk.Resolve(ctx, who, in.ID, upgrade.Resolve{Request: upgrade.Request{Reason: in.Body.Reason}, Answer: upgrade.Answer(in.Body.Answer)}))
		})
	retry := decision("retryOrder", "retry", "Run an ended order again", "A further attempt, after an end that changed nothing.")
	retry.DefaultStatus = http.StatusCreated
	add(s, retry, deciders, func(ctx context.Context, who access.Who, in *PathID) (*body[upgrade.Started], error) {
		return answer(s.Desk.RunAgain(ctx, who, in.ID))
	})
}
