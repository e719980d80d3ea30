package register_test

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"uplift/internal/register"
	"uplift/internal/seal"
	"uplift/upgrade"
)

func TestInspect(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		ctx := context.Background()
		look := func(keys *seal.Keys) upgrade.RegisterState {
			t.Helper()
			got, err := register.Inspect(ctx, register.Options{DSN: dsn, Keys: keys})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		ours, others := seal.Dev("register"), seal.Dev("others")
		if got := look(ours); got.Exists || got.Newest < 2 {
			t.Errorf("before it was made: %+v", got)
		}
		if got := look(ours); got.Exists {
			t.Error("the look made it")
		}
		r := open(t, dsn)
		id := claim(t, r, "1", "w").Upgrade
		for _, err := range []error{
			r.SaveTokens(ctx, id, 1, upgrade.Tokens{Refresh: "r"}),
			r.SaveCode(ctx, id, 1, upgrade.PendingCode{DeviceCode: "d"}),
			r.SavePartnerToken(ctx, upgrade.Tokens{Refresh: "p"}, upgrade.Identity{}, time.Now()),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for name, c := range map[string]struct {
			keys       *seal.Keys
			unreadable int
		}{"our keys": {ours, 0}, "other keys": {others, 3}} {
			if got := look(c.keys); !got.Exists || got.Schema != got.Newest || got.Sealed != 3 || got.Unreadable != c.unreadable {
				t.Errorf("%s: %+v", name, got)
			}
		}
	})
}

func TestInspectRefuses(t *testing.T) {
	ctx, folder := context.Background(), t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for dsn, code := range map[string]string{
		"nonsense":                             "bad_register_dsn",
		"file:" + folder:                       "register_folder",
		"file:" + folder + "/file/register.db": "register_folder",
		"postgres://u:hidden@127.0.0.1:1/x?connect_timeout=1": "register_unavailable",
	} {
		_, err := register.Inspect(ctx, register.Options{DSN: dsn, Keys: seal.Dev("register")})
		if upgrade.CodeOf(err) != code || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", dsn, err)
		}
	}
	if got, err := register.Inspect(ctx, register.Options{DSN: "file:" + folder + "/new/deep/register.db", Keys: seal.Dev("register")}); err != nil || got.Exists {
		t.Errorf("a place that can be made: %+v, %v", got, err)
	}
	if left, _ := os.ReadDir(folder); len(left) != 1 {
		t.Errorf("the look left %v", left)
	}
}

// TestInspectNewer: a register that a newer release has migrated is told by its number.
func TestInspectNewer(t *testing.T) {
	dsn := fileDSN(t)
	open(t, dsn)
	address := url.URL{Scheme: "file", OmitHost: true, Path: strings.TrimPrefix(dsn, "sqlite:")}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("INSERT INTO schema_version VALUES (99, 0)"); err != nil {
		t.Fatal(err)
	}
	if got, err := register.Inspect(context.Background(), register.Options{DSN: dsn, Keys: seal.Dev("register")}); err != nil || got.Schema != 99 {
		t.Errorf("%+v, %v", got, err)
	}
}
