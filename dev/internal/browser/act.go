package browser

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// What a person does on a page: they look for words, press what bears them, and fill in fields by
// their labels. A test that does the same does not know the page's ids, and fails when a label is
// missing.

// Press clicks on the first visible link, button or summary that bears the label. What only a screen
// reader says after it does not count. What leads to another page is followed there, so that what
// comes next meets that page and not the one that is about to go.
func (b *Browser) Press(label string) {
	b.t.Helper()
	find := fmt.Sprintf(pressable, quoted(label))
	leads := ""
	for until := time.Now().Add(patience); leads == "" && time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		leads, _ = try(b, chromedp.Evaluate[string](fmt.Sprintf(leading, find)))
	}
	b.click(find)
	if leads != "away" {
		return
	}
	for until := time.Now().Add(arrival); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		there, err := try(b, chromedp.Evaluate[bool](`!window.pressed && document.readyState === "complete"`))
		if there || err != nil && b.ctx.Err() != nil {
			return
		}
	}
}

// arrival is how long Press waits for the page to which something leads. Not all do: a file is downloaded, an answer is empty.
const arrival = 3 * time.Second

// leading tells whether what a script finds leads "away" from the page, and marks the page then.
const leading = `(() => {
	const e = %s;
	if (!e) return "";
	const link = e.closest("a[href]"), form = e.type === "submit" && e.form;
	if (!(link ? !link.target && !link.hasAttribute("download") && !link.getAttribute("href").startsWith("#") : form && !form.target && form.checkValidity())) return "nowhere";
	window.pressed = true;
	return "away";
})()`

// click clicks on what a script finds. A page that follows what happens may exchange it between the finding and the click: then it
// is found again.
func (b *Browser) click(find string) {
	b.t.Helper()
	for until := time.Now().Add(patience); ; {
		_, err := try(b, chromedp.Click(chromedp.JSPath(find)))
		switch {
		case err == nil:
			return
		case !strings.Contains(err.Error(), "node with given id") || time.Now().After(until):
			b.t.Fatalf("browser: %v%s", err, b.report())
		}
	}
}

// pressable finds it. A label may stand in the text, in aria-label or in value.
const pressable = `(() => {
	const want = %s, tidy = s => (s || "").replace(/\s+/g, " ").trim();
	const seen = e => e.getClientRects().length > 0;
	return [...document.querySelectorAll("a, button, summary, [role=button], [role=tab], input[type=submit], input[type=button]")]
		.find(e => seen(e) && [e.innerText, e.getAttribute("aria-label"), e.value]
			.some(s => tidy(s) === want || tidy(s).startsWith(want + " ("))) || null;
})()`

// Fill types text into the field with the label, in the place of what stands there.
func (b *Browser) Fill(label, text string) {
	b.t.Helper()
	find := fmt.Sprintf(labelled, quoted(label))
	b.click(find)
	b.Do(chromedp.Evaluate[chromedp.Void](find + ".select()"))
	if text == "" {
		text = kb.Delete
	}
	b.Do(chromedp.KeyEvent(text))
}

// Tick clicks on the box or button that the label belongs to.
func (b *Browser) Tick(label string) {
	b.t.Helper()
	b.click(fmt.Sprintf(labelled, quoted(label)))
}

// Choose takes the option of the list with the label.
func (b *Browser) Choose(label, option string) {
	b.t.Helper()
	chosen := Get(b, chromedp.Evaluate[bool](fmt.Sprintf(`(() => {
		const list = %s, want = %s;
		const option = list && [...list.options].find(o => o.label.replace(/\s+/g, " ").trim() === want);
		if (!option) return false;
		list.value = option.value;
		list.dispatchEvent(new Event("input", {bubbles: true}));
		list.dispatchEvent(new Event("change", {bubbles: true}));
		return true;
	})()`, fmt.Sprintf(labelled, quoted(label)), quoted(option))))
	if !chosen {
		b.t.Fatalf("browser: no list %q with the option %q", label, option)
	}
}

