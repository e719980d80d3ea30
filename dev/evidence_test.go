package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/smtp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"uplift/dev/internal/leaks"
	"uplift/internal/codec"
)

// where is a class of places where something is written.
type where string

const (
	inStored        where = "a history as stored"
	inDecoded       where = "a history, decoded"
	inAttributes    where = "attributes, memos and pending activities"
	inDatabase      where = "Temporal's database"
	inRegister      where = "the register"
	inLog           where = "a log"
	inMail          where = "a mail"
	inResponse      where = "an answer of ours over HTTP"
	inPageURL       where = "an address of ours"
	inURL           where = "an address at Microsoft"
	inRequest       where = "a request to Microsoft"
	inAuthorization where = "the header Authorization"
	onTerminal      where = "the operator's terminal"
	inMetric        where = "a metric"
)

func places() []where {
	return []where{inStored, inDecoded, inAttributes, inDatabase, inRegister, inLog, inMail, inResponse, inPageURL, inURL, inRequest,
		inAuthorization, onTerminal, inMetric}
}

// Kinds beside the simulator's own.
const (
	kindLink         = "link"
	kindKey          = "key"
	kindMailPassword = "password of the mail server"
)

// mayStand says what may be found where; everything else is a violation. The user code and a copied link stand in answers
// that are encrypted; the mailed link is in its mail and in its page, whose reader has it; Microsoft itself puts the
// authorization code into the address to which it sends the browser.
func mayStand(kind string, in where) bool {
	return slices.Contains(map[where][]string{
		inDecoded:       {"user code", kindLink},
		inMail:          {kindLink},
		inResponse:      {"user code", kindLink},
		inPageURL:       {"authorization code", kindLink},
		inAuthorization: {"access token"},
	}[in], kind)
}

// piece is something that was written.
type piece struct {
	name string
	data []byte
}

// evidence is all that was written, by place.
type evidence struct {
	mu   sync.Mutex
	kept map[where][]piece
}

func (e *evidence) add(p where, name string, data []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.kept == nil {
		e.kept = map[where][]piece{}
	}
	e.kept[p] = append(e.kept[p], piece{name, data})
}

// violations are the secrets that stand where they must not.
func (e *evidence) violations(search *leaks.Search) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []string
	for _, p := range places() {
		for _, one := range e.kept[p] {
			for _, hit := range search.In(one.data) {
				if !mayStand(hit.Kind, p) {
					out = append(out, fmt.Sprintf("%s (%s) has the %v", p, one.name, hit))
				}
			}
		}
	}
	return out
}

// search looks for everything that is secret by now.
func (w *watched) search() *leaks.Search {
	w.t.Helper()
	search, err := leaks.New(w.secrets())
	if err != nil {
		w.t.Fatal(err)
	}
	return search
}

// covered holds that the test has looked at something in every place, for secrets of every kind: else it proves nothing.
func (w *watched) covered() {
	w.t.Helper()
	kinds := map[string]int{}
	for _, one := range w.secrets() {
		kinds[one.Kind]++
	}
	for _, kind := range []string{"access token", "refresh token", "id token", "device code", "authorization code", "user code", "code verifier",
		"client secret", "password", kindLink, kindKey, kindMailPassword} {
		if kinds[kind] == 0 {
			w.t.Errorf("there was no secret of kind %q", kind)
		}
	}
	for _, p := range places() {
		size := 0
		for _, one := range w.pieces(p) {
			size += len(one.data)
		}
		w.t.Logf("%s: %d pieces, %d bytes", p, len(w.pieces(p)), size)
		if size == 0 {
			w.t.Errorf("nothing was looked at in %s", p)
		}
	}
	w.t.Logf("secrets: %v", kinds)
	for what, done := range map[string]bool{"a poll": w.quoted.poll.Load(), "a batch": w.quoted.batch.Load(), "a change": w.quoted.change.Load()} {
		if !done {
			w.t.Errorf("Microsoft has not quoted %s", what)
		}
	}
}

func (e *evidence) pieces(p where) []piece {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.kept[p])
}

// collect takes what stands somewhere at the end; logs, pages and requests were kept when they came.
func (w *watched) collect(ctx context.Context) {
	w.t.Helper()
	w.histories(ctx)
	w.rows(filepath.Join(w.data, "temporal.db"), inDatabase)
	w.rows(filepath.Join(w.data, "register.db"), inRegister)
	w.mails()
	w.metrics(ctx)
}

