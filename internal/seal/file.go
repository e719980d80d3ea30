package seal

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"uplift/internal/keyfile"
	"uplift/upgrade"
)

// Generate writes a new key file with one AES-256-GCM key. It refuses to overwrite a file.
func Generate(path string) error {
	manager := keyset.NewManager()
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return badFile(path, err)
	}
	data, err := encode(manager, id)
	if err != nil {
		return badFile(path, err)
	}
	return keyfile.Create(path, data)
}

// Rotate adds a new key and makes it the primary at once. It suits a file that one process reads; several processes are
// rotated by Add and Promote, as the package comment says. It returns the key's id.
func Rotate(path string) (id string, err error) {
	return change(path, func(m *keyset.Manager) (primary, changed uint32, err error) {
		changed, err = m.Add(aead.AES256GCMKeyTemplate())
		return changed, changed, err
	})
}

// Add adds a new key that only unseals, until it is promoted. It returns the key's id.
func Add(path string) (id string, err error) {
	return change(path, func(m *keyset.Manager) (primary, changed uint32, err error) {
		changed, err = m.Add(aead.AES256GCMKeyTemplate())
		return 0, changed, err
	})
}

// Promote makes a key that Add added the primary: from the next start on it seals.
func Promote(path, id string) error {
	number, err := strconv.ParseUint(id, 10, 32)
	if err != nil || number == 0 {
		return badFile(path, fmt.Errorf("%q is no key id", id))
	}
	_, err = change(path, func(*keyset.Manager) (primary, changed uint32, err error) {
		return uint32(number), uint32(number), nil
	})
	return err
}

// change edits the key set of a file; primary 0 leaves the primary as it is.
func change(path string, edit func(*keyset.Manager) (primary, changed uint32, err error)) (string, error) {
	handle, err := read(path)
	if err != nil {
		return "", err
	}
	manager := keyset.NewManagerFromHandle(handle)
	primary, changed, err := edit(manager)
	if err != nil {
		return "", badFile(path, err)
	}
	data, err := encode(manager, primary)
	if err != nil {
		return "", badFile(path, err)
	}
	if err := keyfile.Replace(path, data); err != nil {
		return "", err
	}
	return strconv.FormatUint(uint64(changed), 10), nil
}

func read(path string) (*keyset.Handle, error) {
	data, err := keyfile.Read(path)
	if err != nil {
		return nil, err
	}
	defer clear(data)
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(data)))
	if err != nil {
		// Tink's JSON errors quote the text around the fault, which may be key material.
		return nil, badFile(path, nil)
	}
	return handle, nil
}

func encode(manager *keyset.Manager, primary uint32) ([]byte, error) {
	if primary != 0 {
		if err := manager.SetPrimary(primary); err != nil {
			return nil, err
		}
	}
	handle, err := manager.Handle()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&out)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func badFile(path string, err error) error {
	return &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_key_file",
		Message: path + " is not a usable key file: it must hold a Tink AEAD key set in JSON", Err: err}
}
