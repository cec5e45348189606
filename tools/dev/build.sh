# ./dev build: configure once, build what changed.

jobs() { nproc; }

configure() {
  # A configuration that failed half-way leaves a cache without build.ninja.
  [ -f "$build_dir/build.ninja" ] || as_owner cmake -G Ninja -S "$root" -B "$build_dir" -DNETC_UNITY=ON
}

dev_build() {
  ensure_packages build
  configure
  as_owner cmake --build "$build_dir" --parallel "$(jobs)" ${1:+--target "$@"}
}
