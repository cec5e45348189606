# ./dev demo: from a bare machine to packets decided by a pipeline.

dev_demo() {
  ensure_packages build demo
  dev_build netc netc_codegen
  can_be_root || die 6 "the demo makes network namespaces and loads BPF, which takes root or sudo"
  as_root "$python" "$root/tests/demo/demo.py" --netc "$build_dir/bin/netc" "$@"
}
