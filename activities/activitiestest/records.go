package activitiestest

import (
	"context"
	"slices"
	"strings"
	"time"

	"uplift/upgrade"
)

// SaveCode keeps a pending code.
func (r Register) SaveCode(_ context.Context, id string, invitation int, c upgrade.PendingCode) error {
	return r.row("Register.SaveCode", id, func(row *upgradeRow) error {
		if row.end != "" {
			return refused("upgrade_ended", "the upgrade has ended; nothing secret of it is kept any more")
		}
		row.codes[invitation] = c
		return nil
	})
}

// Code reads it.
func (r Register) Code(_ context.Context, id string, invitation int) (out upgrade.PendingCode, err error) {
	err = r.row("Register.Code", id, func(row *upgradeRow) error {
		var ok bool
		if out, ok = row.codes[invitation]; !ok {
			return notFound("code")
		}
		return nil
	})
	return out, err
}

// SaveTokens keeps delegated tokens.
func (r Register) SaveTokens(_ context.Context, id string, invitation int, t upgrade.Tokens) error {
	return r.row("Register.SaveTokens", id, func(row *upgradeRow) error {
		if row.end != "" {
			return refused("upgrade_ended", "the upgrade has ended; nothing secret of it is kept any more")
		}
		row.tokens[invitation] = t
		return nil
	})
}

// Tokens reads them.
func (r Register) Tokens(_ context.Context, id string, invitation int) (out upgrade.Tokens, err error) {
	err = r.row("Register.Tokens", id, func(row *upgradeRow) error {
		var ok bool
		if out, ok = row.tokens[invitation]; !ok {
			return notFound("token")
		}
		return nil
	})
	return out, err
}

// SaveEvidence keeps who consented.
func (r Register) SaveEvidence(_ context.Context, id string, invitation int, e upgrade.Evidence) error {
	return r.row("Register.SaveEvidence", id, func(row *upgradeRow) error {
		row.evidence[invitation] = e
		return nil
	})
}

// DestroyTokens deletes codes and tokens; an unknown upgrade has none.
func (r Register) DestroyTokens(_ context.Context, id string) (err error) {
	end, err := r.w.begin("Register.DestroyTokens")
	if err != nil {
		return err
	}
	defer end(&err)
	if row := r.w.upgrades[id]; row != nil {
		clear(row.codes)
		clear(row.tokens)
	}
	return nil
}

// SaveSnapshots keeps the first photograph of each user.
func (r Register) SaveSnapshots(_ context.Context, id string, list []upgrade.Snapshot) error {
	return r.row("Register.SaveSnapshots", id, func(row *upgradeRow) error {
		for _, s := range list {
			if _, ok := row.snapshots[s.User.ID]; !ok {
				row.snapshots[s.User.ID] = s
			}
		}
		return nil
	})
}

// Snapshots pages through them.
func (r Register) Snapshots(_ context.Context, id, after string, limit int) (out []upgrade.Snapshot, err error) {
	end, err := r.w.begin("Register.Snapshots")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	if row := r.w.upgrades[id]; row != nil {
		out = pageOf(row.snapshots, after, limit)
	}
	return out, nil
}

