# Installing what is missing: the lists are tools/packages/*.list.

debian_release() { (. /etc/os-release && echo "${VERSION_CODENAME:-unknown}"); }

# Prints NAME FROM MINIMUM for each package of the lists, `-` where a list says
# nothing. FROM counts only on the release that it begins with.
wanted_packages() { # LIST...
  local list release
  release=$(debian_release)
  for list; do
    awk -v release="$release" '
      { sub(/#.*/, "") } NF == 0 { next }
      { from = "-"; min = "-"
        for (i = 2; i <= NF; i++) {
          if (sub(/^from=/, "", $i)) { if (index($i, release "-") == 1) from = $i }
          else if (sub(/^min=/, "", $i)) min = $i
        }
        print $1, from, min }' "$root/tools/packages/$list.list"
  done | sort -u
}

# Of what wanted_packages prints, the lines that this machine doesn't satisfy.
missing_packages() { # LIST...
  local name from min version
  declare -A installed=()
  while read -r status name version; do
    [ "$status" != installed ] || installed[$name]=$version
  done < <(dpkg-query -W -f='${db:Status-Status} ${Package} ${Version}\n' 2>/dev/null)
  while read -r name from min; do
    version=${installed[$name]:-}
    if [ -z "$version" ] || { [ "$min" != - ] && dpkg --compare-versions "$version" lt "$min"; }; then
      echo "$name $from $min"
    fi
  done < <(wanted_packages "$@")
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"; }

# Debian 12 takes a few packages from its backports. The source stands in a file
# of its own beside the machine's, with the machine's own mirror.
add_backports() { # SUITE
  local targets mirror
  targets=$(apt-get indextargets --format '$(RELEASE) $(SITE)' 'Created-By: Packages')
  ! grep -q "^$1 " <<<"$targets" || return 0
  mirror=$(awk -v base="${1%-backports}" '$1 == base { print $2; exit }' <<<"$targets")
  say "adding $1 as an apt source"
  as_root tee "/etc/apt/sources.list.d/netc-$1.sources" >/dev/null <<SOURCE
Types: deb
URIs: ${mirror:-http://deb.debian.org/debian}
Suites: $1
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCE
}

# Installs what the lists name and this machine lacks. Where nothing is missing
# it does nothing: no update, no apt, no root.
ensure_packages() { # LIST...
  local missing suite
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  case $(debian_release) in
    bookworm | trixie) ;;
    *) say "this is not Debian 12 or 13: going on without installing" $(cut -d' ' -f1 <<<"$missing")
       return 0 ;;
  esac
  can_be_root || die 1 "these packages are missing, and without root or sudo they can't be installed:" \
    $(cut -d' ' -f1 <<<"$missing")
  say "installing" $(cut -d' ' -f1 <<<"$missing")
  for suite in $(awk '$2 != "-" { print $2 }' <<<"$missing" | sort -u); do add_backports "$suite"; done
  apt update || die 1 "apt-get update failed"
  # Two steps: a target release would otherwise hold for the stock packages too.
  for suite in $(cut -d' ' -f2 <<<"$missing" | sort -u); do
    local target=() names
    [ "$suite" = - ] || target=(-t "$suite")
    mapfile -t names < <(awk -v suite="$suite" '$2 == suite { print $1 }' <<<"$missing")
    apt install --no-install-recommends "${target[@]}" "${names[@]}" ||
      die 1 "apt-get could not install ${names[*]}"
  done
  missing=$(missing_packages "$@")
  [ -z "$missing" ] || die 1 "still missing or too old after installing:" $(cut -d' ' -f1 <<<"$missing")
}

dev_packages() { ensure_packages build demo test style fuzz; }
