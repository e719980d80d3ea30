#!/bin/sh
# Makes a database and a role for Temporal and for the register. The image runs this once, as the superuser, on an
# empty volume.
set -eu

temporal=$(cat /run/secrets/temporal_password)
register=$(cut -d: -f5 /run/secrets/register_pgpass) # host:port:database:user:password

psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --set temporal="$temporal" --set register="$register" <<'SQL'
CREATE ROLE temporal LOGIN PASSWORD :'temporal';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
CREATE ROLE uplift LOGIN PASSWORD :'register';
CREATE DATABASE uplift OWNER uplift;
SQL
