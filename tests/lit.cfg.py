"""The lit suite: every .np and .test file below tests/.

A test says what it needs with REQUIRES; tests/support/features.py finds out
what this machine has. Run it with ./dev test.
"""

import json
import os
import sys

import lit
import lit.formats

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
build = lit_config.params.get("build", os.path.join(root, "build"))
lit_dir = os.path.dirname(os.path.dirname(os.path.abspath(lit.__file__)))
sys.path.insert(0, os.path.join(root, "tests", "support"))
import features

config.name = "netc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".np", ".test"]
config.excludes = ["Inputs", "support"]
config.test_source_root = os.path.join(root, "tests")
config.test_exec_root = os.path.join(build, "test-output")
os.makedirs(config.test_exec_root, exist_ok=True)

if not lit_config.maxIndividualTestTime:
    lit_config.maxIndividualTestTime = 120
# A guest takes two CPUs and up to 2 GB: one at a time.
lit_config.parallelism_groups["guest"] = 1
config.parallelism_group = features.guest_group

config.environment["PATH"] = os.pathsep.join(
    [os.path.join(build, "bin"), "/usr/lib/llvm-19/bin", "/usr/sbin", "/sbin", os.environ["PATH"]])
for name in ("HOME", "XDG_CACHE_HOME"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.substitutions += [
    ("%netc", os.path.join(build, "bin", "netc")),
    ("%stdlib", os.path.join(build, "share", "netc", "stdlib")),
    ("%root", root),
    ("%build", build),
    ("%lit", lit_dir + "/lit.py"),
    ("%python", "/usr/bin/python3"),
    # %exits CODE COMMAND: that COMMAND ends with just CODE, where `not` would take any.
    ("%exits", f"/usr/bin/python3 {root}/tests/support/exit_code.py"),
    # For the block that ./dev update writes: every line in full, with its blanks.
    ("%filecheck", "FileCheck --strict-whitespace --match-full-lines"
     f" -DFILE=%s -DDIR=%S -DROOT={root} %s"),
    ("%guest", os.path.join(root, "tools", "guest", "run") + " --kernel"),
]

missing = features.probe(root, build)
config.available_features |= {name for name, why in missing.items() if why is None}
with open(os.path.join(config.test_exec_root, "missing-features.json"), "w") as out:
    json.dump({name: why for name, why in missing.items() if why}, out)