// listed waits until Temporal lists an execution, which it does some time after its start.
func (w *watched) listed(ctx context.Context, id string) {
	w.t.Helper()
	for ; ; time.Sleep(100 * time.Millisecond) {
		listed, err := w.connection.Client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: fmt.Sprintf("WorkflowId = %q", id)})
		switch {
		case err != nil:
			w.t.Fatal(err)
		case len(listed.Executions) > 0:
			return
		}
	}
}

// histories takes every execution that Temporal knows: as stored, decoded here, and decoded by our endpoint.
func (w *watched) histories(ctx context.Context) {
	w.t.Helper()
	ring, err := codec.Open(w.key("codec"))
	if err != nil {
		w.t.Fatal(err)
	}
	listed, err := w.connection.Client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{PageSize: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, info := range listed.Executions {
		run := info.Execution
		w.add(inAttributes, run.WorkflowId, wire(info))
		w.describe(ctx, run.WorkflowId)
		var h history.History
		events := w.connection.Client.GetWorkflowHistory(ctx, run.WorkflowId, run.RunId, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			event, err := events.Next()
			if err != nil {
				w.t.Fatal(err)
			}
			h.Events = append(h.Events, event)
		}
		w.add(inStored, run.WorkflowId, wire(&h))
		var sealed commonpb.Payloads
		if err := proxy.VisitPayloads(ctx, &h, proxy.VisitPayloadsOptions{SkipSearchAttributes: true,
			Visitor: func(_ *proxy.VisitPayloadsContext, p []*commonpb.Payload) ([]*commonpb.Payload, error) {
				sealed.Payloads = append(sealed.Payloads, p...)
				return ring.Decode(p)
			}}); err != nil {
			w.t.Fatal(err)
		}
		w.add(inDecoded, run.WorkflowId, wire(&h))
		w.add(inDecoded, run.WorkflowId+" by the endpoint", w.endpoint(ctx, &sealed))
	}
}

// describe takes what Temporal tells of an execution now: pending activities with their heartbeats and last failures.
func (w *watched) describe(ctx context.Context, id string) {
	if d, err := w.connection.Client.DescribeWorkflowExecution(ctx, id, ""); err == nil {
		w.add(inAttributes, id, wire(d))
	}
}

// wire is a message as Temporal sends it, where bytes stand as they are.
func wire(m proto.Message) []byte {
	data, err := proto.Marshal(m)
	if err != nil {
		panic(err) // what was received can be sent
	}
	return data
}

// endpoint has our codec endpoint decode payloads.
func (w *watched) endpoint(ctx context.Context, sealed *commonpb.Payloads) []byte {
	w.t.Helper()
	body, err := protojson.Marshal(sealed)
	if err != nil {
		w.t.Fatal(err)
	}
	r, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+w.all.portal+"/codec/decode", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		w.t.Fatalf("the codec endpoint answers %s: %v", resp.Status, err)
	}
	return out
}

// rows takes every row of every table of a SQLite file, and the file's own bytes with its journal's.
func (w *watched) rows(file string, p where) {
	w.t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	var tables []string
	names, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'table'")
	if err != nil {
		w.t.Fatal(err)
	}
	for names.Next() {
		var name string
		if err := names.Scan(&name); err != nil {
			w.t.Fatal(err)
		}
		tables = append(tables, name)
	}
	for _, table := range tables {
		w.table(db, table, p)
	}
	for _, suffix := range []string{"", "-wal"} {
		if data, err := os.ReadFile(file + suffix); err == nil {
			w.add(p, filepath.Base(file)+suffix, data)
		}
	}
}

func (w *watched) table(db *sql.DB, table string, p where) {
	w.t.Helper()
	rows, err := db.Query(`SELECT * FROM "` + table + `"`)
	if err != nil {
		if strings.Contains(err.Error(), "no such module") {
			return
		}
		w.t.Fatalf("%s: %v", table, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		w.t.Fatal(err)
	}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			w.t.Fatal(err)
		}
		for i, value := range values {
			data, ok := value.([]byte)
			if !ok {
				data = fmt.Append(nil, value)
			}
			w.add(p, table+"."+columns[i], data)
		}
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
}

// mails takes every mail: as it came, and decoded.
func (w *watched) mails() {
	for _, m := range w.all.cloud.Mailbox.Messages() {
		w.add(inMail, m.Subject, fmt.Appendf(nil, "%s\n%s\n%s\n%v\n%v", m.Raw, m.Text, m.HTML, m.Headers, m.To))
	}
}

