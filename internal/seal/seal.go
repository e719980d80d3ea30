// Package seal keeps secrets at rest, and makes the links that mails carry.
//
// # The keys
//
// A key file holds a Tink AEAD key set as JSON, in clear text, readable by its owner only. Its keys are key encryption
// keys (KEK): they never touch a token. Each record is an envelope: Seal makes a fresh data encryption key (DEK) for it,
// seals the token with the DEK, and seals the DEK with the KEK; the record carries both. So the KEK encrypts nothing
// but random 256-bit keys, a DEK encrypts one token, and the file can later give way to a key service, which would be
// asked to unseal DEKs and would never see a token.
//
// The record's identity (its table, tenant, upgrade) is authenticated with the token as associated data: a row copied
// over another row, or restored under another upgrade, does not unseal.
//
// # Rotation
//
// Every sealed DEK names its KEK, so a file may hold many: the primary seals, all unseal. Rotate adds a primary. Where
// several processes read copies of a file, Add the key first, restart them with the new file, and then Promote it: no
// process meets a record whose key it does not know. Old keys stay; a token is sealed again, under the primary, each
// time that it is refreshed.
//
// # What it does not do
//
// It protects the register's file, backups and replicas. It does not protect against somebody who reads both the
// register and the key file, nor against the root account of the machine.
//
// Dev makes keys from constants in this file, for the dev mode alone. They protect nothing, and they say so.
package seal

import (
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"uplift/upgrade"
)

// Keys seals and unseals. It is safe for use by many goroutines.
type Keys struct {
	direct   tink.AEAD // the KEK itself, for links, which carry no secret and must stay short
	envelope tink.AEAD // a DEK for each record, under the KEK
	origin   string
	dev      bool
}

// Open reads a key file. Errors are *upgrade.Error of kind Invalid, and never show what the file holds.
func Open(path string) (*Keys, error) {
	handle, err := read(path)
	if err != nil {
		return nil, err
	}
	keys, err := newKeys(handle, path, false)
	if err != nil {
		return nil, badFile(path, err)
	}
	return keys, nil
}

func newKeys(handle *keyset.Handle, origin string, dev bool) (*Keys, error) {
	direct, err := aead.New(handle)
	if err != nil {
		return nil, err
	}
	envelope := aead.NewKMSEnvelopeAEAD2(aead.AES256GCMKeyTemplate(), direct)
	return &Keys{direct: direct, envelope: envelope, origin: origin, dev: dev}, nil
}

// Development tells whether these are the keys that everybody knows.
func (k *Keys) Development() bool { return k.dev }

// String says where the keys come from. It is what a program logs when it starts.
func (k *Keys) String() string {
	if k.dev {
		return fmt.Sprintf("DEVELOPMENT KEYS for %s: they are public and protect nothing", k.origin)
	}
	return "keys of " + k.origin
}

// Seal encrypts plain for the record that context names. The context is not secret and is not stored: Unseal needs the
// same one, so it must be made from what identifies the row. Two calls give different bytes.
func (k *Keys) Seal(plain upgrade.Secret, context string) ([]byte, error) {
	if context == "" {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "no_seal_context",
			Message: "a sealed record needs the identity of its row"}
	}
	sealed, err := k.envelope.Encrypt([]byte(plain.Reveal()), recordData(context))
	if err != nil {
		return nil, &upgrade.Error{Kind: upgrade.Unknown, Code: "seal_failed", Message: "a secret could not be sealed", Err: err}
	}
	return sealed, nil
}

// Unseal is Seal's reverse. It fails, with code "unsealable", when the record was changed, belongs to another context, or
// was sealed under a key that the file no longer holds; the three cannot be told apart. A person has to act.
func (k *Keys) Unseal(sealed []byte, context string) (upgrade.Secret, error) {
	plain, err := k.envelope.Decrypt(sealed, recordData(context))
	if err != nil {
		return "", &upgrade.Error{Kind: upgrade.Act, Code: "unsealable",
			Message: "a sealed record does not open with the " + k.String() +
				": its key is missing there, or the record was changed or moved"}
	}
	secret := upgrade.Secret(plain)
	clear(plain)
	return secret, nil
}

// recordData keeps records and links apart, should one file serve both: neither can be taken for the other.
func recordData(context string) []byte { return []byte("uplift/record/v1\x00" + context) }
