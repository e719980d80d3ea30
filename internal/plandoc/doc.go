// Package plandoc writes the plan document out: what will happen, what it may cost, what cannot be undone and until when, in
// words that a stranger understands. The command line, the mails and the consent page show the same document. It is pure: a
// plan comes in, a document goes out.
//
// Where to find what:
//
//   - doc.go: the document, before it is rendered
//   - write.go: the order of the sections, for the operator and for the customer
//   - changes.go: subscriptions and steps; people.go: users, services, permissions; money.go: costs and seats that stay;
//     after.go: undo, reasons, confirmation
//   - words.go: dates, terms and kinds of work in words
//   - text.go, html.go: the two renderings
//
// What is empty is not shown. Times are in UTC with the date written out. Strings from outside (a customer's name, Microsoft's
// reasons) are made plain once, in [Doc.plain], so that they can move no cursor and turn no line around.
package plandoc

// Doc is a document before it is rendered.
type Doc struct {
	Title    string
	Sections []Section
}

// Section is a part of a document under a title of its own. Its ID does not change between releases.
type Section struct {
	ID     string
	Title  string
	Blocks []Block
}

// Block is one of the following, whichever is set.
type Block struct {
	Text    string // a paragraph
	Strong  bool   // that must not be missed
	Items   []Item
	Ordered bool // the items are steps
	Facts   []Fact
	Table   *Table
	Command string // to be pasted into a shell
}

// Item is an entry of a list: a line, and what is to be said about it.
type Item struct {
	Text string
	Code string // a code that does not change between releases
	More []string
}

// Fact is a name and its value.
type Fact struct{ Name, Value string }

// Table has cells of text; a line break in a cell is a line break.
type Table struct {
	Head    []string
	Rows    [][]string
	Numbers bool // every column but the first is of numbers
}

// Without is the document without some sections, for whoever says the same in another way.
func (d Doc) Without(ids ...string) Doc {
	rest := Doc{Title: d.Title}
	for _, s := range d.Sections {
		drop := false
		for _, id := range ids {
			drop = drop || s.ID == id
		}
		if !drop {
			rest.Sections = append(rest.Sections, s)
		}
	}
	return rest
}
