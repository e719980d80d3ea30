package preflight

import (
	"context"
	"fmt"
	"strings"
	"time"

	"uplift/upgrade"
)

// minRetention is the least for which a namespace should keep closed upgrades.
const minRetention = 30 * 24 * time.Hour

// remedySetup ends what `starter setup` mends.
const remedySetup = "run `starter setup`"

func temporalAnswers(ctx context.Context, x *examination) []Finding {
	t, err := x.Temporal(ctx)
	if err != nil {
		return fail(words(err), "start the server, or correct TEMPORAL_ADDRESS and its siblings (TEMPORAL_TLS, TEMPORAL_API_KEY, a profile)")
	}
	x.temporal = t
	x.closers = append(x.closers, t.Close)
	return ok("answers at %s", t.Address())
}

func namespaceThere(ctx context.Context, x *examination) []Finding {
	_, err := x.temporal.Retention(ctx)
	switch {
	case upgrade.CodeOf(err) == "no_namespace":
		return fail(fmt.Sprintf("the namespace %s does not exist", x.temporal.Namespace()), "correct TEMPORAL_NAMESPACE, or run `starter setup -create`")
	case err != nil:
		return fail(words(err), "give the client of -temporal-namespace the right to read its namespace")
	}
	return ok("%s exists", x.temporal.Namespace())
}

func retentionLong(ctx context.Context, x *examination) []Finding {
	kept, err := x.temporal.Retention(ctx)
	switch {
	case err != nil:
		return fail(words(err), "look again")
	case kept < minRetention:
		return fail(fmt.Sprintf("closed upgrades are kept for %s only", inDays(kept)),
			fmt.Sprintf("at least %s should be kept, to find out later what went wrong: %s", inDays(minRetention), remedySetup))
	}
	return ok("closed upgrades are kept for %s", inDays(kept))
}

func inDays(d time.Duration) string {
	if d < 48*time.Hour {
		return d.String()
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

func attributesThere(ctx context.Context, x *examination) []Finding {
	missing, wrong, err := x.temporal.SearchAttributes(ctx)
	switch {
	case err != nil:
		return fail(words(err), remedySetup+" with an account that may")
	case len(wrong) > 0:
		return fail("of another type than Uplift's: "+strings.Join(wrong, ", "),
			"remove them with `temporal operator search-attribute remove --name …`, and then "+remedySetup)
	case len(missing) > 0:
		return fail("missing: "+strings.Join(missing, ", "), remedySetup+", or let the first worker make them")
	}
	return ok("all are there, with the right types")
}

func workerPolls(ctx context.Context, x *examination) []Finding {
	workflows, activities, err := x.temporal.Pollers(ctx)
	switch {
	case err != nil:
		return fail(words(err), "look again")
	case workflows == 0 || activities == 0:
		return warn("no worker asks for work on the task queue "+upgrade.TaskQueue, "start one with the settings that were just examined")
	}
	if workflows == 1 {
		return ok("one asks for work on the task queue %s", upgrade.TaskQueue)
	}
	return ok("%d ask for work on the task queue %s", workflows, upgrade.TaskQueue)
}
