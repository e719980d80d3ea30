package main

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"

	"uplift/internal/sim"
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
	if err := out.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, `
Try, in another terminal, at the root of the repository:

  export UPLIFT_PROFILE=dev%s
  go run ./starter upgrade -order A-1 -tenant %s -plan business-premium -seats 25 -mail %s

then open the mail, follow its link, press Start authentication, and sign in as that administrator with the password %s.

  go run ./starter status -watch A-1
  go run ./starter list

Ctrl-C stops everything.
`, elsewhere(s), sim.ContosoTenant, sim.ContosoAdmin, sim.DemoPassword)
	return err
}

// elsewhere tells the starter where Temporal is, when it is not at the usual place.
func elsewhere(s settings) string {
	if s.temporal == defaultTemporal {
		return ""
	}
	return " TEMPORAL_ADDRESS=" + s.temporal
}
