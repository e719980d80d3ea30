package activities

import (
	"context"

	"uplift/upgrade"
)

// RecordAnswerInput is a person's word.
type RecordAnswerInput struct {
	Upgrade string                 `json:"upgrade"`
	Answer  upgrade.OperatorAnswer `json:"answer"`
}

// RecordAnswerOutput is empty.
type RecordAnswerOutput struct{}

// RecordAnswer keeps who said what, when and why. The answer's id makes a repeat the same row.
func (a *Activities) RecordAnswer(ctx context.Context, in RecordAnswerInput) (RecordAnswerOutput, error) {
	return RecordAnswerOutput{}, a.Register.RecordAnswer(ctx, in.Upgrade, in.Answer)
}

// RecordEndInput is the end.
type RecordEndInput struct {
	Upgrade string         `json:"upgrade"`
	Result  upgrade.Result `json:"result"`
}

// RecordEndOutput is empty.
type RecordEndOutput struct{}

// RecordEnd destroys the upgrade's delegated tokens and writes its end into the register. Both may be repeated.
func (a *Activities) RecordEnd(ctx context.Context, in RecordEndInput) (RecordEndOutput, error) {
	if err := a.Register.DestroyTokens(ctx, in.Upgrade); err != nil {
		return RecordEndOutput{}, err
	}
	return RecordEndOutput{}, a.Register.RecordEnd(ctx, in.Upgrade, in.Result)
}

// DropGrantInput names an invitation whose codes and tokens are void.
type DropGrantInput struct {
	Upgrade string `json:"upgrade"`
}

// DropGrantOutput is empty.
type DropGrantOutput struct{}

// DropGrant destroys every code and token of the upgrade, after a claim that was not believed or a grant that died, so
// that the next sign-in starts clean.
func (a *Activities) DropGrant(ctx context.Context, in DropGrantInput) (DropGrantOutput, error) {
	return DropGrantOutput{}, a.Register.DestroyTokens(ctx, in.Upgrade)
}

// PruneRegisterInput is empty.
type PruneRegisterInput struct{}

// PruneRegisterOutput counts what was deleted.
type PruneRegisterOutput struct {
	Pruned upgrade.Pruned `json:"pruned"`
}

// PruneRegister deletes what the register need not keep any longer. A repeat finds less, or nothing.
func (a *Activities) PruneRegister(ctx context.Context, _ PruneRegisterInput) (PruneRegisterOutput, error) {
	if a.Cleaner == nil {
		return PruneRegisterOutput{}, nil
	}
	pruned, err := a.Cleaner.Prune(ctx, a.now())
	return PruneRegisterOutput{Pruned: pruned}, err
}
