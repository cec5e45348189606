"""Rewrites the expected output of tests that end on a block marked AUTOUPDATE.

Such a test has one RUN line, which pipes a command into %filecheck:

    // RUN: not %netc check %s 2>&1 | %filecheck
    pipeline p;
    // AUTOUPDATE
    // CHECK:error: …
    // CHECK-NEXT:…

The command is run and what follows AUTOUPDATE is replaced by what it printed,
line for line, exactly. The block stands last, so that rewriting it moves no
line of the source. The test's own path is written [[FILE]], its directory
[[DIR]], the checkout [[ROOT]], so that a test reads the same everywhere.
"""

import argparse
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MARK = re.compile(r"^(?P<comment>//|#) AUTOUPDATE\n", re.M)
RUN = re.compile(r"RUN: *(?P<command>.*?) *\| *%filecheck *$", re.M)
CHECK = re.compile(r"^(//|#) CHECK(-NEXT|-EMPTY)?:")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("tests", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    failures = 0
    for path in options.tests or all_tests():
        try:
            rewrite(path.resolve(), options.build.resolve(), named=bool(options.tests))
        except ValueError as error:
            print(f"{path}: {error}", file=sys.stderr)
            failures += 1
    return 1 if failures else 0


def all_tests():
    return sorted(path for suffix in ("np", "test") for path in (ROOT / "tests").rglob(f"*.{suffix}"))


def rewrite(path, build, named):
    text = path.read_text(errors="surrogateescape")
    mark = MARK.search(text)
    if not mark:
        if named:
            raise ValueError("no AUTOUPDATE line")
        return
    runs = RUN.findall(text)
    if len(runs) != 1 or text.count("RUN:") != 1:
        raise ValueError("AUTOUPDATE needs just one RUN line, ending in | %filecheck")
    if any(not CHECK.match(line) for line in text[mark.end():].splitlines()):
        raise ValueError("the AUTOUPDATE block must end the file")
    updated = text[: mark.end()] + check_lines(execute(runs[0], path, build), path, mark["comment"])
    if updated != text:
        path.write_text(updated, errors="surrogateescape")
        print(f"updated {path}")


def execute(command, path, build):
    substitutions = [("%netc", build / "bin/netc"), ("%stdlib", build / "share/netc/stdlib"),
                     ("%root", ROOT), ("%build", build), ("%python", "/usr/bin/python3"),
                     ("%s", path), ("%S", path.parent), ("%t", build / "test-output/update.tmp")]
    for name, value in substitutions:
        command = re.sub(name + r"\b", lambda _: shlex.quote(str(value)), command)
    environment = {"PATH": f"{build}/bin:/usr/lib/llvm-19/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True,
                          errors="surrogateescape", env=environment, timeout=120)
    if done.returncode:
        raise ValueError(f"`{command}` exits with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def check_lines(output, path, comment):
    lines = output.splitlines()
    if not lines or not lines[0]:
        raise ValueError("the command prints nothing, or an empty first line")
    checks = [f"{comment} CHECK:{pattern(lines[0], path)}\n"]
    for line in lines[1:]:
        checks.append(f"{comment} CHECK-NEXT:{pattern(line, path)}\n" if line
                      else f"{comment} CHECK-EMPTY:\n")
    return "".join(checks)


def pattern(line, path):
    """The FileCheck pattern that matches just this line."""
    escaped = re.sub(r"\[\[|\{\{", lambda m: {"[[": r"{{\[\[}}", "{{": r"{{\{\{}}"}[m[0]], line)
    for value, name in ((path, "[[FILE]]"), (path.parent, "[[DIR]]"), (ROOT, "[[ROOT]]")):
        escaped = escaped.replace(str(value), name)
    return escaped


if __name__ == "__main__":
    sys.exit(main())
