package errorbook

import (
	"cmp"
	"slices"
	"strings"
)

// Explain is every row that a person may mean by a code as it stands in a letter, a log or an answer of Microsoft's:
// 900278, AADSTS65001 or its bare number, Request_BadRequest, the name of an enumeration's value, or a code of ours. With
// a part of the message, only the rows that it fits are left, if it fits any.
func Explain(code, said string) []Row {
	wanted := strings.ToLower(strings.TrimSpace(code))
	var found []Row
	for _, r := range book().rows {
		if slices.Contains(r.spellings(), wanted) {
			found = append(found, r)
		}
	}
	said = strings.ToLower(said)
	fitting := slices.DeleteFunc(slices.Clone(found), func(r Row) bool { return r.Text == "" || !strings.Contains(said, r.Text) })
	if len(fitting) > 0 {
		return fitting
	}
	return found
}

// spellings are the ways in which people write the code, in lower case.
func (r Row) spellings() []string {
	code := strings.ToLower(r.Code)
	all := []string{code}
	if number, ok := strings.CutPrefix(code, "aadsts"); ok {
		all = append(all, number)
	}
	if _, value, ok := strings.Cut(code, "/"); ok {
		all = append(all, value)
	}
	for _, also := range []string{r.Name, r.As} {
		if also != "" {
			all = append(all, strings.ToLower(also))
		}
	}
	return all
}

// nearest is how many codes Near names at most.
const nearest = 5

// longest is the longest text for which near codes are looked for.
const longest = 80

// Near are codes that may have been meant by one that is not in the book, the nearest first.
func Near(code string) []string {
	wanted := strings.ToLower(strings.TrimSpace(code))
	if wanted == "" || len(wanted) > longest {
		return nil
	}
	type candidate struct {
		code string
		away int
	}
	var all []candidate
	for _, r := range book().rows {
		for _, s := range r.spellings() {
			away := distance(wanted, s)
			if len(wanted) >= 4 && strings.Contains(s, wanted) {
				away = min(away, 1)
			}
			if sorted(wanted) == sorted(s) {
				away = 0 // two digits that changed places
			}
			if away <= max(1, len(wanted)/4) {
				all = append(all, candidate{r.Code, away})
				break
			}
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.away, b.away) })
	var codes []string
	for _, c := range all {
		if !slices.Contains(codes, c.code) && len(codes) < nearest {
			codes = append(codes, c.code)
		}
	}
	return codes
}

func sorted(s string) string {
	b := []byte(s)
	slices.Sort(b)
	return string(b)
}

// distance is Levenshtein's: how many letters to change, to add or to leave out.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
