# ./dev guest KERNEL [OPTION...] -- COMMAND: tools/guest/run has the details.

dev_guest() {
  [ $# -gt 0 ] || die 2 "which kernel? ./dev guest 6.1|6.12 -- COMMAND"
  ensure_packages build test
  local kernel=$1
  shift
  as_root_if_possible "$root/tools/guest/run" --kernel "$kernel" "$@"
}
