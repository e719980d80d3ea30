package graph

import (
	"net/http"
	"strconv"
	"time"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/front"
)

// Quotas of "throttling limits", section identity and access: resource units per
// application and tenant in ten seconds, by the number of users.
const (
	quotaSmall  = 3500
	quotaMedium = 5000
	quotaLarge  = 8000
	quotaWindow = 10 * time.Second

	writeQuota  = 3000
	writeWindow = 150 * time.Second
)

// meter charges a call and writes the throttling headers.
func (s *Server) meter(c call, r route) (http.Header, bool) {
	h := http.Header{}
	if r.cost == 0 {
		return h, false
	}
	cost := r.cost
	if c.query.Has("$select") {
		cost--
	}
	if c.query.Has("$expand") {
		cost++
	}
	if top, err := strconv.Atoi(c.query.Get("$top")); err == nil && top < 20 {
		cost--
	}
	cost = max(cost, 1)
	h.Set("x-ms-resource-unit", strconv.Itoa(cost))
	scope := c.token.ClientID + "/" + c.token.Tenant
	share, wait := s.state.Draw("graph/"+scope, cost, s.quota(c.token.Tenant), quotaWindow)
	info := "ResourceUnitLimitExceeded"
	if c.method != http.MethodGet {
		if w, until := s.state.Draw(writes(c.token.ClientID, c.token.Tenant), 1, writeQuota, writeWindow); w > share {
			share, wait, info = w, until, "WriteLimitExceeded"
		}
	}
	if share >= 0.8 {
		h.Set("x-ms-throttle-limit-percentage", strconv.FormatFloat(share, 'f', 1, 64))
	}
	if share <= 1 && !s.partThrottled(c) {
		return h, false
	}
	front.RetryAfter(h, max(wait, s.state.Profile().Lags.RetryAfter))
	h.Set("x-ms-throttle-scope", "Tenant_Application/ReadWrite/"+c.token.ClientID+"/"+c.token.Tenant)
	h.Set("x-ms-throttle-information", info)
	return h, true
}

func writes(client, tenant string) string { return "graph-writes/" + client + "/" + tenant }

// Drain leaves an application nothing of its quota of writes in a tenant, as if it had just used it up.
func Drain(state *cloud.Cloud, client, tenant string) {
	share, _ := state.Draw(writes(client, tenant), 0, writeQuota, writeWindow)
	for ; share < 1; share, _ = state.Draw(writes(client, tenant), 1, writeQuota, writeWindow) {
	}
}

// partThrottled rolls for a part of a batch only: a single request has met its
// faults at the door.
func (s *Server) partThrottled(c call) bool {
	return c.base == "" && s.state.Roll(cloud.ThrottledPart, c.origin)
}

func (s *Server) quota(tenant string) int {
	switch n := s.state.UserCount(tenant); {
	case n < 50:
		return quotaSmall
	case n <= 500:
		return quotaMedium
	default:
		return quotaLarge
	}
}
