package mail

import (
	"strconv"

	"uplift/internal/plandoc"
	"uplift/upgrade"
)

// shape is how a part looks.
type shape string

const (
	paragraph shape = "paragraph"
	box       shape = "box"     // what it is about, set apart
	list      shape = "list"    // items under a title
	steps     shape = "steps"   // numbered items
	facts     shape = "facts"   // names and values
	button    shape = "button"  // the link
	command   shape = "command" // to be pasted into a shell
	quiet     shape = "quiet"   // small print
	section   shape = "section" // a title and a paragraph
	warning   shape = "warning" // a paragraph that must not be missed
	document  shape = "plan"    // the plan document
)

// part is a piece of a letter. Both renderings show every field that is set.
type part struct {
	Shape shape
	Title string
	Text  string
	Items []string
	Facts []fact
	Link  string
	Doc   *plandoc.Doc
}

type fact struct{ Name, Value string }

// content is a letter before it is rendered.
type content struct {
	Language string
	Subject  string
	Title    string
	Hello    string
	Parts    []part
	Footer   []string
}

// author composes one letter.
type author struct {
	words
	letter   upgrade.Letter
	provider string
	link     string
	out      content
}

// compose writes a letter. An unknown kind, and a letter that lacks what its kind must have, are Kind Invalid.
func compose(v vocabulary, provider string, l upgrade.Letter) (content, error) {
	a := &author{words: v.in(l.Language), letter: cleaned(l), provider: line(provider)}
	write, ok := a.kinds()[l.Kind]
	if !ok {
		return content{}, &upgrade.Error{Kind: upgrade.Invalid, Code: "unknown_letter", Message: "there is no letter of this kind"}
	}
	a.out.Language = a.language
	a.out.Hello = a.hello()
	if needsLink(l.Kind) {
		var err error
		if a.link, err = link(l.Link); err != nil {
			return content{}, err
		}
	}
	if lacks := lacking(l); lacks != "" {
		return content{}, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_letter", Message: "the letter does not say " + lacks}
	}
	write()
	a.footer()
	return a.out, nil
}

// lacking says what a letter must have and has not.
func lacking(l upgrade.Letter) string {
	switch {
	case l.Kind == upgrade.LetterParked && l.Parked == nil:
		return "what is parked"
	case l.Kind == upgrade.LetterPartnerSignIn && l.SignIn == nil:
		return "how the sign-in stands"
	case l.Kind == upgrade.LetterCallbackFailed && l.Delivery == nil:
		return "which callback failed"
	case l.Kind == upgrade.LetterScheduled && l.Wakes == nil:
		return "when it goes on"
	case l.Kind == upgrade.LetterBatch && l.Batch == nil:
		return "how the batch stands"
	}
	return ""
}

// kinds says who writes what. Letters that only operators receive are written for them whatever the letter says.
func (a *author) kinds() map[upgrade.LetterKind]func() {
	writers := map[upgrade.LetterKind]func(){
		upgrade.LetterInvitation: a.invitation,
		upgrade.LetterReminder:   a.reminder,
		upgrade.LetterDone:       a.done,
		upgrade.LetterCouldNot:   a.couldNot,
		upgrade.LetterParked:     a.parked,
		upgrade.LetterSlow:       a.slow,
		upgrade.LetterConfirm:    a.confirm,
		upgrade.LetterApprove:    a.approve,
		upgrade.LetterLink:       a.handOn,

		upgrade.LetterPartnerSignIn:  a.partnerSignIn,
		upgrade.LetterCallbackFailed: a.callbackFailed,
		upgrade.LetterScheduled:      a.scheduled,
		upgrade.LetterBatch:          a.batch,
	}
	if a.letter.Operator {
		writers[upgrade.LetterInvitation] = a.handOn
		writers[upgrade.LetterReminder] = a.handOnAgain
		writers[upgrade.LetterDone] = a.operatorDone
		writers[upgrade.LetterCouldNot] = a.operatorCouldNot
		writers[upgrade.LetterScheduled] = a.operatorScheduled
	}
	return writers
}

