package mail

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"uplift/upgrade"
)

var update = flag.Bool("update", false, "write the golden files anew, to be read in the diff")

const testLink = "https://uplift.example.com/c/AbC-123_xyz"

func day(n int) time.Time { return time.Date(2026, 12, n, 9, 30, 0, 0, time.UTC) }

// base is a letter with all that every kind may carry.
func base(kind upgrade.LetterKind, operator bool) upgrade.Letter {
	return upgrade.Letter{
		Kind: kind, ID: "0b6a3f0e-5a3e-5b62-9f0e-2a1d8c6f4e11", To: "ada@contoso.example", ToName: "Ada Lovelace", Language: "en",
		Operator: operator, Order: "4711", WorkflowID: "upgrade/4711", Company: "Contoso & Søns <Ltd>",
		Headline: "Business Basic ×20 → Business Premium ×25", Link: testLink, Deadline: day(7),
		Before:      []upgrade.Holding{{Offer: "business-basic", Name: "Microsoft 365 Business Basic", Seats: 20, Users: 14}},
		After:       []upgrade.Holding{{Offer: "business-premium", Name: "Microsoft 365 Business Premium", Seats: 25, Users: 14}},
		Gains:       []string{"Desktop apps of Word, Excel, PowerPoint and Outlook", "Microsoft Intune"},
		Undo:        "Everything up to the transition can be undone. The transition itself cannot.",
		Permissions: []string{"Organization.Read.All", "User.ReadWrite.All"},
		Digest:      "0123456789abcdef",
	}
}

func with(l upgrade.Letter, change func(*upgrade.Letter)) upgrade.Letter {
	change(&l)
	return l
}

// plan is a plan as the register keeps it, with a name from outside that is no element of ours.
func plan() *upgrade.Plan {
	renewal := day(31)
	return &upgrade.Plan{
		Order: "4711", Headline: "Business Basic ×20 → Business Premium ×25", Digest: "0123456789abcdef",
		Offers: []upgrade.PlanOffer{{Offer: "basic", SKU: "b", Name: "Business <Basic>"}, {Offer: "premium", SKU: "p", Name: "Business Premium"}},
		Lines: []upgrade.PlanLine{{Subscription: "5c000000-0000-4000-8000-000000000001", Offer: "basic", Name: "Business <Basic>", Now: 20, Then: 25,
			ThenOffer: "premium", Term: "P1Y", BillingCycle: "monthly", Touched: true}},
		Terms:       []upgrade.TermEnd{{Subscription: "5c000000-0000-4000-8000-000000000001", At: renewal, Renews: true}},
		Steps:       []upgrade.Step{{ID: "transition", Work: upgrade.Transit, Words: "Move all 20 seats", From: 20, To: 20}},
		Licenses:    upgrade.LicensePlan{Who: upgrade.Holders, Remove: []string{"b"}, Add: []string{"p"}, Known: true, Holders: 14},
		Gains:       []string{"Microsoft Intune"},
		Cost:        &upgrade.Cost{Currency: "EUR", Now: 11200, Then: 50000},
		Undo:        upgrade.UndoPlan{NoReturnAfter: "transition", Words: "The transition cannot be undone."},
		Permissions: []string{"Organization.Read.All"},
	}
}

