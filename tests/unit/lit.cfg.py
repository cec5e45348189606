"""The GoogleTest binaries of build/unit, one lit test for each of their cases."""

import os
import sys

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
build = lit_config.params.get("build", os.path.join(root, "build"))
sys.path.insert(0, os.path.join(root, "tests", "support"))
import gtest_format

config.name = "unit"
config.test_format = gtest_format.GoogleTestCases()
config.test_source_root = os.path.join(build, "unit")
config.test_exec_root = config.test_source_root
os.makedirs(config.test_source_root, exist_ok=True)
if not lit_config.maxIndividualTestTime:
    lit_config.maxIndividualTestTime = 120
config.environment.update({name: os.environ[name] for name in ("HOME",) if name in os.environ})
