# Where things are, for the scripts in this folder. Sourced, never run. Puts the judges first on PATH, so
# that a judge is called by its plain name and a Python one runs in the judges' own environment.
# shellcheck shell=bash

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../.." && pwd)
judges=${STACKC_JUDGES:-$repo/target/judges}

export JUDGES_HOME=$here
export NODE_PATH=$judges/npm/node_modules
export PATH=$judges/venv/bin:$judges/bin:$judges/npm/node_modules/.bin:$PATH
export PYTHONDONTWRITEBYTECODE=1

# The pinned version of one judge.
version() {
  awk -v name="$1" '$1 == name { print $2 }' "$here/versions"
}

# verdict WHAT COMMAND…: tries one thing and prints `ok WHAT`, or `FAIL WHAT` with what was said, indented.
verdict() {
  local what=$1 said
  shift
  if said=$("$@" 2>&1 </dev/null); then
    printf 'ok %s\n' "$what"
  else
    printf 'FAIL %s\n%s\n' "$what" "$(head -n 40 <<<"${said:-said nothing}" | sed 's/^/  /')"
  fi
}
export -f verdict
export here
