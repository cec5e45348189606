# ./dev demo: from a bare machine to packets decided by a pipeline.

dev_demo() {
  ensure_packages build demo
  dev_build netc netc_codegen
  # Where BPF is not permitted, the interpreter decides.
  as_root_if_possible "$python" "$root/tests/demo/demo.py" --netc "$build_dir/bin/netc" "$@"
}
