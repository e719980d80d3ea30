package upgrade

import "strconv"

// Counted is a number of things in words: "1 seat", "25 seats".
func Counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// Seats is a number of seats in words.
func Seats(n int) string { return Counted(n, "seat", "seats") }
