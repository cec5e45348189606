# ./dev test and ./dev update.

lit=/usr/lib/llvm-19/build/utils/lit/lit.py

# A guest kernel that can't be had is no failure: its tests say why they are skipped.
prepare_guests() {
  local kernel
  for kernel in 6.1 6.12; do
    as_root_if_possible "$root/tools/guest/run" --kernel "$kernel" --prepare >/dev/null ||
      say "no guest for Linux $kernel: its tests will be skipped"
  done
}

dev_test() {
  ensure_packages build demo test
  dev_build
  local runner=("$python" "$root/tools/testing/run_suite.py" --lit "$lit" --build "$build_dir")
  can_be_root || say "neither root nor sudo: tests that need root will be skipped"
  prepare_guests
  as_root_if_possible "${runner[@]}" "$@"
}

dev_update() {
  ensure_packages build test
  dev_build
  # The pages about hooks are what the tables say.
  [ $# -gt 0 ] || "$build_dir/bin/netc" explain --pages "$root/docs/hooks"
  "$python" "$root/tools/testing/update_tests.py" --build "$build_dir" "$@"
}
