#!/usr/bin/env python3
"""Every command and option of netc stands in docs/commands.md.

They are taken from netc's help, and looked for under the heading of their command, or
before the first if they are said of several. check_console.py runs what the page shows.
"""

import argparse
import pathlib
import re
import subprocess
import sys

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def help_of(netc, *words):
    return subprocess.run([netc, *words, "--help"], capture_output=True, text=True, check=True).stdout


def subcommands(text):
    listed = re.search(r"^(?:Subcommands|SUBCOMMANDS):\n((?:  .*\n)*)", text, re.MULTILINE)
    return re.findall(r"^  ([a-z]+)", listed[1], re.MULTILINE) if listed else []


def missing(netc, text):
    """Commands and options that the page doesn't name."""
    sections = dict(re.findall(r"^## netc ([a-z]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    names = subcommands(help_of(netc))
    if not names:
        yield "netc --help lists no commands"
    common = text[: text.index("## netc ")]
    for name in names:
        if name not in sections:
            yield f"`netc {name}` has no section"
            continue
        said = help_of(netc, name)
        for inner in subcommands(said):
            said += help_of(netc, name, inner)
            if f"netc {name} {inner}" not in sections[name]:
                yield f"`netc {name} {inner}` is not shown"
        for option in sorted(set(OPTION.findall(said)) - {"--help"}):
            if option not in sections[name] and f"`{option}" not in common:
                yield f"`netc {name} {option}` is not described"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    root = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--netc", default=str(root / "build" / "bin" / "netc"))
    options = parser.parse_args()
    text = (root / "docs" / "commands.md").read_text()
    problems = list(missing(options.netc, text))
    for problem in problems:
        print(problem.rstrip())
    print(f"docs/commands.md: {len(problems)} wrong")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
