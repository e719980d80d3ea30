package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

const (
	batches   = "/v1/batches"
	batchPath = batches + "/{id}"
)

// PathBatch names a batch. It is exported as PathID is.
type PathBatch struct {
	ID string `path:"id" maxLength:"200" example:"spring-2027" doc:"The batch id."`
}

type batchesInput struct {
	PageInput
	Open     bool   `query:"open" doc:"Only those that are not over."`
	Reseller string `query:"reseller" doc:"Only those on this reseller's behalf."`
}

type rowsInput struct {
	PathBatch
	State  string `query:"state" enum:"pending,refused,waiting,running,completed,failed,cancelled" doc:"Only those that are so far."`
	Search string `query:"search" maxLength:"200" doc:"A part of the order id, the customer's name or the tenant."`
	After  int    `query:"after" minimum:"0" doc:"Where to go on: next of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many at most."`
}

// placedBatch is what placing a batch led to.
type placedBatch struct {
	Status   int
	Location string `header:"Location" doc:"Where the batch is."`
	Body     upgrade.BatchStarted
}

// startBody is the body of the word that a batch waits for.
type startBody struct {
	ReasonBody
	LeaveOut bool `json:"leaveOut,omitempty" doc:"Go on without the rows that were refused. Without it a batch that has such rows is not begun."`
}

// cancelBody says which rows are not to be begun.
type cancelBody struct {
	ReasonBody
	Rows    []int `json:"rows,omitempty" minItems:"1" maxItems:"10000" doc:"Only these, by their numbers. Left out: all."`
	Running bool  `json:"running,omitempty" doc:"Also ask those that run to stop: what has not begun its change touches nothing, what has is undone where that can be."`
}

// againBody says which rows are to run once more.
type againBody struct {
	ReasonBody
	Rows []int `json:"rows,omitempty" minItems:"1" maxItems:"10000" doc:"Only these, by their numbers. Left out: all that have failed."`
}

// batchWord is a word to a batch. The body may be left out.
type batchWord[T any] struct {
	PathBatch
	Body *T
}

// said is the body, or nothing where there was none.
func (w batchWord[T]) said() (none T) {
	if w.Body == nil {
		return none
	}
	return *w.Body
}

// batchSend bounds how slowly a batch may be sent: eight mebibytes take their time.
const batchSend = time.Minute

func (s *server) batching() {
	s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[orderBatch](), true, "OrderBatch")
	add(s, huma.Operation{
		OperationID: "placeBatch", Method: http.MethodPost, Path: batches, Tags: []string{"Batches"}, DefaultStatus: http.StatusCreated,
		Summary: "Place a batch of orders",
		Description: "Up to 10,000 upgrades to one plan. Every row is planned before any is begun; rows that cannot be are refused with every reason and its remedy, and the batch with them unless it says otherwise. " +
			"The batch id is the idempotency key: the same batch placed again answers 200 and the batch that there is; another one under the same id answers 409 (`other_batch`). What is wrong with its form is told at once, 422 (`bad_batch`), and nothing is stored.",
		SkipValidateBody: true, MaxBodyBytes: upgrade.MaxBatch + 1, BodyReadTimeout: batchSend,
		RequestBody: &huma.RequestBody{Required: true, Description: "The batch. Unknown and doubled fields are refused."},
	}, deciders, func(ctx context.Context, who access.Who, in *rawOrder) (*placedBatch, error) {
		started, err := s.Desk.PlaceBatch(ctx, who, in.RawBody)
		if err != nil {
			return nil, err
		}
		out := &placedBatch{Status: http.StatusCreated, Location: batches + "/" + escape(started.Batch), Body: started}
		if started.Existing {
			out.Status = http.StatusOK
		}
		return out, nil
	})
	s.longer()
	s.batchLooks()
	s.batchWords()
}

// longer gives the operation that was just added the time of a plan.
func (s *server) longer() {
	last := &s.routes[len(s.routes)-1]
	last.Handler = within(planTime, last.Handler)
}

