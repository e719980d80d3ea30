package provider

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

func TestWhatBatchPagesSay(t *testing.T) {
	s := newSite(t, typical())
	for path, texts := range map[string][]string{
		"/batches":             {"running", "Waiting for your word", "2 running, 1 refused", "Paused", "by anna, for harbor", "Upgrade many customers"},
		"/batches?show=all":    {"ended", "Refused", "1 completed, 1 failed, 1 refused"},
		"/batches/planning":    {"Planning each row", "Each row is being planned", "not planned yet", "The subscription is suspended", "Cancel the whole batch"},
		"/batches/confirming":  {"2 rows can be upgraded, to 40 seats in all; 1 row cannot", "such as row 3: The subscription is suspended. Pay the invoice.", "Start 2 without the 1 refused", "Business Basic ×20 → Business Premium ×25", "0123456789abcdef"},
		"/batches/scheduled":   {"Waiting for its time", "3 Mar 2026", "Cancel 2 pending"},
		"/batches/running":     {"Waiting for consent", "Running · Changing the subscription", "needs an operator", "Pause", "With the ticked rows", "Also stop those that run"},
		"/batches/paused":      {"It is paused", "Go on"},
		"/batches/refused":     {"It was refused as a whole", "1 row cannot be upgraded", "Run the ticked rows again"},
		"/batches/ended":       {"Completed with exceptions", "Failed, undone", "It did not go", "Run what has failed again", "Run the ticked rows again"},
		"/batches/running?q=a": {"Row 1", "A-3"},
	} {
		code, page := s.get(path)
		if code != 200 {
			t.Errorf("%s answers %d", path, code)
		}
		if path != "/batches/running?q=a" {
			s.says(page, texts...)
		}
	}
	// Running rows lead to their upgrades, planned ones to a plan that is made for whoever looks.
	_, page := s.get("/batches/running")
	for _, link := range []string{`href="/upgrades/A-1"`, `href="/upgrades/A-1/plan"`, `href="/batches/running/rows/3/plan"`, `href="/batches/running/result.csv"`, `data-follow="/batches/running"`} {
		if !strings.Contains(page, link) {
			t.Errorf("there is no %s", link)
		}
	}
	if _, page = s.get("/batches/ended"); strings.Contains(page, "data-follow") {
		t.Error("what is over is followed")
	}
	_, page = s.get("/batches/confirming/rows/1/plan")
	s.says(page, "Plan of order A-1", "Something has changed since the batch was planned")
	if code, _ := s.get("/batches/confirming/rows/4/plan"); code != 404 {
		t.Errorf("the plan of a row that there is not answers %d", code)
	}
}

func TestRowsAreNarrowedAndPaged(t *testing.T) {
	f := typical()
	for i := range 120 {
		f.lines["running"] = append(f.lines["running"], upgrade.BatchLine{BatchRow: upgrade.BatchRow{Number: i + 4, Order: fmt.Sprintf("running-%05d", i+4), Tenant: contoso}, State: upgrade.RowPending})
	}
	s := newSite(t, f)
	rowsOn := func(path string) int {
		_, page := s.get(path)
		return strings.Count(page, `name="row"`)
	}
	for path, want := range map[string]int{"/batches/running": 50, "/batches/running?after=50": 50, "/batches/running?after=100": 23, "/batches/running?state=waiting": 1,
		"/batches/running?state=running": 1, "/batches/running?state=refused": 1, "/batches/running?q=fabrikam": 1, "/batches/running?state=completed": 0} {
		if got := rowsOn(path); got != want {
			t.Errorf("%s has %d rows", path, got)
		}
	}
	_, page := s.get("/batches/running?state=pending&q=running-")
	if !strings.Contains(page, `href="/batches/running?after=53&amp;q=running-&amp;state=pending"`) {
		t.Errorf("the next page is not narrowed:\n%s", regexp.MustCompile(`href="/batches[^"]*"`).FindAllString(page, -1))
	}
}

