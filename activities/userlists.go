package activities

import (
	"context"

	"uplift/upgrade"
)

// StoreUserListInput is a part of a list.
type StoreUserListInput struct {
	Part upgrade.UserListPartOf `json:"part"`
}

// StoreUserListOutput is empty.
type StoreUserListOutput struct{}

// StoreUserList puts a part of a list of a customer's users into the register. A repeat replaces the part by the same.
func (a *Activities) StoreUserList(ctx context.Context, in StoreUserListInput) (StoreUserListOutput, error) {
	p := in.Part
	if !upgrade.IsGUID(p.Tenant) || !upgrade.ListName(p.Name) || p.Part < 0 || p.Part > upgrade.MaxUploadedUsers/upgrade.UserListPart ||
		len(p.Users) == 0 || len(p.Users) > upgrade.UserListPart {
		return StoreUserListOutput{}, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_list", Message: "a list has a customer's tenant id, a name, and parts of 1 to 1000 users"}
	}
	return StoreUserListOutput{}, a.Register.SaveUserList(ctx, p.Tenant, p.Name, p.Part, p.Users, a.now())
}

// ReadReportsInput says which page.
type ReadReportsInput struct {
	Asked upgrade.ReportsAsked `json:"asked"`
}

// ReadReportsOutput is the page.
type ReadReportsOutput struct {
	Page upgrade.ReportsPage `json:"page"`
}

// reportPage is how many users one page of a report has.
const reportPage = 500

// ReadReports reads a page of the per-user report of the last attempt at an order.
func (a *Activities) ReadReports(ctx context.Context, in ReadReportsInput) (ReadReportsOutput, error) {
	id, err := a.Register.LatestUpgrade(ctx, in.Asked.Order)
	if err != nil {
		return ReadReportsOutput{}, err
	}
	reports, err := a.Register.Reports(ctx, id, in.Asked.After, reportPage)
	return ReadReportsOutput{Page: upgrade.ReportsPage{Upgrade: id, Reports: reports}}, err
}
