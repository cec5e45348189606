# ./dev bench: the benchmarks are bench/run.

dev_bench() {
  ensure_packages build demo test
  dev_build
  as_root "$root/bench/run" --build "$build_dir" "$@"
}