func TestWordsReachTheBatch(t *testing.T) {
	for _, c := range []struct {
		path string
		form url.Values
		said string
		says string
	}{
		{"/batches/confirming/start", nil, "start false by anna@provider.example confirming", "The rows are begun."},
		{"/batches/confirming/start", url.Values{"leaveOut": {"yes"}}, "start true by anna@provider.example confirming", "The rows are begun."},
		{"/batches/running/cancel", url.Values{"row": {"1", "3"}}, "cancel [1 3] false by anna@provider.example because  running", "Two rows are cancelled."},
		{"/batches/running/cancel", url.Values{"row": {"2"}, "running": {"yes"}}, "cancel [2] true by anna@provider.example because  running", "Two rows are cancelled."},
		{"/batches/running/cancel", url.Values{"which": {"all"}, "reason": {"wrong plan"}}, "cancel [] false by anna@provider.example because wrong plan running", "Two rows are cancelled."},
		{"/batches/running/pause", nil, "pause by anna@provider.example running", "Nothing more is begun."},
		{"/batches/paused/resume", nil, "resume by anna@provider.example paused", "It goes on."},
		{"/batches/ended/again", url.Values{"which": {"all"}}, "again [] by anna@provider.example ended", "The rows run again."},
		{"/batches/ended/again", url.Values{"row": {"2"}, "from": {"/batches/ended?state=failed"}}, "again [2] by anna@provider.example ended", "The rows run again."},
		{"/batches/running/cancel", nil, "", "No row is ticked."},
		{"/batches/running/cancel", url.Values{"row": {"all"}}, "", "There is no row"},
		{"/batches/ended/again", nil, "", "No row is ticked."},
	} {
		s := newSite(t, typical())
		code, page := s.post(c.path, c.form)
		if code != 200 || strings.Join(s.said, "; ") != c.said {
			t.Errorf("%s %v answers %d and said %q", c.path, c.form, code, s.said)
		}
		s.says(page, c.says)
	}
}

// TestWhoSeesWhichBatch: a reseller's people see and steer their own, the helpdesk and engineers look, and see no buttons.
func TestWhoSeesWhichBatch(t *testing.T) {
	s := newSite(t, typical())
	for _, who := range []access.Who{helen, enrico} {
		s.who = who
		_, page := s.get("/batches/running")
		for _, form := range []string{"/cancel", "/pause", "/again", `name="row"`} {
			if strings.Contains(page, form) {
				t.Errorf("%s sees %s", who.By(), form)
			}
		}
		if _, page := s.get("/batches"); strings.Contains(page, `href="/bulk"`) {
			t.Errorf("%s sees the way to place a batch", who.By())
		}
		s.post("/batches/running/pause", nil)
	}
	s.who = rita
	for path, want := range map[string]int{"/batches/paused": 200, "/batches/running": 404, "/batches/running/live": 404, "/batches/running/result.csv": 404, "/batches/running/rows/1/plan": 404,
		"/batches/paused/rows/1/plan": 404, "/batches/paused/rows/2/plan": 200} {
		if code, page := s.get(path); code != want || strings.Contains(page, "Contoso") {
			t.Errorf("%s answers %d\n%s", path, code, words(page))
		}
	}
	if _, page := s.get("/batches"); strings.Contains(words(page), "running by") || !strings.Contains(page, "/batches/paused") {
		t.Errorf("the list shows\n%s", words(page))
	}
	_, page := s.post("/batches/paused/resume", nil)
	s.says(page, "customers that are no longer yours")
	if len(s.said) > 0 {
		t.Errorf("words reached a batch: %q", s.said)
	}
}

func TestBatchResultCSV(t *testing.T) {
	s := newSite(t, typical())
	_, file := s.get("/batches/ended/result.csv")
	if lines := strings.Split(strings.TrimSpace(file), "\n"); len(lines) != 4 || !strings.HasPrefix(lines[0], "row,order,tenant,") || !strings.Contains(lines[2], "it did not go (x)") {
		t.Errorf("%s", file)
	}
	if rows, problems := upgrade.ParseBatchCSV(strings.NewReader(file)); len(rows) != 3 || problems != nil {
		t.Errorf("read back: %d rows, %v", len(rows), problems)
	}
}

