package register_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"uplift/internal/register"
	"uplift/internal/register/registertest"
	"uplift/internal/seal"
	"uplift/upgrade"
)

// postgresEnv names a PostgreSQL in which the tests may make and drop schemas.
const postgresEnv = "UPLIFT_TEST_POSTGRES"

func open(t *testing.T, dsn string) *register.Register {
	t.Helper()
	r, err := register.Open(context.Background(), register.Options{DSN: dsn, Keys: seal.Dev("register")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func fileDSN(t *testing.T) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "a b?c#", "register.db")
}

// postgresDSN makes a schema of the test's own and drops it in the end.
func postgresDSN(t *testing.T) string {
	t.Helper()
	dsn := os.Getenv(postgresEnv)
	if dsn == "" {
		t.Skipf("%s names no PostgreSQL, so only SQLite is tested", postgresEnv)
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	schema := fmt.Sprintf("test_%d_%d", os.Getpid(), time.Now().UnixNano())
	if _, err := db.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = db.Exec("DROP SCHEMA " + schema + " CASCADE")
		_ = db.Close()
	})
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	query := address.Query()
	query.Set("search_path", schema)
	address.RawQuery = query.Encode()
	return address.String()
}

func TestConformance(t *testing.T) {
	for name, dsn := range map[string]func(*testing.T) string{
		"sqlite file":   fileDSN,
		"sqlite memory": func(*testing.T) string { return "sqlite::memory:" },
		"file URI": func(t *testing.T) string {
			return "file:" + filepath.Join(t.TempDir(), "register.db") + "?cache=private"
		},
		"postgres": postgresDSN,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "postgres" {
				postgresDSN(t) // skips the whole, with the reason
			}
			registertest.Conformance(t, func(t *testing.T) registertest.Register { return open(t, dsn(t)) })
			registertest.DeskConformance(t, func(t *testing.T) registertest.Desk { return open(t, dsn(t)) })
			registertest.InventoryConformance(t, func(t *testing.T) registertest.Inventory { return open(t, dsn(t)) })
			registertest.BatchesConformance(t, func(t *testing.T) registertest.Batches { return open(t, dsn(t)) })
		})
	}
}

func TestPartnerTokenConformance(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		registertest.PartnerTokenConformance(t, func(t *testing.T, now func() time.Time) registertest.PartnerTokens {
			r, err := register.Open(context.Background(), register.Options{DSN: dsn, Keys: seal.Dev("register"), Now: now})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = r.Close() })
			return r
		})
	})
}

// eachDatabase runs a test on both, given the address of an empty register.
func eachDatabase(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, fileDSN(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, postgresDSN(t)) })
}

func claim(t *testing.T, r *register.Register, id, workflow string) upgrade.Claim {
	t.Helper()
	c, err := r.Claim(context.Background(), upgrade.ClaimRequest{Order: upgrade.Order{ID: id, Tenant: "tenant-" + id},
		WorkflowID: workflow, FirstRun: "run"}, false)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTwoProcesses opens an empty register many times at once and claims through each: one schema, one grant.
func TestTwoProcesses(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		const processes = 8
		var all sync.WaitGroup
		var granted sync.Map
		for i := range processes {
			all.Go(func() {
				r, err := register.Open(context.Background(), register.Options{DSN: dsn, Keys: seal.Dev("register")})
				if err != nil {
					t.Error(err)
					return
				}
				defer r.Close()
				if v, err := r.Version(context.Background()); v != 9 || err != nil {
					t.Errorf("schema %d, %v", v, err)
				}
				if c := claim(t, r, "1", fmt.Sprint("w", i)); c.Outcome == upgrade.ClaimGranted {
					granted.Store(i, true)
				}
			})
		}
		all.Wait()
		winners := 0
		granted.Range(func(any, any) bool { winners++; return true })
		if winners != 1 {
			t.Errorf("%d processes were granted the order", winners)
		}
	})
}

func TestReopen(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		first := open(t, dsn)
		id := claim(t, first, "1", "w").Upgrade
		if err := first.SaveTokens(context.Background(), id, 1, upgrade.Tokens{Refresh: "r"}); err != nil {
			t.Fatal(err)
		}
		_ = first.Close()
		again := open(t, dsn)
		if got, err := again.Tokens(context.Background(), id, 1); err != nil || got.Refresh != "r" {
			t.Errorf("%v, %v", got.Refresh.Reveal(), err)
		}
		if c := claim(t, again, "1", "other"); c.Outcome != upgrade.ClaimDuplicate || c.Holder != "w" {
			t.Errorf("%+v", c)
		}
		attempts, err := again.OfWorkflow(context.Background(), "w")
		if err != nil || len(attempts) != 1 || attempts[0].Upgrade != "1#1" || len(attempts[0].Order) == 0 {
			t.Errorf("%+v, %v", attempts, err)
		}
	})
}

func TestNewerSchemaIsLeftAlone(t *testing.T) {
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
	_, err = register.Open(context.Background(), register.Options{DSN: dsn, Keys: seal.Dev("register")})
	if upgrade.CodeOf(err) != "register_newer" {
		t.Errorf("%v", err)
	}
}

