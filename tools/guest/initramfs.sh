# The guest's initial RAM file system; sourced by tools/guest/run.

# What it takes to reach the host's files and ports.
boot_modules=(virtio_pci virtio_console 9pnet_virtio 9p overlay)

# One entry of a cpio archive in the `newc` format.
cpio_entry() { # NAME MODE(octal) [FILE]
  local name=$1 mode=$2 file=${3:-} size=0
  [ -z "$file" ] || size=$(stat -c %s -- "$file")
  printf '070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\0' \
    0 $((8#$mode)) 0 0 1 0 "$size" 0 0 0 0 $((${#name} + 1)) 0 "$name"
  head -c $(((4 - (110 + ${#name} + 1) % 4) % 4)) /dev/zero
  [ -z "$file" ] || { cat -- "$file"; head -c $(((4 - size % 4) % 4)) /dev/zero; }
}

# A changed init or module list gets a file of its own.
initramfs_of() { # KERNEL-DIR
  echo "$1/base-$(cat "$here/init.c" "$here/initramfs.sh" | cksum | cut -d' ' -f1).cpio"
}

# What all runs on this kernel share: init and modules. A run appends its own files.
build_initramfs() { # KERNEL-DIR
  local work=$1/initramfs.$$ release status
  release=$(cat "$1/release")
  mkdir "$work" && write_initramfs "$1" "$release" "$work"
  status=$?
  [ $status -ne 0 ] || mv "$work/cpio" "$(initramfs_of "$1")"
  rm -rf "$work"
  return $status
}

write_initramfs() { # KERNEL-DIR RELEASE WORK
  local directory module
  cc -std=gnu17 -Os -static -o "$3/init" "$here/init.c" || return 1
  for module in "${boot_modules[@]}"; do
    modprobe -d "$1/modules" -S "$2" --show-depends "$module" || return 1
  done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$3/paths" || return 1
  while read -r module; do printf '%s\0' "${module##*/}"; done <"$3/paths" >"$3/modules"
  {
    for directory in . dev proc sys modules guest; do cpio_entry $directory 40755; done
    cpio_entry init 100755 "$3/init"
    while read -r module; do cpio_entry "modules/${module##*/}" 100644 "$module"; done <"$3/paths"
    cpio_entry guest/modules 100644 "$3/modules"
    cpio_entry guest/release 100644 "$1/release"
  } >"$3/cpio"
}