func needsLink(k upgrade.LetterKind) bool {
	return k == upgrade.LetterInvitation || k == upgrade.LetterReminder || k == upgrade.LetterLink
}

// toOperator tells for whom the letter is.
func (a *author) toOperator() bool {
	switch a.letter.Kind {
	case upgrade.LetterParked, upgrade.LetterSlow, upgrade.LetterConfirm, upgrade.LetterApprove, upgrade.LetterLink, upgrade.LetterPartnerSignIn, upgrade.LetterCallbackFailed, upgrade.LetterBatch:
		return true
	}
	return a.letter.Operator
}

func (a *author) hello() string {
	if a.letter.ToName == "" || a.toOperator() {
		return a.say("hello.nobody")
	}
	return a.say("hello.name", "name", a.letter.ToName)
}

func (a *author) footer() {
	if a.letter.Order != "" {
		a.out.Footer = append(a.out.Footer, a.say("footer.order", "order", a.letter.Order))
	}
	key := "footer.administrator"
	switch {
	case a.letter.Kind == upgrade.LetterCallbackFailed:
		key = "footer.engineer"
	case a.toOperator():
		key = "footer.operator"
	}
	a.out.Footer = append(a.out.Footer, a.sayAll(key))
}

// sayAll is say with what every sentence may use.
func (a *author) sayAll(key string, pairs ...string) string {
	return a.say(key, append(pairs, "provider", a.provider, "company", a.company(), "order", a.id())...)
}

func (a *author) company() string {
	switch {
	case a.letter.Company != "":
		return a.letter.Company
	case a.toOperator():
		return a.say("company.unknown.operator")
	}
	return a.say("company.unknown")
}

func (a *author) change() string {
	if a.letter.Headline == "" {
		return a.say("change.unnamed")
	}
	return a.letter.Headline
}

func (a *author) add(p part)            { a.out.Parts = append(a.out.Parts, p) }
func (a *author) paragraph(text string) { a.add(part{Shape: paragraph, Text: text}) }

// plan adds the plan document under a sentence; false where the letter has none.
func (a *author) plan(title string, write func(upgrade.Plan) plandoc.Doc) bool {
	if a.letter.Plan == nil {
		return false
	}
	// The headline, and how to confirm, stand in the letter itself.
	doc := write(*a.letter.Plan).Without("change", "confirm")
	a.add(part{Shape: document, Title: title, Doc: &doc})
	return true
}

// items adds a list, unless it is empty.
func (a *author) items(title string, items []string) {
	if len(items) > 0 {
		a.add(part{Shape: list, Title: title, Items: items})
	}
}

// reasons adds every reason with its remedy.
func (a *author) reasons(title string) {
	var items []string
	for _, p := range a.letter.Reasons {
		text := p.Message
		if a.toOperator() && p.Code != "" {
			text += " [" + p.Code + "]"
		}
		if p.Remedy != "" {
			text += " → " + p.Remedy
		}
		items = append(items, text)
	}
	a.items(title, items)
}

// beforeAndAfter adds what the customer held and holds.
func (a *author) beforeAndAfter() {
	if len(a.letter.Before) == 0 && len(a.letter.After) == 0 {
		return
	}
	a.items(a.say("title.before"), a.held(a.letter.Before))
	a.items(a.say("title.after"), a.held(a.letter.After))
}

func (a *author) held(list []upgrade.Holding) []string {
	var items []string
	for _, h := range list {
		name := h.Name
		if name == "" {
			name = h.Offer
		}
		if h.Users < 0 {
			items = append(items, a.count("holding.unknown", h.Seats, "name", name))
		} else {
			items = append(items, a.count("holding.known", h.Seats, "name", name, "users", strconv.Itoa(h.Users)))
		}
	}
	if items == nil {
		items = []string{a.say("nothing.held")}
	}
	return items
}

// end says how it ended.
func (a *author) end() string {
	if text := a.say("end." + string(a.letter.End)); text != "" {
		return text
	}
	return a.say("end.unknown")
}