// Upload puts files into the field with the label.
func (b *Browser) Upload(label string, files ...string) {
	b.t.Helper()
	b.Do(chromedp.SetUploadFiles(chromedp.JSPath(fmt.Sprintf(labelled, quoted(label))), files, chromedp.NodeReady))
}

// labelled finds the field that a label names: by the label's for, around it, or in aria-label.
const labelled = `(() => {
	const want = %s, tidy = s => (s || "").replace(/\s+/g, " ").trim();
	const words = label => {
		const copy = label.cloneNode(true);
		copy.querySelectorAll("select, textarea").forEach(field => field.remove());
		return tidy(copy.textContent);
	};
	const label = [...document.querySelectorAll("label")].find(l => l.control && (words(l) === want || words(l).startsWith(want + " (")));
	return label ? label.control : [...document.querySelectorAll("[aria-label]")].find(e => tidy(e.getAttribute("aria-label")) === want) || null;
})()`

// Key presses keys, such as kb.Tab, on whatever has the focus.
func (b *Browser) Key(keys string) {
	b.t.Helper()
	b.Do(chromedp.KeyEvent(keys))
}

// Wait waits until all texts can be read on the page, over as many loads of it as it takes.
func (b *Browser) Wait(texts ...string) {
	b.t.Helper()
	b.WaitFor(patience, texts...)
}

// WaitFor is Wait with a patience of the test's own.
func (b *Browser) WaitFor(most time.Duration, texts ...string) {
	b.t.Helper()
	var read string
	for until := time.Now().Add(most); ; time.Sleep(100 * time.Millisecond) {
		now, err := try(b, chromedp.Evaluate[string](`document.body ? document.body.innerText : ""`))
		if err == nil { // between two pages there is none to read
			read = now
		}
		missing := lacks(read, texts)
		switch {
		case missing == "" && err == nil:
			return
		case b.ctx.Err() != nil, time.Now().After(until):
			b.t.Fatalf("browser: after %s the page does not say %q, but:\n%s%s", most, missing, read, b.report())
		}
	}
}

func lacks(read string, texts []string) string {
	flat := strings.Join(strings.Fields(read), " ")
	for _, text := range texts {
		if !strings.Contains(flat, text) {
			return text
		}
	}
	return ""
}

// Says tells whether a text can be read on the page now.
func (b *Browser) Says(text string) bool {
	b.t.Helper()
	return lacks(Get(b, chromedp.Evaluate[string](`document.body ? document.body.innerText : ""`)), []string{text}) == ""
}

// Reload loads the page again.
func (b *Browser) Reload() {
	b.t.Helper()
	b.Do(chromedp.Reload())
}

// Back goes to the page before.
func (b *Browser) Back() {
	b.t.Helper()
	b.Do(chromedp.NavigateBack())
}

// Address is the address of the page.
func (b *Browser) Address() string {
	b.t.Helper()
	return Get(b, chromedp.Evaluate[string]("location.href"))
}

// Link is the address to which the link with the label leads.
func (b *Browser) Link(label string) string {
	b.t.Helper()
	return Get(b, chromedp.Evaluate[string](fmt.Sprintf("(%s || {}).href || ''", fmt.Sprintf(pressable, quoted(label)))))
}

// quoted is a string of JavaScript.
func quoted(s string) string {
	data, _ := json.Marshal(s) // a string always can be
	return string(data)
}

// Value is what stands in a field, by its CSS selector.
func (b *Browser) Value(selector string) string {
	b.t.Helper()
	return Get(b, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%s).value", quoted(selector))))
}

// Accept answers yes to whatever the present page asks before it sends a form.
func (b *Browser) Accept() {
	b.t.Helper()
	b.Do(chromedp.Evaluate[chromedp.Void]("window.confirm = () => true"))
}
