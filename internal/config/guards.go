package config

import (
	"regexp"
	"strconv"
	"strings"

	"uplift/upgrade"
)

func takeYes(field func(*Settings) *bool) func(*Settings, string) *upgrade.Problem {
	return func(s *Settings, text string) *upgrade.Problem {
		switch strings.ToLower(text) {
		case "yes", "true":
			*field(s) = true
		case "no", "false":
			*field(s) = false
		default:
			return wrong("%q is neither yes nor no", text)
		}
		return nil
	}
}

func takeCount(field func(*Settings) *int) func(*Settings, string) *upgrade.Problem {
	return func(s *Settings, text string) *upgrade.Problem {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > upgrade.MaxSeats {
			return wrong("%q is no number from 1 to %d", text, upgrade.MaxSeats)
		}
		*field(s) = n
		return nil
	}
}

func takeSlots(s *Settings, text string) *upgrade.Problem {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > upgrade.MaxSlots {
		return wrong("%q is no number from 0 to %d", text, upgrade.MaxSlots)
	}
	s.Slots = n
	return nil
}

var moneyForm = regexp.MustCompile(`^(\d{1,12})(?:\.(\d{1,3}))? ([A-Z]{3})$`)

// takeMoney reads an amount with its currency, such as 500.00 EUR.
func takeMoney(s *Settings, text string) *upgrade.Problem {
	m := moneyForm.FindStringSubmatch(text)
	if m == nil {
		return wrong("%q is no amount such as 500.00 EUR", text)
	}
	digits := upgrade.MinorDigits(m[3])
	if m[2] != "" && len(m[2]) != digits {
		return wrong("%s has %d digits behind the point", m[3], digits)
	}
	minor, err := strconv.ParseInt(m[1]+(m[2] + "000")[:digits], 10, 64)
	if err != nil || minor == 0 {
		return wrong("%q is no amount above zero", text)
	}
	s.ApproveMinor, s.ApproveCurrency = minor, m[3]
	return nil
}

// takeRate reads a number of activities a second.
func takeRate(field func(*Settings) *float64) func(*Settings, string) *upgrade.Problem {
	return func(s *Settings, text string) *upgrade.Problem {
		rate, err := strconv.ParseFloat(text, 64)
		if err != nil || !(rate > 0 && rate <= upgrade.MaxRate) {
			return wrong("%q is no number above 0 and up to %d", text, upgrade.MaxRate)
		}
		*field(s) = rate
		return nil
	}
}
