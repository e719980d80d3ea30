package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

// escape writes an id as one segment of a path.
func escape(id string) string { return url.PathEscape(id) }

// listInput narrows the list of upgrades.
type listInput struct {
	PageInput
	Stage         string `query:"stage" enum:"planning,invited,consented,checking,confirming,queued,scheduled,changing,assigning,settling,undoing,notifying,ended" doc:"Only those in this stage."`
	Tenant        string `query:"tenant" doc:"Only those of this customer."`
	Offer         string `query:"offer" doc:"Only those from or to this offer."`
	Order         string `query:"order" doc:"Only the attempts at this order."`
	Batch         string `query:"batch" doc:"Only those with this label."`
	NeedsOperator bool   `query:"needsOperator" doc:"Only those that wait for somebody's word."`
	Open          bool   `query:"open" doc:"Only those that have not ended."`
}

// upgradePage is a page of upgrades.
type upgradePage struct {
	Items []upgrade.ListRow `json:"items" nullable:"false" doc:"The latest start first. The list lags an upgrade by a moment."`
	Next  string            `json:"next,omitempty" doc:"The cursor of the next page; left out on the last."`
}

// Upgrade is where an upgrade stands.
type Upgrade struct {
	upgrade.Status
	Version string `json:"version" doc:"Changes with anything else here. Give it as since to wait for the next change."`
}

type followInput struct {
	PathID
	Wait        string `query:"wait" pattern:"^[0-9]+(\\.[0-9]+)?(ms|s|m)$" example:"30s" doc:"How long to wait for a change, at most 60s. Left out: not at all."`
	Since       string `query:"since" doc:"The version that you know: what is newer is answered at once. Left out, If-None-Match is taken; without that, a change from now on is waited for."`
	IfNoneMatch string `header:"If-None-Match" doc:"The ETag that you know: 304 where nothing is newer."`
}

type followed struct {
	ETag string `header:"ETag" doc:"The version, quoted."`
	Body Upgrade
}

func (s *server) following() {
	add(s, huma.Operation{
		OperationID: "listUpgrades", Method: http.MethodGet, Path: "/v1/upgrades", Tags: []string{"Orders"},
		Summary:     "List upgrades",
		Description: "Those that Temporal remembers, which forgets ended ones after its retention. A single one is known for longer.",
	}, readers, func(ctx context.Context, who access.Who, in *listInput) (*body[upgradePage], error) {
		rows, next, err := s.Desk.List(ctx, who, upgrade.ListFilter{
			Stage: upgrade.Stage(in.Stage), Tenant: strings.ToLower(in.Tenant), Offer: in.Offer, Order: in.Order, Batch: in.Batch, NeedsOperator: in.NeedsOperator, Open: in.Open,
		}, in.Cursor, in.Limit)
		if rows == nil {
			rows = []upgrade.ListRow{}
		}
		return answer(upgradePage{rows, next}, err)
	})
	add(s, huma.Operation{
		OperationID: "getUpgrade", Method: http.MethodGet, Path: "/v1/upgrades/{id}", Tags: []string{"Orders"},
		Summary: "Where an upgrade stands",
		Description: "Of an order, its last attempt. With wait the answer comes when something has changed, or after that time; one that has ended is answered at once. " +
			"Ask again with the version of each answer as since, and no change is missed.",
	}, readers, s.follow)
	last := &s.routes[len(s.routes)-1]
	last.Handler = patient(last.Handler)
}

const (
	maxWait = time.Minute
	// patience is what an answer may take beyond the wait.
	patience = 30 * time.Second
)

// patient gives a request that waits for a change longer than others have.
func patient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wait, err := time.ParseDuration(r.URL.Query().Get("wait")); err == nil && wait > 0 {
			until, to := time.Now().Add(min(wait, maxWait)+patience), http.NewResponseController(w)
			_ = to.SetWriteDeadline(until)
			_ = to.SetReadDeadline(until)
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) follow(ctx context.Context, who access.Who, in *followInput) (*followed, error) {
	wait := time.Duration(0)
	if in.Wait != "" {
		var err error
		if wait, err = time.ParseDuration(in.Wait); err != nil || wait > maxWait {
			return nil, finished(&ProblemDetails{Status: http.StatusUnprocessableEntity, Code: "bad_input", Detail: "The wait is at most 60s.",
				Errors: []ProblemDetail{{Parameter: "wait", Code: "bad_value", Detail: "The wait is at most 60s."}}})
		}
	}
	now, err := s.look(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	known := in.Since
	if known == "" {
		known = strings.Trim(strings.TrimPrefix(in.IfNoneMatch, "W/"), `"`)
	}
	before := known
	if before == "" {
		before = now.Body.Version
	}
	if wait > 0 && before == now.Body.Version && now.Body.Stage != upgrade.Ended {
		if now, err = s.await(ctx, who, in.ID, now, wait); err != nil {
			return nil, err
		}
	}
	if in.IfNoneMatch != "" && in.Since == "" && known == now.Body.Version {
		return nil, &unchanged{now.ETag}
	}
	return now, nil
}

// await looks again and again until something has changed.
func (s *server) await(ctx context.Context, who access.Who, id string, was *followed, wait time.Duration) (*followed, error) {
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	default:
		return nil, finished(&ProblemDetails{Status: http.StatusServiceUnavailable, Code: "too_many_waiting", Detail: "Too many wait for changes now. Ask without wait.", after: soon})
	}
	until, tick := time.NewTimer(wait), time.NewTicker(s.Every)
	defer until.Stop()
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-until.C:
			return was, nil
		case <-s.Stop:
			return was, nil
		case <-ctx.Done():
			return was, nil
		}
		now, err := s.look(ctx, who, id)
		if err != nil || now.Body.Version != was.Body.Version {
			return now, err
		}
	}
}

// look reads an upgrade. The code that an administrator types is for the administrator's page alone.
func (s *server) look(ctx context.Context, who access.Who, id string) (*followed, error) {
	status, err := s.Desk.Status(ctx, who, id)
	if err != nil {
		return nil, err
	}
	if status.Invitation != nil {
		invitation := *status.Invitation
		invitation.Code = nil
		status.Invitation = &invitation
	}
	status.Turn = upgrade.Turn{} // the gate's own, and no business of billing's
	text, err := json.Marshal(status)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	version := base64.RawURLEncoding.EncodeToString(sum[:12])
	return &followed{ETag: `"` + version + `"`, Body: Upgrade{Status: status, Version: version}}, nil
}

// unchanged is 304, which is an error only to huma.
type unchanged struct{ tag string }

func (*unchanged) Error() string             { return "unchanged" }
func (*unchanged) GetStatus() int            { return http.StatusNotModified }
func (u *unchanged) GetHeaders() http.Header { return http.Header{"Etag": {u.tag}} }
