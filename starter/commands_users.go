package main

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/peterbourgon/ff/v3/ffcli"

	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// users holds the commands about lists of users and what became of them.
func (a *app) users() *ffcli.Command {
	var tenant, name string
	return a.command("users", "upload <file> | report <order id>", "Upload a list of users, or read what became of an order's users",
		"upload puts a CSV file, or one user a line, into the register for orders with {\"licenses\": {\"who\": \"file\",\n"+
			"\"file\": \"<name>\"}}. A heading such as userPrincipalName says in which column the users stand; - reads standard\n"+
			"input. report prints a line of CSV for every user whom the last attempt at an order touched.",
		func(f *flag.FlagSet) {
			f.StringVar(&tenant, "tenant", "", "the customer's tenant `id`; for upload")
			f.StringVar(&name, "name", "", "`name` of the list; else the file's name")
		},
		func(ctx context.Context, args []string) error {
			if len(args) != 2 || args[1] == "" {
				return usageError("give `upload <file>` or `report <order id>`")
			}
			switch args[0] {
			case "upload":
				return a.upload(ctx, args[1], strings.ToLower(tenant), name)
			case "report":
				return a.report(ctx, args[1])
			}
			return usageError("%q: give upload or report", args[0])
		})
}

// uploaded is what -o json prints of an upload.
type uploaded struct {
	Tenant string `json:"tenant"`
	Name   string `json:"name"`
	Users  int    `json:"users"`
}

func (a *app) upload(ctx context.Context, file, tenant, name string) error {
	if !upgrade.IsGUID(tenant) {
		return usageError("-tenant: give the customer's tenant id; the list is for that customer alone")
	}
	in := a.stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return usageError("the list cannot be read: %v", err)
		}
		defer f.Close()
		in = f
		name = first(name, filepath.Base(file))
	}
	if !upgrade.ListName(name) {
		return usageError("-name %q: a list's name has letters, digits, dots and dashes, at most 100", name)
	}
	users, problems := upgrade.ParseUserList(in)
	if len(problems) > 0 {
		return problems
	}
	_, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) (none struct{}, err error) {
		return none, c.StoreUsers(ctx, tenant, name, users)
	})
	if err != nil {
		return err
	}
	return a.show(uploaded{tenant, name, len(users)}, func(t *table) {
		t.line(fmt.Sprintf("The list %s of the customer %s is stored; users: %d. An order names it by\n  \"licenses\": {\"who\": \"file\", \"file\": %q}",
			name, tenant, len(users), name))
	})
}

// report prints one line for every user.
func (a *app) report(ctx context.Context, order string) error {
	order = strings.TrimPrefix(order, upgrade.WorkflowIDPrefix)
	var all []upgrade.UserReport
	_, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) (none struct{}, err error) {
		return none, c.Reports(ctx, order, func(page []upgrade.UserReport) error {
			all = append(all, page...)
			return nil
		})
	})
	if err != nil {
		return err
	}
	if a.json() {
		return a.show(all, nil)
	}
	out := csv.NewWriter(a.stdout)
	_ = out.Write([]string{"userPrincipalName", "id", "outcome", "code", "reason", "remedy", "servicesNotActive", "notes"})
	for _, r := range all {
		var services []string
		for _, s := range r.Services {
			services = append(services, s.PlanID+" "+s.State)
		}
		_ = out.Write([]string{plain(r.UPN), r.User, string(r.Outcome), r.Code, plain(r.Reason), plain(r.Remedy),
			strings.Join(services, "; "), strings.Join(r.Notes, "; ")})
	}
	out.Flush()
	return out.Error()
}

// plain keeps a spreadsheet from reading a cell as a formula.
func plain(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
