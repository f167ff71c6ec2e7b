# Which judges an output goes to, by its name. Sourced by run. An output of a kind that is not listed has no
# judge, and that is a failure: either it gets one here, or it is named among those that need none.
# shellcheck shell=bash

# judges_of FILE: the names of its judges, in judge/; nothing when its kind is unknown.
judges_of() {
  case $1 in
    .github/workflows/*.yml) echo bytes yaml workflow && return ;;
  esac
  case ${1##*/} in
    *.dockerignore | .env.example | stack.lock) echo bytes ;; # no program refuses any of these
    Dockerfile | Dockerfile.* | *.Dockerfile) echo bytes dockerfile ;;
    docker-compose*.yml | docker-compose*.yaml) echo bytes yaml compose ;;
    *.yml | *.yaml) if grep -q '^services:' "$1"; then echo bytes yaml compose; else echo bytes yaml; fi ;;
    fly.toml | fly.*.toml) echo bytes fly ;;
    nginx*.conf.template) echo bytes nginx ;;
    Caddyfile | *.Caddyfile) echo bytes caddy ;;
    *.sh) echo bytes shell ;;
    *) if head -n 1 "$1" | grep -qE '^#!.*\b(sh|bash)\b'; then echo bytes shell; fi ;;
  esac
}

# All judges, in the order in which they report.
export all_judges='bytes dockerfile yaml compose fly nginx caddy shell workflow'
