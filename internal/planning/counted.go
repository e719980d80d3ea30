package planning

import "uplift/upgrade"

// isOrAre is the verb for a number of things.
func isOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// hold begins a sentence about how many users hold something.
func hold(users int) string { return upgrade.Counted(users, "user holds", "users hold") }
