"""The rules of the house that no general tool knows, one function a rule.

lint.py [--root DIR] [RULE...]: prints FILE:LINE: message [RULE] for each breach,
and exits with 1 if there is one. Reads the files that git tracks.
"""

import argparse
import pathlib
import re
import subprocess
import sys

SOURCE = {".cpp", ".h", ".c", ".def", ".py", ".sh", ".np", ".g4"}
MAX_LINES = 600

# Breaches that the tests of these rules keep.
EXAMPLES = "tests/lint/Inputs/"

# What is included by one folder alone.
INCLUDES = [
    (re.compile(r'#\s*include\s*[<"](antlr4-runtime/|antlr4-runtime\.h)'), "ANTLR", ("compiler/parse/",)),
    (re.compile(r'#\s*include\s*[<"](llvm|clang|llvm-c|clang-c|lld)/'), "LLVM and Clang", ("compiler/codegen/",)),
    (re.compile(r"#\s*include\s*[<\"]bpf/(libbpf|bpf|btf)\.h"), "libbpf", ("runtime/",)),
]

# g++ 12 lets other headers bring <algorithm> along, g++ 14 doesn't.
ALGORITHM = re.compile(
    r"\bstd::(?:ranges::)?(?:stable_)?(sort|find_if(?:_not)?|any_of|all_of|none_of|count(?:_if)?|copy(?:_n|_if)?"
    r"|reverse|transform|remove_if|unique|lower_bound|upper_bound|equal_range|fill(?:_n)?|max_element"
    r"|min_element|search|mismatch|replace|rotate|clamp)\(")

# A row of the hook tables says what a hook is; code that asks which hook it is
# would have to be found and changed for the next one.
HOOK_COMPARISON = re.compile(
    r"[=!]=\s*(hooks::)?HookId::k\w+|HookId::k\w+\s*[=!]=|case\s+(hooks::)?HookId::k\w+"
    r"|\bhook(_name|\.name(\(\))?)?\s*[=!]=\s*\"")

# Spelled in two parts, so that this file keeps the rule itself.
MACHINE_PATH = re.compile("|".join(rf"(?<![\w.~])/{name}/" for name in ("work", "root")) + r"|/tmp/" + "wt/")

NAMED_KIND = re.compile(r'^NETC_DIAGNOSTIC\(\w+, "([^"]+)"\)', re.M)


class Tree:
    def __init__(self, root):
        self.root = root
        listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others",
                                 "--exclude-standard"], check=True, capture_output=True, text=True)
        self.paths = [name for name in sorted(set(listed.stdout.split("\0")))
                      if name and not name.startswith(EXAMPLES) and (root / name).is_file() and not (root / name).is_symlink()]

    def text(self, name):
        return (self.root / name).read_text(errors="replace")

    def sources(self, *suffixes):
        wanted = suffixes or SOURCE
        return [name for name in self.paths if pathlib.PurePath(name).suffix in wanted]


def grep(tree, names, pattern):
    for name in names:
        for number, line in enumerate(tree.text(name).splitlines(), 1):
            if match := pattern.search(line):
                yield name, number, match


def long_file(tree):
    for name in tree.sources():
        lines = tree.text(name).count("\n")
        if lines > MAX_LINES:
            yield name, lines, f"{lines} lines: split by {MAX_LINES}"


def include(tree):
    for pattern, what, folders in INCLUDES:
        for name, number, _ in grep(tree, tree.sources(".cpp", ".h", ".c"), pattern):
            if not name.startswith((*folders, "tests/", "bench/")):
                yield name, number, f"{what} may be included by {', '.join(folders)} alone"


def algorithm_header(tree):
    names = [name for name in tree.sources(".cpp", ".h") if "#include <algorithm>" not in tree.text(name)]
    for name, number, match in grep(tree, names, ALGORITHM):
        yield name, number, f"`std::{match[1]}` needs <algorithm>"


def hook_comparison(tree):
    names = [name for name in tree.sources(".cpp", ".h")
             if not name.startswith(("compiler/hooks/", "tests/")) and not name.endswith("_test.cpp")]
    for name, number, match in grep(tree, names, HOOK_COMPARISON):
        yield name, number, f"`{match[0]}`: ask the hook tables for the property that matters"


def machine_path(tree):
    for name, number, match in grep(tree, tree.paths, MACHINE_PATH):
        yield name, number, f"`{match[0]}` is a path of one machine"


def fail_prefix(tree):
    """fail_ if and only if the pipeline must fail."""
    for name in tree.sources(".np"):
        if not name.startswith("tests/") or "/Inputs/" in name:
            continue
        fails = re.search(r"RUN:\s*not %netc", tree.text(name)) is not None
        if fails != pathlib.PurePath(name).name.startswith("fail_"):
            yield name, 1, ("must fail, so its name begins with fail_" if fails
                            else "is named fail_, but no RUN line says `not %netc`")


def explanation(tree):
    """Each kind of diagnostic has explain/NAME.md, and nothing else has."""
    kinds_file = "compiler/diagnostics/kinds.def"
    kinds = set(NAMED_KIND.findall(tree.text(kinds_file)))
    explained = {pathlib.PurePath(name).stem for name in tree.paths
                 if name.startswith("explain/") and name.endswith(".md")}
    for kind in sorted(kinds - explained):
        yield kinds_file, 1, f"`{kind}` has no explain/{kind}.md"
    for kind in sorted(explained - kinds):
        yield f"explain/{kind}.md", 1, f"explains `{kind}`, which is no kind of diagnostic"


RULES = {rule.__name__.replace("_", "-"): rule
         for rule in (long_file, include, algorithm_header, hook_comparison, machine_path, fail_prefix, explanation)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[1])
    parser.add_argument("rules", nargs="*", metavar="RULE", help=f"of {', '.join(RULES)}; all if none")
    options = parser.parse_args()
    if unknown := set(options.rules) - set(RULES):
        parser.error(f"no rule {', '.join(sorted(unknown))}")
    tree = Tree(options.root)
    breaches = 0
    for name in options.rules or RULES:
        for path, line, message in sorted(RULES[name](tree)):
            print(f"{path}:{line}: {message} [{name}]")
            breaches += 1
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
