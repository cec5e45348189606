"""Runs the tests of pipelines in the kernel and in the interpreter, and compares.

both_ways.py --netc NETC PATH...: of folders, every file with tests, also in the blocks
of Markdown. Each test must come out the same; one that the interpreter skips is named,
with the reason, which must be one of --may-skip. Exit code: 1 if one came out otherwise.
"""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import tempfile

FENCE = re.compile(r"^```np\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TEST = re.compile(r'^test "', re.MULTILINE)


def pipelines(path, folder):
    """Files with tests; blocks of Markdown are written to `folder`."""
    if path.is_dir():
        for inner in sorted(path.rglob("*")):
            if inner.suffix in (".np", ".md"):
                yield from pipelines(inner, folder)
    elif path.suffix == ".md":
        for number, block in enumerate(FENCE.findall(path.read_text())):
            if TEST.search(block):
                written = folder / f"{path.stem}_{number}.np"
                written.write_text(block)
                yield written
    elif TEST.search(path.read_text()):
        yield path


def run(netc, path, *options):
    """{name: outcome}, or the errors' text where there are no outcomes."""
    done = subprocess.run([netc, "test", "--json", *options, str(path)], capture_output=True, text=True)
    outcomes = collections.OrderedDict()
    for line in done.stdout.splitlines():
        said = json.loads(line)
        if said.get("type") == "test":
            outcomes[said["name"]] = {key: said[key] for key in ("result", "reason", "problems") if key in said}
    return outcomes or done.stdout + done.stderr


def compare(netc, may_skip, path):
    """Lines about the file, how many tests agree, how many don't."""
    kernel, interpreter = run(netc, path), run(netc, path, "--interpret")
    if isinstance(kernel, str) or isinstance(interpreter, str):
        # Errors of the pipeline are the same either way.
        same = isinstance(kernel, str) == isinstance(interpreter, str)
        return ([], 0, 0) if same else ([f"{path}: {kernel} | {interpreter}"], 0, 1)
    lines, agree, differ = [], 0, 0
    for name in kernel | interpreter:
        here, there = kernel.get(name), interpreter.get(name)
        if there and there["result"] == "skipped" and may_skip.search(there["reason"]):
            lines.append(f"skipped {path.name}: {name}: {there['reason']}")
        elif here == there:
            agree += 1
        else:
            differ += 1
            lines.append(f"differs {path}: {name}\n  kernel:      {here}\n  interpreter: {there}")
    return lines, agree, differ


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--netc", required=True)
    parser.add_argument("--except", dest="left_out", type=pathlib.Path, help="folder that is left out")
    parser.add_argument("--may-skip", default="$^", type=re.compile, help="reasons for which a test may be skipped")
    parser.add_argument("paths", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    agree = differ = 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        files = [file for path in options.paths for file in pipelines(path, pathlib.Path(folder))
                 if options.left_out not in file.parents]
        one = lambda file: compare(options.netc, options.may_skip, file)
        for lines, same, other in pool.map(one, files):
            agree += same
            differ += other
            for line in lines:
                print(line)
    print(f"{len(files)} files, {agree} tests agree, {differ} differ")
    return 1 if differ or not agree else 0


if __name__ == "__main__":
    sys.exit(main())
