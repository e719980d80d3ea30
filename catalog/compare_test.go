package catalog

import (
	"slices"
	"testing"

	"uplift/upgrade"
)

func names(c *Catalog, ids []string) []string {
	var out []string
	for _, id := range ids {
		p, _ := c.ServicePlan(id)
		out = append(out, p.Name)
	}
	slices.Sort(out)
	return out
}

func planIDs(c *Catalog, names ...string) []string {
	var out []string
	for _, name := range names {
		out = append(out, c.byName[name].ID)
	}
	return out
}

// TestMapDisabledPlans: what was switched off stays off, and what Graph would refuse is not sent.
func TestMapDisabledPlans(t *testing.T) {
	c := Load()
	for _, test := range []struct {
		why            string
		source, target OfferID
		disabled, want []string
	}{
		{"nothing off, nothing off", "business-basic", "microsoft-365-e5", nil, nil},
		{"the same plan in both", "business-basic", "business-premium", []string{"SWAY", "YAMMER_ENTERPRISE"}, []string{"SWAY", "YAMMER_ENTERPRISE"}},
		{"a bigger edition", "business-basic", "office-365-e3",
			[]string{"EXCHANGE_S_STANDARD", "FORMS_PLAN_E1"}, []string{"EXCHANGE_S_ENTERPRISE", "FORMS_PLAN_E3"}},
		{"SharePoint Plan 2 for Plan 1", "business-basic", "office-365-e3", []string{"SHAREPOINTSTANDARD"}, []string{"SHAREPOINTENTERPRISE"}},
		{"desktop apps", "business-standard", "microsoft-365-e3", []string{"OFFICE_BUSINESS", "STREAM_O365_SMB"}, []string{"OFFICESUBSCRIPTION", "STREAM_O365_E3"}},
		{"a smaller edition, on the way down or back", "office-365-e3", "business-basic", []string{"EXCHANGE_S_ENTERPRISE"}, []string{"EXCHANGE_S_STANDARD"}},
		{"the smaller of two editions decides nothing", "business-premium", "microsoft-365-e3", []string{"INTUNE_SMBIZ"}, nil},
		{"the biggest of two editions decides", "microsoft-365-e3", "microsoft-365-e5", []string{"AAD_PREMIUM"}, []string{"AAD_PREMIUM", "AAD_PREMIUM_P2"}},
		{"mobile apps say nothing about desktop apps", "business-basic", "business-standard", []string{"OFFICEMOBILE_SUBSCRIPTION"}, nil},
		{"what the target lacks is left out", "business-premium", "business-basic", []string{"WINBIZ", "SWAY"}, []string{"SWAY"}},
		{"what the source lacks is left out", "business-basic", "microsoft-365-e5", []string{"AAD_PREMIUM"}, nil},
		{"telephony needs Teams, which is off", "microsoft-365-e3", "microsoft-365-e5",
			[]string{"TEAMS1", "MCOSTANDARD"}, []string{"MCOEV", "MCOMEETADV", "MCOSTANDARD", "TEAMS1"}},
		{"one of what telephony needs is on", "microsoft-365-e3", "microsoft-365-e5", []string{"MCOSTANDARD"}, []string{"MCOSTANDARD"}},
		{"what the user had on stays on, whatever the rules say", "business-basic", "business-standard", []string{"SHAREPOINTSTANDARD"}, []string{"SHAREPOINTSTANDARD"}},
	} {
		source, _ := c.Offer(test.source)
		target, _ := c.Offer(test.target)
		got, err := c.MapDisabledPlans(source.SKUID, target.SKUID, planIDs(c, test.disabled...))
		if err != nil || !slices.Equal(names(c, got), test.want) {
			t.Errorf("%s: %s → %s without %v: without %v, not %v (%v)", test.why, test.source, test.target, test.disabled, names(c, got), test.want, err)
		}
	}
	if _, err := c.MapDisabledPlans("f245ecc8-75af-4f8e-b61f-27d8114de5f3", "f245ecc8-75af-4f8e-b61f-000000000000", nil); upgrade.CodeOf(err) != "unknown_sku" {
		t.Errorf("an unknown SKU: %v", err)
	}
}

// TestMapDisabledIsWithinTarget: for every two offers, what is sent is in the target, once, in order; and on the way
// to the same offer nothing changes.
func TestMapDisabledIsWithinTarget(t *testing.T) {
	c := Load()
	for _, source := range c.Offers() {
		for _, target := range c.Offers() {
			all := source.PlanIDs()
			got := c.MapDisabled(all, target.PlanIDs(), all)
			if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
				t.Fatalf("%s → %s: not sorted, or doubled: %v", source.ID, target.ID, got)
			}
			for _, id := range got {
				if !target.Has(id) {
					t.Fatalf("%s → %s: %s is not in the target", source.ID, target.ID, id)
				}
			}
			if source.ID == target.ID && !slices.Equal(got, lowered(all)) {
				t.Fatalf("%s → itself: %v", source.ID, names(c, got))
			}
		}
	}
}

