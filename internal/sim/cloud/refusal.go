package cloud

import "fmt"

// Refusal is Microsoft saying no: the HTTP status, Microsoft's own code and text.
// The APIs differ only in the envelope they put around it.
type Refusal struct {
	Status int
	Code   string
	Text   string
	Data   []string
}

func (r *Refusal) Error() string { return fmt.Sprintf("%d %s: %s", r.Status, r.Code, r.Text) }

func refuse(status int, code, format string, args ...any) *Refusal {
	return &Refusal{Status: status, Code: code, Text: fmt.Sprintf(format, args...)}
}

// badRequest is the directory's one code for everything that is wrong with an
// assignment; only the text tells them apart.
func badRequest(format string, args ...any) *Refusal {
	return refuse(400, "Request_BadRequest", format, args...)
}

func notFound(id string) *Refusal {
	return refuse(404, "Request_ResourceNotFound",
		"Resource '%s' does not exist or one of its queried reference-property objects are not present.", id)
}
