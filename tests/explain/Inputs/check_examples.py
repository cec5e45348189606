"""Feeds every example of `netc explain` to netc.

    check_examples.py --netc NETC --folder DIR --without LIST    writes the examples into DIR first
    check_examples.py --netc NETC --folder DIR                   takes those that are there

Each must be accepted: the C that netc makes of it stands beside it, or is asked for.
Examples of helpers, kfuncs and map types must show them in that C; those with C of their
own in the object that they become. What has no
example must be listed in LIST, a line each (`CATEGORY NAME`): the list may only get
shorter. What no hook may call needs none: netc must refuse it.
"""

import argparse
import concurrent.futures
import functools
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

BY_C = {"helper": "{0}", "kfunc": "{0}", "storage": "BPF_MAP_TYPE_{1}"}
NOWHERE = ": no hook may call it"
CALL, OF_HELPER = 0x85, 0
EXECUTABLE = 4  # SHF_EXECINSTR
HELPERS = pathlib.Path(__file__).resolve().parents[3] / "compiler/hooks/helpers"


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True)


def helpers_called(elf):
    """Numbers of the helpers that the programs of a BPF object call."""
    at, = struct.unpack_from("<Q", elf, 0x28)
    size, count = struct.unpack_from("<HH", elf, 0x3a)
    called = set()
    for i in range(count):
        flags, _, offset, length = struct.unpack_from("<QQQQ", elf, at + i * size + 8)
        if flags & EXECUTABLE:
            for code, registers, _, immediate in struct.iter_unpack("<BBhi", elf[offset:offset + length]):
                if code == CALL and registers >> 4 == OF_HELPER:
                    called.add(immediate)
    return called


@functools.cache
def numbers():
    rows = "".join(each.read_text() for each in sorted(HELPERS.glob("*.def")))
    return {"bpf_" + name: int(number) for name, number in re.findall(r"^HELPER\((\w+), (\d+),", rows, re.M)}


class Made:
    """What netc makes of an example: the same pipeline may be one of several things."""

    def __init__(self, netc, path):
        self.c, self.elf = "", b""
        self.header = "".join(each.read_text() for each in path.parent.glob("*.h")
                              if f'import c "{each.name}"' in path.read_text())
        written = path.with_suffix(".c")
        if not self.header and written.exists():
            self.c, self.error = written.read_text(), None
            return
        if not self.header:
            done = run(netc, "compile", "--emit", "c", path)
            self.c = done.stdout
        else:
            with tempfile.TemporaryDirectory() as folder:
                done = run(netc, "compile", "-o", folder, path)
                for made in pathlib.Path(folder).glob("*.o"):
                    self.elf = made.read_bytes()
        self.error = done.stderr if done.returncode != 0 else None


def lacks(category, name, made):
    """What an example of this doesn't show."""
    if not made.header:
        wanted = BY_C.get(category, "").format(name, name.upper())
        return None if re.search(rf"\b{re.escape(wanted)}\b", made.c) else f"the C has no {wanted}"
    if category == "helper":
        return None if numbers()[name] in helpers_called(made.elf) else f"the object doesn't call {name}"
    if category == "kfunc":
        return None if b"\0" + name.encode() + b"\0" in made.elf else f"the object doesn't call {name}"
    if category == "storage":
        wanted = rf"type, BPF_MAP_TYPE_{name.upper()}\)"
        return None if re.search(wanted, made.header) else f"the C makes no {name}"
    if category == "field":
        return None if re.search(rf"->{name}\b", made.header) else f"the C doesn't read {name}"
    return f"a {category} is shown by C"


def problem_nowhere(netc, name):
    """What no hook may call is refused, and its page says why."""
    category, function = name.split()
    source = f'pipeline p;\nkernel 99.0;\non xdp g (dev: "eth0") {{ {function}(); }}\n'
    checked = subprocess.run([netc, "check", "-"], input=source, capture_output=True, text=True)
    if "[helper-unavailable]" not in checked.stderr:
        return f"{name}: is not refused\n{checked.stderr}"
    page = run(netc, "explain", category, function).stdout
    return None if "No hook may call it: " in page else f"{name}: no reason is given"


def write(options):
    """Writes the examples; gives what is wrong with what has none, and how much no hook may call."""
    shutil.rmtree(options.folder, ignore_errors=True)
    written = run(options.netc, "explain", "--examples", options.folder)
    if written.returncode != 0:
        sys.exit(f"netc explain --examples: exit code {written.returncode}\n{written.stderr}")
    known = {line for line in options.without.read_text().splitlines() if line and not line.startswith("#")}
    told = written.stdout.splitlines()
    nowhere = [line.removesuffix(NOWHERE) for line in told if line.endswith(NOWHERE)]
    missing = {line for line in told if not line.endswith(NOWHERE)}
    wrong = [f"{name}: has no example any more" for name in sorted(missing - known)]
    wrong += [f"{name}: has an example now" for name in sorted(known - missing)]
    wrong += filter(None, (problem_nowhere(options.netc, name) for name in nowhere))
    for name in sorted(missing & known):
        if "Not yet: " not in run(options.netc, "explain", *name.split(" ", 1)).stdout:
            wrong.append(f"{name}: no reason is given for having no example")
    return wrong, len(nowhere)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--netc", required=True)
    parser.add_argument("--without", type=pathlib.Path)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    options = parser.parse_args()
    wrong, nowhere = write(options) if options.without else ([], 0)
    paths = sorted(options.folder.rglob("*.np"))
    one_each = {path.read_text(): path for path in paths}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        made = dict(zip(one_each, pool.map(lambda path: Made(options.netc, path), one_each.values())))
    for path in paths:
        of = made[path.read_text()]
        if why := of.error or lacks(path.parent.name, path.stem, of):
            wrong.append(f"{path.relative_to(options.folder)}: {why}")
    print("".join(line + "\n" for line in wrong), end="")
    print(f"{len(paths)} examples, {nowhere} that no hook may call, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
