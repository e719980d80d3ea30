package codec

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"uplift/internal/keyfile"
	"uplift/upgrade"
)

// keySize is AES-256's.
const keySize = 32

// devID is the id of the development key. No file may use it, so that nothing that was written with the public key ever
// passes for something written with a real one.
const devID = "dev"

// Ring is the keys that payloads are encrypted with: one primary, which encrypts, and any number of others, which only
// decrypt. It is safe for use by many goroutines.
type Ring struct {
	primary key
	keys    map[string]key
	origin  string
}

type key struct {
	id   string
	aead cipher.AEAD
}

// ringFile is the key ring as JSON. Keys are 32 bytes in base64.
type ringFile struct {
	Primary string    `json:"primary"`
	Keys    []fileKey `json:"keys"`
}

type fileKey struct {
	ID  string `json:"id"`
	Key []byte `json:"key"`
}

// Open reads a key ring file, which only its owner may be able to read. Errors are *upgrade.Error of kind Invalid.
func Open(path string) (*Ring, error) {
	file, err := read(path)
	if err != nil {
		return nil, err
	}
	ring := &Ring{keys: map[string]key{}, origin: path}
	for _, one := range file.Keys {
		ring.keys[one.ID], err = newKey(one.ID, one.Key)
		if err != nil {
			return nil, bad(path, err)
		}
	}
	ring.primary = ring.keys[file.Primary]
	return ring, nil
}

// Dev returns the development ring: one key, the same everywhere and known to everybody. It protects nothing and
// announces that by its key id, by Development and by String. Only the dev profile may use it.
func Dev() *Ring {
	material := sha256.Sum256([]byte("uplift development payload key protects nothing"))
	one, err := newKey(devID, material[:])
	if err != nil {
		panic(fmt.Sprintf("codec: development key: %v", err)) // a constant: it fails in the first test or never
	}
	return &Ring{primary: one, keys: map[string]key{devID: one}, origin: devID}
}

// Development tells whether this is the ring that everybody knows.
func (r *Ring) Development() bool { return r.primary.id == devID }

// Primary is the id of the key that encrypts.
func (r *Ring) Primary() string { return r.primary.id }

// String says where the keys come from. It is what a program logs when it starts.
func (r *Ring) String() string {
	if r.Development() {
		return "DEVELOPMENT KEY for payloads: it is public and protects nothing"
	}
	return fmt.Sprintf("payload keys of %s, primary %s", r.origin, r.primary.id)
}

// Generate writes a new key ring file with one key, and refuses to overwrite a file.
func Generate(path string) error {
	one := freshKey()
	return keyfile.Create(path, encode(ringFile{Primary: one.ID, Keys: []fileKey{one}}))
}

// Rotate adds a key and makes it the primary at once. Use it where every process stops before the file changes;
// otherwise Add, restart every process with the new file, and then Promote: a worker that lacks the key of an input
// cannot tell it from a forged one, and would refuse it. Rotate long before 2^32 payloads were encrypted under one key,
// where random nonces stop being safe. It returns the new key's id.
//
// Old keys stay in the file as long as a history written with them is kept.
func Rotate(path string) (id string, err error) {
	return change(path, func(file *ringFile) (string, error) {
		one := freshKey()
		file.Keys = append(file.Keys, one)
		file.Primary = one.ID
		return one.ID, nil
	})
}

// Add adds a key that only decrypts, until it is promoted. It returns the key's id.
func Add(path string) (id string, err error) {
	return change(path, func(file *ringFile) (string, error) {
		one := freshKey()
		file.Keys = append(file.Keys, one)
		return one.ID, nil
	})
}

// Promote makes a key that Add added the primary.
func Promote(path, id string) error {
	_, err := change(path, func(file *ringFile) (string, error) {
		file.Primary = id
		return id, file.check()
	})
	return err
}

func change(path string, edit func(*ringFile) (string, error)) (string, error) {
	file, err := read(path)
	if err != nil {
		return "", err
	}
	id, err := edit(&file)
	if err != nil {
		return "", bad(path, err)
	}
	return id, keyfile.Replace(path, encode(file))
}

func freshKey() fileKey {
	id, material := make([]byte, 4), make([]byte, keySize)
	rand.Read(id)
	rand.Read(material)
	return fileKey{ID: "k" + hex.EncodeToString(id), Key: material}
}

func newKey(id string, material []byte) (key, error) {
	block, err := aes.NewCipher(material)
	if err != nil {
		return key{}, err
	}
	aead, err := cipher.NewGCM(block)
	return key{id: id, aead: aead}, err
}

func encode(file ringFile) []byte {
	data, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("codec: %v", err)) // strings and bytes always marshal
	}
	return append(data, '\n')
}

func read(path string) (ringFile, error) {
	data, err := keyfile.Read(path)
	if err != nil {
		return ringFile{}, err
	}
	defer clear(data)
	var file ringFile
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		// Without the cause: JSON errors may quote the text around the fault, which may be a key.
		return ringFile{}, bad(path, errors.New("it is not a key ring in JSON"))
	}
	if _, err := decoder.Token(); err != io.EOF {
		return ringFile{}, bad(path, errors.New("something follows the key ring"))
	}
	if err := file.check(); err != nil {
		return ringFile{}, bad(path, err)
	}
	return file, nil
}

// check finds everything that is wrong with a ring.
func (f *ringFile) check() error {
	var wrong []string
	seen := map[string]bool{}
	for i, one := range f.Keys {
		switch {
		case one.ID == "" || len(one.ID) > 64:
			wrong = append(wrong, fmt.Sprintf("keys[%d] needs an id of 1 to 64 bytes", i))
		case one.ID == devID:
			wrong = append(wrong, fmt.Sprintf("keys[%d] has the development key's id", i))
		case seen[one.ID]:
			wrong = append(wrong, fmt.Sprintf("keys[%d] repeats an id", i))
		}
		seen[one.ID] = true
		if len(one.Key) != keySize {
			wrong = append(wrong, fmt.Sprintf("keys[%d] has %d bytes instead of %d", i, len(one.Key), keySize))
		}
	}
	if f.Primary == "" || !seen[f.Primary] {
		wrong = append(wrong, "primary names none of the keys")
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "; "))
	}
	return nil
}

func bad(path string, err error) error {
	return &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_key_ring", Message: path + " is not a usable key ring", Err: err}
}
