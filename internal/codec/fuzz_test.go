package codec_test

import (
	"bytes"
	"net/http"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"uplift/internal/codec"
)

// FuzzDecode: what somebody else put into a payload is never an error, and never becomes anything: it is handed on as it is
// unless a key of ours sealed it, also where it is a piece of what we sealed.
func FuzzDecode(f *testing.F) {
	ring := codec.Dev()
	sealed, err := ring.Encode([]*commonpb.Payload{{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`"x"`)}})
	if err != nil {
		f.Fatal(err)
	}
	ours := sealed[0]
	f.Add("binary/encrypted", "dev", ours.Data)
	f.Add("binary/encrypted", "dev", ours.Data[:20])
	f.Add("binary/encrypted", "another", ours.Data)
	f.Add("json/plain", "dev", []byte(`{"decision":"granted"}`))
	f.Add("", "", []byte(nil))
	f.Fuzz(func(t *testing.T, encoding, key string, data []byte) {
		in := &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte(encoding), codec.MetadataKeyID: []byte(key)}, Data: data}
		out, err := ring.Decode([]*commonpb.Payload{in, nil, ours})
		if err != nil || len(out) != 3 {
			t.Fatalf("%d payloads, %v", len(out), err)
		}
		// Each process of the fuzzer has sealed one of its own, of which only what is in it is the same.
		genuine := encoding == codec.Encoding && key == "dev" && string(out[0].Data) == `"x"`
		if !genuine && !proto.Equal(out[0], in) {
			t.Errorf("what nobody sealed became %v", out[0])
		}
		if string(out[2].Data) != `"x"` {
			t.Error("beside it, ours is not read")
		}
		again, err := ring.Encode(out[:1])
		if err != nil {
			t.Fatal(err)
		}
		if back, _ := ring.Decode(again); !proto.Equal(back[0], out[0]) {
			t.Errorf("%v is %v after a round trip", out[0], back[0])
		}
	})
}

// FuzzHandler: the endpoint answers any body with the same number of payloads, or refuses it without repeating it.
func FuzzHandler(f *testing.F) {
	handler := codec.Handler(codec.Dev(), codec.Options{})
	f.Add("/decode", []byte(`{"payloads":[{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"IngI"}]}`))
	f.Add("/decode", []byte(`{"payloads":[null,{}]}`))
	f.Add("/encode", []byte(`{"payloads":[{"externalPayloads":[{"sizeBytes":"-1"}]}]}`))
	f.Add("/decode", bytes.Repeat([]byte(`{"payloads":[`), 20_000))
	f.Add("/decode", []byte("\xff"))
	f.Fuzz(func(t *testing.T, path string, body []byte) {
		if path != "/encode" && path != "/decode" {
			return
		}
		w := ask(handler, request(path, string(body)))
		switch w.Code {
		case http.StatusOK:
			var in, out commonpb.Payloads
			if err := protojson.Unmarshal(body, &in); err != nil {
				t.Fatalf("taken, though %v", err)
			}
			if err := protojson.Unmarshal(w.Body.Bytes(), &out); err != nil || len(out.Payloads) != len(in.Payloads) {
				t.Fatalf("%d payloads became %s, %v", len(in.Payloads), w.Body, err)
			}
		case http.StatusBadRequest:
			if len(body) > 20 && bytes.Contains(w.Body.Bytes(), body) {
				t.Errorf("the answer repeats the request: %s", w.Body)
			}
		default:
			t.Errorf("%d", w.Code)
		}
	})
}