// letters is one of each that is sent.
func letters() map[string]upgrade.Letter {
	renewal := day(31)
	wakes := &renewal
	problem := upgrade.Problem{Code: "address_incomplete", Message: "The customer's address has no postal code.", Remedy: "Add it in Partner Center."}
	return map[string]upgrade.Letter{
		"invitation": base(upgrade.LetterInvitation, false),
		"invitation-losses": with(base(upgrade.LetterInvitation, false), func(l *upgrade.Letter) {
			l.ToName, l.Company, l.Deadline, l.Losses = "", "", time.Time{}, []string{"Viva Engage Core"}
		}),
		"reminder": with(base(upgrade.LetterReminder, false), func(l *upgrade.Letter) { l.Number = 2 }),
		"done": with(base(upgrade.LetterDone, false), func(l *upgrade.Letter) {
			l.End, l.Users = upgrade.Completed, upgrade.UserCounts{Photographed: 14, Moved: 13, Unchanged: 1}
		}),
		"done-resize": with(base(upgrade.LetterDone, false), func(l *upgrade.Letter) { l.End, l.Gains = upgrade.Completed, nil }),
		"done-residue": with(base(upgrade.LetterDone, false), func(l *upgrade.Letter) {
			l.End, l.Users = upgrade.CompletedWithResidue, upgrade.UserCounts{Moved: 1}
			l.Reasons = upgrade.Problems{{Code: "residue", Message: "5 seats of Microsoft 365 Business Basic stay until 31 March 2027."}}
		}),
		"done-exceptions": with(base(upgrade.LetterDone, false), func(l *upgrade.Letter) {
			l.End, l.Users = upgrade.CompletedWithExceptions, upgrade.UserCounts{Moved: 12, Failed: 2}
		}),
		"could-not-declined": with(base(upgrade.LetterCouldNot, false), func(l *upgrade.Letter) { l.End = upgrade.Declined }),
		"could-not-ineligible": with(base(upgrade.LetterCouldNot, false), func(l *upgrade.Letter) {
			l.End, l.Reasons = upgrade.Ineligible, upgrade.Problems{problem}
		}),
		"could-not-undone": with(base(upgrade.LetterCouldNot, false), func(l *upgrade.Letter) {
			l.End, l.Users = upgrade.FailedUndone, upgrade.UserCounts{Moved: 3, Restored: 3}
			l.Reasons = upgrade.Problems{{Code: "assign_failed", Message: "Microsoft refused the licences of 11 users."}}
		}),
		"could-not-abandoned": with(base(upgrade.LetterCouldNot, false), func(l *upgrade.Letter) { l.End = upgrade.Abandoned }),

		"operator-link":     base(upgrade.LetterLink, true),
		"operator-reminder": with(base(upgrade.LetterReminder, true), func(l *upgrade.Letter) { l.Number = 1 }),
		"operator-done": with(base(upgrade.LetterDone, true), func(l *upgrade.Letter) {
			l.End, l.Users = upgrade.CompletedWithExceptions, upgrade.UserCounts{Photographed: 14, Moved: 13, Failed: 1}
			l.Reasons = upgrade.Problems{problem}
		}),
		"operator-could-not": with(base(upgrade.LetterCouldNot, true), func(l *upgrade.Letter) { l.End = upgrade.Expired }),
		"operator-abandoned": with(base(upgrade.LetterCouldNot, true), func(l *upgrade.Letter) {
			l.End, l.Users = upgrade.Abandoned, upgrade.UserCounts{Moved: 4, Failed: 10}
			l.After = []upgrade.Holding{{Offer: "business-premium", Seats: 25, Users: -1}}
		}),
		"operator-parked": with(base(upgrade.LetterParked, true), func(l *upgrade.Letter) {
			l.Number = 1
			l.Parked = &upgrade.Parked{Step: "Transition to Business Premium", Reason: "Partner Center says that an add-on is in the way.",
				Code: "900123", Correlation: "7d1c8e52-0d5b-4f66-8f0c-6a8f0c1d2e3f", Remedy: "Remove the add-on in Partner Center.",
				Page:    "https://learn.microsoft.com/en-us/partner-center/developer/error-codes",
				Answers: []upgrade.Answer{upgrade.Retry, upgrade.Skip, upgrade.UndoIt, upgrade.Abandon}, Since: day(1)}
		}),
		"operator-parked-unsaid": with(base(upgrade.LetterParked, true), func(l *upgrade.Letter) {
			l.Order, l.WorkflowID = "", "another client's id"
			l.Parked = &upgrade.Parked{Step: "Provisioning", Reason: "Nothing shows after 48 hours.", Answers: []upgrade.Answer{upgrade.Retry}, Since: day(1)}
		}),
		"operator-slow": with(base(upgrade.LetterSlow, true), func(l *upgrade.Letter) {
			l.Reasons = upgrade.Problems{{Code: "not_in_directory", Message: "The directory still counts 20 seats of Business Basic."}}
		}),
		"operator-sign-in-died": {Kind: upgrade.LetterPartnerSignIn, ID: "partner-sign-in-2026-12-01", To: "op@provider.example",
			SignIn: &upgrade.PartnerSignIn{State: upgrade.PartnerSignInHasDied, SignedInAt: day(1).AddDate(0, -4, 0), UsedAt: day(1).AddDate(0, 0, -1),
				Problem: &upgrade.Problem{Code: "partner_sign_in_lost", Message: "the sign-in of the partner's user has died (AADSTS50173): run `starter partner sign-in`"}}},
		"operator-sign-in-old": {Kind: upgrade.LetterPartnerSignIn, ID: "partner-sign-in-2026-12-01", To: "op@provider.example",
			SignIn: &upgrade.PartnerSignIn{State: upgrade.PartnerSignInOldAge, SignedInAt: day(1).AddDate(0, -5, 0), UsedAt: day(1).AddDate(0, 0, -62),
				Problem: &upgrade.Problem{Code: "AADSTS7000222", Message: "the client secret has expired"}}},
		"invitation-plan":       with(base(upgrade.LetterInvitation, false), func(l *upgrade.Letter) { l.Plan = plan() }),
		"operator-confirm-plan": with(base(upgrade.LetterConfirm, true), func(l *upgrade.Letter) { l.Plan = plan() }),
		"operator-approve": with(base(upgrade.LetterApprove, true), func(l *upgrade.Letter) {
			l.Plan, l.Approval = plan(), "It adds 5 seats; more than 3 need the approval of a second person."
		}),
		"operator-done-plan": with(base(upgrade.LetterDone, true), func(l *upgrade.Letter) { l.Plan, l.End = plan(), upgrade.Completed }),
		"scheduled": with(base(upgrade.LetterScheduled, false), func(l *upgrade.Letter) {
			l.Headline, l.Wakes = "Business Premium ×25 → Business Basic ×20", wakes
		}),
		"operator-scheduled": with(base(upgrade.LetterScheduled, true), func(l *upgrade.Letter) { l.Wakes = wakes }),
		"engineer-callback": {Kind: upgrade.LetterCallbackFailed, ID: "0b6a3f0e-5a3e-5b62-9f0e-2a1d8c6f4e12", To: "engineer@provider.example", Operator: true, Order: "4711",
			Delivery: &upgrade.Delivery{Upgrade: "4711#1", Sequence: 3, Type: upgrade.CallbackChanging, ID: "msg_0b6a3f0e-5a3e-5b62-9f0e-2a1d8c6f4e13", Destination: "billing",
				State: upgrade.DeliveryFailed, Attempts: 9, At: day(3), Problem: &upgrade.Problem{Code: "callback_refused", Message: "The destination answered 503.", Remedy: "Look whether it is up."}}},
		"operator-batch-confirming": batchLetter(upgrade.BatchConfirming, map[upgrade.BatchRowState]int{upgrade.RowPending: 97, upgrade.RowRefused: 3}),
		"operator-batch-ready":      batchLetter(upgrade.BatchConfirming, map[upgrade.BatchRowState]int{upgrade.RowPending: 100}),
		"operator-batch-refused":    batchLetter(upgrade.BatchRefused, map[upgrade.BatchRowState]int{upgrade.RowPending: 97, upgrade.RowRefused: 3}),
		"operator-batch-cancelled":  batchLetter(upgrade.BatchCancelled, map[upgrade.BatchRowState]int{upgrade.RowCancelled: 100}),
		"operator-batch-ended":      batchLetter(upgrade.BatchEnded, map[upgrade.BatchRowState]int{upgrade.RowCompleted: 96, upgrade.RowFailed: 1, upgrade.RowRefused: 3}),
		"done-one-seat": with(base(upgrade.LetterDone, false), func(l *upgrade.Letter) {
			l.Headline, l.End, l.Users = "Business Basic ×1 → Business Premium ×1", upgrade.Completed, upgrade.UserCounts{Photographed: 1, Moved: 1}
			l.Before[0].Seats, l.Before[0].Users, l.After[0].Seats, l.After[0].Users = 1, 1, 1, 1
		}),
		"operator-confirm": with(base(upgrade.LetterConfirm, true), func(l *upgrade.Letter) { l.Losses = []string{"Viva Engage Core"} }),
	}
}

