#!/usr/bin/env python3
"""Compiles the C that docs/ shows with clang-19.

A block marked `c` is a BPF program, one marked `c-host` a program of user space. On each
page a `c` block that begins with `// head` stands before all others of it.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

FENCE = re.compile(r"^```(c|c-host)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MACHINE = subprocess.run(["uname", "-m"], capture_output=True, text=True).stdout.strip()
COMMANDS = {
    # asm/types.h lies in a folder of the machine's own, which -target bpf leaves out.
    "c": ["-O2", "-g", "-target", "bpf", "-mcpu=v3", "-I", f"/usr/include/{MACHINE}-linux-gnu"],
    "c-host": [],
}


def compile_block(kind, text):
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "block.c")
        source.write_text(text)
        run = subprocess.run(["clang-19", *COMMANDS[kind], "-Wall", "-Werror", "-Wno-unused-function", "-c", source, "-o", f"{folder}/block.o"],
                             capture_output=True, text=True)
    return run.stderr if run.returncode else None


def check_page(page):
    """(blocks compiled, wrong ones)."""
    text = page.read_text()
    head, count, wrong = "", 0, 0
    for fence in FENCE.finditer(text):
        kind, body = fence.groups()
        if body.startswith("// head\n"):
            head = body
            continue
        count += 1
        if why := compile_block(kind, head + body if kind == "c" else body):
            wrong += 1
            print(f"{page}:{text.count(chr(10), 0, fence.start()) + 2}: {why}")
    return count, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    options = parser.parse_args()
    results = [check_page(page) for page in sorted((options.root / "docs").glob("*.md"))]
    count, wrong = (sum(column) for column in zip(*results))
    print(f"{count} blocks, {wrong} wrong")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
