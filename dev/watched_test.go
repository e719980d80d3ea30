package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"uplift/dev/internal/leaks"
	"uplift/dev/internal/signin"
	"uplift/internal/codec"
	"uplift/internal/seal"
	"uplift/internal/service"
	"uplift/internal/sim"
	"uplift/internal/temporalclient"
)

// The mail server's login, and a code that the error book does not know.
const (
	mailUser     = "uplift"
	mailPassword = "Mail-Server-Password-7+/="
	hostileCode  = "987654"
)

// watched is the whole product on keys of its own, with everything that it writes kept.
type watched struct {
	evidence
	t          *testing.T
	all        *running
	connection *temporalclient.Connection
	keys       string // directory of the key files
	data       string // directory of the databases
	log        *zap.Logger
	customers  []string

	discreet sync.Map                                  // addresses whose answers forbid a referrer
	quoted   struct{ poll, batch, change atomic.Bool } // what Microsoft has quoted already
}

// watchedProduct starts it.
func watchedProduct(t *testing.T) *watched {
	t.Helper()
	w := &watched{t: t, keys: t.TempDir(), data: t.TempDir()}
	for _, err := range []error{
		codec.Generate(w.key("codec")), seal.Generate(w.key("link")), seal.Generate(w.key("register")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	lines := zapcore.AddSync(writer(func(line []byte) { w.add(inLog, "worker and starter", line) }))
	w.log = zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), lines, zap.DebugLevel))
	others := slog.New(slog.NewJSONHandler(writer(func(line []byte) { w.add(inLog, "Temporal and the simulator", line) }), &slog.HandlerOptions{Level: slog.LevelDebug}))

	s, err := parse([]string{"-demo", "-data", w.data}, func(string) string { return "" }, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	s.more = []string{"-codec-key", w.key("codec"), "-link-key", w.key("link"), "-register-key", w.key("register"), "-log-level", "debug"}
	s.log, s.wrap, s.mailUser, s.mailPassword = w.log, w.wrap, mailUser, mailPassword
	if w.all, err = start(t.Context(), s, others); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.all.close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	if w.connection, err = w.all.connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.connection.Close)
	w.customers = sim.SeedMany(w.all.cloud.State, 4)
	return w
}

func (w *watched) key(purpose string) string { return filepath.Join(w.keys, purpose+".json") }

func (w *watched) customer(i int) (tenant, admin string) {
	return w.customers[i], fmt.Sprintf("admin@customer-%04d.example", i+1)
}

// writer makes an io.Writer of a function.
type writer func([]byte)

func (f writer) Write(p []byte) (int, error) { f(bytes.Clone(p)); return len(p), nil }

