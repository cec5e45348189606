# Shared by every part of ./dev; sourced, never run.

python=/usr/bin/python3  # Debian's own: it is the one that python3-scapy serves
build_dir=$root/build
# Whoever calls ./dev build in two checkouts shares one cache: ccache sees paths
# relative to the checkout.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$root} CCACHE_NOHASHDIR=1

say() { printf 'dev: %s\n' "$*" >&2; }

die() { # EXIT-CODE MESSAGE...
  local code=$1
  shift
  say "$*"
  exit "$code"
}

have() { command -v "$1" >/dev/null; }

can_be_root() { [ "$EUID" -eq 0 ] || have sudo; }

# Runs a command as root: directly, or through sudo with the environment kept.
as_root() {
  if [ "$EUID" -eq 0 ]; then "$@"; else sudo --preserve-env "$@"; fi
}

as_root_if_possible() {
  if can_be_root; then as_root "$@"; else "$@"; fi
}

# Runs a command as the user who called `sudo ./dev`, where the checkout is that
# user's: what it builds then belongs to that user too, and a later ./dev without
# sudo can go on from it.
as_owner() {
  if [ "$EUID" -eq 0 ] && [ "${SUDO_UID:-0}" -ne 0 ] && [ "$(stat -c %u "$root")" = "$SUDO_UID" ]; then
    HOME=$(getent passwd "$SUDO_UID" | cut -d: -f6) \
      setpriv --reuid="$SUDO_UID" --regid="${SUDO_GID:-$SUDO_UID}" --init-groups "$@"
  else
    "$@"
  fi
}
