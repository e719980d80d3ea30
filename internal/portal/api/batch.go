package api

import (
	"encoding/json"
	"time"

	"uplift/upgrade"
)

// orderBatch is a batch as the document describes it; upgrade.ParseBatch alone reads what is sent, and a test holds that the two have
// the same fields.
type orderBatch struct {
	Batch     string          `json:"batch" pattern:"^[A-Za-z0-9][A-Za-z0-9._:-]*$" maxLength:"80" example:"spring-2027" doc:"Your batch id, and the idempotency key: the same batch under the same id is one batch, however often it is placed."`
	Source    string          `json:"source,omitempty" example:"business-basic" doc:"The plan that the subscriptions are on. It finds the subscription of a row that names none."`
	Each      orderEach       `json:"each" doc:"What the orders have in common."`
	Offenders string          `json:"offenders,omitempty" enum:"refuse,leave-out" default:"refuse" doc:"What becomes of the batch where rows are refused: nothing is upgraded, or the others are."`
	Finish    string          `json:"finish,omitempty" enum:"automatic,confirm" default:"automatic" doc:"Whether it goes on by itself when every row has been planned, or waits for start."`
	StartAt   *time.Time      `json:"startAt,omitempty" doc:"Nothing is begun before this time. It is planned at once."`
	Reseller  string          `json:"reseller,omitempty" maxLength:"200" doc:"On whose behalf."`
	Rows      []orderBatchRow `json:"rows" minItems:"1" maxItems:"10000" doc:"One for each subscription."`
}

// orderEach is an order without what the rows say.
type orderEach struct {
	Target        orderEachTarget     `json:"target" doc:"What every customer ends with."`
	Purchase      *orderPurchase      `json:"purchase,omitempty" doc:"Term and billing of what is bought. Left out: the source's."`
	Licenses      *orderEachLicenses  `json:"licenses,omitempty" doc:"Who gets licences. Left out: everybody who holds the source."`
	Administrator *orderAdministrator `json:"administrator,omitempty" doc:"Whom invitations go to, where a row does not say it."`
	Consent       string              `json:"consent,omitempty" enum:"mail,link,existing,gdap,partner_preconsent" default:"mail" doc:"How the customers' consent is had."`
	Finish        string              `json:"finish,omitempty" enum:"automatic,confirm" default:"automatic" doc:"Whether each goes on by itself after the consent, or after somebody confirms its plan."`
	NotBefore     *time.Time          `json:"notBefore,omitempty" doc:"Nothing changes before this time."`
	NotAfter      *time.Time          `json:"notAfter,omitempty" doc:"What has not begun its change by then ends cancelled."`
	Priority      string              `json:"priority,omitempty" enum:"urgent,normal,bulk" default:"bulk" doc:"Who goes first among those that wait for a turn."`
	Residue       string              `json:"residue,omitempty" enum:"refuse,at-renewal" default:"refuse" doc:"Seats that Microsoft does not take back before the renewal: refuse the row, or keep them until then."`
	WhenBusy      string              `json:"whenBusy,omitempty" enum:"wait,refuse" default:"wait" doc:"While another upgrade is changing the same customer: wait for it, or refuse the row."`
	Market        string              `json:"market,omitempty" pattern:"^[A-Za-z]{2}$" doc:"Country, ISO 3166-1. Left out: the customer's."`
	UsageLocation string              `json:"usageLocation,omitempty" pattern:"^[A-Za-z]{2}$" doc:"Country for users who have none. Left out: the tenant's own."`
	OnUserFailure *orderUserFailure   `json:"onUserFailure,omitempty" doc:"What happens when single users fail."`
	Beside        bool                `json:"beside,omitempty" doc:"The target may be held from another channel already; Microsoft's answer decides."`
}

type orderEachTarget struct {
	Plan string `json:"plan" example:"business-premium" doc:"A plan's id, of /v1/catalog."`
}

