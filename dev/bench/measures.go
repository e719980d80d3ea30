package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// measures are all of them, in the order in which they run and stand in the page.
func measures() []measure {
	return []measure{speed, sizeOfHistory, licences(), quota(), batchOfRows(), waiting(), largeTenant()}
}

// chosen are the measures with these numbers, such as "3,4"; all of them where none is named.
func chosen(all []measure, only string) ([]measure, error) {
	if only == "" {
		return all, nil
	}
	var out []measure
	for _, text := range strings.Split(only, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		at := slices.IndexFunc(all, func(m measure) bool { return m.number == n })
		if err != nil || at < 0 {
			return nil, fmt.Errorf("-only %s: there is no measure %q", only, text)
		}
		out = append(out, all[at])
	}
	return out, nil
}
