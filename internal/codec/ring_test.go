package codec_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"

	"uplift/internal/codec"
	"uplift/upgrade"
)

func readable(r *codec.Ring, payload *commonpb.Payload) bool {
	out, err := r.Decode([]*commonpb.Payload{payload})
	return err == nil && !codec.Encrypted(out[0])
}

func TestRotation(t *testing.T) {
	path, before := ring(t)
	old := encode(t, before, "x")
	id, err := codec.Rotate(path)
	if err != nil {
		t.Fatal(err)
	}
	rotated := open(t, path)
	if rotated.Primary() != id || id == before.Primary() {
		t.Errorf("primary %s after rotating to %s", rotated.Primary(), id)
	}
	if !readable(rotated, old) {
		t.Error("a history of the old key cannot be read after rotation")
	}
	if readable(before, encode(t, rotated, "x")) {
		t.Error("the new key was not used")
	}
}

// A fleet is rotated in two steps, so that at no time a worker meets a payload whose key it lacks.
func TestAddThenPromote(t *testing.T) {
	path, first := ring(t)
	id, err := codec.Add(path)
	if err != nil {
		t.Fatal(err)
	}
	added := open(t, path)
	if added.Primary() != first.Primary() || !readable(first, encode(t, added, "x")) {
		t.Error("an added key encrypts before it is promoted")
	}
	if err := codec.Promote(path, id); err != nil {
		t.Fatal(err)
	}
	promoted := open(t, path)
	if promoted.Primary() != id || !readable(added, encode(t, promoted, "x")) {
		t.Error("a worker with the added key cannot read what a promoted one writes")
	}
	if err := codec.Promote(path, "absent"); upgrade.CodeOf(err) != "bad_key_ring" {
		t.Errorf("promoting a key that is not there: %v", err)
	}
	if open(t, path).Primary() != id {
		t.Error("a refused promotion changed the file")
	}
}

func TestDevRingAnnouncesItself(t *testing.T) {
	if r := codec.Dev(); !r.Development() || r.Primary() != "dev" || !strings.Contains(r.String(), "DEVELOPMENT KEY") {
		t.Errorf("%v", r)
	}
	if !readable(codec.Dev(), encode(t, codec.Dev(), "x")) {
		t.Error("two processes of the dev mode do not understand each other")
	}
	if _, r := ring(t); r.Development() || strings.Contains(r.String(), "DEVELOPMENT") {
		t.Error("a ring from a file calls itself a development ring")
	}
}

func TestOpenRefuses(t *testing.T) {
	good := base64.StdEncoding.EncodeToString(make([]byte, 32))
	key := func(id, material string) string { return fmt.Sprintf(`{"id":%q,"key":%q}`, id, material) }
	file := func(primary string, keys ...string) string {
		return fmt.Sprintf(`{"primary":%q,"keys":[%s]}`, primary, strings.Join(keys, ","))
	}
	for text, want := range map[string]string{
		"":                                "not a key ring",
		"c2VjcmV0":                        "not a key ring",
		"{}":                              "primary names none",
		file("a"):                         "primary names none",
		file("b", key("a", good)):         "primary names none",
		file("a", key("a", "c2VjcmV0")):   "has 6 bytes",
		file("a", key("a", "%%c2VjcmV0")): "not a key ring",
		file("a", key("a", good), key("a", good)): "repeats an id",
		file("dev", key("dev", good)):             "development key's id",
		file("", key("", good)):                   "needs an id",
		file("a", key("a", good)) + "{}":          "something follows",
		`{"primary":"a","kees":[]}`:               "not a key ring",
	} {
		path := filepath.Join(t.TempDir(), "ring")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := codec.Open(path)
		if upgrade.CodeOf(err) != "bad_key_ring" || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "c2VjcmV0") {
			t.Errorf("%s: %v, want %q and no key", text, err, want)
		}
	}
	path := filepath.Join(t.TempDir(), "ring")
	if err := codec.Generate(path); err != nil {
		t.Fatal(err)
	}
	if err := codec.Generate(path); upgrade.CodeOf(err) != "key_file_exists" {
		t.Errorf("a second Generate: %v", err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := codec.Open(path); upgrade.CodeOf(err) != "key_file_permissions" {
		t.Errorf("a ring that a group can read: %v", err)
	}
}