// metrics asks where metrics would be. There are none yet: what is answered is looked at all the same, so that they are
// searched from the day on which they come.
func (w *watched) metrics(ctx context.Context) {
	w.t.Helper()
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.all.portal+"/metrics", nil)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	w.add(inMetric, "/metrics", fmt.Appendf(nil, "%v\n%s", resp.Header, body))
}

// plant puts an access token into a place as a mistake of ours would, where there is a way; it must then be found there and
// nowhere else that matters.
func (w *watched) plant(t *testing.T, ctx context.Context, p where) {
	planted := w.secretOf("access token")
	if p == inAuthorization {
		planted = w.secretOf("refresh token")
	}
	if err := w.mistake(ctx, p, planted); err != nil {
		t.Fatal(err)
	}
	found := w.violations(w.search())
	if !slices.ContainsFunc(found, func(v string) bool { return strings.HasPrefix(v, string(p)) }) {
		t.Errorf("what was planted in %s is not found: %v", p, found)
	}
	w.forget()
}

func (w *watched) secretOf(kind string) string {
	for _, one := range w.secrets() {
		if one.Kind == kind {
			return one.Value
		}
	}
	w.t.Fatalf("no %s", kind)
	return ""
}

// forget begins the evidence anew.
func (e *evidence) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.kept = nil
}

// mistake makes one. Evidence that is collected at the end is then collected again.
func (w *watched) mistake(ctx context.Context, p where, secret string) error {
	get := func(address string) error {
		resp, err := (&http.Client{Transport: w}).Get(address)
		if err == nil {
			resp.Body.Close()
		}
		return err
	}
	switch p {
	case inStored, inAttributes, inDatabase: // a client without our codec
		foreign, err := client.Dial(client.Options{HostPort: w.all.temporal.FrontendAddr()})
		if err != nil {
			return err
		}
		defer foreign.Close()
		o := client.StartWorkflowOptions{ID: "planted", TaskQueue: "nobody's", Memo: map[string]any{"note": "it is " + secret}}
		if _, err := foreign.ExecuteWorkflow(ctx, o, "Planted", map[string]string{"note": secret}); err != nil {
			return err
		}
		if p == inDatabase {
			w.rows(filepath.Join(w.data, "temporal.db"), inDatabase)
			return nil
		}
		w.listed(ctx, o.ID)
		w.histories(ctx)
	case inDecoded:
		if _, err := w.connection.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "planted and sealed", TaskQueue: "nobody's"}, "Planted", secret); err != nil {
			return err
		}
		w.listed(ctx, "planted and sealed")
		w.histories(ctx)
	case inRegister:
		db, err := sql.Open("sqlite", "file:"+filepath.Join(w.data, "register.db")+"?_pragma=busy_timeout(10000)")
		if err != nil {
			return err
		}
		defer db.Close()
		if _, err := db.Exec("CREATE TABLE planted (note BLOB)"); err != nil {
			return err
		}
		if _, err := db.Exec("INSERT INTO planted VALUES (?)", []byte(secret)); err != nil {
			return err
		}
		w.rows(filepath.Join(w.data, "register.db"), inRegister)
	case inLog:
		w.log.Debug("asking", zap.Any("headers", http.Header{"Authorization": {"Bearer " + secret}}))
	case inMail:
		err := smtp.SendMail(w.all.cloud.URLs().SMTP, smtp.CRAMMD5Auth(mailUser, mailPassword), "a@provider.example", []string{"b@customer.example"},
			[]byte("Subject: planted\r\n\r\n"+secret+"\r\n"))
		w.mails()
		return err
	case inPageURL:
		return get("http://" + w.all.portal + "/healthz?token=" + secret)
	case inURL:
		return get(w.all.cloud.URLs().Graph + "/users?token=" + secret)
	case inRequest:
		resp, err := http.Post(w.all.cloud.URLs().Partner+"/customers", "application/json", strings.NewReader(`{"token":"`+secret+`"}`))
		if err == nil {
			resp.Body.Close()
		}
		return err
	case inAuthorization:
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, w.all.cloud.URLs().Graph+"/organization", nil)
		r.Header.Set("Authorization", "Bearer "+secret)
		resp, err := http.DefaultClient.Do(r)
		if err == nil {
			resp.Body.Close()
		}
		return err
	default: // no way leads there from outside
		w.add(p, "planted", []byte("it says "+secret))
	}
	return nil
}
