"""Loads the examples with C, explain/c, into the running kernel: its verifier must take each.

    check_loads.py --netc NETC --c FOLDER

What this kernel can't load is told, with the reason: an older kernel than the example
says, a function that it lacks, a symbol that it keeps no address of, or a hook whose
empty program it refuses too.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

# What a kernel says that was built without something, of a program that is right.
LACKS = re.compile(r"'(?P<f>\w+)': not found in kernel or module BTFs|address for kernel symbol '(?P<s>\w+)'")


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True)


def version(text):
    return tuple(int(part) for part in re.match(r"(\d+)\.(\d+)", text).groups())


def load(netc, path, folder):
    """Whether the verifier takes the pipeline's programs, and what is said."""
    made = pathlib.Path(folder, path.stem)
    compiled = run(netc, "compile", "-o", made, path)
    if compiled.returncode != 0:
        return False, compiled.stderr
    # In a mount namespace of its own, where a file system for what is loaded is there and goes.
    commands = 'mount -t bpf bpf "$0" && exec timeout 60 bpftool prog loadall "$1" "$0"/loaded'
    point = pathlib.Path(folder, "bpf")
    point.mkdir(exist_ok=True)
    done = run("unshare", "-m", "sh", "-c", commands, point, next(made.glob("*.o")))
    return done.returncode == 0, done.stderr


def reason(netc, path, folder, said):
    """Why this kernel can't load it, though it is right; nothing if it isn't."""
    text = path.read_text()
    floor = re.search(r"^kernel ([\d.]+);", text, re.M)
    if floor and version(os.uname().release) < version(floor[1]):
        return f"needs Linux {floor[1]}"
    if lacks := LACKS.search(said):
        return f"this kernel has no {lacks['f'] or lacks['s']}"
    head = re.search(r"^on (\S+).*\{$", text, re.M)
    if not head:
        return None
    empty = pathlib.Path(folder, "empty.np")
    empty.write_text(f"pipeline empty;\n{floor[0] if floor else ''}\n{head[0]}\n    pass;\n}}\n")
    if run(netc, "check", empty).returncode != 0 or load(netc, empty, folder)[0]:
        return None
    return f"this kernel refuses every program of {head[1]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--netc", required=True)
    parser.add_argument("--c", required=True, type=pathlib.Path)
    options = parser.parse_args()
    loaded, elsewhere, wrong = 0, 0, 0
    for path in sorted(options.c.glob("*.np")):
        with tempfile.TemporaryDirectory() as folder:
            taken, said = load(options.netc, path, folder)
            why = None if taken else reason(options.netc, path, folder, said)
        if taken:
            loaded += 1
        elif why:
            elsewhere += 1
            print(f"{path.name}: not here: {why}")
        else:
            wrong += 1
            print(f"{path.name}: {said}")
    print(f"{loaded} loaded, {elsewhere} not here, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
