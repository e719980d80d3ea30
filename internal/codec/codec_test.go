package codec_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"

	"uplift/internal/codec"
)

type order struct {
	ID    string `json:"id"`
	Seats int    `json:"seats"`
}

func ring(t *testing.T) (string, *codec.Ring) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ring.json")
	if err := codec.Generate(path); err != nil {
		t.Fatal(err)
	}
	return path, open(t, path)
}

func open(t *testing.T, path string) *codec.Ring {
	t.Helper()
	r, err := codec.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func encode(t *testing.T, r *codec.Ring, value any) *commonpb.Payload {
	t.Helper()
	payload, err := codec.DataConverter(r).ToPayload(value)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

func TestConverterRoundTrip(t *testing.T) {
	_, r := ring(t)
	want := order{"PO-1042", 25}
	payload := encode(t, r, want)
	if string(payload.Metadata["encoding"]) != "binary/encrypted" || string(payload.Metadata["encryption-key-id"]) != r.Primary() {
		t.Errorf("metadata on the wire: %v", payload.Metadata)
	}
	if bytes.Contains(payload.Data, []byte("PO-1042")) {
		t.Error("the payload shows the order")
	}
	var got order
	if err := codec.DataConverter(r).FromPayload(payload, &got); err != nil || got != want {
		t.Errorf("came back as %+v, %v", got, err)
	}
	if text := codec.DataConverter(r).ToString(payload); !strings.Contains(text, "PO-1042") {
		t.Errorf("ToString: %s", text)
	}
	var raw converter.RawValue
	if err := codec.DataConverter(r).FromPayload(payload, &raw); err != nil || string(raw.Payload().GetMetadata()["encoding"]) != "json/plain" {
		t.Errorf("a raw value: %v, %v", raw.Payload(), err)
	}
}

func TestPlainPayloadsOfOtherClientsAreRead(t *testing.T) {
	_, r := ring(t)
	for _, value := range []any{order{"PO-1", 3}, nil, []byte("bytes"), "text"} {
		plain, err := converter.GetDefaultDataConverter().ToPayload(value)
		if err != nil {
			t.Fatal(err)
		}
		out, err := r.Decode([]*commonpb.Payload{plain, nil})
		if err != nil || out[0] != plain || out[1] != nil {
			t.Errorf("%v: %v, %v; want it untouched", value, out, err)
		}
	}
	plain, _ := converter.GetDefaultDataConverter().ToPayload(order{"PO-1", 3})
	var got order
	if err := codec.DataConverter(r).FromPayload(plain, &got); err != nil || got.ID != "PO-1" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhatCannotBeDecryptedIsHandedOnUnchanged(t *testing.T) {
	_, r := ring(t)
	_, other := ring(t)
	change := func(edit func(*commonpb.Payload)) *commonpb.Payload {
		p := encode(t, r, order{"PO-1", 1})
		edit(p)
		return p
	}
	for name, payload := range map[string]*commonpb.Payload{
		"another ring":  encode(t, other, order{"PO-1", 1}),
		"the dev ring":  encode(t, codec.Dev(), order{"PO-1", 1}),
		"no key id":     change(func(p *commonpb.Payload) { delete(p.Metadata, codec.MetadataKeyID) }),
		"wrong key id":  change(func(p *commonpb.Payload) { p.Metadata[codec.MetadataKeyID] = []byte("k00000000") }),
		"nonce changed": change(func(p *commonpb.Payload) { p.Data[0] ^= 1 }),
		"text changed":  change(func(p *commonpb.Payload) { p.Data[14] ^= 1 }),
		"tag changed":   change(func(p *commonpb.Payload) { p.Data[len(p.Data)-1] ^= 1 }),
		"cut":           change(func(p *commonpb.Payload) { p.Data = p.Data[:5] }),
		"empty":         change(func(p *commonpb.Payload) { p.Data = nil }),
	} {
		before := proto.Clone(payload)
		out, err := r.Decode([]*commonpb.Payload{payload, encode(t, r, "next")})
		if err != nil || !proto.Equal(out[0], before) {
			t.Errorf("%s: %v, %v", name, out[0], err)
		}
		if codec.Encrypted(out[1]) {
			t.Errorf("%s: its neighbour was not decrypted", name)
		}
		var raw converter.RawValue
		payloads := &commonpb.Payloads{Payloads: []*commonpb.Payload{payload}}
		if err := codec.DataConverter(r).FromPayloads(payloads, &raw); err != nil || !codec.Encrypted(raw.Payload()) {
			t.Errorf("%s: a workflow that reads raw values got %v, %v", name, raw.Payload(), err)
		}
		var typed order
		if err := codec.DataConverter(r).FromPayload(payload, &typed); err == nil {
			t.Errorf("%s: was read as %+v", name, typed)
		}
	}
}

func TestKeyIDIsAuthenticated(t *testing.T) {
	path, before := ring(t)
	payload := encode(t, before, "x")
	id, err := codec.Add(path)
	if err != nil {
		t.Fatal(err)
	}
	payload.Metadata[codec.MetadataKeyID] = []byte(id)
	if out, _ := open(t, path).Decode([]*commonpb.Payload{payload}); !codec.Encrypted(out[0]) {
		t.Error("a payload was read under a key id that is not its own")
	}
}

func TestEncryptedTwiceIsDecryptedOnceAtATime(t *testing.T) {
	_, r := ring(t)
	inner := encode(t, r, "x")
	twice, err := r.Encode([]*commonpb.Payload{inner})
	if err != nil {
		t.Fatal(err)
	}
	once, _ := r.Decode(twice)
	if !proto.Equal(once[0], inner) {
		t.Errorf("got %v, want the payload as it was handed on", once[0])
	}
}

func TestEncodeIsFreshAndLeavesItsInput(t *testing.T) {
	_, r := ring(t)
	plain, _ := converter.GetDefaultDataConverter().ToPayload("same")
	before := proto.Clone(plain)
	out, err := r.Encode([]*commonpb.Payload{plain, plain})
	if err != nil || bytes.Equal(out[0].Data, out[1].Data) || !proto.Equal(plain, before) {
		t.Errorf("%v, %v", out, err)
	}
}

func TestFailuresAreEncrypted(t *testing.T) {
	_, r := ring(t)
	converter := codec.FailureConverter(r)
	failure := converter.ErrorToFailure(temporal.NewApplicationError("user anna@contoso.example is blocked", "Refused"))
	wire, err := proto.Marshal(failure)
	if err != nil || bytes.Contains(wire, []byte("anna")) {
		t.Errorf("the failure shows its message: %v, %v", failure, err)
	}
	stored := proto.Clone(failure).(*failurepb.Failure) // FailureToError decodes in place
	var application *temporal.ApplicationError
	if err := converter.FailureToError(failure); !errors.As(err, &application) || application.Type() != "Refused" ||
		!strings.Contains(err.Error(), "anna@contoso.example") {
		t.Errorf("came back as %v", err)
	}
	_, other := ring(t)
	if err := codec.FailureConverter(other).FailureToError(stored); err == nil || strings.Contains(err.Error(), "anna") {
		t.Errorf("without the key: %v", err)
	}
}
