package activities

import (
	"context"
	"fmt"
	"slices"

	"uplift/upgrade"
)

// TakeSnapshotInput says whose photograph is taken.
type TakeSnapshotInput struct {
	Upgrade  string              `json:"upgrade"`
	Grant    upgrade.Grant       `json:"grant"`
	Licenses upgrade.LicensePlan `json:"licenses"`
}

// TakeSnapshotOutput counts the photographs, and says what would fail.
type TakeSnapshotOutput struct {
	Users    int              `json:"users"`
	Problems upgrade.Problems `json:"problems,omitempty"`
}

// TakeSnapshot photographs every user whom the plan touches, into the register, and checks all that can fail for a user
// while nothing has changed yet. The register keeps the first photograph of each user, so that a repeat after the change
// began cannot replace a before by an after.
func (a *Activities) TakeSnapshot(ctx context.Context, in TakeSnapshotInput) (TakeSnapshotOutput, error) {
	var out TakeSnapshotOutput
	if !in.Licenses.Moves() {
		return out, nil
	}
	chosen, err := a.choose(ctx, in.Grant, in.Licenses)
	if err != nil {
		return out, err
	}
	problems := newUserProblems(in.Licenses, chosen)
	err = a.survey(ctx, in.Grant, in.Licenses, chosen, justBeat, func(users []upgrade.User) error {
		shots := make([]upgrade.Snapshot, 0, len(users))
		for _, u := range users {
			problems.look(u)
			if chosen.includes(u) {
				shots = append(shots, upgrade.Snapshot{User: u})
			}
		}
		out.Users += len(shots)
		return a.Register.SaveSnapshots(ctx, in.Upgrade, shots)
	})
	problems.finish()
	out.Problems = problems.problems
	for _, group := range problems.moves {
		if !slices.ContainsFunc(in.Licenses.Groups, func(g upgrade.GroupMove) bool { return g.Group == group.Group }) {
			out.Problems.Add("licenses", "group_licence", fmt.Sprintf("the group %s has come to give the licence since the plan was made", group.Group), "order again")
		}
	}
	return out, err
}
