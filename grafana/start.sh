#!/bin/sh
# What Grafana's container starts. `admin` gets the password of GF_SECURITY_ADMIN_PASSWORD, else one that is made for the first
# start and written to the volume; then Grafana starts as its image starts it. scripts/grafana.mjs does the same without Docker.
set -eu
umask 077
: "${GF_PATHS_DATA:=/var/lib/grafana}"
file=$GF_PATHS_DATA/admin-password

if [ -z "${GF_SECURITY_ADMIN_PASSWORD:-}" ]; then
  if [ -s "$file" ]; then
    GF_SECURITY_ADMIN_PASSWORD=$(cat "$file")
  else
    GF_SECURITY_ADMIN_PASSWORD=$(head -c 18 /dev/urandom | base64 | tr '+/' '-_')
    # Where users are, their passwords are somebody else's matter; the variable must be set all the same.
    if [ ! -e "$GF_PATHS_DATA/grafana.db" ]; then
      printf '%s\n' "$GF_SECURITY_ADMIN_PASSWORD" > "$file.tmp"
      mv "$file.tmp" "$file"
    fi
  fi
  export GF_SECURITY_ADMIN_PASSWORD
fi

exec "${1:-/run.sh}"
