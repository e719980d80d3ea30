package planning_test

import (
	"slices"
	"strings"
	"testing"

	"uplift/internal/planning"
	"uplift/upgrade"
)

// TestUsers says whose licences move, from what to what, and with which permissions.
func TestUsers(t *testing.T) {
	resize := func(f *planning.Facts) { order(f, total("business-basic", 25)) }
	for _, c := range []struct {
		name        string
		change      func(f *planning.Facts)
		remove, add string
		moves       bool
	}{
		{"holders move with a transition", func(*planning.Facts) {}, basicSKU, premiumSKU, true},
		{"listed users move with a transition", func(f *planning.Facts) {
			f.Order.Licenses = upgrade.Licenses{Who: upgrade.Listed, Users: []string{"a@contoso.example"}}
		}, basicSKU, premiumSKU, true},
		{"nobody moves with a transition", func(f *planning.Facts) { f.Order.Licenses.Who = upgrade.Nobody }, basicSKU, premiumSKU, false},
		{"holders keep what is resized", resize, "", "", false},
		{"listed users get what is resized", func(f *planning.Facts) {
			resize(f)
			f.Order.Licenses = upgrade.Licenses{Who: upgrade.Listed, Users: []string{"a@contoso.example"}}
		}, "", basicSKU, true},
		{"the licence moves, not what stands first in the totals", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(phoneSub, phoneProduct, 20))
			order(f, total("teams-phone-standard", 25), total("business-premium", 25), total("business-basic", 0))
		}, basicSKU, premiumSKU, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := lab()
			c.change(f)
			p := planning.Make(*f)
			l := p.Licenses
			if strings.Join(l.Remove, " ") != c.remove || strings.Join(l.Add, " ") != c.add || l.Moves() != c.moves {
				t.Errorf("remove %q, add %q, moves %t; expected %q, %q, %t", l.Remove, l.Add, l.Moves(), c.remove, c.add, c.moves)
			}
			if l.Who != f.Order.Licenses.Who || !slices.Equal(l.Users, f.Order.Licenses.Users) {
				t.Errorf("the plan is for %s %v", l.Who, l.Users)
			}
			want := []string{"Organization.Read.All"}
			if c.moves {
				want = append(want, "User.ReadWrite.All", "LicenseAssignment.ReadWrite.All")
			}
			if !slices.Equal(p.Permissions, want) {
				t.Errorf("the permissions are %v, not the smallest set %v", p.Permissions, want)
			}
		})
	}
}

// TestUnknown: before consent the plan says what cannot be seen, and afterwards nothing is left of that.
func TestUnknown(t *testing.T) {
	f := lab()
	if p := planning.Make(*f); len(p.Unknown) != 3 || p.Licenses.Location != "" {
		t.Errorf("before consent: %v, location %q", p.Unknown, p.Licenses.Location)
	}
	see(f)
	if p := planning.Make(*f); len(p.Unknown) != 0 || p.Licenses.Location != "AT" {
		t.Errorf("with the directory open: %v, location %q", p.Unknown, p.Licenses.Location)
	}
	f.Order.UsageLocation = "CH"
	if p := planning.Make(*f); p.Licenses.Location != "CH" {
		t.Errorf("the order's usage location does not go before the tenant's: %q", p.Licenses.Location)
	}
}

func TestSeatsForUsers(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(f *planning.Facts)
		users  int
		short  bool
	}{
		{"as many as seats", func(*planning.Facts) {}, 25, false},
		{"one more", func(*planning.Facts) {}, 26, true},
		{"nobody moves", func(f *planning.Facts) { f.Order.Licenses.Who = upgrade.Nobody }, 99, false},
		{"the licence's seats count, not those of what is bundled", func(f *planning.Facts) {
			f.Subscriptions = append(f.Subscriptions, sub(phoneSub, phoneProduct, 20))
			order(f, total("business-basic", 0), total("business-premium", 25), total("teams-phone-standard", 30))
		}, 26, true},
		{"listed users of a resize", func(f *planning.Facts) {
			order(f, total("business-basic", 22))
			f.Order.Licenses = upgrade.Licenses{Who: upgrade.Listed}
		}, 23, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := lab()
			c.change(f)
			p := planning.Make(*f)
			planning.CheckSeatsForUsers(&p, c.users)
			wellSaid(t, p)
			if got := p.Reasons.Has("seats_below_users"); got != c.short {
				t.Errorf("%d users: %v", c.users, p.Reasons)
			}
		})
	}
}