// TestAtRest searches every file of the register for secrets, and opens a row that was copied under another upgrade.
func TestAtRest(t *testing.T) {
	ctx, dsn := context.Background(), fileDSN(t)
	r := open(t, dsn)
	one, two := claim(t, r, "1", "w1").Upgrade, claim(t, r, "2", "w2").Upgrade
	secrets := []string{"access-token-text", "refresh-token-text", "id-token-text", "device-code-text", "USERCODE"}
	if err := r.SaveTokens(ctx, one, 1, upgrade.Tokens{Access: "access-token-text", Refresh: "refresh-token-text", ID: "id-token-text"}); err != nil {
		t.Fatal(err)
	}
	if err := r.SaveCode(ctx, one, 1, upgrade.PendingCode{DeviceCode: "device-code-text", UserCode: "USERCODE"}); err != nil {
		t.Fatal(err)
	}
	secrets = append(secrets, "partner-refresh-text")
	if err := r.SavePartnerToken(ctx, upgrade.Tokens{Refresh: "partner-refresh-text"}, upgrade.Identity{ObjectID: "o"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(dsn, "sqlite:")
	files, _ := filepath.Glob(filepath.Join(strings.ReplaceAll(filepath.Dir(path), "?", `\?`), "*"))
	if len(files) == 0 {
		t.Fatal("no files were found")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range secrets {
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("%s shows %s", filepath.Base(file), secret)
			}
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", filepath.Base(file), info.Mode(), err)
		}
	}

	address := url.URL{Scheme: "file", OmitHost: true, Path: path}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("INSERT INTO tokens SELECT ?, invitation, sealed, saved_at FROM tokens", two); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Tokens(ctx, two, 1); upgrade.CodeOf(err) != "unsealable" {
		t.Errorf("a copied row: %v", err)
	}
}

func TestBadOptions(t *testing.T) {
	keys := seal.Dev("register")
	for _, o := range []register.Options{
		{DSN: "sqlite::memory:"},
		{Keys: keys},
		{Keys: keys, DSN: "sqlite:"},
		{Keys: keys, DSN: "register.db"},
		{Keys: keys, DSN: "mysql://host"},
		{Keys: keys, DSN: "file:x?mode=memory"},
		{Keys: keys, DSN: "postgres://user:hidden@host:notaport/db"},
	} {
		_, err := register.Open(context.Background(), o)
		if upgrade.KindOf(err) != upgrade.Invalid || strings.Contains(fmt.Sprint(err), "hidden") {
			t.Errorf("%q: %v", o.DSN, err)
		}
	}
	_, err := register.Open(context.Background(), register.Options{Keys: keys, DSN: "postgres://user:hidden@127.0.0.1:1/db?connect_timeout=1"})
	if upgrade.KindOf(err) != upgrade.Transient || strings.Contains(fmt.Sprint(err), "hidden") {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestCancelledContextIsTransient(t *testing.T) {
	r := open(t, fileDSN(t))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := r.SavePlan(ctx, "1#1", upgrade.Plan{}); upgrade.KindOf(err) != upgrade.Transient {
		t.Errorf("%v", err)
	}
	if err := r.Ping(context.Background()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestOldRowsStayReadable: attempts of before there were columns for them are listed with what their plans say, and found by
// the order's id.
func TestOldRowsStayReadable(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		ctx, r := context.Background(), open(t, dsn)
		up := claim(t, r, "Old-1", "w").Upgrade
		if err := r.SavePlan(ctx, up, upgrade.Plan{Customer: upgrade.Customer{Name: "Contoso"}, Headline: "Basic → Premium"}); err != nil {
			t.Fatal(err)
		}
		driver, name := "pgx", dsn
		if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
			driver, name = "sqlite", (&url.URL{Scheme: "file", OmitHost: true, Path: path}).String()
		}
		db, err := sql.Open(driver, name)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec("UPDATE upgrades SET customer = '', headline = '', search = lower(order_id)"); err != nil {
			t.Fatal(err)
		}
		for _, search := range []string{"", "old-"} {
			found, _, err := r.Recorded(ctx, upgrade.RecordedFilter{Search: search}, "", 0)
			if err != nil || len(found) != 1 || found[0].Customer != "Contoso" || found[0].Headline != "Basic → Premium" {
				t.Errorf("%q: %+v, %v", search, found, err)
			}
		}
	})
}

// TestTwoHandles: a worker and the server of the pages have one SQLite file open, and write and read at once.
func TestTwoHandles(t *testing.T) {
	dsn := fileDSN(t)
	one, two := open(t, dsn), open(t, dsn)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			r, id := one, fmt.Sprint(i)
			if i%2 == 1 {
				r = two
			}
			if c := claim(t, r, id, "w"+id); c.Outcome != upgrade.ClaimGranted {
				t.Errorf("%s: %+v", id, c)
			}
			if err := r.SaveReseller(context.Background(), upgrade.Reseller{ID: "harbor-it", Name: "Harbor " + id}); err != nil {
				t.Error(err)
			}
			if _, _, err := r.Recorded(context.Background(), upgrade.RecordedFilter{}, "", 10); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, r := range []*register.Register{one, two} {
		if found, _, err := r.Recorded(context.Background(), upgrade.RecordedFilter{}, "", 100); err != nil || len(found) != 40 {
			t.Errorf("%d rows, %v", len(found), err)
		}
	}
}
