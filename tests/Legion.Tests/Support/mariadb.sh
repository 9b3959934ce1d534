#!/usr/bin/env bash
# A private MariaDB on loopback: mariadb.sh DIR PORT
# Installs the Debian package where it is missing and can be. Prints "ready" when the server answers to root without a password;
# runs until its standard input ends, so that it goes with whoever started it, however that one went.
# Until then each line of it is a command, kill, start, freeze or thaw, and is answered "ready" when it is done.
set -euo pipefail
dir=${1:?directory} port=${2:?port} as=()

if ! command -v mariadbd >/dev/null; then
  [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null || { echo "mariadbd is not installed, and only root can install it" >&2; exit 1; }
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mariadb-server; } >"$dir/apt.log" 2>&1 </dev/null ||
    { echo "cannot install mariadb-server: $(tail -n 1 "$dir/apt.log")" >&2; exit 1; }
fi

# The server refuses to run as root.
if [[ $(id -u) == 0 ]]; then
  as=(--user=mysql)
  chown mysql:mysql "$dir"
fi
mariadb-install-db --no-defaults "${as[@]}" --datadir="$dir/data" --auth-root-authentication-method=normal --skip-test-db >"$dir/install.log" 2>&1 </dev/null ||
  { echo "cannot make a database: $(tail -n 1 "$dir/install.log")" >&2; exit 1; }

# The character set and the mode are what a server should not have: the catalog has to bring its own.
# Every test has a database of its own, and connections wait in its pool for minutes after it.
start() {
  mariadbd --no-defaults "${as[@]}" --datadir="$dir/data" --port="$port" --bind-address=127.0.0.1 --socket="$dir/server.sock" \
    --skip-name-resolve --max-connections=2000 --innodb-buffer-pool-size=64M --character-set-server=latin1 --sql-mode= >"$dir/server.log" 2>&1 </dev/null &
  server=$!
  for _ in $(seq 1 600); do
    kill -0 "$server" 2>/dev/null || { echo "the server ended: $(tail -n 1 "$dir/server.log")" >&2; exit 1; }
    mariadb-admin --no-defaults --protocol=tcp -h127.0.0.1 -P"$port" -uroot ping >/dev/null 2>&1 </dev/null && return
    sleep 0.05
  done
  echo "the server did not answer within 30 seconds" >&2
  exit 1
}
trap '[[ -z ${server:-} ]] || { kill -CONT "$server"; kill "$server"; wait "$server"; } 2>/dev/null || true' EXIT
start
echo ready
while read -r command; do
  case $command in
    kill) { kill -KILL "$server" && wait "$server"; } 2>/dev/null || true ;;
    start) start ;;
    freeze) kill -STOP "$server" ;;
    thaw) kill -CONT "$server" ;;
  esac
  echo ready
done