func (s *server) batchLooks() {
	get := func(name, path, summary, words string) huma.Operation {
		return huma.Operation{OperationID: name, Method: http.MethodGet, Path: path, Tags: []string{"Batches"}, Summary: summary, Description: words}
	}
	add(s, get("listBatches", batches, "List batches", "They are known for as long as their upgrades' records are."),
		readers, func(ctx context.Context, who access.Who, in *batchesInput) (*body[batchPage], error) {
			list, next, err := s.Desk.Batches(ctx, who, upgrade.BatchFilter{Open: in.Open, Reseller: in.Reseller}, in.Cursor, in.Limit)
			if err != nil {
				return nil, err
			}
			page := batchPage{Items: make([]Batch, len(list)), Next: next}
			for i, v := range list {
				if page.Items[i], err = batchOf(v); err != nil {
					return nil, err
				}
			}
			return answer(page, nil)
		})
	add(s, get("getBatch", batchPath, "Where a batch stands", "And how many of its rows are how far."),
		readers, func(ctx context.Context, who access.Who, in *PathBatch) (*body[Batch], error) {
			v, err := s.Desk.Batch(ctx, who, in.ID)
			if err != nil {
				return nil, err
			}
			return answer(batchOf(v))
		})
	add(s, get("getBatchRows", batchPath+"/rows", "The rows of a batch", "Each with its state, and why it was refused or failed. What runs is looked up under its order id, too."),
		readers, func(ctx context.Context, who access.Who, in *rowsInput) (*body[rowPage], error) {
			lines, next, err := s.Desk.BatchLines(ctx, who, in.ID, upgrade.BatchLineFilter{State: upgrade.BatchRowState(in.State), Search: in.Search}, in.After, in.Limit)
			if lines == nil {
				lines = []upgrade.BatchLine{}
			}
			return answer(rowPage{lines, next}, err)
		})
	add(s, get("getBatchResult", batchPath+"/result", "The result of a batch, as CSV", "A line for each row as it stands now, also while it runs. The file can be uploaded as the rows of another batch."),
		readers, s.batchResult)
	s.longer()
}

// batchResult streams the file. What is not there, or not theirs, is told before anything is written.
func (s *server) batchResult(ctx context.Context, who access.Who, in *PathBatch) (*huma.StreamResponse, error) {
	v, err := s.Desk.Batch(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(to huma.Context) {
		to.SetHeader("Content-Type", "text/csv; charset=utf-8")
		to.SetHeader("Content-Disposition", `attachment; filename="batch-`+escape(v.ID)+`.csv"`)
		if err := s.Desk.BatchResult(ctx, who, in.ID, to.BodyWriter()); err != nil { // the file is cut short, and must look so
			s.Log.Error("a batch's result could not be written to its end", "batch", v.ID, "error", err.Error())
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

func (s *server) batchWords() {
	word := func(name, path, summary, words string) huma.Operation {
		return huma.Operation{OperationID: name, Method: http.MethodPost, Path: batchPath + "/" + path, Tags: []string{"Batches"}, Summary: summary,
			Description: words + " What does not fit the batch's state is refused with the reason, 409."}
	}
	add(s, word("startBatch", "start", "Start a batch that waits for a word", "Once every row has been planned. Rows that were refused are left out where that is said, and keep it from starting where it is not."),
		deciders, func(ctx context.Context, who access.Who, in *batchWord[startBody]) (*body[upgrade.Reply], error) {
			return answer(s.Desk.StartBatch(ctx, who, in.ID, upgrade.StartBatch{Request: upgrade.Request{Reason: in.said().Reason}, LeaveOut: in.said().LeaveOut}))
		})
	add(s, word("cancelBatch", "cancel", "Cancel rows that were not begun", "One, some or all; those that run only where that is said. The answer says what happens to them."),
		deciders, func(ctx context.Context, who access.Who, in *batchWord[cancelBody]) (*body[upgrade.Reply], error) {
			return answer(s.Desk.CancelBatch(ctx, who, in.ID, upgrade.CancelBatch{Request: upgrade.Request{Reason: in.said().Reason}, Rows: in.said().Rows, Running: in.said().Running}))
		})
	add(s, word("pauseBatch", "pause", "Begin nothing more", "What runs goes on."),
		deciders, func(ctx context.Context, who access.Who, in *batchWord[ReasonBody]) (*body[upgrade.Reply], error) {
			return answer(s.Desk.PauseBatch(ctx, who, in.ID, in.said().Reason))
		})
	add(s, word("resumeBatch", "resume", "Go on after a pause", "Rows are begun again."),
		deciders, func(ctx context.Context, who access.Who, in *batchWord[ReasonBody]) (*body[upgrade.Reply], error) {
			return answer(s.Desk.ResumeBatch(ctx, who, in.ID, in.said().Reason))
		})
	add(s, word("runBatchAgain", "again", "Run rows again", "Those that have failed and have left nothing changed, as further attempts at their orders, also when the batch is over; by their numbers those that were cancelled or refused, too."),
		deciders, func(ctx context.Context, who access.Who, in *batchWord[againBody]) (*body[upgrade.Reply], error) {
			return answer(s.Desk.RunBatchAgain(ctx, who, in.ID, upgrade.RunBatchAgain{Request: upgrade.Request{Reason: in.said().Reason}, Rows: in.said().Rows}))
		})
}
