# ./dev differential: generated pipelines through the kernel and the reference interpreter. What it takes, and what was
# found with it: docs/proof.md.

dev_differential() {
  ensure_packages build test
  dev_build netc netc_codegen netc-differential
  local what=runs
  case ${1:-} in
    --faults | --coverage) what=${1#--}; shift ;;
  esac
  case $what in
    runs) as_root_if_possible "$build_dir/bin/netc-differential" --keep "$build_dir/differential" "$@" ;;
    *) as_root_if_possible "$python" "$root/tools/differential/$what.py" --build "$build_dir" "$@" ;;
  esac
}
