package api

import (
	"fmt"

	"github.com/danielgtaylor/huma/v2"
)

// limitsOf are the limits of a value, in words.
func limitsOf(s *huma.Schema) []string {
	if s == nil {
		return nil
	}
	var out []string
	if len(s.Enum) > 0 {
		words := "one of"
		for i, one := range s.Enum {
			if i > 0 {
				words += ","
			}
			words += fmt.Sprint(" ", one)
		}
		out = append(out, words)
	}
	if s.Default != nil {
		out = append(out, fmt.Sprint("default ", s.Default))
	}
	if s.Minimum != nil {
		out = append(out, fmt.Sprint("at least ", *s.Minimum))
	}
	if s.Maximum != nil {
		out = append(out, fmt.Sprintf("at most %.0f", *s.Maximum))
	}
	if s.MaxLength != nil {
		out = append(out, fmt.Sprint("at most ", *s.MaxLength, " characters"))
	}
	if s.MaxItems != nil {
		out = append(out, fmt.Sprint("at most ", *s.MaxItems, " items"))
	}
	if s.Pattern != "" {
		out = append(out, "pattern "+s.Pattern)
	}
	return out
}
