# ./dev fmt and ./dev lint.

# C that is emitted or compiled for BPF keeps the kernel's style, and what tests read keeps its lines.
cxx_files() { git -C "$root" ls-files --cached --others --exclude-standard '*.cpp' '*.h' | grep -vE '/(Inputs|testdata)/'; }

dev_fmt() {
  ensure_packages style
  local mode=(-i)
  [ "${1:-}" != --check ] || mode=(--dry-run --Werror)
  cxx_files | as_owner xargs -r clang-format-19 "${mode[@]}"
}

dev_lint() {
  ensure_packages build style
  configure
  "$python" "$root/tools/lint.py"
  dev_fmt --check
  # Generated sources must be there before anything that includes them is read.
  dev_build
  "$python" "$root/tools/tidy.py" --build "$build_dir" --jobs "$(jobs)" "$@"
}