// TestBatchLive reads the stream of a batch's page, narrowed as the page is, until the batch is over.
func TestBatchLive(t *testing.T) {
	f := typical()
	s := newSite(t, f)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.server.URL+"/batches/running/live?state=running", nil)
	answer, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	_, page := s.get("/batches/running?state=running")
	shown := regexp.MustCompile(`data-version="(\w+)"`).FindStringSubmatch(page)
	var events []string
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		if version, ok := strings.CutPrefix(lines.Text(), "data: "); ok && len(events) == 1 && (shown == nil || shown[1] != version) {
			t.Errorf("the stream's version %s is not the page's %v", version, shown)
		}
		kind, ok := strings.CutPrefix(lines.Text(), "event: ")
		if !ok {
			continue
		}
		if events = append(events, kind); len(events) < 3 {
			f.mu.Lock()
			f.lines["running"][1].Headline += "!"
			if v := f.batches["running"]; len(events) == 2 {
				v.State = upgrade.BatchEnded
				f.batches["running"] = v
			}
			f.mu.Unlock()
		}
	}
	if !slices.Equal(events, []string{"version", "version", "version", "over"}) {
		t.Errorf("the stream said %q", events)
	}
}

var bulkAddress = regexp.MustCompile(`/bulk/(b-[a-z0-9]+)/`)

// bulk begins a batch of subscriptions on a plan, and answers the draft's id.
func (s *site) bulk(source string) string {
	s.Helper()
	_, page := s.post("/bulk", url.Values{"source": {source}})
	found := bulkAddress.FindStringSubmatch(page)
	if found == nil {
		s.Fatalf("no draft was begun:\n%s", words(page))
	}
	return found[1]
}

// many has a hundred and twenty further customers on the plan business-basic.
func many() *fakes {
	f := typical()
	for i := range 120 {
		f.inventory = append(f.inventory, upgrade.InventoryRow{Tenant: fmt.Sprintf("0d000000-0000-4000-8000-%012d", i), Name: fmt.Sprintf("Customer %03d", i), Subscriptions: []upgrade.InventoryLine{
			{Subscription: fmt.Sprintf("5d000000-0000-4000-8000-%012d", i), Name: "Microsoft 365 Business Basic", Offer: "business-basic", Seats: 5, Used: 5, Status: "active", Plan: "business-basic"}}})
	}
	return f
}

const basicSub = "5c000000-0000-4000-8000-000000000001"

func goodTarget() url.Values {
	return url.Values{"batch": {"spring"}, "plan": {"business-premium"}, "consent": {"existing"}, "who": {"holders"}, "residue": {"refuse"}, "offenders": {"refuse"}, "when": {"now"}}
}

func TestBulkFromTheSourceToTheBatch(t *testing.T) {
	s := newSite(t, many())
	id := s.bulk("business-basic")
	_, page := s.get("/bulk/" + id + "/rows")
	s.says(page, "0 subscriptions ticked", "Contoso Dental", "inferred", "recorded", "Next page of subscriptions")
	if strings.Contains(page, "Fabrikam") {
		t.Error("it shows what is on another plan")
	}
	// Nothing ticked goes nowhere.
	_, page = s.post("/bulk/"+id+"/rows", url.Values{"go": {"next"}})
	s.says(page, "Tick at least one subscription")
	// Ticks stay from page to page, and when something is searched for.
	key := contoso + "/" + basicSub
	_, page = s.post("/bulk/"+id+"/rows", url.Values{"shown": {key}, "tick": {key}, "go": {"page:50"}})
	s.says(page, "1 subscription ticked", "Customer 060")
	other := "0d000000-0000-4000-8000-000000000060/5d000000-0000-4000-8000-000000000060"
	_, page = s.post("/bulk/"+id+"/rows?cursor=50", url.Values{"shown": {other}, "tick": {other}, "go": {"search"}, "q": {"contoso"}})
	s.says(page, "2 subscriptions ticked", "Contoso Dental")
	if !strings.Contains(page, `value="`+key+`" aria-label="Contoso Dental, Microsoft 365 Business Basic" checked`) || strings.Contains(page, "Customer 060") {
		t.Errorf("a tick is forgotten:\n%s", page)
	}
	_, page = s.post("/bulk/"+id+"/rows?q=contoso", url.Values{"shown": {key}, "tick": {key}, "go": {"next"}})
	s.says(page, "2 subscriptions on", "Which plan do they become?")
	_, page = s.post("/bulk/"+id+"/target", goodTarget())
	s.says(page, "2, of 2 customers", "Contoso Dental", "Customer 060", "Plan these 2 rows", "the batch is refused, unless you start the others")
	_, page = s.post("/bulk/"+id+"/send", nil)
	s.says(page, "Batch spring", "The batch is placed. Its 2 rows are being planned")
	if len(s.put) != 1 {
		t.Fatalf("%d batches were placed", len(s.put))
	}
	b := s.put[0]
	if b.ID != "spring" || b.Finish != upgrade.FinishConfirm || b.PlacedBy != anna.Name || b.Source != "business-basic" || b.Each.Target.Plan != "business-premium" || b.Each.Consent != upgrade.ByExisting ||
		b.Each.Priority != upgrade.Bulk || len(s.putRows) != 2 || s.putRows[0].Subscription != basicSub || s.putRows[0].Seats != 0 || s.putRows[1].Order != "spring-00002" {
		t.Errorf("another batch was placed: %+v, %+v", b, s.putRows)
	}
	if len(s.drafts) != 0 {
		t.Error("the draft is still there")
	}
}

