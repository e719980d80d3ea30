#!/bin/sh
# Brings both of Temporal's databases up to the schema of this version. What is up to date stays as it is.
set -eu

SQL_PASSWORD=$(cat "$SQL_PASSWORD_FILE")
export SQL_PASSWORD

for database in temporal temporal_visibility; do
	schema=postgresql/v12/${database#temporal_}
	temporal-sql-tool --plugin postgres12 --database "$database" setup-schema --version 0.0
	temporal-sql-tool --plugin postgres12 --database "$database" update-schema --schema-name "$schema"
done