func TestCompare(t *testing.T) {
	c := Load()
	offers := func(ids ...OfferID) []Offer {
		var out []Offer
		for _, id := range ids {
			o, found := c.Offer(id)
			if !found {
				t.Fatal(id)
			}
			out = append(out, o)
		}
		return out
	}
	has := func(plans []ServicePlan, name string) bool {
		return slices.ContainsFunc(plans, func(p ServicePlan) bool { return p.Name == name })
	}
	d := c.Compare(offers("business-basic"), offers("office-365-e3"))
	if len(d.Lost) != 0 || len(d.Smaller) != 0 || has(d.Gained, "EXCHANGE_S_ENTERPRISE") || !has(d.Gained, "OFFICESUBSCRIPTION") {
		t.Errorf("Basic → Office 365 E3: %+v", d)
	}
	if !slices.ContainsFunc(d.Larger, func(e Exchange) bool {
		return e.Service == "Exchange Online" && e.From.Name == "EXCHANGE_S_STANDARD" && e.To.Name == "EXCHANGE_S_ENTERPRISE"
	}) {
		t.Errorf("Basic → Office 365 E3 gives no larger mailbox: %+v", d.Larger)
	}
	d = c.Compare(offers("business-premium"), offers("microsoft-365-e3"))
	if has(d.Lost, "EXCHANGE_S_ARCHIVE_ADDON") || !slices.ContainsFunc(d.Smaller, func(e Exchange) bool { return e.From.Name == "MDE_SMB" && e.To.Name == "MDE_LITE" }) {
		t.Errorf("Premium → Microsoft 365 E3: lost %v, smaller %v", d.Lost, d.Smaller)
	}
	d = c.Compare(offers("microsoft-365-e5"), offers("business-basic"))
	if !has(d.Lost, "MCOEV") || !has(d.Lost, "AAD_PREMIUM_P2") || has(d.Lost, "AAD_PREMIUM") || len(d.Gained)+len(d.Larger) != 0 {
		t.Errorf("Microsoft 365 E5 → Basic: %+v", d)
	}
	d = c.Compare(offers("business-basic", "teams-phone-standard"), offers("business-basic", "teams-phone-standard"))
	if len(d.Gained)+len(d.Lost)+len(d.Larger)+len(d.Smaller) != 0 {
		t.Errorf("nothing changes: %+v", d)
	}
	added := ServicesAdded(offers("business-basic"), offers("business-premium"))
	if has(added, "EXCHANGE_S_FOUNDATION") || has(added, "O365_SB_Relationship_Management") || !has(added, "INTUNE_A") {
		t.Errorf("services added by Premium: %v", added)
	}
	if !has(PlansGained(offers("business-basic"), offers("business-premium")), "EXCHANGE_S_FOUNDATION") {
		t.Error("the plans gained by Premium are not all of them")
	}
	if lost := PlansLost(offers("business-basic"), offers("business-premium")); len(lost) != 1 || lost[0].Name != "OFFICEMOBILE_SUBSCRIPTION" {
		t.Errorf("plans lost by Premium: %v", lost)
	}
	if held := Included(offers("microsoft-365-e3")[0], added); !has(held, "INTUNE_A") || has(held, "WINBIZ") {
		t.Errorf("of those Microsoft 365 E3 includes %v", held)
	}
}

func TestConflicts(t *testing.T) {
	c := Load()
	for _, test := range []struct {
		held []string
		want []string
	}{
		{nil, nil},
		{[]string{"EXCHANGE_S_STANDARD", "EXCHANGE_S_ENTERPRISE"}, []string{"Exchange Online (Plan 1) and Exchange Online (Plan 2) exclude each other."}},
		{[]string{"MCOEV", "TEAMS1"}, nil},
		{[]string{"MCOEV", "SWAY"}, []string{"Teams Phone (Microsoft 365 Phone System) needs Skype for Business Online (Plan 2) or Microsoft Teams."}},
		{[]string{"SHAREPOINTWAC"}, []string{"Office for the web needs OneDrive for Business (Plan 1) or OneDrive for Business (Basic 2) or SharePoint (Plan 2) or SharePoint (Plan 1)."}},
	} {
		var got []string
		for _, conflict := range c.Conflicts(planIDs(c, test.held...)) {
			got = append(got, conflict.String())
			if conflict.Source == "" || conflict.Verified == "" {
				t.Errorf("%s: from where?", conflict)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%v: %q, not %q", test.held, got, test.want)
		}
	}
	// No offer of ours is in conflict with itself, add-ons aside.
	for _, o := range c.Offers() {
		if conflicts := c.Conflicts(o.PlanIDs()); !o.AddOn && len(conflicts) > 0 {
			t.Errorf("%s: %v", o.ID, conflicts)
		}
	}
}
