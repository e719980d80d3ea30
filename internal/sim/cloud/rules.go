package cloud

import (
	"slices"
	"strings"
)

// Plans that the rules below name.
const (
	planExchange1  = "9aaf7827-d63c-4b61-89c3-182f06f82e5c" // EXCHANGE_S_STANDARD
	planExchange2  = "efb87545-963c-4e0d-99df-69c6916d9eb0" // EXCHANGE_S_ENTERPRISE
	planArchive    = "176a09a6-7ec5-4039-ac02-b2791c6ba793" // EXCHANGE_S_ARCHIVE_ADDON
	planSharePt1   = "c7699d2e-19aa-44de-8edf-1736da088ca1" // SHAREPOINTSTANDARD
	planSharePt2   = "5dbe027f-2339-4123-9542-606e4d348a72" // SHAREPOINTENTERPRISE
	planOfficeWeb  = "e95bec33-7c88-4a70-8e19-b10bd9d0c014" // SHAREPOINTWAC
	planOneDrive   = "13696edf-5a08-49f6-8134-03083ed8ba30" // ONEDRIVESTANDARD
	planTeams      = "57ff2da0-773e-42df-b2af-ffb7a2317929" // TEAMS1
	planSkype      = "0feaeb32-d00e-4d66-bd5a-43b5b83db82c" // MCOSTANDARD
	planPhone      = "4828c8ec-dc2e-4779-b502-87ac9ce28ab7" // MCOEV
	planConference = "3e26ee1f-8a5f-4d52-aee2-b81ce45c8f40" // MCOMEETADV
)

// exclusive pairs cannot be enabled together for one user. Exchange Plan 1 and 2
// is Microsoft's own example ("Resolve group licence problems"); SharePoint is
// analogous. Newer tenants accept more: this is data, not law.
func exclusive() [][2]string {
	return [][2]string{{planExchange1, planExchange2}, {planSharePt1, planSharePt2}}
}

// dependency says that a plan works only beside one of others.
type dependency struct {
	plan  string
	oneOf []string
}

func dependencies() []dependency {
	return []dependency{
		{planPhone, []string{planTeams, planSkype}},
		{planConference, []string{planTeams, planSkype}},
		{planArchive, []string{planExchange1, planExchange2}},
		{planOfficeWeb, append([]string{planSharePt1, planSharePt2, planOneDrive}, oneDriveBasics()...)},
	}
}

// oneDriveBasics are the small OneDrive plans of Teams suites.
func oneDriveBasics() []string {
	var out []string
	for _, o := range offers() {
		for _, p := range o.Plans {
			if strings.HasPrefix(p.Name, "ONEDRIVE_BASIC") && !slices.Contains(out, p.ID) {
				out = append(out, p.ID)
			}
		}
	}
	return out
}

// violation compares the enabled plans of a user before and after a change and
// names the first rule that the change breaks. A rule that was broken already
// is not held against it.
func violation(before, after map[string]bool) *Refusal {
	for _, pair := range exclusive() {
		if after[pair[0]] && after[pair[1]] && !(before[pair[0]] && before[pair[1]]) {
			return badRequest("License assignment failed because service plans %s,%s are mutually exclusive.", pair[0], pair[1])
		}
	}
	for _, d := range dependencies() {
		if after[d.plan] && !anyOf(after, d.oneOf) && !(before[d.plan] && !anyOf(before, d.oneOf)) {
			return badRequest("License assignment failed because service plan %s depends on the service plan(s) %s",
				d.plan, strings.Join(d.oneOf, ","))
		}
	}
	return nil
}

func anyOf(set map[string]bool, ids []string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return set[id] })
}
