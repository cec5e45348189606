#!/usr/bin/env python3
"""Checks the pipelines in README.md and docs/ with `netc check`.

A block marked `np` is a whole file, one marked `np-part` a fragment whose first
line says what is put around it:

    // in: hook HOOK      the body of a block on that hook
    // in: file           items of a file that imports net
    // in: module PATH    a module, imported by an empty pipeline

A line `// refused: KIND` says that netc must refuse the block with that kind of
error, and with no other. docs/decisions tells of the past and is left out.
"""

import argparse
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

FENCE = re.compile(r"^```([\w-]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACE = re.compile(r"^// in: (hook|file|module)\b ?(.*)$", re.MULTILINE)
REFUSED = re.compile(r"^// refused: ([\w-]+)$", re.MULTILINE)
# A block that has no attribute of its own is still put somewhere.
ATTRIBUTES = {"xdp": '(dev: "eth0")', "tc": '(dev: "eth0")', "cgroup": '(cgroup: "/sys/fs/cgroup/example")'}


def pages(root):
    yield root / "README.md"
    for page in sorted((root / "docs").rglob("*.md")):
        if "decisions" not in page.relative_to(root).parts:
            yield page


def blocks(page):
    """(line, kind, text) of each block that is for netc."""
    text = page.read_text()
    for fence in FENCE.finditer(text):
        kind, body = fence.groups()
        if kind in ("np", "np-part"):
            yield text.count("\n", 0, fence.start()) + 2, kind, body


def files_of(kind, body):
    """{name: text}, with the pipeline as main.np; None if the place is not said."""
    if kind == "np":
        return {"main.np": body}
    place = PLACE.match(body)
    if not place:
        return None
    what, argument = place.groups()
    if what == "module":
        return {argument.replace(".", "/") + ".np": body, "main.np": f"pipeline example;\nimport {argument};\n"}
    head = "pipeline example; import net;"
    if what == "file":
        return {"main.np": f"{head}\n{body}"}
    attributes = ATTRIBUTES.get(argument.split(".")[0], "")
    return {"main.np": f"{head} on {argument} example {attributes} {{\n{body}}}\n"}


def check(netc, files):
    """The kinds of the errors, and what netc said."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        run = subprocess.run([*netc, "check", "main.np"], cwd=folder, capture_output=True, text=True)
    kinds = re.findall(r"^error: .*\[([\w-]+)\]$", run.stderr, re.MULTILINE)
    if (run.returncode == 0) == bool(kinds):
        return None, f"exit code {run.returncode}\n{run.stderr}"
    return kinds, run.stderr


def problem(netc, kind, body):
    files = files_of(kind, body)
    if files is None:
        return "the first line must say what is around it: `// in: hook HOOK`, `// in: file` or `// in: module PATH`"
    kinds, said = check(netc, files)
    if kinds is None:
        return said
    refused = REFUSED.search(body)
    if not refused:
        return said if kinds else None
    if set(kinds) == {refused[1]}:
        return None
    return f"expected to be refused with [{refused[1]}] alone, but got {kinds or 'no error'}\n{said}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    root = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--root", type=pathlib.Path, default=root)
    parser.add_argument("--netc", default=str(root / "build" / "bin" / "netc"), help="command, in place of build/bin/netc")
    options = parser.parse_args()
    netc = shlex.split(options.netc)
    count = failed = 0
    for page in pages(options.root):
        for line, kind, body in blocks(page):
            count += 1
            if why := problem(netc, kind, body):
                failed += 1
                print(f"{page.relative_to(options.root)}:{line}: {why.rstrip()}")
    print(f"{count} blocks, {failed} wrong")
    return 1 if failed or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