func TestBulkTicksAllAndNone(t *testing.T) {
	s := newSite(t, many())
	id := s.bulk("business-basic")
	key := contoso + "/" + basicSub
	_, page := s.post("/bulk/"+id+"/rows", url.Values{"shown": {key}, "tick": {key}, "go": {"all"}})
	s.says(page, "121 subscriptions ticked")
	// Unticking one on its page leaves the others.
	_, page = s.post("/bulk/"+id+"/rows", url.Values{"shown": {key}, "go": {"search"}})
	s.says(page, "120 subscriptions ticked")
	_, page = s.post("/bulk/"+id+"/rows", url.Values{"go": {"none"}})
	s.says(page, "0 subscriptions ticked")
	_, page = s.post("/bulk/"+id+"/rows", url.Values{"go": {"all"}, "q": {"customer 01"}})
	s.says(page, "10 subscriptions ticked")
	// Another source plan begins anew.
	_, page = s.post("/bulk/"+id+"/source", url.Values{"source": {"business-standard"}})
	s.says(page, "0 subscriptions ticked", "Fabrikam Legal", "suspended")
	// A reseller cannot tick others' customers.
	s.who = rita
	id = s.bulk("business-basic")
	_, page = s.post("/bulk/"+id+"/rows", url.Values{"shown": {key}, "tick": {key}, "go": {"search"}})
	s.says(page, "0 subscriptions ticked")
}

// upload sends a file as the form does.
func (s *site) upload(path, field, name, content string) (int, string) {
	s.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	file, _ := form.CreateFormFile(field, name)
	_, _ = file.Write([]byte(content))
	_ = form.Close()
	r, err := s.client.Post(s.server.URL+path, form.FormDataContentType(), &b)
	return s.read(r, err)
}

func TestBulkUpload(t *testing.T) {
	s := newSite(t, many())
	id := s.bulk("business-basic")
	key := contoso + "/" + basicSub
	s.post("/bulk/"+id+"/rows", url.Values{"shown": {key}, "tick": {key}, "go": {"search"}})
	// A bad file is told line by line, and changes nothing.
	code, page := s.upload("/bulk/"+id+"/upload", "list", "rows.csv", "tenant,seats\n"+contoso+",many\n"+fabrikam+",5,6\n")
	if code != http.StatusUnprocessableEntity {
		t.Errorf("a bad file answers %d", code)
	}
	s.says(page, "The file was not taken", "Line 2: ", "Line 3: ", "1 subscription ticked")
	// A good one takes the place of the ticks.
	_, page = s.upload("/bulk/"+id+"/upload", "list", "rows.csv", "tenant,seats,mail\n"+strings.ToUpper(contoso)+",30,admin@contoso.example\n"+fabrikam+",12,\n")
	s.says(page, "2 rows read from rows.csv.", "Which plan do they become?")
	form := goodTarget()
	form.Set("consent", "mail")
	_, page = s.post("/bulk/"+id+"/target", form)
	s.says(page, "It cannot be placed like this", "Row 2: ", "no_administrator", "take what is chosen along as a file", "2, of 2 customers (from rows.csv)")
	if strings.Contains(page, "/send") {
		t.Error("what is wrong can be sent")
	}
	if _, page = s.post("/bulk/"+id+"/send", nil); len(s.put) > 0 {
		t.Error("what is wrong was placed")
	}
	s.says(page, "That does not work")
	_, file := s.get("/bulk/" + id + "/rows.csv")
	if want := "tenant,subscription,seats,mail,name,language,order\n" + strings.ToUpper(contoso) + ",,30,admin@contoso.example,,,\n" + fabrikam + ",,12,,,,\n"; file != want {
		t.Errorf("the file is\n%s", file)
	}
	s.upload("/bulk/"+id+"/upload", "list", "filled.csv", strings.Replace(file, fabrikam+",,12,", fabrikam+",,12,admin@fabrikam.example", 1))
	_, page = s.get("/bulk/" + id + "/check")
	s.says(page, "Plan these 2 rows", "admin@fabrikam.example", "Nobody gets a mail")
	s.post("/bulk/"+id+"/send", nil)
	if len(s.put) != 1 || s.putRows[0].Seats != 30 || s.putRows[0].Tenant != contoso || s.putRows[1].Administrator.Mail != "admin@fabrikam.example" {
		t.Errorf("%+v %+v", s.put, s.putRows)
	}
	_, file = s.get("/bulk/template.csv")
	if !strings.HasPrefix(file, "tenant,subscription,seats,mail") {
		t.Errorf("the template is %q", file)
	}
}

