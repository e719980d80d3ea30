package api

import (
	_ "embed"
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"uplift/upgrade"
)

// descriptions are what package upgrade's own comments say of its types and fields; a test writes the file from the sources
// (go test -run Descriptions -update) and holds that it is up to date.
//
//go:embed descriptions.json
var descriptions []byte

// info is the head of the document.
func (s *server) info() *huma.Info {
	title := "Uplift"
	if s.Provider != "" {
		title = s.Provider + ": upgrades of Microsoft 365 subscriptions"
	}
	return &huma.Info{Title: title, Version: Version, Description: strings.Join([]string{
		"An order says which customer ends with which totals of seats. Uplift invites the customer's administrator, waits for the consent, changes the subscription, moves every user, and tells you.",
		"Order ids are idempotency keys: a request whose answer was lost is sent again as it is.",
		"Errors are problem details (RFC 9457) with a stable `code`. 503 and 429 carry Retry-After. Fields may be added to answers; none is renamed.",
		"Callbacks follow Standard Webhooks: verify webhook-signature before you believe one, and answer 2xx. They are told in order and at least once; `sequence` says which you have seen.",
	}, "\n\n")}
}

// closed are the bodies of requests: what they do not know is refused. Answers may grow.
var closed = []string{"ReasonBody", "ConfirmBody", "ApproveBody", "ResolveBody", "ReplayBody", "StartBody", "CancelBody", "AgainBody"}

// enums are the fields of answers, of all types or of one, that have a fixed set of words today.
var enums = map[string][]any{
	"stage": words(upgrade.Planning, upgrade.Invited, upgrade.Consented, upgrade.Checking, upgrade.Confirming, upgrade.Queued, upgrade.Scheduled, upgrade.Changing, upgrade.Assigning,
		upgrade.Settling, upgrade.Undoing, upgrade.Notifying, upgrade.Ended),
	"end": words(upgrade.Completed, upgrade.CompletedWithResidue, upgrade.CompletedWithExceptions, upgrade.Declined, upgrade.Expired, upgrade.Cancelled, upgrade.Ineligible,
		upgrade.FailedUndone, upgrade.Abandoned, upgrade.Duplicate, upgrade.RefusedOrder),
	"BatchLine.state": words(upgrade.RowPending, upgrade.RowRefused, upgrade.RowWaiting, upgrade.RowRunning, upgrade.RowCompleted, upgrade.RowFailed, upgrade.RowCancelled),
}

// inherited names the type of package upgrade whose fields a type of this package has, too.
var inherited = map[string]string{"Upgrade": "Status", "BatchLine": "BatchRow"}

func words[T ~string](all ...T) []any {
	out := make([]any, len(all))
	for i, one := range all {
		out[i] = string(one)
	}
	return out
}

// finish describes what huma cannot know, and takes out what nobody refers to.
func (s *server) finish() {
	doc := s.api.OpenAPI()
	doc.Components.Schemas.Schema(reflect.TypeFor[ProblemDetails](), true, "ProblemDetails")
	doc.Components.Schemas.Schema(reflect.TypeFor[upgrade.Callback](), true, "Callback")
	all := doc.Components.Schemas.Map()
	delete(all, "ErrorModel")
	delete(all, "ErrorDetail")
	// What look leaves out: whose turn it is, and the code that an administrator types.
	delete(all["Upgrade"].Properties, "turn")
	delete(all["Invitation"].Properties, "code")
	delete(all, "Turn")
	delete(all, "Authentication")
	said := map[string]string{}
	if err := json.Unmarshal(descriptions, &said); err != nil {
		panic(err) // it is part of the program, and a test reads it
	}
	for name, schema := range all {
		if schema.Description == "" {
			schema.Description = said[name]
		}
		if !slices.Contains(closed, name) && !strings.HasPrefix(name, "Order") {
			schema.AdditionalProperties = nil
		}
		for field, property := range schema.Properties {
			describe(name, field, property, schema, said)
		}
	}
	for path, name := range map[string]string{"/v1/upgrades": "Order", "/v1/plans": "Order", batches: "OrderBatch"} {
		doc.Paths[path].Post.RequestBody.Content["application/json"].Schema = &huma.Schema{Ref: "#/components/schemas/" + name}
	}
	again := func(words, name string) *huma.Response {
		return &huma.Response{Description: words, Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/" + name}}}}
	}
	doc.Paths["/v1/upgrades"].Post.Responses["200"] = again("The same order was placed before: the upgrade that it led to.", "Started")
	doc.Paths[batches].Post.Responses["200"] = again("The same batch was placed before.", "BatchStarted")
	doc.Paths[batchPath+"/result"].Get.Responses["200"] = &huma.Response{Description: "The file.", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}}}
	doc.Paths["/v1/upgrades/{id}"].Get.Responses["304"] = &huma.Response{Description: "Nothing is newer than the ETag given."}
	doc.Webhooks = map[string]*huma.PathItem{"callback": {Post: s.webhook()}}
}

// describe completes one field.
func describe(name, field string, property, of *huma.Schema, said map[string]string) {
	for _, words := range []string{said[name+"."+field], said[inherited[name]+"."+field], common[field]} {
		if property.Description == "" && property.Ref == "" {
			property.Description = words
		}
	}
	for _, words := range [][]any{enums[name+"."+field], enums[field]} {
		if words != nil && property.Type == huma.TypeString && property.Enum == nil {
			property.Enum = words
		}
	}
	if property.Type == huma.TypeArray && !slices.Contains(of.Required, field) {
		property.Nullable = false // what is empty is left out
	}
}

// webhook is what a receiver of callbacks has to answer.
func (s *server) webhook() *huma.Operation {
	header := func(name, words string) *huma.Param {
		return &huma.Param{Name: name, In: "header", Required: true, Description: words, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return &huma.Operation{
		OperationID: "receiveCallback", Summary: "A callback to your system", Tags: []string{"Callbacks"}, Security: []map[string][]string{},
		Description: "Sent to every destination that the provider has configured for you. Answer 2xx once you have kept it; anything else is tried again after 5 seconds, 5 minutes, " +
			"30 minutes, 2, 5, 10, 14, 20 and 24 hours. 410 ends it. Verify it before you believe it: https://www.standardwebhooks.com",
		Parameters: []*huma.Param{
			header("webhook-id", "The same at every attempt at one callback."),
			header("webhook-timestamp", "Of the attempt, in seconds since 1970. Refuse what is older than five minutes."),
			header("webhook-signature", "v1, and base64 of HMAC-SHA256 of id.timestamp.body under your secret; several, separated by blanks, while secrets are exchanged."),
		},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/Callback"}}}},
		Responses:   map[string]*huma.Response{"204": {Description: "Taken."}, "410": {Description: "No more of these, please."}},
	}
}
