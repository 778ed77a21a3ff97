#!/bin/sh
# Runs once, when the volume is new: the site's role owns its database and is no superuser.
set -eu
test -s /run/secrets/database_password
psql --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres <<'SQL'
\set password `cat /run/secrets/database_password`
CREATE ROLE casereg LOGIN PASSWORD :'password';
CREATE DATABASE casereg OWNER casereg;
REVOKE ALL ON DATABASE casereg FROM PUBLIC;
SQL
