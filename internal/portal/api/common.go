package api

// common are words for fields that mean the same wherever they stand, and whose author found that they speak for themselves.
var common = map[string]string{
	"order": "Your order id.", "tenant": "The customer's tenant id.", "customer": "The customer's name.", "upgrade": "The attempt at the order: order#attempt.",
	"workflowId": "The Temporal workflow that carries it.", "runId": "Its run.", "attempt": "Which attempt at the order it is, from 1.",
	"stage": "Where it stands.", "stages": "When each stage was entered.", "end": "How it ended; left out while it runs.", "headline": "What changes, on one line.",
	"reasons": "Why, each with a stable code.", "digest": "The digest of the present plan, by which it is confirmed.", "batch": "The order's label.",
	"subscription": "The subscription's id.", "offer": "The offer's id in the catalogue.", "name": "Its name.", "seats": "How many seats.",
	"term": "The term, as ISO 8601 writes it, such as P1Y.", "billingCycle": "How often Microsoft bills: monthly, annual or triennial.",
	"seatsBefore": "Seats before the upgrade.", "seatsAfter": "Seats after it; before the end, as planned.", "lines": "Each subscription that changes, before and after.",
	"residue": "Seats that stay until a renewal.", "before": "What the customer held before.", "after": "What the customer holds after.",
	"gains": "Services that users gain.", "losses": "Services that users lose.", "permissions": "Permissions that are asked for in the tenant.",
	"undo": "What can be undone, and until when.", "steps": "The steps, in their order.", "words": "In words.", "at": "When.", "by": "Who.", "since": "Since when.",
	"reason": "Why, in words.", "remedy": "What to do about it.", "message": "In words.", "correlation": "The id by which Microsoft finds the call.",
	"answers": "What may be answered.", "step": "At which step.", "state": "How far it is.", "attempts": "How often it was tried.", "sequence": "The callback's number.",
	"type": "Which callback it is.", "timestamp": "When it happened.", "number": "Its number, from 1.", "sentAt": "When it was sent.", "deadline": "When it expires.",
	"reminders": "How many reminders went out.", "consentDeadline": "When the invitation expires.", "startedAt": "When it was started.", "closedAt": "When it was closed.",
	"needsOperator": "Whether it waits for somebody's word.", "source": "The offer that users come from.", "target": "The offer that users end with.",
	"first": "Of a duplicate: the workflow that holds the order.", "noReturn": "Whether it is past the point of no return.", "ignored": "Messages that changed nothing, and why.",
	"photographed": "Users who were looked at before the change.", "moved": "Users who hold the new licence.", "unchanged": "Users who needed nothing.",
	"failed": "Users who could not be moved.", "restored": "Users whose licence was put back.", "upn": "The user principal name.", "outcome": "What became of the user.",
	"code": "Stable between releases.", "items": "What was found.", "domain": "The customer's domain.", "status": "As Partner Center says it.", "seenAt": "When it was read.",
	"subscriptions": "The customer's subscriptions.", "customers": "How many customers were found.", "beganAt": "When it began.", "termEnds": "When the term ends.",
	"madeAt": "When it was made.", "notes": "What is worth knowing besides.", "now": "Seats now.", "then": "Seats then.", "touched": "Whether the upgrade changes it.",
	"work": "The kind of work.", "reseller": "Whose customer it is.", "method": "How it was given.", "verifiedAt": "When it was verified.", "why": "Why it is asked for.",
	"renews": "Whether it renews.", "wakes": "Scheduled: when the upgrade goes on.", "who": "Whose licences move.", "planId": "The service plan's id.", "billing": "The sentence for billing.",
}