// SnapshotsOf are those of some users.
func (r Register) SnapshotsOf(_ context.Context, id string, users []string) (out []upgrade.Snapshot, err error) {
	end, err := r.w.begin("Register.SnapshotsOf")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	for _, user := range slices.Sorted(slices.Values(users)) {
		if row := r.w.upgrades[id]; row != nil {
			if s, ok := row.snapshots[user]; ok {
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// MarkLocationSet records what we set.
func (r Register) MarkLocationSet(_ context.Context, id, user, country string) error {
	return r.row("Register.MarkLocationSet", id, func(row *upgradeRow) error {
		s, ok := row.snapshots[user]
		if !ok {
			return notFound("snapshot")
		}
		s.LocationSet = country
		row.snapshots[user] = s
		return nil
	})
}

// SaveReports keeps the latest report of each user.
func (r Register) SaveReports(_ context.Context, id string, list []upgrade.UserReport) error {
	return r.row("Register.SaveReports", id, func(row *upgradeRow) error {
		for _, one := range list {
			row.reports[one.User] = one
		}
		return nil
	})
}

// Reports pages through them.
func (r Register) Reports(_ context.Context, id, after string, limit int) (out []upgrade.UserReport, err error) {
	end, err := r.w.begin("Register.Reports")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	if row := r.w.upgrades[id]; row != nil {
		out = pageOf(row.reports, after, limit)
	}
	return out, nil
}

func pageOf[T any](rows map[string]T, after string, limit int) []T {
	var ids []string
	for id := range rows {
		if strings.Compare(id, after) > 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	if limit > 0 && len(ids) > limit {
		ids = ids[:limit]
	}
	var page []T
	for _, id := range ids {
		page = append(page, rows[id])
	}
	return page
}

// Journal stores the first note.
func (r Register) Journal(_ context.Context, id, step, note string) (stored string, err error) {
	err = r.row("Register.Journal", id, func(row *upgradeRow) error {
		stored = row.note(step, note)
		return nil
	})
	return stored, err
}

// JournalRequest stores the first note, unless a later attempt has claimed the order.
func (r Register) JournalRequest(_ context.Context, by, id, step, note string) (stored string, err error) {
	err = r.row("Register.Journal", id, func(row *upgradeRow) error {
		order, _, _ := strings.Cut(by, "#")
		if o := r.w.orders[order]; o != nil && o.last().id != by {
			return &upgrade.Error{Kind: upgrade.Refused, Code: "attempt_superseded", Message: "a later attempt has taken over from " + by}
		}
		stored = row.note(step, note)
		return nil
	})
	return stored, err
}

func (r *upgradeRow) note(step, note string) string {
	if _, ok := r.journal[step]; !ok {
		r.journal[step] = note
	}
	return r.journal[step]
}

// Note answers a stored note.
func (r Register) Note(_ context.Context, id, step string) (note string, ok bool, err error) {
	err = r.row("Register.Note", id, func(row *upgradeRow) error {
		note, ok = row.journal[step]
		return nil
	})
	return note, ok, err
}

// SaveFacts keeps the latest of each owner.
func (r Register) SaveFacts(_ context.Context, owner, name, tenant string, facts []byte) (err error) {
	end, err := r.w.begin("Register.SaveFacts")
	if err != nil {
		return err
	}
	defer end(&err)
	r.w.facts[owner] = gatheredFacts{name: name, tenant: tenant, body: facts}
	return nil
}

// gatheredFacts are kept for an owner.
type gatheredFacts struct {
	name, tenant string
	body         []byte
}

// Facts answers them under their name.
func (r Register) Facts(_ context.Context, owner, name string) (facts []byte, err error) {
	end, err := r.w.begin("Register.Facts")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	if kept := r.w.facts[owner]; kept.name == name {
		facts = kept.body
	}
	return facts, nil
}

// RecordAnswer keeps a person's word once.
func (r Register) RecordAnswer(_ context.Context, id string, a upgrade.OperatorAnswer) error {
	return r.row("Register.RecordAnswer", id, func(row *upgradeRow) error {
		if a.ID == "" {
			return &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_answer", Message: "an operator's answer has no id"}
		}
		if !slices.ContainsFunc(row.answers, func(have upgrade.OperatorAnswer) bool { return have.ID == a.ID }) {
			row.answers = append(row.answers, a)
		}
		return nil
	})
}

// LatestUpgrade is the last attempt at an order.
func (r Register) LatestUpgrade(_ context.Context, order string) (id string, err error) {
	end, err := r.w.begin("Register.LatestUpgrade")
	if err != nil {
		return "", err
	}
	defer end(&err)
	if o := r.w.orders[order]; o != nil {
		return o.last().id, nil
	}
	return "", notFound("order")
}

// SaveUserList keeps a part of a list.
func (r Register) SaveUserList(_ context.Context, tenant, name string, part int, users []string, _ time.Time) (err error) {
	end, err := r.w.begin("Register.SaveUserList")
	if err != nil {
		return err
	}
	defer end(&err)
	key := tenant + " " + name
	parts := r.w.lists[key]
	switch {
	case part == 0:
		parts = nil
	case part > len(parts):
		return notFound("part of the list before this one")
	}
	r.w.lists[key] = append(parts[:part:part], slices.Clone(users))
	return nil
}

// UserList reads a part of a list.
func (r Register) UserList(_ context.Context, tenant, name string, part int) (users []string, err error) {
	end, err := r.w.begin("Register.UserList")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	parts, ok := r.w.lists[tenant+" "+name]
	switch {
	case !ok:
		return nil, refused("list_not_found", "the register has no such list of this customer")
	case part >= len(parts):
		return nil, nil
	}
	return slices.Clone(parts[part]), nil
}

// Recorded is what the register holds of an upgrade.
type Recorded struct {
	End      upgrade.End
	Tokens   int // codes and tokens that are still there
	Answers  []upgrade.OperatorAnswer
	Reports  []upgrade.UserReport
	Evidence []upgrade.Evidence
}

// Recorded reads an upgrade, such as "order-1#1".
func (w *World) Recorded(id string) Recorded {
	w.mu.Lock()
	defer w.mu.Unlock()
	row := w.upgrades[id]
	if row == nil {
		return Recorded{}
	}
	r := Recorded{End: row.end, Tokens: len(row.codes) + len(row.tokens), Answers: slices.Clone(row.answers), Reports: pageOf(row.reports, "", 0)}
	for i := range 100 {
		if e, ok := row.evidence[i]; ok {
			r.Evidence = append(r.Evidence, e)
		}
	}
	return r
}

// MembershipOf is what the register knows of a subscription.
func (w *World) MembershipOf(subscription string) Membership {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.members[subscription]
}
