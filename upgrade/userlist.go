package upgrade

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Bounds of an uploaded list of users.
const (
	MaxUploadedUsers = 100_000
	// MaxUserList bounds the text of a list, in bytes, which may have columns that are not read.
	MaxUserList = 64 << 20
	// UserListPart is how many users one part of a list has: a part fits into one message to Temporal.
	UserListPart = 1000
)

var listNameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// ListName tells whether a name can be that of an uploaded list.
func ListName(name string) bool { return listNameForm.MatchString(name) }

// userColumns are the headings under which a user's name stands, such as in the exports of Microsoft's admin centers.
var userColumns = []string{"userprincipalname", "user principal name", "upn", "objectid", "object id", "id", "user", "users"}

// ParseUserList reads a list of users: CSV, with a heading that names the column or without one and then by the first column,
// or simply one name a line. Every line that is no user is told of at once.
func ParseUserList(r io.Reader) ([]string, Problems) {
	var users []string
	var ps Problems
	whole := &io.LimitedReader{R: r, N: MaxUserList + 1}
	in := csv.NewReader(whole)
	in.FieldsPerRecord, in.TrimLeadingSpace, in.Comment, in.ReuseRecord = -1, true, '#', true
	column := 0
	seen := map[string]int{}
	for first := true; ; first = false {
		record, err := in.Read()
		if whole.N <= 0 { // what was cut off must not be missing silently
			ps = nil
			ps.Add("", "too_large", fmt.Sprintf("the list has more than %d bytes", MaxUserList), "leave out the columns that do not name users, or split the order")
			return nil, ps
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			ps.Add("", "bad_csv", err.Error(), "save the list as comma-separated UTF-8")
			return nil, ps
		}
		line, _ := in.FieldPos(0)
		if first {
			record[0] = strings.TrimPrefix(record[0], "\ufeff")
			if at := headingOf(record); at >= 0 {
				column = at
				continue
			}
		}
		at := fmt.Sprintf("line %d", line)
		name := ""
		if column < len(record) {
			name = strings.ToLower(strings.TrimSpace(record[column]))
		}
		switch {
		case name == "" && strings.TrimSpace(strings.Join(record, "")) == "":
			continue
		case !IsGUID(name) && !upnForm.MatchString(name):
			ps.Add(at, "bad_user", fmt.Sprintf("%q is no user", name), "name the user by user principal name or object id; a heading such as userPrincipalName says in which column that stands")
		case seen[name] > 0:
			ps.Add(at, "duplicate_user", fmt.Sprintf("the user stands in line %d already", seen[name]), "keep one of them")
		case len(users) == MaxUploadedUsers:
			ps.Add(at, "too_many", fmt.Sprintf("a list has at most %d users", MaxUploadedUsers), "split the order")
		default:
			seen[name] = line
			users = append(users, name)
		}
		if len(ps) >= maxProblems {
			return nil, ps
		}
	}
	if len(users) == 0 && len(ps) == 0 {
		ps.Add("", "empty_list", "the list has no users", "put one user principal name or object id on each line")
	}
	if len(ps) > 0 {
		return nil, ps
	}
	return users, nil
}

// maxProblems bounds how many problems of a list are told at once.
const maxProblems = 50

// headingOf finds the column that a heading names, or -1 where the record is no heading. The earlier name counts.
func headingOf(record []string) int {
	for _, name := range userColumns {
		if at := slices.IndexFunc(record, func(f string) bool { return strings.EqualFold(strings.TrimSpace(f), name) }); at >= 0 {
			return at
		}
	}
	return -1
}

// UserListPartOf is one part of a list of a customer's users, as it goes to the register.
type UserListPartOf struct {
	Tenant string   `json:"tenant"`
	Name   string   `json:"name"`
	Part   int      `json:"part"` // from 0, which begins the list anew
	Users  []string `json:"users"`
}

// ReportsAsked asks for a page of the per-user report of an order.
type ReportsAsked struct {
	Order string `json:"order"`
	After string `json:"after,omitempty"` // object id of the last user of the page before
}

// ReportsPage is a page of it; an empty one ends it.
type ReportsPage struct {
	Upgrade string       `json:"upgrade"`
	Reports []UserReport `json:"reports,omitempty"`
}
