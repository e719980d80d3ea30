package provider

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"

	"uplift/internal/portal/access"
	"uplift/upgrade"
)

// usersAtOnce is a page of the per-user list.
const usersAtOnce = 100

// usersPage is what became of each user.
type usersPage struct {
	Order  string
	Status upgrade.Status
	Rows   []userRow
	Next   string
}

type userRow struct {
	upgrade.UserReport
	Services []string // those that are not on, in words
}

func (p *provider) users(q *request) (answer, error) {
	s, err := p.Desk.Status(q.Context(), q.who, q.order())
	if err != nil {
		return answer{}, err
	}
	data := usersPage{Order: q.order(), Status: s}
	reports, err := p.Desk.Users(q.Context(), q.who, q.order(), q.URL.Query().Get("cursor"), usersAtOnce)
	if err != nil {
		return answer{}, err
	}
	for _, r := range reports {
		data.Rows = append(data.Rows, userRow{UserReport: r, Services: p.services(r)})
	}
	if len(reports) == usersAtOnce {
		data.Next = nextPage(q.URL, reports[len(reports)-1].User)
	}
	return answer{template: "users", title: "Users of order " + q.order(), section: "/upgrades", data: data}, nil
}

// usersCSV is the whole list as a file.
func (p *provider) usersCSV(w http.ResponseWriter, r *http.Request) {
	q := &request{Request: r, w: w}
	q.who, _ = access.From(r.Context())
	page, err := p.Desk.Users(r.Context(), q.who, q.order(), "", upgrade.UserListPart)
	if err != nil {
		p.refuse(q, err)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="users-`+fileName(q.order())+`.csv"`)
	out := csv.NewWriter(w)
	_ = out.Write([]string{"user", "id", "outcome", "code", "reason", "remedy", "services", "notes"})
	for len(page) > 0 && err == nil {
		for _, u := range page {
			_ = out.Write([]string{upgrade.DefuseCell(u.UPN), u.User, string(u.Outcome), u.Code, upgrade.DefuseCell(u.Reason), upgrade.DefuseCell(u.Remedy), upgrade.DefuseCell(strings.Join(p.services(u), "; ")), upgrade.DefuseCell(strings.Join(u.Notes, "; "))})
		}
		if len(page) < upgrade.UserListPart {
			break
		}
		page, err = p.Desk.Users(r.Context(), q.who, q.order(), page[len(page)-1].User, upgrade.UserListPart)
	}
	out.Flush()
	if err != nil { // the file is cut short, and must look so
		p.Log.Error("a list of users could not be written to its end", "order", q.order(), "error", err.Error())
		panic(http.ErrAbortHandler)
	}
}

// fileName keeps what may stand in a file's name.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, s)
}

func plainNumber(n int) string { return strconv.Itoa(n) }

// services are a user's services that are not on, by name where the catalogue knows them.
func (p *provider) services(u upgrade.UserReport) []string {
	var words []string
	for _, one := range u.Services {
		name := one.PlanID
		if plan, ok := p.Catalog.ServicePlan(name); ok {
			name = plan.Name
		}
		words = append(words, name+": "+one.State)
	}
	return words
}
