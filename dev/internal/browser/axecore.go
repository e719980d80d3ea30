package browser

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// axe-core is Deque's library of accessibility rules, under the Mozilla Public License 2.0. It is not
// part of this repository: a test fetches it from the npm registry, once for each machine and version,
// and believes nothing that has not this digest. To take another version, write down what
// `npm view axe-core@VERSION dist.integrity` says.
const (
	axeVersion   = "4.14.1"
	axeIntegrity = "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
	axeInside    = "package/axe.min.js"
	axeMost      = 32 << 20 // bytes of the package, packed or not
)

// axeScript is the library's source. Where it cannot be had, the test is skipped, or fails where the
// browser is required.
func axeScript(t testing.TB) string {
	t.Helper()
	data, err := axePackage()
	if err == nil {
		data, err = unpacked(data, axeInside)
	}
	if err != nil {
		absent(t, fmt.Sprintf("axe-core %s cannot be had, and the pages' accessibility is not tested: %v", axeVersion, err))
	}
	return string(data)
}

// axePackage is the package as the registry has it: from the user's cache, else fetched and kept there.
func axePackage() ([]byte, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(cache, "uplift-test", "axe-core-"+axeVersion+".tgz")
	if data, err := os.ReadFile(path); err == nil && intact(data, axeIntegrity) == nil {
		return data, nil
	}
	registry := strings.TrimRight(os.Getenv("npm_config_registry"), "/") // npm's own setting for another registry
	if registry == "" {
		registry = "https://registry.npmjs.org"
	}
	data, err := fetch(registry + "/axe-core/-/axe-core-" + axeVersion + ".tgz")
	if err != nil {
		return nil, err
	}
	if err := intact(data, axeIntegrity); err != nil {
		return nil, err
	}
	return data, keep(path, data)
}

func fetch(address string) ([]byte, error) {
	client := http.Client{Timeout: time.Minute}
	reply, err := client.Get(address)
	if err != nil {
		return nil, err
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", address, reply.Status)
	}
	return io.ReadAll(io.LimitReader(reply.Body, axeMost))
}

// intact compares data with a digest in the form of Subresource Integrity.
func intact(data []byte, integrity string) error {
	digest := sha512.Sum512(data)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(digest[:]); got != integrity {
		return fmt.Errorf("the package has the digest %s, and not %s", got, integrity)
	}
	return nil
}

// keep writes the file whole or not at all: several tests may fetch it at a time.
func keep(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(path), "part-*")
	if err != nil {
		return err
	}
	_, err = part.Write(data)
	err = errors.Join(err, part.Close())
	if err == nil {
		err = os.Rename(part.Name(), path)
	}
	if err != nil {
		_ = os.Remove(part.Name()) // it may be gone already
	}
	return err
}

// unpacked is one file of a package.
func unpacked(data []byte, name string) ([]byte, error) {
	zipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	for files := tar.NewReader(io.LimitReader(zipped, axeMost)); ; {
		header, err := files.Next()
		switch {
		case err == io.EOF:
			return nil, fmt.Errorf("the package has no %s", name)
		case err != nil:
			return nil, err
		case header.Name == name:
			return io.ReadAll(files)
		}
	}
}
