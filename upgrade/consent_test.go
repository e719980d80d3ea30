package upgrade_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"uplift/upgrade"
)

func TestParseConsent(t *testing.T) {
	long := strings.Repeat("é", 1000)
	for _, c := range []struct{ name, input, want string }{
		{"granted", `{"decision":"granted","by":"ada","method":"device_code","invitation":2}`, ""},
		{"granted by an existing grant", `{"decision":"granted","method":"existing"}`, ""},
		{"granted by admin consent", `{"decision":"granted","method":"admin_consent"}`, ""},
		{"declined with a reason", `{"decision":"declined","reason":"` + long + `"}`, ""},
		{"declined with a method", `{"decision":"declined","method":"device_code"}`, ""},
		{"an empty object", `{}`, "decision unknown_value"},
		{"another decision", `{"decision":"yes","method":"device_code"}`, "decision unknown_value"},
		{"granted without a method", `{"decision":"granted"}`, "method unknown_value"},
		{"granted by fax", `{"decision":"granted","method":"fax"}`, "method unknown_value"},
		{"declined by fax", `{"decision":"declined","method":"fax"}`, "method unknown_value"},
		{"a long reason", `{"decision":"declined","reason":"` + long + `x"}`, "reason bad_text"},
		{"a zero byte", `{"decision":"declined","by":"a\u0000b"}`, "by bad_text"},
		{"an invitation below zero", `{"decision":"declined","invitation":-1}`, "invitation bad_invitation"},
		{"all at once", `{"decision":"x","method":"x","by":"\u0000","reason":"\u0000","invitation":-1}`,
			lines("decision unknown_value", "method unknown_value", "by bad_text", "reason bad_text", "invitation bad_invitation")},
		{"a token", `{"decision":"granted","method":"device_code","token":"x"}`, "token unknown_field"},
		{"a text", `"granted"`, "not_an_object"},
		{"nothing", ``, "empty"},
		{"cipher text", "\x8f\x02\x11", "not_utf8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ps := upgrade.ParseConsent([]byte(c.input))
			if at(ps) != c.want {
				t.Fatalf("the problems are %q, not %q", at(ps), c.want)
			}
			var want upgrade.Consent
			if c.want == "" && json.Unmarshal([]byte(c.input), &want) == nil && got != want {
				t.Errorf("read as %+v, not %+v", got, want)
			}
		})
	}
}

func TestParseUpdate(t *testing.T) {
	request := upgrade.Request{By: "ada", Reason: "because"}
	for _, c := range []struct {
		name, input string
		into, want  any // want: what was read, where there are no problems
		problems    string
	}{
		{"request", `{"by":"ada","reason":"because"}`, &upgrade.Request{}, &request, ""},
		{"no input at all", ``, &upgrade.Request{}, &upgrade.Request{}, ""},
		{"null", ` null `, &upgrade.StartAuthentication{}, &upgrade.StartAuthentication{}, ""},
		{"request of a zero byte", `{"by":"\u0000"}`, &upgrade.Request{}, nil, "by bad_text"},
		{"request and more", `{"force":true}`, &upgrade.Request{}, nil, "force unknown_field"},
		{"start", `{"invitation":3}`, &upgrade.StartAuthentication{}, &upgrade.StartAuthentication{Invitation: 3}, ""},
		{"start below zero", `{"invitation":-3}`, &upgrade.StartAuthentication{}, nil, "invitation bad_invitation"},
		{"confirm", `{"by":"ada","reason":"because","digest":"d","seats":9}`, &upgrade.Confirm{}, &upgrade.Confirm{Request: request, Digest: "d", Seats: 9}, ""},
		{"confirm the plan's seats", `{"digest":"d"}`, &upgrade.Confirm{}, &upgrade.Confirm{Digest: "d"}, ""},
		{"confirm nothing", ``, &upgrade.Confirm{}, nil, "digest no_digest"},
		{"confirm too little", `{"digest":"d","seats":-1}`, &upgrade.Confirm{}, nil, "seats negative_seats"},
		{"confirm too much, and without a digest", `{"reason":"\u0000","seats":100001}`, &upgrade.Confirm{}, nil, lines("reason bad_text", "digest no_digest", "seats absurd_seats")},
		{"resolve", `{"answer":"retry","by":"ada","reason":"because"}`, &upgrade.Resolve{}, &upgrade.Resolve{Request: request, Answer: upgrade.Retry}, ""},
		{"resolve by a shrug", `{"answer":"whatever"}`, &upgrade.Resolve{}, nil, "answer unknown_value"},
		{"resolve nothing", `{}`, &upgrade.Resolve{}, nil, "answer unknown_value"},
		{"a list", `[]`, &upgrade.Resolve{}, nil, "not_an_object"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ps := upgrade.ParseUpdate([]byte(c.input), c.into)
			if at(ps) != c.problems {
				t.Fatalf("the problems are %q, not %q", at(ps), c.problems)
			}
			if c.want != nil && !reflect.DeepEqual(c.into, c.want) {
				t.Errorf("read as %+v, not %+v", c.into, c.want)
			}
		})
	}
}
