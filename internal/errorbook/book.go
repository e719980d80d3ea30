package errorbook

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"uplift/upgrade"
)

// Service says whose code it is.
type Service string

// The services, in the order in which the book lists them.
const (
	Ours    Service = "ours"
	Partner Service = "partner"
	Entra   Service = "entra"
	Graph   Service = "graph"
)

// Class says what can be done about a code.
type Class string

const (
	// Retry passes by itself: the same may be tried again soon.
	Retry Class = "retry"
	// Wait passes by itself, and not soon.
	Wait Class = "wait"
	// Act needs a person.
	Act Class = "act"
	// Stop is a definite no.
	Stop Class = "stop"
	// Done is an error in form and a success in substance.
	Done Class = "done"
)

// Trait is what the class alone does not say, and what an adapter needs to choose an upgrade.Kind.
type Trait string

const (
	// Pending is no fault: what we wait for has not happened yet.
	Pending Trait = "pending"
	// Slower means that we were asked to ask less often.
	Slower Trait = "slower"
	// Unclear means that a write may have happened.
	Unclear Trait = "unclear"
	// Missing means that the thing named does not exist.
	Missing Trait = "missing"
	// Changed means that somebody else changed the thing meanwhile.
	Changed Trait = "changed"
	// Input is a mistake in what was sent.
	Input Trait = "input"
	// Tenant needs a person of the customer's tenant: whoever signs in, or its administrator.
	Tenant Trait = "tenant"
	// Withdrawn is Tenant, and our application has lost its place in the tenant.
	Withdrawn Trait = "withdrawn"
	// Consent means that nobody has consented, or that the consent has not spread yet.
	Consent Trait = "consent"
	// Grant means that the grant by which we act no longer works.
	Grant Trait = "grant"
	// Unknown means that the code alone says too little: it is treated like one that is not in the book.
	Unknown Trait = "unknown"
)

// Advice is what one reader is told.
type Advice struct {
	Sentence string `json:"sentence,omitempty"`
	Remedy   string `json:"remedy,omitempty"`
}

// Row is what is known of one code. In the files it may leave out what its class, or the row that As names, says.
type Row struct {
	Service Service `json:"service"`
	Code    string  `json:"code"`             // the vendor's spelling; numbers of an enumeration stand after its name, as transition/3
	Status  int     `json:"status,omitempty"` // the HTTP status, where the code alone does not tell; 0 is any
	Text    string  `json:"text,omitempty"`   // a part of Microsoft's message, in lower case, where only that tells
	Name    string  `json:"name,omitempty"`   // the vendor's word for a number
	As      string  `json:"as,omitempty"`     // our own code, under which it is told
	Class   Class   `json:"class"`
	Trait   Trait   `json:"trait,omitempty"`
	// Settle is how long after such an answer a write may still show; Stay is how long to keep away before the next
	// request. Both are by Microsoft's clock; zero is DefaultSettle, and what the policy of retries says.
	Settle upgrade.Wait `json:"settle,omitzero"`
	Stay   upgrade.Wait `json:"stay,omitzero"`
	// Message is the operator's sentence as an upgrade.Error says it: without a capital and without a full stop.
	Message  string `json:"message"`
	Operator Advice `json:"operator,omitzero"`
	Customer Advice `json:"customer,omitzero"`
	Billing  Advice `json:"billing,omitzero"`
	Page     string `json:"page,omitempty"` // where Microsoft describes it; empty for what Microsoft knows nothing of
}

// page is one file of the book.
type page struct {
	Service Service `json:"service"`
	Page    string  `json:"page"` // of a row that names none
	Rows    []Row   `json:"rows"`
}

// defaults are in classes.json: what is said where a row says nothing, and how long a kind of write may take to show.
type defaults struct {
	Settle  upgrade.Wait           `json:"settle"` // of a row, and of a kind of write, without a figure of its own
	Writes  map[Write]upgrade.Wait `json:"writes"`
	Classes map[Class]classDefault `json:"classes"`
}

type classDefault struct {
	Means    string `json:"means"`
	Operator Advice `json:"operator"`
	Customer Advice `json:"customer"`
	Billing  Advice `json:"billing"`
}

//go:embed classes.json ours.json partner.json entra.json graph.json
var files embed.FS

// content is the book as it was read.
type content struct {
	defaults
	rows []Row
}

// book is read once and never changed. A file that cannot be read is a defect that no test lets through.
var book = sync.OnceValue(func() content {
	c, err := read()
	if err != nil {
		panic("errorbook: " + err.Error())
	}
	return c
})

func read() (content, error) {
	var c content
	if err := decode("classes.json", &c.defaults); err != nil {
		return c, err
	}
	for _, s := range []Service{Ours, Partner, Entra, Graph} {
		var p page
		if err := decode(string(s)+".json", &p); err != nil {
			return c, err
		}
		for _, r := range p.Rows {
			r.Service = p.Service
			if r.Page == "" {
				r.Page = p.Page
			}
			c.rows = append(c.rows, r)
		}
	}
	for i := range c.rows {
		c.complete(&c.rows[i])
	}
	return c, nil
}

func decode(name string, into any) error {
	f, err := files.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// complete fills in what a row leaves out: from our own row of that name, which was read before, and then from the class.
func (c *content) complete(r *Row) {
	if r.As != "" {
		i := slices.IndexFunc(c.rows, func(o Row) bool { return o.Service == Ours && o.Code == r.As })
		if i >= 0 {
			own := c.rows[i]
			own.Operator.Sentence = "" // it is made of the message, which this row may have of its own
			r.Message = or(r.Message, own.Message)
			r.Operator, r.Customer, r.Billing = r.Operator.or(own.Operator), r.Customer.or(own.Customer), r.Billing.or(own.Billing)
		}
	}
	d := c.Classes[r.Class]
	r.Operator.Sentence = or(r.Operator.Sentence, sentence(r.Message))
	r.Operator, r.Customer, r.Billing = r.Operator.or(d.Operator), r.Customer.or(d.Customer), r.Billing.or(d.Billing)
}

// ForCustomer is what a letter says: the sentence, and what the customer can do where there is something for this code.
func (r Row) ForCustomer() string {
	if r.Customer.Remedy == book().Classes[r.Class].Customer.Remedy {
		return r.Customer.Sentence
	}
	return r.Customer.Sentence + " " + r.Customer.Remedy
}

// or takes from another advice what this one leaves out.
func (a Advice) or(other Advice) Advice {
	return Advice{Sentence: or(a.Sentence, other.Sentence), Remedy: or(a.Remedy, other.Remedy)}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// sentence makes a whole sentence of an error's message.
func sentence(message string) string {
	if message == "" {
		return ""
	}
	return strings.ToUpper(message[:1]) + message[1:] + "."
}
