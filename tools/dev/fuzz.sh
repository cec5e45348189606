# ./dev fuzz and ./dev sanitize: other builds, each in a folder of its own.

fuzz_dir=$root/build-fuzz
fuzz_targets="check format object"

# Seeds: what the tests and examples hold, and what was found before.
fuzz_seeds() { # TARGET FOLDER
  mkdir -p "$2"
  "$python" "$root/tools/testing/fuzz_seeds.py" --netc "$build_dir/bin/netc" "$1" "$2"
}

dev_fuzz() {
  local target=${1:-} seconds=${2:-60}
  [[ " $fuzz_targets " == *" $target "* ]] || die 2 "usage: ./dev fuzz TARGET [SECONDS]; targets: $fuzz_targets"
  ensure_packages build fuzz
  dev_build netc
  [ -f "$fuzz_dir/build.ninja" ] || as_owner cmake -G Ninja -S "$root" -B "$fuzz_dir" -DNETC_FUZZ=ON \
    -DNETC_TESTS=OFF -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="-O1 -gline-tables-only" \
    -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_C_COMPILER=clang-19 -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld
  as_owner cmake --build "$fuzz_dir" --parallel "$(jobs)" --target "fuzz_$target"
  fuzz_seeds "$target" "$fuzz_dir/seeds/$target"
  mkdir -p "$fuzz_dir/corpus/$target"
  "$python" "$root/tools/testing/fuzz_dictionary.py" >"$fuzz_dir/tokens.dict"
  # ANTLR's library is not instrumented: what it does with a vector's capacity is not seen.
  ASAN_OPTIONS=detect_container_overflow=0 "$fuzz_dir/fuzz/fuzz_$target" -dict="$fuzz_dir/tokens.dict" \
    -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 -max_len=16384 -print_final_stats=1 \
    -artifact_prefix="$fuzz_dir/$target-" "$fuzz_dir/corpus/$target" "$fuzz_dir/seeds/$target"
}

sanitize_dir=$root/build-sanitize

# The suite with every process of netc's under AddressSanitizer and UndefinedBehaviorSanitizer.
dev_sanitize() {
  ensure_packages build demo test fuzz
  [ -f "$sanitize_dir/build.ninja" ] || as_owner cmake -G Ninja -S "$root" -B "$sanitize_dir" -DNETC_SANITIZE=ON \
    -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="-O1 -gline-tables-only" \
    -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_C_COMPILER=clang-19 -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld
  as_owner cmake --build "$sanitize_dir" --parallel "$(jobs)"
  # Clang's own library leaks by design when a process ends; ANTLR's is not instrumented.
  ASAN_OPTIONS=detect_container_overflow=0:detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 \
    as_root_if_possible "$python" "$root/tools/testing/run_suite.py" --lit "$lit" --build "$sanitize_dir" "$@"
}
