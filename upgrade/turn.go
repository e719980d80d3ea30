package upgrade

import "time"

// The turn gate is one workflow of the installation. It gives slots, of which there are a few, and the locks on customers.
const (
	TurnGateWorkflow = "TurnGateWorkflow"
	TurnGateID       = "uplift/turn-gate"
	// SignalTurn goes from an upgrade to the gate and says what the upgrade wants: a [TurnWanted].
	SignalTurn = "turn"
	// SignalTurnGiven is the gate's answer to an upgrade: a [TurnGiven].
	SignalTurnGiven = "turnGiven"
	// UpdateSetSlots changes how many upgrades change subscriptions at a time: a [SetSlots].
	UpdateSetSlots = "setSlots"
	// QueryTurns answers [Turns].
	QueryTurns = "turns"
)

// DefaultSlots is how many upgrades change subscriptions at a time in an installation.
const DefaultSlots = 10

// MaxSlots bounds what can be set.
const MaxSlots = 1000

// TurnGateStart is what the gate begins with: nothing but the number of slots where a worker opens it, and all it knew before
// where it goes on in a new run.
type TurnGateStart struct {
	Slots int  `json:"slots"`
	Look  Wait `json:"look"` // between two looks whether holders have closed, while somebody waits for them
	// Known is what the gate's earlier run knew; nil: it has to find out who holds a turn already.
	Known *TurnBook `json:"known,omitempty"`
	// Inbox is what came while the earlier run ended.
	Inbox []TurnWanted `json:"inbox,omitempty"`
}

// TurnBook is all that the gate knows.
type TurnBook struct {
	Entries  []Turn         `json:"entries,omitempty"`  // in the order of asking
	Released []TurnReleased `json:"released,omitempty"` // the latest, oldest first
	Floor    time.Time      `json:"floor,omitzero"`     // customers released before are not remembered
	Served   []TurnServed   `json:"served,omitempty"`   // of the groups that wait
}

// TurnWanted is what an upgrade wants from now on, and not a change of it: said twice it means the same. A slot comes with the
// lock on the customer. Neither: the upgrade is done, or has given up waiting.
type TurnWanted struct {
	Workflow string `json:"workflow"`
	FirstRun string `json:"firstRun"` // with the workflow's id it names the holder
	Number   int    `json:"number"`   // rises with each message, and is in the answer
	Tenant   string `json:"tenant"`
	Slot     bool   `json:"slot,omitempty"`
	Lock     bool   `json:"lock,omitempty"`
	// Ahead: the upgrade has begun to change the customer, and goes before new ones.
	Ahead    bool     `json:"ahead,omitempty"`
	Priority Priority `json:"priority,omitempty"`
	Group    string   `json:"group,omitempty"`  // its batch, or its order: groups take turns
	Refuse   bool     `json:"refuse,omitempty"` // where another upgrade has the customer, it does not wait
	Quiet    bool     `json:"quiet,omitempty"`  // it gives back, and waits for no answer
}

// Turn is what an upgrade wants and what it has: in the gate's book, and in the upgrade's own status.
type Turn struct {
	TurnWanted
	HasSlot bool      `json:"hasSlot,omitempty"`
	HasLock bool      `json:"hasLock,omitempty"`
	At      time.Time `json:"at"` // since when it waits, or has it
}

// Waits tells whether it lacks something that it wants.
func (t Turn) Waits() bool { return t.Slot && !t.HasSlot || t.Lock && !t.HasLock }

// TurnReleased says when a customer was last given free.
type TurnReleased struct {
	Tenant string    `json:"tenant"`
	At     time.Time `json:"at"`
}

// TurnServed counts the turns of a group while others of it wait.
type TurnServed struct {
	Group string `json:"group"`
	Turns int    `json:"turns"`
}

// TurnGiven is the gate's answer.
type TurnGiven struct {
	FirstRun string `json:"firstRun"`
	Number   int    `json:"number"`
	// Changed: what was read of the customer before may no longer hold, since another upgrade had it until then.
	Changed time.Time `json:"changed,omitzero"`
	// Busy names the upgrade that has the customer: there is no turn, as the order wants it.
	Busy string `json:"busy,omitempty"`
	// Again: too many wait; ask once more later.
	Again bool `json:"again,omitempty"`
}

// SetSlots changes the number of slots.
type SetSlots struct {
	Slots *int `json:"slots"` // 0 is the brake: nobody begins, and what has begun is finished one at a time
	Request
}

// Turns is what the gate answers when it is asked.
type Turns struct {
	Slots   int    `json:"slots"`
	Used    int    `json:"used"`
	Finding bool   `json:"finding,omitempty"` // it finds out who holds a turn, and gives none meanwhile
	Entries []Turn `json:"entries"`           // holders, and those who wait, in the order of asking
}

// maxWorkflowID is Temporal's own bound for a workflow's id.
const maxWorkflowID = 1000

// ParseTurnWanted reads what an upgrade says to the gate.
func ParseTurnWanted(data []byte) (TurnWanted, Problems) {
	var w TurnWanted
	ps := decodeStrict(data, &w, MaxMessage)
	if len(ps) > 0 {
		return w, ps
	}
	if w.Workflow == "" || w.FirstRun == "" || w.Number < 1 || !IsGUID(w.Tenant) {
		ps.Add("", "incomplete", "an upgrade names itself, its first run, its customer's tenant and the number of its message", "leave this signal to upgrades")
	}
	// The gate keeps what it is told for as long as somebody waits, so that all of it is short.
	if len(w.Workflow) > maxWorkflowID || len(w.FirstRun) > maxText || len(w.Group) > maxWorkflowID {
		ps.Add("", "too_long", "the message names something by more characters than a name has", "leave this signal to upgrades")
	}
	oneOf(&ps, "priority", w.Priority, "", Urgent, Normal, Bulk)
	if w.Slot && !w.Lock {
		ps.Add("slot", "slot_without_lock", "a slot comes with the lock on the customer", "ask for both")
	}
	return w, ps
}
