# What is installed, by whom, and how it is had from Debian: for the scripts that install. Sourced after common.sh, never run.
# shellcheck shell=bash

: "${judges:?common.sh comes first}"

mkdir -p "$judges/bin"
exec 9>"$judges/.lock"
flock 9
log=$judges/install.log
: >"$log"
work=$(mktemp -d)
trixie=$work/apt/apt.conf
trap 'rm -rf "$work"' EXIT

missing() {
  printf 'missing: %s\ninstall it with: %s\n' "$1" "$2" >&2
  tail -n 15 "$log" >&2
  exit 1
}

# answers NAME COMMAND…: the command runs and prints NAME's pinned version, or a later patch of its series.
answers() {
  local pinned out
  pinned=$(version "$1") && shift
  out=$("$@" 2>&1) && [[ $out =~ (^|[^0-9.])"${pinned}"([^0-9]|$) ]]
}

# Programs that any release of Debian has in a good enough version, each by the name of its package.
from_debian() {
  local name
  for name; do
    command -v "$name" >/dev/null && continue
    echo "installing $name"
    apt_install "$name" || { apt-get update >>"$log" 2>&1 && apt_install "$name"; } ||
      missing "$name" "apt-get update && apt-get install $name"
  done
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$1" >>"$log" 2>&1
}

# A private apt that sees trixie: the machine's own Debian entries with the suite changed, and lists and
# cache of its own. The machine's apt never learns of it, which is lower than any pin.
trixie_apt() {
  local codename
  [[ ! -f $trixie ]] || return 0
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:?}")
  mkdir -p "$work/apt/sources" "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
  grep -slE '^[^#].*/debian(-security)?/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} |
    while read -r file; do
      sed "s/\b$codename\b/trixie/g" "$file" >"$work/apt/sources/${file##*/}"
    done
  cat >"$trixie" <<EOF
Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "$work/apt/sources";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State::Lists "$work/apt/lists";
Dir::Cache "$work/apt/cache";
APT::Sandbox::User "root";
EOF
  APT_CONFIG=$trixie apt-get update >>"$log" 2>&1 || { rm "$trixie" && return 1; }
}

# What to do by hand when that fails.
trixie_help() {
  echo "add a Debian trixie entry to the apt sources, then: apt-get update && apt-get download $1 && dpkg -x $1_*.deb ."
}

# from_trixie PACKAGE ASK PATH…: unless its first program answers to ASK with the pinned version, unpacks the package and
# puts its programs PATH into bin/; nothing is installed.
from_trixie() {
  local name=$1 ask=() first=$judges/bin/${3##*/} unpacked=$work/$1
  read -ra ask <<<"$2"
  shift 2
  answers "$name" "$first" "${ask[@]}" && return
  echo "unpacking $name $(version "$name") from Debian trixie"
  mkdir -p "$unpacked"
  trixie_apt || missing "$name" "$(trixie_help "$name")"
  (cd "$unpacked" && APT_CONFIG=$trixie apt-get download "$name" >>"$log" 2>&1 && dpkg -x ./*.deb .) ||
    missing "$name" "$(trixie_help "$name")"
  install -m 755 "${@/#/$unpacked/}" "$judges/bin"
  answers "$name" "$first" "${ask[@]}" || missing "$name $(version "$name")" "$(trixie_help "$name")"
}
