package provider

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"uplift/upgrade"
)

// The steps' forms: each writes what was typed into the draft, right or wrong. What is wrong is then said by the order's own
// rules, so that the wizard knows none of its own.

func readConsent(q *request, d *draft) error {
	d.Order.Consent = upgrade.ConsentWay(q.text("consent"))
	d.Order.Administrator = nil
	if mail := q.text("mail"); mail != "" {
		d.Order.Administrator = &upgrade.Administrator{Mail: mail, Name: q.text("name"), Language: or(q.text("language"), "en")}
	}
	return nil
}

func readTarget(q *request, d *draft) error {
	o := &d.Order
	o.ID = q.text("order")
	o.Target = upgrade.Target{}
	if q.text("kind") == "plan" {
		o.Target.Plan, o.Target.Seats = q.text("plan"), number(q.text("seats"))
	} else {
		seats := q.PostForm["total"]
		for i, offer := range q.PostForm["offer"] {
			if offer = strings.TrimSpace(offer); offer != "" && i < len(seats) {
				o.Target.Totals = append(o.Target.Totals, upgrade.Total{Offer: offer, Seats: number(strings.TrimSpace(seats[i]))})
			}
		}
	}
	o.Residue, o.Priority, o.Finish = upgrade.Residue(q.text("residue")), upgrade.Priority(q.text("priority")), upgrade.Finish(q.text("finish"))
	o.NotBefore, o.NotAfter = at(q.text("notBefore")), at(q.text("notAfter"))
	o.Purchase = nil
	if term, cycle := q.text("term"), q.text("billingCycle"); term != "" || cycle != "" {
		o.Purchase = &upgrade.Purchase{Term: term, BillingCycle: cycle}
	}
	return nil
}

// number reads a number of seats; what is none is a number that the order's rules refuse.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// at reads a date and time in UTC, as a browser's field gives it.
func at(s string) *time.Time {
	t, err := time.ParseInLocation("2006-01-02T15:04", s, time.UTC)
	if err != nil {
		return nil
	}
	return &t
}

// readLicences takes a list that is typed, or a file. One that is too long for an order is put into the register, and the order
// names it.
func (p *provider) readLicences(q *request, d *draft) error {
	o := &d.Order
	l := upgrade.Licenses{Who: upgrade.Who(q.text("who"))}
	switch l.Who {
	case upgrade.Grouped:
		l.Group = q.text("group")
	case upgrade.Listed:
		users, err := listed(q)
		if err != nil {
			return err
		}
		l.Users = users
		if len(users) > upgrade.MaxInlineUsers {
			name := "portal-" + q.PathValue("id")
			if err := p.Desk.StoreUsers(q.Context(), q.who, o.Tenant, name, users); err != nil {
				return err
			}
			l = upgrade.Licenses{Who: upgrade.FromCSV, File: name}
		}
	case upgrade.FromCSV:
		l.File = q.text("file")
	}
	o.Licenses = l
	o.UsageLocation = strings.ToUpper(q.text("usageLocation"))
	o.OnUserFailure = upgrade.UserFailure{Action: upgrade.ReportUsers}
	if share := q.text("share"); q.text("onUserFailure") == upgrade.UndoUsers {
		o.OnUserFailure = upgrade.UserFailure{Action: upgrade.UndoUsers, Share: float64(number(or(share, "0"))) / 100}
	}
	return nil
}

// listed reads the users of the field, or of the file where one was chosen.
func listed(q *request) ([]string, error) {
	var from io.Reader = strings.NewReader(q.PostFormValue("users"))
	file, _, err := q.FormFile("upload")
	switch {
	case err == nil:
		defer file.Close()
		data, err := io.ReadAll(file)
		if err != nil {
			return nil, badFile()
		}
		if len(bytes.TrimSpace(data)) > 0 {
			from = bytes.NewReader(data)
		}
	case !errors.Is(err, http.ErrMissingFile) && !errors.Is(err, http.ErrNotMultipart):
		return nil, badFile()
	}
	users, problems := upgrade.ParseUserList(from)
	if len(problems) > 0 && !problems.Has("no_users") {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_list", Message: "the list has lines that are no users", Err: problems}
	}
	return users, nil
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
