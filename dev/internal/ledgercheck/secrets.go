package ledgercheck

import (
	"fmt"
	"slices"
	"strings"

	"uplift/upgrade"
)

// tail is how much of a secret is looked for: its end, since all tokens begin alike.
const tail = 16

// secrets looks for what the simulator has issued in every text, and in every mail.
func (c *checker) secrets() {
	tails := map[string]bool{}
	for _, s := range c.Secrets {
		if len(s) >= tail {
			tails[s[len(s)-tail:]] = true
		}
	}
	texts := slices.Clone(c.Texts)
	for _, m := range c.Mails {
		texts = append(texts, Text{"the mail " + m.MessageID, m.Raw}, Text{"the mail " + m.MessageID, m.Text})
	}
	for _, t := range texts {
		for i := 0; i+tail <= len(t.Body); i++ {
			if tails[t.Body[i:i+tail]] {
				c.violation(7, "", "", "a secret where none may stand", "none", "one that ends in "+t.Body[i+tail-4:i+tail]+" in "+t.Where)
				break
			}
		}
	}
}

// letters holds that every mail can be read, and that no upgrade tells its end to the administrator twice: a mail that is sent
// again bears the Message-ID that it had.
func (c *checker) letters() {
	for _, m := range c.Mails {
		if m.Problem != "" || m.MessageID == "" || m.Subject == "" || m.Text == "" {
			c.violation(0, "", "", "a mail that cannot be read", "text, subject and Message-ID", fmt.Sprintf("%s %q: %s", m.MessageID, m.Subject, m.Problem))
		}
	}
	came := map[string]bool{}
	for _, m := range c.Mails {
		id, _, _ := strings.Cut(m.MessageID, "@")
		came[id] = true
	}
	for _, o := range c.Orders {
		for _, a := range o.Attempts {
			if a.Result.End == "" || a.Result.End == upgrade.Duplicate || a.Result.End == upgrade.RefusedOrder || a.Status.Invitation == nil {
				continue
			}
			if n := finals(a, came); n != 1 {
				c.violation(0, o.ID, o.Tenant, "the mail that tells the end to the administrator", "one", n)
			}
		}
	}
}

// finals counts the mails that tell the administrator how an attempt ended. Their ids are derived from it.
func finals(a Attempt, came map[string]bool) int {
	steps := []string{""}
	for _, s := range a.Status.Steps {
		steps = append(steps, s.ID)
	}
	n := 0
	for _, kind := range []upgrade.LetterKind{upgrade.LetterDone, upgrade.LetterCouldNot} {
		for _, step := range steps {
			if came[upgrade.UUID(a.Result.Upgrade, a.Workflow, string(kind), string(upgrade.Notifying), fmt.Sprint(false, 0, 0), "", step, "")] {
				n++
			}
		}
	}
	return n
}
