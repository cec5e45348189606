#!/usr/bin/env python3
"""Lines of a pipeline against those of the same in C, without blanks and comments.

count_lines.py PIPELINE.np FILE.c...: prints both, and how many times as many the C takes.
--at-least N exits with 1 if that is less than N.
"""

import argparse
import pathlib
import re
import sys

# A string is taken whole, so that what looks like a comment in one is none.
TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)


def lines(text):
    """How many lines hold something other than comments."""
    without = TOKEN.sub(lambda found: found[0] if found[0][0] == '"' else "\n" * found[0].count("\n"), text)
    return sum(bool(line.strip()) for line in without.split("\n"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pipeline", type=pathlib.Path)
    parser.add_argument("c", nargs="+", type=pathlib.Path)
    parser.add_argument("--at-least", type=float, default=0, metavar="N")
    options = parser.parse_args()
    ours = lines(options.pipeline.read_text())
    theirs = 0
    for path in options.c:
        count = lines(path.read_text())
        theirs += count
        print(f"{count:6}  {path.name}")
    print(f"{theirs:6}  in C\n{ours:6}  {options.pipeline.name}\n{theirs / ours:6.1f}  times as many")
    return 0 if theirs >= options.at_least * ours else 1


if __name__ == "__main__":
    sys.exit(main())
