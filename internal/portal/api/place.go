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

// rawOrder is an order as it came.
type rawOrder struct {
	RawBody []byte `contentType:"application/json"`
}

// placed is what placing an order led to.
type placed struct {
	Status   int
	Location string `header:"Location" doc:"Where the upgrade is."`
	Body     upgrade.Started
}

func (s *server) placing() {
	const orders = "/v1/upgrades"
	add(s, huma.Operation{
		OperationID: "placeOrder", Method: http.MethodPost, Path: orders, Tags: []string{"Orders"}, DefaultStatus: http.StatusCreated,
		Summary: "Place an order",
		Description: "Starts the upgrade that the order asks for. The order id is the idempotency key: the same order placed again answers 200 and the upgrade " +
			"that it led to, also after its end; another order under the same id answers 409 (`other_order`). Every problem of an order is told at once, 422 (`bad_order`).",
		SkipValidateBody: true, MaxBodyBytes: upgrade.MaxInput + 1, RequestBody: s.orderBody(),
	}, deciders, func(ctx context.Context, who access.Who, in *rawOrder) (*placed, error) {
		started, err := s.Desk.Place(ctx, who, in.RawBody)
		if err != nil {
			return nil, err
		}
		out := &placed{Status: http.StatusCreated, Location: orders + "/" + escape(started.Order), Body: started}
		if started.Existing {
			out.Status = http.StatusOK
		}
		return out, nil
	})
	add(s, huma.Operation{
		OperationID: "planOrder", Method: http.MethodPost, Path: "/v1/plans", Tags: []string{"Orders"}, DefaultStatus: http.StatusOK,
		Summary: "Make the plan of an order, and change nothing",
		Description: "A dry run: what an upgrade would do, what users would gain and lose, until when it could be undone, and every reason against it. " +
			"It reads at Microsoft and may take a minute. A plan with reasons would not be carried out.",
		SkipValidateBody: true, MaxBodyBytes: upgrade.MaxInput + 1, RequestBody: s.orderBody(),
	}, readers, func(ctx context.Context, who access.Who, in *rawOrder) (*body[upgrade.Plan], error) {
		return answer(s.Desk.DryRun(ctx, who, in.RawBody))
	})
	s.longer()
}

// planTime is what a plan may take: much is read at Microsoft for it.
const planTime = 2 * time.Minute

// within gives a request longer than others have, and no longer than that.
func within(most time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		until, to := time.Now().Add(most), http.NewResponseController(w)
		_ = to.SetWriteDeadline(until.Add(patience))
		_ = to.SetReadDeadline(until.Add(patience))
		ctx, stop := context.WithDeadline(r.Context(), until)
		defer stop()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// orderBody describes the order. Huma would describe a raw body as a string; finish puts this schema in its place.
func (s *server) orderBody() *huma.RequestBody {
	s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[order](), true, "Order")
	return &huma.RequestBody{Required: true, Description: "The order. Unknown and doubled fields are refused."}
}
