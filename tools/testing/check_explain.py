"""Keeps explain/NAME.md in step with the kinds of diagnostics and with the checker.

check_explain.py --netc "netc check" [PAGE...]: each kind of kinds.def has a page
and each page a kind; what a page shows fails as it says; its repair compiles.

A page's fenced blocks of `np` begin with a comment that says what they are:

    // fails: NAME    the pipeline has errors, all of them [NAME], and no warning
    // fails to compile: NAME   the same, of what only `netc compile` finds; warnings
                      that it has besides are not looked at
    // warns: NAME    it has no error, and warnings, all of them [NAME]
    // compiles       it has neither
    // file: PATH     a file beside the next of the above, which may import it

A block of `sh` that begins with `# fails: NAME` holds one command `netc check
FILE`, perhaps with `--profile FILE`, for what no source can show. A page has at least one block that fails or
warns with its own name, and one that compiles.
"""

import argparse
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
KIND = re.compile(r'^NETC_DIAGNOSTIC\(\w+, "([^"]+)"\)', re.M)
BLOCK = re.compile(r"^```(np|sh)\n(.*?)^```$", re.M | re.S)
ROLE = re.compile(r"(?://|#) (?:(fails to compile|fails|warns): ([a-z-]+)|(compiles)|file: (\S+))$")
FOUND = re.compile(r"^(error|warning): .*\[([a-z-]+)\]$", re.M)
SOURCE = re.compile(r"`((?:compiler|docs|examples|grammar|stdlib)/[^`]+)`")
LINK = re.compile(r"\]\(([a-z-]+)\.md\)")
MOST_LINES = 60


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--netc", default="netc check",
                        help="command that checks the file named behind it")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    parser.add_argument("pages", nargs="*", help="names of kinds; all if none")
    options = parser.parse_args()
    kinds = KIND.findall((options.root / "compiler/diagnostics/kinds.def").read_text())
    pages = {path.stem: path for path in (options.root / "explain").glob("*.md")}
    faults = [] if options.pages else list(compare(kinds, pages))
    for name in options.pages or sorted(set(pages) & set(kinds)):
        faults += check_page(name, pages, shlex.split(options.netc), options.root)
    for fault in faults:
        print(fault)
    print(f"{len(options.pages or kinds)} kinds, {len(faults)} faults")
    return 1 if faults else 0


def compare(kinds, pages):
    for kind in kinds:
        if kind not in pages:
            yield f"{kind}: has no explain/{kind}.md"
    for name in sorted(set(pages) - set(kinds)):
        yield f"{name}: is no kind of diagnostic, but explain/{name}.md is there"


def check_page(name, pages, netc, root):
    text = pages[name].read_text()
    if not text.startswith(f"# {name}\n"):
        yield f"{name}: the page does not begin with `# {name}`"
    if (lines := text.count("\n")) > MOST_LINES:
        yield f"{name}: has {lines} lines, more than {MOST_LINES}"
    for other in LINK.findall(text):
        if other not in pages:
            yield f"{name}: leads to explain/{other}.md, which is not there"
    for path in SOURCE.findall(text):
        if not any(root.glob(path)):
            yield f"{name}: names {path}, which is not there"
    roles = set()
    for role in check_blocks(name, text, netc):
        if isinstance(role, str):
            yield role
        else:
            roles.add(role)
    if not roles & {("fails", name), ("warns", name)}:
        yield f"{name}: no block fails or warns with this name"
    if ("compiles", None) not in roles:
        yield f"{name}: no block compiles"


def check_blocks(page, text, netc):
    """Yields a pair (role, kind) for each block that was tried, and a text for each fault."""
    beside = {}
    for match in BLOCK.finditer(text):
        where = f"{page}:{text.count(chr(10), 0, match.start()) + 1}"
        first, _, rest = match[2].partition("\n")
        role = ROLE.match(first)
        if not role:
            yield f"{where}: the first line does not say what the block is"
            continue
        outcome, kind, compiles, path = role.groups()
        if path:
            beside[path] = match[2]
            continue
        yield (outcome or compiles).split()[0], kind
        command = [rest.strip()] if match[1] == "sh" else []
        yield from try_block(where, match[2], command, beside, netc, outcome, kind)
        beside = {}


def try_block(where, source, command, beside, netc, outcome, kind):
    target, profile = "example.np", None
    if command:
        shown = re.fullmatch(r"netc check (?:--profile (\S+) )?(\S+)", command[0])
        if not shown:
            yield f"{where}: expected one command `netc check FILE`"
            return
        target = shown[2]
        profile = shown[1]
    with tempfile.TemporaryDirectory(prefix="netc-explain-") as folder:
        files = beside if command else {**beside, target: source}
        for path, text in files.items():
            file = pathlib.Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            # A profile is JSON, which knows no comments.
            file.write_text(text.partition("\n")[2] if path.endswith(".json") else text)
        if outcome == "fails to compile":
            netc = [*netc[:-1], "compile", "-o", folder]
        if profile:
            netc = [*netc, "--profile", str(pathlib.Path(folder, profile))]
        run = subprocess.run([*netc, str(pathlib.Path(folder, target))], capture_output=True, text=True)
    said = run.stdout + run.stderr
    found = {(severity, name) for severity, name in FOUND.findall(said)}
    if outcome == "fails to compile":
        found = {pair for pair in found if pair[0] == "error"}
    wanted = {("warning" if outcome == "warns" else "error", kind)} if outcome else set()
    if found != wanted:
        yield f"{where}: expected {listed(wanted)}, found {listed(found)}\n{said}"
    elif (run.returncode != 0) != (outcome in ("fails", "fails to compile")):
        yield f"{where}: the exit code is {run.returncode}\n{said}"


def listed(found):
    return ", ".join(f"{severity} [{name}]" for severity, name in sorted(found)) or "nothing"


if __name__ == "__main__":
    sys.exit(main())