func TestBulkSaysWhatIsWrongAndKeepsWhatWasTyped(t *testing.T) {
	s := newSite(t, many())
	id := s.bulk("business-basic")
	s.post("/bulk/"+id+"/rows", url.Values{"go": {"all"}})
	_, page := s.get("/bulk/" + id + "/target")
	if strings.Contains(page, `role="alert"`) {
		t.Error("it complains before anything was typed")
	}
	form := goodTarget()
	form.Set("batch", "no blanks please")
	form.Set("plan", "")
	form.Set("offenders", "leave-out")
	form.Set("when", "at")
	form.Set("startAt", "2026-04-01T08:00")
	_, page = s.post("/bulk/"+id+"/target", form)
	s.says(page, "bad_batch_id", "no_plan")
	for _, typed := range []string{`value="no blanks please"`, `value="2026-04-01T08:00"`, `value="leave-out" selected`} {
		if !strings.Contains(page, typed) {
			t.Errorf("%s is forgotten", typed)
		}
	}
	if _, page = s.get("/bulk/" + id + "/check"); !strings.Contains(page, "bad_batch_id") {
		t.Error("a step is reached over one that is wrong")
	}
	form = goodTarget()
	form.Set("when", "at")
	_, page = s.post("/bulk/"+id+"/target", form)
	s.says(page, "Give the day and the time")
	form.Set("startAt", "2026-04-01T08:00")
	_, page = s.post("/bulk/"+id+"/target", form)
	s.says(page, "1 Apr 2026, 08:00 UTC , after your word", "Plan these 121 rows")
	if n := strings.Count(page, `data-label="Customer"`); n != rowsAtOnce {
		t.Errorf("%d rows on a page", n)
	}
	_, page = s.get("/bulk/" + id + "/check?after=100")
	s.says(page, "Customer 119", "First page")
	// Pressed twice it is the same batch; another content under its number is said to be another.
	kept := s.drafts["s-anna "+id]
	s.post("/bulk/"+id+"/send", nil)
	s.drafts["s-anna "+id] = kept
	_, page = s.post("/bulk/"+id+"/send", nil)
	s.says(page, "This batch was placed before")
	s.drafts["s-anna "+id] = kept
	form.Set("who", "nobody")
	s.post("/bulk/"+id+"/target", form)
	_, page = s.post("/bulk/"+id+"/send", nil)
	s.says(page, "was placed before, with another content")
	if len(s.put) != 1 {
		t.Errorf("%d batches were placed", len(s.put))
	}
}

func TestBulkDraftsAreTheirOwners(t *testing.T) {
	s := newSite(t, many())
	id := s.bulk("business-basic")
	for _, path := range []string{"/new/" + id + "/consent", "/bulk/b-nothing/rows", "/bulk/other/rows", "/bulk/b-nothing/rows.csv"} {
		if code, _ := s.get(path); code != 404 {
			t.Errorf("%s answers %d", path, code)
		}
	}
	s.who = access.Who{Subject: "s-otto", Name: "otto", Roles: []access.Role{access.Operator}}
	if code, page := s.get("/bulk/" + id + "/rows"); code != 404 {
		t.Errorf("another operator's draft answers %d: %s", code, words(page))
	}
	s.who = anna
	_, page := s.post("/bulk/"+id+"/discard", nil)
	s.says(page, "Nothing was started")
	if len(s.drafts) != 0 {
		t.Error("the draft is still there")
	}
}