// batchLetter is one about a batch of a hundred rows.
func batchLetter(state upgrade.BatchState, counts map[upgrade.BatchRowState]int) upgrade.Letter {
	start := day(5)
	b := &upgrade.BatchSummary{State: state, Batch: upgrade.BatchView{Counts: counts, State: state,
		Batch: upgrade.Batch{ID: "spring-2027", Source: "business-basic", Each: upgrade.Order{Target: upgrade.Target{Plan: "business-premium"}}, PlacedBy: "Olga <o@provider.example>", Rows: 100, StartAt: &start}}}
	if counts[upgrade.RowRefused] > 0 {
		b.Reasons = []upgrade.BatchReason{
			{Problem: upgrade.Problem{Code: "subscription_inactive", Message: "The subscription is suspended.", Remedy: "Settle the invoice."}, Rows: 2, First: 7},
			{Problem: upgrade.Problem{Code: "address_incomplete", Message: "The customer's address has no postal code."}, Rows: 1, First: 31}}
		b.Untold = 1
	}
	return upgrade.Letter{Kind: upgrade.LetterBatch, ID: "0b6a3f0e-5a3e-5b62-9f0e-2a1d8c6f4e14", To: "op@provider.example", Operator: true, Batch: b}
}

func testMailer(t testing.TB, change func(*Options)) *Mailer {
	t.Helper()
	o := Options{URL: "smtp://127.0.0.1:25", From: "licences@provider.example", Now: func() time.Time { return day(1) },
		Provider: Branding{Name: "Nordwind Cloud", ReplyTo: "help@provider.example"}}
	if change != nil {
		change(&o)
	}
	m, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func render(t testing.TB, m *Mailer, l upgrade.Letter) (subject, text, html string) {
	t.Helper()
	c, err := compose(m.words, m.provider, l)
	if err != nil {
		t.Fatal(err)
	}
	p := page{content: c, Provider: m.provider, Logo: m.logo}
	if html, err = renderHTML(m.template, p); err != nil {
		t.Fatal(err)
	}
	return c.Subject, renderText(p), html
}

// TestGolden compares each letter with the files that a person has read: -update writes them.
func TestGolden(t *testing.T) {
	m := testMailer(t, nil)
	for name, letter := range letters() {
		t.Run(name, func(t *testing.T) {
			subject, text, html := render(t, m, letter)
			golden(t, name+".txt", "Subject: "+subject+"\n\n"+text)
			golden(t, name+".html", html)
		})
	}
	_, _, html := render(t, testMailer(t, func(o *Options) { o.Provider.LogoURL = "https://provider.example/logo.png" }), base(upgrade.LetterInvitation, false))
	golden(t, "invitation-logo.html", html)
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("%s differs (%v); got:\n%s", name, err, got)
	}
}

