# Fetching a Debian kernel; sourced by tools/guest/run.

# The suites that carry a series, for this machine's release. Only the archive's
# own keys that this machine has can be asked of: Debian 12 takes 6.12 from its backports.
suites_of() { # SERIES
  case $1 in
    6.1) echo bookworm ;;
    6.12) if [ "$(. /etc/os-release; echo "${VERSION_CODENAME:-}")" = bookworm ]; then
            echo bookworm-backports
          else
            echo trixie
          fi ;;
    *) return 1 ;;
  esac
}

debian_mirror() {
  local site
  site=$(apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' 2>/dev/null |
    awk '$2 ~ /^(bookworm|trixie)$/ { print $1; exit }')
  echo "${site:-http://deb.debian.org/debian}"
}

# apt-get and apt-cache with sources and lists of their own: the machine's stay as they are.
private_apt() { # SUITE PROGRAM ARG...
  local dir=$cache/apt/$1 program=$2
  mkdir -p "$dir/lists/partial" "$dir/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) $1 main" \
    >"$dir/sources.list"
  shift 2
  "$program" -q -o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=- \
    -o Dir::State::lists="$dir/lists" -o Dir::Cache="$dir" -o Dir::Cache::archives="$dir/archives" \
    -o APT::Sandbox::User="$(id -un)" "$@"
}

newest_package() { # SUITE SERIES
  private_apt "$1" apt-cache pkgnames linux-image- |
    grep -E "^linux-image-${2//./\\.}\.[0-9][0-9.]*([+][a-z0-9.]+|-[0-9]+)?-amd64(-unsigned)?\$" |
    sort -V | tail -n 1
}

fetch_kernel() { # SERIES: into $kernel_dir
  local suite package work
  suite=$(suites_of "$1")
  say "looking for Linux $1 in $suite"
  private_apt "$suite" apt-get update >"$cache/apt.log" 2>&1 || { tail -n 3 "$cache/apt.log" >&2; return 1; }
  package=$(newest_package "$suite" "$1")
  [ -n "$package" ] || { say "$suite has no linux-image-$1"; return 1; }
  [ "$package" != "$(cat "$kernel_dir/package" 2>/dev/null)" ] || return 0
  say "fetching $package"
  work=$(mktemp -d "$cache/tmp.XXXXXX") || return 1
  if ! (cd "$work" && private_apt "$suite" apt-get download "$package" >"$cache/apt.log" 2>&1); then
    tail -n 3 "$cache/apt.log" >&2
  # A shell of its own: errexit is off in what a condition calls.
  elif bash -c 'set -euo pipefail; source "$1"; unpack_kernel "$2"' - "$here/kernel.sh" "$work"; then
    echo "$package" >"$work/package"
    rm -rf "$kernel_dir"
    mv "$work" "$kernel_dir"
    return 0
  fi
  rm -rf "$work"
  return 1
}

# From DIR/*.deb to DIR/vmlinux, DIR/config, DIR/release and the modules below DIR/modules.
unpack_kernel() { # DIR
  local modules
  cd "$1"
  dpkg -x linux-image-*.deb x
  rm -f linux-image-*.deb
  if ! uncompressed_kernel x/boot/vmlinuz-* vmlinux; then mv x/boot/vmlinuz-* vmlinux; fi
  mv x/boot/config-* config
  modules=$(find x/lib/modules x/usr/lib/modules -mindepth 1 -maxdepth 1 -type d 2>/dev/null || true)
  keep_network_modules "$modules"
  # kmod looks in lib or in usr/lib, by release.
  mkdir -p modules/usr/lib/modules
  ln -s usr/lib modules/lib
  mv "$modules" modules/usr/lib/modules/
  depmod -b modules "${modules##*/}"
  printf %s "${modules##*/}" >release
  rm -rf x
}

# What tests of networking and BPF can want, uncompressed: a guest is slow at that.
keep_network_modules() { # DIR
  rm -rf "$1/kernel/sound" "$1/build" "$1/source"
  find "$1/kernel/drivers" -mindepth 1 -maxdepth 1 ! -name net ! -name virtio ! -name block \
    ! -name char ! -name ptp -exec rm -rf {} +
  (cd "$1/kernel/drivers/net" && rm -rf ethernet wireless usb can hamradio phy wan fddi ppp slip \
    plip arcnet ieee802154 wwan pcmcia xen-netback)
  find "$1" -name '*.ko.xz' -print0 | xargs -0 -r -P2 -n64 xz -d
  find "$1" -name '*.ko.zst' -print0 | xargs -0 -r -P2 -n64 zstd -dq --rm
}

# A bzImage holds the kernel compressed. Booting it uncompressed spares the guest
# the unpacking, which takes seconds under emulation. Offsets: the setup header of
# Documentation/arch/x86/boot.rst (setup_sects, payload_offset, payload_length).
uncompressed_kernel() { # BZIMAGE OUTPUT
  local sectors offset length tool
  sectors=$(od -An -tu1 -j $((0x1f1)) -N1 "$1")
  offset=$(($(od -An -tu4 -j $((0x248)) -N4 "$1") + (sectors + 1) * 512))
  length=$(od -An -tu4 -j $((0x24c)) -N4 "$1")
  case $(od -An -tx1 -j $offset -N4 "$1" | tr -d ' ') in
    fd377a58) tool='xz -dc' ;;
    28b52ffd) tool='zstd -dcq' ;;
    1f8b08*) tool='gzip -dcq' ;;
    *) return 1 ;;
  esac
  # The payload's last 4 bytes are the size unpacked and no part of the stream;
  # a tool may complain all the same, so the result is judged.
  tail -c +$((offset + 1)) "$1" | head -c $((length - 4)) | $tool >"$2" 2>/dev/null || true
  [ "$(head -c 4 "$2" | od -An -tx1 | tr -d ' ')" = 7f454c46 ]
}