// wrap sees every request that Microsoft receives, and has Microsoft quote some of them in its refusals.
func (w *watched) wrap(name string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		w.add(inURL, name, []byte(r.Method+" "+r.URL.String()+" "+r.Referer()))
		token := r.Header.Get("Authorization")
		w.add(inAuthorization, name, []byte(token))
		headers := r.Header.Clone()
		for _, private := range []string{"Authorization", "Cookie"} {
			headers.Del(private)
		}
		w.add(inRequest, name, fmt.Appendf(nil, "%v", headers))
		if name != "entra" { // whose requests are about nothing else
			w.add(inRequest, name, body)
		}
		switch {
		case name == "entra" && strings.Contains(string(body), "device_code=") && strings.HasSuffix(r.URL.Path, "/token") && w.quoted.poll.CompareAndSwap(false, true):
			answer(rw, 503, map[string]any{"error": "temporarily_unavailable", "error_description": "AADSTS90033: the request was " + string(body), "error_codes": []int{90033}})
		case name == "graph" && strings.HasSuffix(r.URL.Path, "/$batch") && w.quoted.batch.CompareAndSwap(false, true):
			answer(rw, 503, map[string]any{"error": map[string]any{"code": "serviceNotAvailable", "message": "The token was " + token + " and " + string(body)}})
		case name == "partner" && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/transitions") && strings.Contains(r.URL.Path, w.customers[3]) && w.quoted.change.CompareAndSwap(false, true):
			rw.Header().Set("MS-CorrelationId", strings.TrimPrefix(token, "Bearer ")[:64])
			answer(rw, 400, map[string]any{"code": hostileCode, "description": "The header Authorization: " + token + " came with a request that is not allowed."})
		default:
			next.ServeHTTP(rw, r)
		}
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// RoundTrip is the browsers' transport: what our own server is asked and answers is kept. It keeps to a Referrer-Policy, as
// browsers do and Go's client does not.
func (w *watched) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, discreet := w.discreet.Load(r.Referer()); discreet {
		r = r.Clone(r.Context())
		r.Header.Del("Referer")
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || r.URL.Host != w.all.portal {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if resp.Header.Get("Referrer-Policy") == "no-referrer" {
		w.discreet.Store(r.URL.String(), true)
	}
	w.add(inPageURL, r.URL.Path, []byte(r.URL.String()))
	w.add(inResponse, r.URL.Path, fmt.Appendf(nil, "%v\n%s", resp.Header, body))
	return resp, err
}

// secrets are all that was made, shown or configured so far.
func (w *watched) secrets() []leaks.Secret {
	w.t.Helper()
	var all []leaks.Secret
	for _, one := range w.all.cloud.Entra.Secrets() {
		all = append(all, piecesOf(string(one.Kind), one.Value)...)
	}
	all = append(all, leaks.Secret{Kind: kindMailPassword, Value: mailPassword}, leaks.Secret{Kind: "client secret", Value: sim.DemoClientSecret})
	for _, link := range w.links() {
		all = append(all, leaks.Secret{Kind: kindLink, Value: link[strings.LastIndex(link, "/")+1:]})
	}
	for _, purpose := range []string{"codec", "link", "register"} {
		all = append(all, w.material(purpose)...)
	}
	return all
}

// piecesOf are a secret and what would betray that it was cut: a beginning and an end. Every token that is a JWT begins alike,
// as access tokens do.
func piecesOf(kind, value string) []leaks.Secret {
	const enough = 40
	all := []leaks.Secret{{Kind: kind, Value: value}}
	if len(value) < 2*enough {
		return all
	}
	if all = append(all, leaks.Secret{Kind: kind, Value: value[len(value)-enough:]}); strings.Count(value, ".") == 2 {
		kind = "access token"
	}
	return append(all, leaks.Secret{Kind: kind, Value: value[:enough]})
}

// links are those that were mailed.
func (w *watched) links() []string {
	var all []string
	for _, m := range w.all.cloud.Mailbox.Messages() {
		if link := signin.Link(m.Text); link != "" {
			all = append(all, link)
		}
	}
	return all
}

var base64InFile = regexp.MustCompile(`"(?:key|value)": ?"([A-Za-z0-9+/=]{40,})"`)

// material is the key material in a file, of which the last 32 bytes are the key in both formats.
func (w *watched) material(purpose string) []leaks.Secret {
	w.t.Helper()
	data, err := os.ReadFile(w.key(purpose))
	if err != nil {
		w.t.Fatal(err)
	}
	found := base64InFile.FindSubmatch(data)
	if found == nil {
		w.t.Fatalf("the file of the key for %s holds none", purpose)
	}
	raw, err := base64.StdEncoding.DecodeString(string(found[1]))
	if err != nil || len(raw) < 32 {
		w.t.Fatalf("the key for %s: %d bytes, %v", purpose, len(raw), err)
	}
	return []leaks.Secret{{Kind: kindKey, Value: string(found[1])}, {Kind: kindKey, Value: string(raw[len(raw)-32:])}}
}

func (w *watched) partnerSignIn(ctx context.Context, out io.Writer, typed <-chan string) error {
	in, line := io.Pipe()
	go func() {
		_, _ = io.WriteString(line, <-typed+"\n")
	}()
	_, err := service.SignInPartner(ctx, service.SignInOptions{Settings: w.all.settings, Log: w.log, Paste: in, Out: out})
	return err
}

// terminal is what an operator reads.
type terminal struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (t *terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.out.Write(p)
}

func (t *terminal) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.out.String()
}

// wait returns what matches, once it is written; nothing when the context ends.
func (t *terminal) wait(ctx context.Context, what *regexp.Regexp) string {
	for ctx.Err() == nil {
		if found := what.FindString(t.text()); found != "" {
			return found
		}
		time.Sleep(10 * time.Millisecond)
	}
	return ""
}
