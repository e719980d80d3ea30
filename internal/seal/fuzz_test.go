package seal_test

import (
	"strings"
	"testing"

	"uplift/internal/seal"
	"uplift/upgrade"
)

// FuzzUnseal: nothing comes out of what we did not seal for the same purpose, and the refusal repeats nothing of it.
func FuzzUnseal(f *testing.F) {
	keys := seal.Dev("register")
	ours, err := keys.Seal(token, "a context")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(ours, "a context")
	f.Add(ours, "another context")
	f.Add(ours[:len(ours)-1], "a context")
	f.Add(append([]byte{0xff, 0xff, 0xff, 0xff}, ours...), "a context")
	f.Add([]byte(nil), "")
	f.Fuzz(func(t *testing.T, sealed []byte, context string) {
		plain, err := keys.Unseal(sealed, context)
		if back, err := keys.Unseal(ours, "a context"); err != nil || back != token {
			t.Fatalf("ours is not read: %v", err)
		}
		// Each process of the fuzzer has sealed one of its own, of which only what is in it is the same.
		switch {
		case (err == nil || plain != "") && (plain != token || context != "a context"):
			t.Fatal("what nobody sealed is read")
		case err != nil && (upgrade.CodeOf(err) == "" || len(sealed) > 12 && strings.Contains(err.Error(), string(sealed))):
			t.Errorf("%v", err)
		}
	})
}
