# ./dev bench [NAME [ARG...]]: the programs bench/*.py, each of which takes --build.

dev_bench() {
  ensure_packages build demo test
  dev_build
  local name programs=("$root"/bench/*.py)
  if [ $# -gt 0 ]; then
    programs=("$root/bench/$1.py")
    [ -f "${programs[0]}" ] || die 2 "there is no benchmark bench/$1.py"
    shift
  fi
  for name in "${programs[@]}"; do
    as_root_if_possible "$python" "$name" --build "$build_dir" "$@"
  done
}