type orderEachLicenses struct {
	Who string `json:"who" enum:"holders,nobody" default:"holders" doc:"holders of the source, or nobody."`
}

type orderBatchRow struct {
	Row           int                 `json:"row,omitempty" doc:"Its number; it is given by the place in the list, whatever stands here."`
	Order         string              `json:"order,omitempty" maxLength:"100" doc:"Its order id. Left out: the batch's id and the row's number, such as spring-2027-00001."`
	Tenant        string              `json:"tenant" format:"uuid" example:"0c000000-0000-4000-8000-000000000001" doc:"The customer's tenant id."`
	Subscription  string              `json:"subscription,omitempty" doc:"The subscription that becomes the target. Left out: the customer's one that is on the source plan."`
	Seats         int                 `json:"seats,omitempty" minimum:"0" maximum:"100000" doc:"The total in the end. Left out: as many as the subscription has."`
	Administrator *orderAdministrator `json:"administrator,omitempty" doc:"Whom the invitation goes to. Needed with consent mail."`
}

// Batch is a batch and how far it is.
type Batch struct {
	Batch     string                        `json:"batch" doc:"Your batch id."`
	State     string                        `json:"state" enum:"uploading,planning,confirming,scheduled,running,paused,refused,cancelled,ended" doc:"Where it stands: its rows are on their way; each is planned; it waits for start or cancel; it waits for its time; rows run; nothing more is begun; a row was refused, and so all were; it was cancelled before anything was begun; every row has ended."`
	Counts    map[upgrade.BatchRowState]int `json:"counts" doc:"How many rows are how far: pending, refused, waiting, running, completed, failed, cancelled."`
	Source    string                        `json:"source,omitempty" doc:"The plan that the subscriptions are on."`
	Each      orderEach                     `json:"each" doc:"What the orders have in common."`
	Offenders string                        `json:"offenders" enum:"refuse,leave-out" doc:"What becomes of it where rows are refused."`
	Finish    string                        `json:"finish" enum:"automatic,confirm" doc:"Whether it waits for start when every row has been planned."`
	StartAt   *time.Time                    `json:"startAt,omitempty" doc:"Nothing is begun before this time."`
	PlacedBy  string                        `json:"placedBy,omitempty" doc:"Who placed it."`
	Reseller  string                        `json:"reseller,omitempty" doc:"On whose behalf."`
	Rows      int                           `json:"rows" doc:"How many rows it has."`
	MadeAt    time.Time                     `json:"madeAt" doc:"When it was placed."`
	EndedAt   *time.Time                    `json:"endedAt,omitempty" doc:"When it was over."`
}

// batchOf is a batch as the API answers it.
func batchOf(v upgrade.BatchView) (Batch, error) {
	b := Batch{Batch: v.ID, State: string(v.State), Counts: v.Counts, Source: v.Source, Offenders: string(v.Offenders), Finish: string(v.Finish), StartAt: v.StartAt,
		PlacedBy: v.PlacedBy, Reseller: v.Reseller, Rows: v.Rows, MadeAt: v.MadeAt}
	if b.Counts == nil {
		b.Counts = map[upgrade.BatchRowState]int{}
	}
	if !v.EndedAt.IsZero() {
		b.EndedAt = &v.EndedAt
	}
	text, err := json.Marshal(v.Each)
	if err != nil {
		return b, err
	}
	return b, json.Unmarshal(text, &b.Each) // what rows say stands in no field of it
}

// batchPage is a page of batches.
type batchPage struct {
	Items []Batch `json:"items" nullable:"false" doc:"The latest first. Rows that wait for consent count as running here."`
	Next  string  `json:"next,omitempty" doc:"The cursor of the next page; left out on the last."`
}

// rowPage is a page of a batch's rows.
type rowPage struct {
	Items []upgrade.BatchLine `json:"items" nullable:"false" doc:"By number."`
	Next  int                 `json:"next,omitempty" doc:"Give it as after for the next page; left out on the last. A page may have fewer rows than asked for."`
}
