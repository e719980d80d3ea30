package upgrade

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Bounds of what an order may say.
const (
	MaxSeats  = 100_000 // per offer; Microsoft's own limits are lower for most
	maxTotals = 20
	// MaxSources is how many subscriptions an order may name.
	MaxSources = 100
	maxText    = 200
	maxTag     = 35 // of a language, which RFC 5646 calls enough for all that exist
)

var (
	orderIDForm  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$`)
	countryForm  = regexp.MustCompile(`^[A-Z]{2}$`)
	languageForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	upnForm      = regexp.MustCompile(`^[^@\s,;<>"']{1,64}@[^@\s,;<>"']{3,190}$`)
)

// ParseOrder reads an order strictly and fills in what it may leave out. It finds every problem of form at once; what
// only the catalogue or Microsoft can know is checked by the plan.
func ParseOrder(data []byte) (Order, Problems) {
	var o Order
	ps := DecodeStrict(data, &o)
	if len(ps) == 0 {
		o.normalize()
		return o, o.Check()
	}
	if ps.Has("unknown_field") || ps.Has("wrong_type") {
		o.normalize()
		ps = append(ps, besides(ps, o.Check())...)
	}
	return Order{ID: o.ID}, ps
}

// besides leaves out what only follows from a field that could not be read.
func besides(told, more Problems) Problems {
	return slices.DeleteFunc(more, func(p Problem) bool {
		return slices.ContainsFunc(told, func(t Problem) bool {
			return p.Path == t.Path || strings.HasPrefix(p.Path, t.Path+".") || strings.HasPrefix(t.Path, p.Path+".") || strings.HasPrefix(p.Path, t.Path+"[")
		})
	})
}

// normalize brings the order into its canonical spelling and fills in the defaults.
func (o *Order) normalize() {
	o.Tenant = strings.ToLower(strings.TrimSpace(o.Tenant))
	for i, s := range o.Sources {
		o.Sources[i] = strings.ToLower(strings.TrimSpace(s))
	}
	for i, u := range o.Licenses.Users {
		o.Licenses.Users[i] = strings.ToLower(strings.TrimSpace(u))
	}
	o.Target.Plan = strings.ToLower(o.Target.Plan)
	for i := range o.Target.Totals {
		o.Target.Totals[i].Offer = strings.ToLower(o.Target.Totals[i].Offer)
	}
	o.Market, o.UsageLocation = strings.ToUpper(o.Market), strings.ToUpper(o.UsageLocation)
	orElse(&o.Licenses.Who, Holders)
	orElse(&o.Consent, ByMail)
	orElse(&o.Finish, FinishAutomatic)
	orElse(&o.Priority, Normal)
	orElse(&o.Residue, RefuseResidue)
	if o.WhenBusy == "wait" {
		o.WhenBusy = WaitWhenBusy
	}
	orElse(&o.OnUserFailure.Action, ReportUsers)
	if o.Administrator != nil {
		orElse(&o.Administrator.Language, "en")
	}
	for _, t := range []*time.Time{o.NotBefore, o.NotAfter} {
		if t != nil {
			*t = t.UTC()
		}
	}
}

func orElse[S ~string](s *S, otherwise S) {
	if *s == "" {
		*s = otherwise
	}
}

// Check returns every problem of the order's form.
func (o Order) Check() Problems {
	var ps Problems
	if !orderIDForm.MatchString(o.ID) {
		ps.Add("order", "bad_order_id", "the order id must have 1 to 100 letters, digits, dots, colons, dashes or underscores, and begin with a letter or digit", "give billing's own order number")
	}
	if !IsGUID(o.Tenant) {
		ps.Add("tenant", "bad_tenant", "the customer's tenant must be a GUID", "take the Microsoft ID that Partner Center shows for the customer")
	}
	o.checkTarget(&ps)
	o.checkSources(&ps)
	o.checkPurchase(&ps)
	o.checkLicenses(&ps)
	o.checkConsent(&ps)
	o.checkRest(&ps)
	return ps
}

func (o Order) checkTarget(ps *Problems) {
	t := o.Target
	switch {
	case t.Plan == "" && len(t.Totals) == 0:
		ps.Add("target", "no_target", "the order names neither a plan nor totals", `give "plan" and "seats", or "totals"`)
	case t.Plan != "" && len(t.Totals) > 0:
		ps.Add("target", "two_targets", "the order names both a plan and totals", "keep one of them")
	case t.Plan != "":
		checkSeats(ps, "target.seats", t.Seats, 1)
	case t.Seats != 0:
		ps.Add("target.seats", "seats_without_plan", "seats belong to a plan; totals carry their own", "move the number into totals")
	}
	if len(t.Totals) > maxTotals {
		ps.Add("target.totals", "too_many", fmt.Sprintf("at most %d totals fit into one order", maxTotals), "split the order")
		return
	}
	checkLength(ps, "target.plan", t.Plan)
	seen := map[string]bool{}
	for i, total := range t.Totals {
		at := fmt.Sprintf("target.totals[%d]", i)
		if total.Offer == "" {
			ps.Add(at+".offer", "no_offer", "the total names no offer", "name an offer; `starter catalog` lists them")
		}
		if seen[total.Offer] {
			ps.Add(at+".offer", "duplicate_offer", fmt.Sprintf("%s is named twice", total.Offer), "give one total for each offer")
		}
		seen[total.Offer] = true
		checkLength(ps, at+".offer", total.Offer)
		checkSeats(ps, at+".seats", total.Seats, 0)
	}
}

func checkSeats(ps *Problems, path string, seats, least int) {
	switch {
	case seats < 0:
		ps.Add(path, "negative_seats", Seats(seats)+" cannot be had", "give the absolute number of seats that the customer ends with")
	case seats < least:
		ps.Add(path, "no_seats", "the number of seats is missing or zero", "give the absolute number of seats that the customer ends with")
	case seats > MaxSeats:
		ps.Add(path, "absurd_seats", fmt.Sprintf("%d seats are more than the %d that one order may ask for", seats, MaxSeats), "check the number; it is a total, not an increment")
	}
}

// checkLength bounds a text that only the catalogue or the register can tell more of.
func checkLength(ps *Problems, path, s string) {
	if len(s) > maxText {
		ps.Add(path, "too_long", fmt.Sprintf("at most %d characters fit", maxText), "shorten it")
	}
}

func (o Order) checkSources(ps *Problems) {
	if len(o.Sources) > MaxSources {
		ps.Add("sources", "too_many", fmt.Sprintf("%d sources are named; an order takes at most %d", len(o.Sources), MaxSources), "split the order")
		return
	}
	for i, s := range o.Sources {
		at := fmt.Sprintf("sources[%d]", i)
		if !IsGUID(s) {
			ps.Add(at, "bad_subscription", "a source is named by its subscription id, a GUID", "take the id from Partner Center, or leave sources out")
		}
		if slices.Index(o.Sources, s) < i {
			ps.Add(at, "duplicate_source", "the subscription is named twice", "keep one of them")
		}
	}
}

func (o Order) checkPurchase(ps *Problems) {
	if o.Purchase == nil {
		return
	}
	oneOf(ps, "purchase.term", o.Purchase.Term, "", "P1M", "P1Y", "P3Y")
	oneOf(ps, "purchase.billingCycle", o.Purchase.BillingCycle, "", "monthly", "annual", "triennial")
}

func (o Order) checkLicenses(ps *Problems) {
	l := o.Licenses
	oneOf(ps, "licenses.who", l.Who, Holders, Listed, Grouped, FromCSV, Nobody)
	if (l.Who == Listed) != (len(l.Users) > 0) {
		ps.Add("licenses.users", "users_contradict", fmt.Sprintf("who is %q and %s listed", l.Who, Counted(len(l.Users), "user is", "users are")), `list users together with "who": "users", and only then`)
	}
	if (l.Who == Grouped) != (l.Group != "") || len(l.Group) > maxText {
		ps.Add("licenses.group", "users_contradict", fmt.Sprintf("who is %q and the group is %q", l.Who, l.Group), `name a group by its object id or display name together with "who": "group", and only then`)
	}
	if (l.Who == FromCSV) != (l.File != "") || l.File != "" && !ListName(l.File) {
		ps.Add("licenses.file", "users_contradict", fmt.Sprintf("who is %q and the file is %q", l.Who, l.File), `name an uploaded list together with "who": "file", and only then; starter users upload puts one into the register`)
	}
	if len(l.Users) > MaxInlineUsers {
		ps.Add("licenses.users", "too_many", fmt.Sprintf("%d users are listed; an order carries at most %d", len(l.Users), MaxInlineUsers), "name a group, or upload the list")
	} else {
		checkUsers(ps, l.Users)
	}
	oneOf(ps, "onUserFailure.action", o.OnUserFailure.Action, ReportUsers, UndoUsers)
	if s := o.OnUserFailure.Share; s < 0 || s > 1 || (s != 0 && o.OnUserFailure.Action != UndoUsers) {
		ps.Add("onUserFailure.share", "bad_share", "the share lies between 0 and 1 and belongs to the action undo", "give for example 0.1 for a tenth of the users")
	}
}

func checkUsers(ps *Problems, users []string) {
	seen := map[string]bool{}
	for i, u := range users {
		at := fmt.Sprintf("licenses.users[%d]", i)
		if !IsGUID(u) && !upnForm.MatchString(u) {
			ps.Add(at, "bad_user", "a user is named by user principal name or object id", "correct the name")
		}
		if seen[u] {
			ps.Add(at, "duplicate_user", "the user is listed twice", "keep one of them")
		}
		seen[u] = true
	}
}

func (o Order) checkConsent(ps *Problems) {
	oneOf(ps, "consent", o.Consent, ByMail, ByLink, ByExisting, ByGDAP, ByPartner)
	a := o.Administrator
	if a == nil {
		if o.Consent == ByMail {
			ps.Add("administrator", "no_administrator", "an invitation by mail needs the administrator's address", `give "administrator": {"mail": "…"}, or choose "consent": "link" or "existing"`)
		}
		return
	}
	if addr, err := mail.ParseAddress(a.Mail); err != nil || addr.Address != a.Mail || len(a.Mail) > 254 || strings.ContainsAny(a.Mail, "\r\n") {
		ps.Add("administrator.mail", "bad_mail", "the address is not one plain mail address", "give an address such as admin@example.com")
	}
	if len(a.Name) > maxText || strings.ContainsAny(a.Name, "\r\n") {
		ps.Add("administrator.name", "bad_name", "the name is too long or has line breaks", "shorten it")
	}
	if !languageForm.MatchString(a.Language) || len(a.Language) > maxTag {
		ps.Add("administrator.language", "bad_language", "the language is not a BCP 47 tag", "give for example en or de")
	}
}

func (o Order) checkRest(ps *Problems) {
	oneOf(ps, "finish", o.Finish, FinishAutomatic, FinishConfirm)
	oneOf(ps, "priority", o.Priority, Urgent, Normal, Bulk)
	oneOf(ps, "residue", o.Residue, RefuseResidue, ResidueAtRenewal)
	if o.WhenBusy != WaitWhenBusy {
		oneOf(ps, "whenBusy", o.WhenBusy, "wait", RefuseWhenBusy)
	}
	if o.Attempt < 0 || o.Attempt > 1000 {
		ps.Add("attempt", "bad_attempt", "the attempt is a small positive number", "leave it out for the first")
	}
	for _, c := range [][2]string{{"market", o.Market}, {"usageLocation", o.UsageLocation}} {
		if c[1] != "" && !countryForm.MatchString(c[1]) {
			ps.Add(c[0], "bad_country", fmt.Sprintf("%q is no ISO 3166-1 alpha-2 country", c[1]), "give two letters such as DE")
		}
	}
	if o.NotBefore != nil && o.NotAfter != nil && !o.NotBefore.Before(*o.NotAfter) {
		ps.Add("notAfter", "times_contradict", "not after lies before not before", "swap or remove one of them")
	}
	for _, s := range [][2]string{{"reseller", o.Reseller}, {"batch", o.Batch}, {"placedBy", o.PlacedBy}} {
		checkLength(ps, s[0], s[1])
	}
}

func oneOf[S ~string](ps *Problems, path string, got S, allowed ...S) {
	if slices.Contains(allowed, got) {
		return
	}
	names := make([]string, 0, len(allowed))
	for _, a := range allowed {
		if a != "" {
			names = append(names, string(a))
		}
	}
	ps.Add(path, "unknown_value", fmt.Sprintf("%q is not one of %s", string(got), strings.Join(names, ", ")), "choose one of them")
}
