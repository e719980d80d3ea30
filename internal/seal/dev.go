package seal

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/secretdata"
)

// devSeed is public, and that is its point: nobody may take a development key for a real one.
const devSeed = "uplift development keys protect nothing"

// Dev returns the development keys for a purpose, such as "register" or "link". They are the same in every process and
// on every machine, so that a worker and a starter of the dev mode understand each other without a file. Development
// and String announce them. Nothing but the dev profile, which accepts loopback addresses only, may use them.
func Dev(purpose string) *Keys {
	handle, err := devHandle(purpose)
	if err == nil {
		var keys *Keys
		if keys, err = newKeys(handle, purpose, true); err == nil {
			return keys
		}
	}
	// Everything above works on constants: it fails in the first test run or never.
	panic(fmt.Sprintf("seal: development keys: %v", err))
}

func devHandle(purpose string) (*keyset.Handle, error) {
	material, err := hkdf.Key(sha256.New, []byte(devSeed), nil, purpose, 36)
	if err != nil {
		return nil, err
	}
	parameters, err := aesgcm.NewParameters(aesgcm.ParametersOpts{
		KeySizeInBytes: 32, IVSizeInBytes: 12, TagSizeInBytes: 16, Variant: aesgcm.VariantTink,
	})
	if err != nil {
		return nil, err
	}
	id := binary.BigEndian.Uint32(material[32:]) | 1 // never 0, which Tink reads as "no id"
	key, err := aesgcm.NewKey(secretdata.NewBytesFromData(material[:32], insecuresecretdataaccess.Token{}), id, parameters)
	if err != nil {
		return nil, err
	}
	manager := keyset.NewManager()
	if _, err := manager.AddKey(key); err != nil {
		return nil, err
	}
	if err := manager.SetPrimary(id); err != nil {
		return nil, err
	}
	return manager.Handle()
}
