// Package codec encrypts what Uplift leaves in Temporal: inputs, results, signals, updates, summaries, memos and the
// messages of failures. Temporal's database, its backups and its UI then hold ciphertext, and only who has the key ring,
// or may ask the endpoint that Handler serves, reads it.
//
// A payload becomes one with metadata encoding "binary/encrypted" and the key's id; its data is a 12-byte nonce followed
// by the AES-256-GCM ciphertext of the whole original payload, its metadata included. The key id is authenticated with
// it, and nothing else is: workflow id, run id or namespace are not, because those who must read a payload do not always
// know where it came from (the UI and the CLI send bare payloads to the endpoint, a continued run reads what the run
// before it wrote, a client encrypts a start input before its run exists). So it protects what is said, not where it
// stands: whoever can write to Temporal's database could put one encrypted payload in the place of another. What must
// not be replaced (the claim of an order, a token, an invitation) is verified against the register.
//
// # Decoding never fails
//
// What is not ours passes untouched: other clients may start and signal in plain JSON. What is ours but cannot be
// decrypted (its key is unknown here, or it was tampered with) is handed on unchanged, not refused. With an error the
// SDK would drop such a signal without a trace, or block the workflow on such an input for good; unchanged, a
// workflow that reads raw values sees the encoding "binary/encrypted", records the signal as ignored, ends on the
// input as refused, and its timers still fire.
package codec

import (
	"crypto/rand"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"
)

const (
	// Encoding marks a payload that this package encrypted. It is on the wire: never change it.
	Encoding = "binary/encrypted"
	// MetadataKeyID names the metadata entry that holds the key's id. It is on the wire: never change it.
	MetadataKeyID = "encryption-key-id"
)

var _ converter.PayloadCodec = (*Ring)(nil)

// Encode encrypts every payload under the primary key, whatever it is: also one that is encrypted already, since a
// workflow that hands on what it could not read must get the same back.
func (r *Ring) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(payloads))
	for i, payload := range payloads {
		plain, err := proto.Marshal(payload)
		if err != nil {
			return payloads, fmt.Errorf("codec: marshal a payload: %w", err)
		}
		out[i] = r.seal(plain)
		clear(plain)
	}
	return out, nil
}

func (r *Ring) seal(plain []byte) *commonpb.Payload {
	key := r.primary
	data := make([]byte, key.aead.NonceSize(), key.aead.NonceSize()+len(plain)+key.aead.Overhead())
	rand.Read(data) // never fails: it ends the program instead
	return &commonpb.Payload{
		Metadata: map[string][]byte{
			converter.MetadataEncoding: []byte(Encoding),
			MetadataKeyID:              []byte(key.id),
		},
		Data: key.aead.Seal(data, data, plain, additional(key.id)),
	}
}

// Decode decrypts what this package encrypted under a key of the ring, and hands on everything else unchanged. It never
// returns an error; the package comment says why.
func (r *Ring) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(payloads))
	for i, payload := range payloads {
		out[i] = payload
		if opened, ok := r.open(payload); ok {
			out[i] = opened
		}
	}
	return out, nil
}

func (r *Ring) open(payload *commonpb.Payload) (*commonpb.Payload, bool) {
	if !Encrypted(payload) {
		return nil, false
	}
	id := string(payload.GetMetadata()[MetadataKeyID])
	key, ok := r.keys[id]
	if !ok || len(payload.GetData()) < key.aead.NonceSize() {
		return nil, false
	}
	nonce, sealed := payload.GetData()[:key.aead.NonceSize()], payload.GetData()[key.aead.NonceSize():]
	plain, err := key.aead.Open(nil, nonce, sealed, additional(id))
	if err != nil {
		return nil, false
	}
	opened := &commonpb.Payload{}
	if err := proto.Unmarshal(plain, opened); err != nil {
		return nil, false
	}
	return opened, true
}

// Encrypted tells whether a payload bears this package's encoding. After decoding that means: it could not be decrypted.
func Encrypted(payload *commonpb.Payload) bool {
	return string(payload.GetMetadata()[converter.MetadataEncoding]) == Encoding
}

// additional is what a payload's ciphertext is bound to. It is part of every history: never change it.
func additional(keyID string) []byte { return []byte("uplift/payload/v1\x00" + keyID) }

// DataConverter is the SDK's default converter with encryption under ring.
func DataConverter(ring *Ring) converter.DataConverter {
	return converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), ring)
}

// FailureConverter encrypts the messages and stack traces of failures too: they quote what a vendor said, and a vendor
// may name a person.
func FailureConverter(ring *Ring) converter.FailureConverter {
	return temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
		DataConverter:          DataConverter(ring),
		EncodeCommonAttributes: true,
	})
}
