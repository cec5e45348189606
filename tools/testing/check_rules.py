#!/usr/bin/env python3
"""Checks docs/rules.md: that rules 1 to 18 are there, that each names a test or says what
is missing, and that every test named exists."""

import argparse
import pathlib
import re
import sys

RULES = range(1, 19)
HEAD = re.compile(r"^## (\d+)\. ", re.MULTILINE)
PATH = re.compile(r"`([\w./]+(?:\.np|\.test|_test\.cpp))`")


def problems(root):
    text = (root / "docs" / "rules.md").read_text()
    parts = HEAD.split(text)
    numbers = [int(number) for number in parts[1::2]]
    if numbers != list(RULES):
        yield f"rules {numbers}, expected {RULES.start} to {RULES.stop - 1}"
    for number, body in zip(numbers, parts[2::2]):
        paths = PATH.findall(body)
        if not paths and "*Not yet:*" not in body:
            yield f"rule {number} names neither a test nor what is missing"
        for item in re.split(r"^- ", body, flags=re.MULTILINE)[1:]:
            if not PATH.search(item) and not item.startswith("*Not yet:*"):
                yield f"rule {number}: no test holds: {item.splitlines()[0]}"
        for path in sorted(set(paths)):
            if not (root / path).is_file():
                yield f"rule {number}: there is no {path}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    found = list(problems(parser.parse_args().root))
    for problem in found:
        print(f"docs/rules.md: {problem}")
    print(f"{len(found)} wrong")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
