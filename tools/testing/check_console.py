#!/usr/bin/env python3
"""Runs what docs/ shows at a prompt, and compares what is said with what is shown.

On each page the pipelines above (blocks marked `np`) are saved as NAME.np, as `pipeline
NAME;` says, and the blocks marked `console` are run in that folder, in a network namespace
of their own: `$ netc …`, a `sudo` before it left out, then the output of both streams. `…`
stands for any text in a line, and alone for any lines.
"""

import argparse
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

FENCE = re.compile(r"^```(np|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"^pipeline (\w+);", re.MULTILINE)


def matches(shown, said):
    pattern = "".join(r"(?:.*\n)*" if line == "…" else re.escape(line).replace("…", ".*") + r"\n"
                      for line in shown)
    return re.fullmatch(pattern, "".join(line + "\n" for line in said)) is not None


def sessions(body):
    """(command, lines shown) of each prompt."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, *shown = part.rstrip("\n").split("\n")
        yield command, shown


def run(netc, command, folder):
    words = shlex.split(command)
    if words[0] == "sudo":
        words = words[1:]
    if words[0] != "netc":
        return [f"only netc is run here, not {words[0]}"]
    line = " ".join(shlex.quote(word) for word in [netc, *words[1:]])
    done = subprocess.run(["unshare", "-n", "sh", "-c", f"ip link set lo up; {line}"], cwd=folder, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100)
    return [line.rstrip() for line in done.stdout.rstrip("\n").split("\n")] if done.stdout else []


def check_page(netc, page):
    text = page.read_text()
    count = wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for fence in FENCE.finditer(text):
            kind, body = fence.groups()
            if kind == "np":
                pathlib.Path(folder, NAME.search(body)[1] + ".np").write_text(body)
                continue
            for command, shown in sessions(body):
                count += 1
                said = run(netc, command, folder)
                if not matches(shown, said):
                    wrong += 1
                    line = text.count("\n", 0, fence.start()) + 2
                    print(f"{page.name}:{line}: `{command}` says\n" + "\n".join(said))
    return count, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    root = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--root", type=pathlib.Path, default=root)
    parser.add_argument("--netc", default=root / "build" / "bin" / "netc", type=pathlib.Path)
    options = parser.parse_args()
    results = [check_page(str(options.netc.resolve()), page) for page in sorted((options.root / "docs").glob("*.md"))]
    count, wrong = (sum(column) for column in zip(*results))
    print(f"{count} commands, {wrong} wrong")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
