package plandoc

import (
	"fmt"
	"math"
	"strings"

	"uplift/upgrade"
)

// maxListed is how many users are listed by name; the order has them all.
const maxListed = 20

// users says who gets which licence, and who does not.
func (w *writer) users() {
	l := w.plan.Licenses
	var blocks []Block
	switch {
	case l.Moves():
		blocks = w.moves(l)
	case len(w.plan.Steps) > 0:
		blocks = []Block{text("This upgrade gives no user a licence and takes none away.")}
		if l.Who == upgrade.Nobody && l.Ends {
			blocks = append(blocks, strong("Whoever holds "+enumerated(w.named(l.Remove))+" loses it when its subscription ends, and is given nothing in its place."))
		}
	}
	w.section("users", "Who gets which licence", blocks...)
}

func (w *writer) moves(l upgrade.LicensePlan) []Block {
	blocks := []Block{text(w.who(l))}
	if l.Who == upgrade.Listed {
		blocks = append(blocks, list(some(l.Users)))
	}
	var says []string
	if l.Seats > 0 {
		says = append(says, "There is a seat for "+upgrade.Counted(l.Seats, "user", "users")+" among those that move.")
	}
	if len(l.Remove) > 0 {
		says = append(says, "Nobody is without a licence meanwhile, and what a user has switched off stays off.")
	}
	if l.Location != "" {
		says = append(says, "Users without a usage location get "+l.Location+".")
	}
	says = append(says, failure(l))
	blocks = append(blocks, text(strings.Join(says, " ")))
	var groups []string
	for _, g := range l.Groups {
		groups = append(groups, fmt.Sprintf("%s, of the group %s (%s)", w.plan.NameOf(g.SKU), g.Group, upgrade.Counted(g.Members, "user", "users")))
	}
	return append(blocks, titled("Licences that users have through a group are moved on the group, for all of its members at once:", groups)...)
}

// who says whose licences move.
func (w *writer) who(l upgrade.LicensePlan) string {
	receive, from := "receive "+enumerated(w.named(l.Add)), enumerated(w.named(l.Remove))
	if l.Who == upgrade.Holders {
		known := "How many they are can be seen only after the consent."
		if l.Known {
			known = "That is " + upgrade.Counted(l.Holders, "user", "users") + "."
		}
		return fmt.Sprintf("All present holders of %s %s instead. %s", from, receive, known)
	}
	if from != "" {
		receive += " in the place of " + from
	}
	switch l.Who {
	case upgrade.Listed:
		return fmt.Sprintf("The users of the order's list (%d) %s:", len(l.Users), receive)
	case upgrade.Grouped:
		return fmt.Sprintf("The members of the group %s %s.", l.Group, receive)
	}
	return fmt.Sprintf("The users of the uploaded list %s %s.", l.File, receive)
}

func failure(l upgrade.LicensePlan) string {
	switch {
	case l.UndoOnFailure && l.UndoShare > 0:
		return fmt.Sprintf("If it fails for more than %d %% of the users, everything is undone.", int(math.Round(l.UndoShare*100)))
	case l.UndoOnFailure:
		return "If it fails for a single user, everything is undone."
	}
	return "A user for whom it fails is reported, and the others go on."
}

// named are the names of licences.
func (w *writer) named(skus []string) []string {
	var names []string
	for _, sku := range skus {
		names = append(names, w.plan.NameOf(sku))
	}
	return names
}

// some are the first of many.
func some(all []string) []string {
	if len(all) <= maxListed {
		return all
	}
	return append(append([]string(nil), all[:maxListed]...), fmt.Sprintf("and %d more", len(all)-maxListed))
}

// services is what users gain and lose.
func (w *writer) services() {
	w.section("gains", "Users gain", list(w.plan.Gains))
	switch {
	case len(w.plan.Losses) > 0:
		w.section("losses", "Users lose", list(w.plan.Losses))
	case len(w.plan.Steps) > 0:
		w.section("losses", "Users lose", text("Nobody loses a service."))
	}
}

// permissionWords says why a permission is asked.
// https://learn.microsoft.com/en-us/graph/permissions-reference
var permissionWords = map[string]string{
	"openid":                          "Tells us who signed in.",
	"profile":                         "Tells us the name of who signed in.",
	"email":                           "Tells us the mail address of who signed in.",
	"offline_access":                  "Lets the work go on after the window is closed, until the upgrade ends.",
	"User.Read":                       "Reads the profile of who signed in.",
	"User.Read.All":                   "Reads the users and the licences that they hold.",
	"User.ReadWrite.All":              "Reads the users, and sets the country of those who have none, which Microsoft needs before a licence can be assigned.",
	"Directory.Read.All":              "Reads the directory: users, groups, and the roles of who signed in.",
	"Directory.ReadWrite.All":         "Reads the directory, and changes users' licences in it.",
	"Organization.Read.All":           "Reads the company's name, its country and its subscriptions.",
	"Organization.ReadWrite.All":      "Reads the company's subscriptions, and changes what belongs to them.",
	"LicenseAssignment.Read.All":      "Reads which licences are assigned to whom.",
	"LicenseAssignment.ReadWrite.All": "Moves users from the old licence to the new one.",
	"Group.Read.All":                  "Reads the groups that give licences to their members.",
	"Group.ReadWrite.All":             "Moves licences that users have from a group, on that group.",
	"GroupMember.Read.All":            "Reads who is a member of the groups that this change is about.",
	"RoleManagement.Read.Directory":   "Reads whether who signed in is an administrator.",
}

// permissions are what is asked of the customer's administrator, and why.
func (w *writer) permissions() {
	b := Block{}
	for _, name := range w.plan.Permissions {
		why, ok := permissionWords[name]
		if !ok {
			why = "Is needed for this change; Microsoft's sign-in page explains it."
		}
		b.Items = append(b.Items, Item{Text: name, More: []string{why}})
	}
	if len(b.Items) == 0 {
		return
	}
	blocks := []Block{text("These are the only permissions that this change needs. Microsoft's sign-in shows them too."), b}
	if w.customer {
		blocks = append(blocks, text("When the upgrade ends, we destroy the access that the sign-in gave; the last mail says how to remove the application from your tenant."))
	}
	w.section("permissions", "What the sign-in permits", blocks...)
}
