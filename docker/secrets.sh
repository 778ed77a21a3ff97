#!/bin/sh
# Makes the secrets that are missing, and never replaces one: docker/secrets.sh [FOLDER]
set -eu
folder="${1:-secrets}"
mkdir -p "$folder"
# The folder keeps other users of the machine out. The files are readable, because a container sees
# them with this machine's modes and reads them as a user of its own.
chmod 700 "$folder"

keep() { # keep NAME VALUE
  if [ -e "$folder/$1" ]; then return; fi
  printf %s "$2" > "$folder/$1"
  chmod 644 "$folder/$1"
  echo "made $folder/$1"
}
random() { head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

keep secret_key "$(random)"
keep database_superuser_password "$(random)"
keep database_owner_password "$(random)"
keep database_password "$(random)"
keep database_backup_password "$(random)"
keep email_password "" # the mail server's, where it asks for one
keep database_url "postgres://casereg_site:$(cat "$folder/database_password")@db:5432/casereg"
keep migration_database_url "postgres://casereg_owner:$(cat "$folder/database_owner_password")@db:5432/casereg"
