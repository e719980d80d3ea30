package service

import (
	"net/url"
	"strings"

	"uplift/internal/seal"
	"uplift/upgrade"
)

// links makes the addresses in mails: the consent page with a sealed token.
type links struct {
	public string
	tokens *seal.Links
}

// between stands in a link between the workflow's id and the upgrade's; no id contains it.
const between = "\x1f"

// Link returns the consent page's address for an invitation.
func (l links) Link(workflowID, upgradeID string, invitation int) (upgrade.Secret, error) {
	token, err := l.tokens.Token(workflowID+between+upgradeID, invitation)
	if err != nil {
		return "", err
	}
	return upgrade.Secret(l.public + "/consent/" + url.PathEscape(token)), nil
}

// Parse reads what Link has made.
func (l links) Parse(token string) (workflowID, upgradeID string, invitation int, err error) {
	ids, invitation, err := l.tokens.Parse(token)
	workflowID, upgradeID, _ = strings.Cut(ids, between)
	return workflowID, upgradeID, invitation, err
}