// TestBothFormsSayTheSame looks for every text of every part in both renderings, and for anything that was not filled in.
func TestBothFormsSayTheSame(t *testing.T) {
	m := testMailer(t, nil)
	unescape := strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&#39;", "'", "&#34;", `"`, "&#43;", "+")
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	for name, letter := range letters() {
		subject, text, html := render(t, m, letter)
		c, _ := compose(m.words, m.provider, letter)
		text, html = squeeze(text), squeeze(unescape.Replace(html))
		for _, p := range c.Parts {
			said := append([]string{p.Title, p.Link}, p.Items...)
			if p.Shape != button {
				said = append(said, p.Text)
			}
			for _, f := range p.Facts {
				said = append(said, f.Name, f.Value)
			}
			for _, s := range said {
				if s = squeeze(s); !strings.Contains(text, s) || !strings.Contains(html, s) {
					t.Errorf("%s: %q is not in both forms", name, s)
				}
			}
		}
		if m := regexp.MustCompile(`\{[a-z]+\}`).FindString(subject + text + strings.ReplaceAll(html, "{width", "")); m != "" {
			t.Errorf("%s: %s was not filled in", name, m)
		}
	}
}

// TestTheLinkStandsOnlyWhereItMust: letters that are no invitation have none, whatever they were given.
func TestTheLinkStandsOnlyWhereItMust(t *testing.T) {
	m := testMailer(t, nil)
	for name, letter := range letters() {
		_, text, html := render(t, m, letter)
		if got := strings.Contains(text+html, testLink); got != needsLink(letter.Kind) {
			t.Errorf("%s: has the link: %v", name, got)
		}
	}
	for _, bad := range []upgrade.Secret{"", "javascript:alert(1)", "//host/x", "https://", "https://host/a b", "https://host/\r\nBcc: x@example.com"} {
		_, err := compose(m.words, "P", with(base(upgrade.LetterInvitation, false), func(l *upgrade.Letter) { l.Link = bad }))
		if upgrade.CodeOf(err) != "bad_link" || bad != "" && strings.Contains(err.Error(), bad.Reveal()) {
			t.Errorf("%q: %v", bad.Reveal(), err)
		}
	}
}

