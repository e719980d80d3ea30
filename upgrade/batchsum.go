package upgrade

import "slices"

// BatchReason is a reason for which rows of a batch were refused or have failed, told once.
type BatchReason struct {
	Problem     // as it is told of the first of them
	Rows    int `json:"rows"`  // for how many
	First   int `json:"first"` // the number of the first of them
}

// AddReasons counts the reasons of a row among those of the rows before it, by their codes.
func AddReasons(all []BatchReason, l BatchLine) []BatchReason {
	seen := map[string]bool{}
	for _, p := range l.Reasons {
		i := slices.IndexFunc(all, func(r BatchReason) bool { return r.Code == p.Code })
		switch {
		case seen[p.Code]: // a row counts once
		case i >= 0:
			all[i].Rows++
		default:
			all = append(all, BatchReason{Problem: p, Rows: 1, First: l.Number})
		}
		seen[p.Code] = true
	}
	return all
}

// SortReasons puts the most frequent first.
func SortReasons(all []BatchReason) {
	slices.SortStableFunc(all, func(a, b BatchReason) int { return b.Rows - a.Rows })
}

// BatchSummary is what a mail says of a batch.
type BatchSummary struct {
	Batch   BatchView
	State   BatchState // that the mail is about: confirming, refused, cancelled or ended
	Reasons []BatchReason
	Untold  int // further reasons
}
