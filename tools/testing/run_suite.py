"""Runs the lit suite and ends on one line: N passed, N failed, N skipped.

Before it stands what tests tell (lines that begin with "told: "), and each skipped test with its reason. The exit code is 0 only
if something passed and nothing failed.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

PASSED = {"PASS", "XFAIL", "FLAKYPASS"}
SKIPPED = {"UNSUPPORTED"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lit", required=True)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    options, lit_args = parser.parse_known_args()
    tests = pathlib.Path(__file__).resolve().parents[2] / "tests"
    output = options.build / "test-output"
    output.mkdir(parents=True, exist_ok=True)
    results = output / "results.json"
    results.unlink(missing_ok=True)

    chosen = [] if any(os.path.exists(arg) for arg in lit_args) else [str(tests)]
    subprocess.run([sys.executable, options.lit, "-sv", f"-j{os.cpu_count()}",
                    "--param", f"build={options.build}", "--output", str(results),
                    *lit_args, *chosen])
    if not results.exists():
        print("lit ended without results", file=sys.stderr)
        print("0 passed, 1 failed, 0 skipped")
        return 1
    return report(json.loads(results.read_text())["tests"],
                  json.loads((output / "missing-features.json").read_text()))


def report(tests, missing):
    skipped = [test for test in tests if test["code"] in SKIPPED]
    failed = [test for test in tests if test["code"] not in PASSED | SKIPPED]
    passed = len(tests) - len(skipped) - len(failed)
    for test in tests:
        for told in re.findall(r"^# \| told: (.*)$", test["output"], re.M):
            print(told)
    for test in skipped:
        print(f"skipped: {test['name']}: {reason(test['output'], missing)}")
    for test in failed:
        print(f"failed: {test['name']} ({test['code'].lower()})")
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped", flush=True)
    return 0 if passed and not failed else 1


def reason(output, missing):
    features = re.match(r"Test requires the following unavailable features: (.*)", output)
    if not features:
        return output.strip().removeprefix("skipped: ") or "no reason given"
    named = re.findall(r"[-+=._a-zA-Z0-9]+", features.group(1))
    return "; ".join(missing.get(name, f"no {name} here") for name in named)


if __name__ == "__main__":
    sys.exit(main())
