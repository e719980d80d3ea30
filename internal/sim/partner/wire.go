package partner

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"uplift/internal/sim/cloud"
	"uplift/internal/sim/front"
)

const (
	stamp  = "2006-01-02T15:04:05.0000000Z"
	second = "2006-01-02T15:04:05Z"
)

func at(t time.Time) string { return t.UTC().Format(second) }

func kind(objectType string) map[string]any { return map[string]any{"objectType": objectType} }

// collection wraps items the way Partner Center does.
func collection(items []any, self string) map[string]any {
	return map[string]any{"totalCount": len(items), "items": items, "links": map[string]any{"self": link(self)}, "attributes": kind("Collection")}
}

func link(uri string) map[string]any {
	return map[string]any{"uri": uri, "method": "GET", "headers": []any{}}
}

// refusal writes a refusal in Partner Center's envelope. The code is a string, or
// a number as in some of Microsoft's samples.
func (s *Server) refusal(r *cloud.Refusal, o cloud.Origin) cloud.Reply {
	var code any = r.Code
	if n, err := strconv.Atoi(r.Code); err == nil && s.state.Roll(cloud.NumberCodes, o) {
		code = n
	}
	data := r.Data
	if data == nil {
		data = []string{}
	}
	return front.JSON(r.Status, map[string]any{"code": code, "description": r.Text, "data": data, "source": "PartnerFD"})
}

func invalid(format string, args ...any) *cloud.Refusal {
	return &cloud.Refusal{Status: 400, Code: "3000", Text: fmt.Sprintf(format, args...)}
}

// failure renders what the service says without having worked.
func (s *Server) failure(status int, after time.Duration, o cloud.Origin) cloud.Reply {
	seconds := int((after + time.Second - 1) / time.Second)
	var reply cloud.Reply
	switch {
	case status == http.StatusTooManyRequests && s.state.Roll(cloud.GatewayThrottle, o):
		reply = front.JSON(status, map[string]any{"statusCode": 429, "message": fmt.Sprintf("Rate limit is exceeded. Try again in %d seconds.", seconds)})
	case status == http.StatusTooManyRequests:
		reply = s.refusal(&cloud.Refusal{Status: status, Code: "429", Text: fmt.Sprintf("Too many requests. Try again in %d seconds.", seconds)}, o)
	case status == http.StatusInternalServerError && o.Method == http.MethodPatch:
		reply = s.refusal(&cloud.Refusal{Status: status, Code: "800094", Text: "Update subscription was not successful."}, o)
	case status == http.StatusInternalServerError:
		reply = s.refusal(&cloud.Refusal{Status: status, Code: "900192", Text: "Something went wrong. Try again later."}, o)
	default:
		reply = s.refusal(&cloud.Refusal{Status: status, Code: "800003", Text: "Unexpected service error."}, o)
	}
	front.RetryAfter(reply.Header, after)
	return reply
}

// refused renders what is refused for no reason of the state's own.
func (s *Server) refused(undocumented bool, o cloud.Origin) cloud.Reply {
	if undocumented {
		return s.refusal(&cloud.Refusal{Status: 400, Code: "987654", Text: "The operation is not possible in the present arrangement."}, o)
	}
	return s.refusal(&cloud.Refusal{Status: 400, Code: "900279", Text: "Updates to this subscription are no longer allowed."}, o)
}

// finish may put a byte order mark in front.
func (s *Server) finish(r cloud.Reply, o cloud.Origin) cloud.Reply {
	if len(r.Body) > 0 && s.state.Roll(cloud.ByteOrderMark, o) {
		r.Body = append([]byte{0xEF, 0xBB, 0xBF}, r.Body...)
	}
	return r
}

func decode(c call, into any) *cloud.Refusal {
	if err := json.Unmarshal(c.body, into); err != nil {
		return &cloud.Refusal{Status: 400, Code: "800002", Text: "The request input is invalid: " + err.Error()}
	}
	return nil
}

// oddly is a value of an enumeration, or one that no page lists.
func (s *Server) oddly(value, unknown string, c call) string {
	if s.state.Roll(cloud.UnknownEnums, c.origin) {
		return unknown
	}
	return value
}
