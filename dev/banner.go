package main

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"
)

// place is a line of the banner: something that can be opened, and what it is good for.
type place struct{ name, where, why string }

// banner tells the reader where everything is, and that nothing of it is real.
func banner(w io.Writer, s settings, places []place) error {
	out := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprint(out, "\nUplift, development mode: public keys, loopback only. Not for production.\n\n")
	for _, p := range places {
		fmt.Fprintf(out, "  %s\t%s\t%s\n", p.name, p.where, p.why)
	}
	fmt.Fprintf(out, "\n  Data\t%s\t\n", cmp.Or(s.data, "kept nowhere (-data DIR keeps it)"))
	if s.pace != 1 {
		fmt.Fprintf(out, "  Pace\twaits pass %g times faster\t\n", s.pace)
	}
	fmt.Fprint(out, "\nCtrl-C stops everything.\n")
	return out.Flush()
}
