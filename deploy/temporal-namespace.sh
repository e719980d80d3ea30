#!/bin/sh
# Makes the namespace $TEMPORAL_NAMESPACE and the search attributes that Uplift's workflows set. What exists stays as it
# is. $TEMPORAL_ADDRESS says where; the temporal command reads both by itself.
set -eu

try=0
until temporal operator cluster health >/dev/null 2>&1; do
	try=$((try + 1))
	[ "$try" -lt 60 ] || { echo "no Temporal server answers at $TEMPORAL_ADDRESS" >&2; exit 1; }
	sleep 1
done

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
	temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "${RETENTION:-30d}"

# A new namespace reaches the server's caches a little later.
try=0
until existing=$(temporal operator search-attribute list); do
	try=$((try + 1))
	[ "$try" -lt 60 ] || exit 1
	sleep 1
done

attribute() {
	echo "$existing" | grep -qw "$1" || temporal operator search-attribute create --name "$1" --type "$2"
}
attribute UpliftStage Keyword
attribute UpliftOrder Keyword
attribute UpliftCustomerTenant Keyword
attribute UpliftSourceOffer Keyword
attribute UpliftTargetOffer Keyword
attribute UpliftBatch Keyword
attribute UpliftEnd Keyword
attribute UpliftReseller Keyword
attribute UpliftNeedsOperator Bool
attribute UpliftConsentDeadline Datetime
