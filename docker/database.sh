#!/bin/sh
# The database's roles. Runs by itself when the volume is new; by hand, as the superuser, to give an older one
# its roles (docs/deployment.md). What is there already stays, and gets the password of its secret.
set -eu
for name in database_owner_password database_password database_backup_password; do
  test -s "/run/secrets/$name"
done
psql --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres <<'SQL'
\set owner_password `cat /run/secrets/database_owner_password`
\set site_password `cat /run/secrets/database_password`
\set backup_password `cat /run/secrets/database_backup_password`
SELECT format('CREATE ROLE %I', wanted) FROM unnest('{casereg_owner,casereg_site,casereg_backup}'::name[]) wanted
  WHERE wanted NOT IN (SELECT rolname FROM pg_roles) \gexec
-- The owner migrates. The site reads and writes the rows that are in its reach. The backup reads all.
ALTER ROLE casereg_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD :'owner_password';
ALTER ROLE casereg_site LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD :'site_password';
ALTER ROLE casereg_backup LOGIN NOSUPERUSER BYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD :'backup_password';
ALTER ROLE casereg_backup SET default_transaction_read_only = on;
GRANT pg_read_all_data TO casereg_backup;
SELECT 'CREATE DATABASE casereg' WHERE 'casereg' NOT IN (SELECT datname FROM pg_database) \gexec
ALTER DATABASE casereg OWNER TO casereg_owner;
REVOKE ALL ON DATABASE casereg FROM PUBLIC;
GRANT CONNECT ON DATABASE casereg TO casereg_site, casereg_backup;
\connect casereg
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO casereg_site, casereg_backup;
-- A database of before, whose tables were the site's own.
SELECT 'REASSIGN OWNED BY casereg TO casereg_owner' WHERE 'casereg' IN (SELECT rolname FROM pg_roles) \gexec
SELECT 'DROP OWNED BY casereg' WHERE 'casereg' IN (SELECT rolname FROM pg_roles) \gexec
SELECT 'DROP ROLE casereg' WHERE 'casereg' IN (SELECT rolname FROM pg_roles) \gexec
SQL
