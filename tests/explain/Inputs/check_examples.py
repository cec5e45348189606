"""Feeds every example of `netc explain` to `netc check`.

What has no example must be listed in the file given by --without, a line each
(`CATEGORY NAME`, * stands for anything): the list may only get shorter. Examples of
helpers, kfuncs and map types must show them in the C that netc emits.
"""

import argparse
import concurrent.futures
import fnmatch
import pathlib
import re
import shutil
import subprocess
import sys

BY_C = {"helper": "{0}", "kfunc": "{0}", "storage": "BPF_MAP_TYPE_{1}"}


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True)


def problem(netc, path):
    checked = run(netc, "check", path)
    if checked.returncode != 0:
        return checked.stderr
    category = path.parent.name
    if category in BY_C:
        wanted = BY_C[category].format(path.stem, path.stem.upper())
        c = run(netc, "compile", "--emit", "c", path).stdout
        if not re.search(rf"\b{re.escape(wanted)}\b", c):
            return f"the C has no {wanted}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--netc", required=True)
    parser.add_argument("--without", required=True, type=pathlib.Path)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    options = parser.parse_args()
    shutil.rmtree(options.folder, ignore_errors=True)
    written = run(options.netc, "explain", "--examples", options.folder)
    if written.returncode != 0:
        sys.exit(f"netc explain --examples: exit code {written.returncode}\n{written.stderr}")
    known = [line for line in options.without.read_text().splitlines() if line and not line.startswith("#")]
    wrong = 0
    for name in written.stdout.splitlines():
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in known):
            wrong += 1
            print(f"{name}: has no example any more")
    paths = sorted(options.folder.rglob("*.np"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for path, why in zip(paths, pool.map(lambda path: problem(options.netc, path), paths)):
            if why:
                wrong += 1
                print(f"{path.relative_to(options.folder)}: {why}")
    print(f"{len(paths)} examples, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