func TestBadLetters(t *testing.T) {
	m := testMailer(t, nil)
	for _, l := range []upgrade.Letter{
		base("unheard-of", false),
		base(upgrade.LetterParked, true),
		base(upgrade.LetterPartnerSignIn, true),
		base(upgrade.LetterBatch, true),
		with(base(upgrade.LetterDone, false), func(l *upgrade.Letter) { l.To = "a@example.com, b@example.com" }),
		with(base(upgrade.LetterDone, false), func(l *upgrade.Letter) { l.To = "Ada <ada@example.com>" }),
		with(base(upgrade.LetterDone, false), func(l *upgrade.Letter) { l.ID = "" }),
	} {
		if _, err := m.message(l); upgrade.KindOf(err) != upgrade.Invalid {
			t.Errorf("%s to %q: %v", l.Kind, l.To, err)
		}
	}
}

// TestWords compares the sentences that the code asks for with those that English has, and every language's names with
// English's.
func TestWords(t *testing.T) {
	v, err := loadWords(wordFiles)
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, end := range []upgrade.End{upgrade.Completed, upgrade.CompletedWithResidue, upgrade.CompletedWithExceptions, upgrade.Declined,
		upgrade.Expired, upgrade.Cancelled, upgrade.Ineligible, upgrade.FailedUndone, upgrade.Abandoned, upgrade.Duplicate, upgrade.RefusedOrder} {
		asked["end."+string(end)] = true
		if end.Succeeded() {
			asked["op.done.word."+string(end)] = true
		}
	}
	for _, answer := range []upgrade.Answer{upgrade.Retry, upgrade.Skip, upgrade.UndoIt, upgrade.Abandon} {
		asked["op.parked."+string(answer)] = true
	}
	files, _ := filepath.Glob("*.go")
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		data, _ := os.ReadFile(file)
		for _, m := range regexp.MustCompile(`(?:say|sayAll|count|head)\("([a-z_.0-9]+)"|(?:key|key, name) :?= "([a-z_.]+)"|\tkey = "([a-z_.]+)"`).FindAllStringSubmatch(string(data), -1) {
			key := m[1] + m[2] + m[3]
			switch {
			case strings.HasPrefix(m[0], "count"):
				asked[key+".one"], asked[key+".other"] = true, true
			case strings.HasPrefix(m[0], "head"):
				asked["op."+key+".subject"], asked["op."+key+".title"] = true, true
			default:
				asked[key] = true
			}
		}
	}
	for _, prefix := range []string{"end.", "op.parked.", "op.", "op.done.word."} {
		delete(asked, prefix)
	}
	for key := range asked {
		if v[fallback][key] == "" {
			t.Errorf("English does not say %q", key)
		}
	}
	names := regexp.MustCompile(`\{[a-z]+\}`)
	for language, list := range v {
		for key, text := range list {
			if !asked[key] {
				t.Errorf("%s says %q, which nobody asks for", language, key)
			}
			for _, name := range names.FindAllString(text, -1) {
				if !strings.Contains(v[fallback][key], name) {
					t.Errorf("%s: %q has the unknown name %s", language, key, name)
				}
			}
		}
	}
}

func TestAnotherLanguage(t *testing.T) {
	files := fs.FS(mapFS{"words/en.txt": "a = English {x}\nb = only {x}\nmonths = January", "words/de.txt": "a = Deutsch {x}"})
	v, err := loadWords(files)
	if err != nil {
		t.Fatal(err)
	}
	for tag, want := range map[string]string{"de": "de Deutsch {b} only 1", "de-AT": "de Deutsch {b} only 1", "DE": "de Deutsch {b} only 1",
		"fr": "en English {b} only 1", "": "en English {b} only 1", "-": "en English {b} only 1"} {
		w := v.in(tag)
		if got := w.language + " " + w.say("a", "x", "{b}") + " " + w.say("b", "x", "1"); got != want {
			t.Errorf("%q: %q, want %q", tag, got, want)
		}
	}
	for _, bad := range []mapFS{{}, {"words/en.txt": "no equals sign"}, {"words/en.txt": "a = 1\na = 2"}, {"words/de.txt": "a = 1"}} {
		if _, err := loadWords(bad); err == nil {
			t.Errorf("%v was read", bad)
		}
	}
}

// TestShell pastes hostile ids.
func TestShell(t *testing.T) {
	for in, want := range map[string]string{"4711": "4711", "upgrade/4711": "upgrade/4711", "a b": "'a b'", "it's": `'it'\''s'`,
		"$(rm -rf)": "'$(rm -rf)'", "": "''", "-x": "'-x'"} {
		if got := shell(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}
