"""Takes one release at a time out of the emitted C: the verifier must refuse each.

    releases.py NETC CLANG FILE.np

Prints how many releases there are, and how many of the programs without one were
refused for a reference that is not given back. The whole program must be taken.
"""

import os
import re
import subprocess
import sys
import tempfile

RELEASE = re.compile(r"^\s*bpf_(sk|task|cgroup)_release\(.*\);$")


def loads(directory, compiler, text):
    """Whether the verifier takes the C program; and what it says."""
    source, made = os.path.join(directory, "twin.c"), os.path.join(directory, "twin.o")
    with open(source, "w") as file:
        file.write(text)
    subprocess.run([compiler, "-target", "bpf", "-mcpu=v3", "-g", "-O2", "-c", source, "-o", made],
                   check=True)
    # In a mount namespace of its own, where a file system for what is loaded is there and goes.
    commands = 'mount -t bpf bpf "$0" && bpftool prog loadall "$1" "$0"/loaded'
    os.makedirs(os.path.join(directory, "bpf"), exist_ok=True)
    done = subprocess.run(["unshare", "-m", "timeout", "60", "sh", "-c", commands,
                           os.path.join(directory, "bpf"), made], capture_output=True, text=True)
    return done.returncode == 0, done.stderr


def main():
    netc, compiler, pipeline = sys.argv[1:4]
    text = subprocess.run([netc, "compile", "--emit", "c", pipeline], check=True,
                          capture_output=True, text=True).stdout
    lines = text.split("\n")
    releases = [i for i, line in enumerate(lines) if RELEASE.match(line)]
    with tempfile.TemporaryDirectory() as directory:
        taken, why = loads(directory, compiler, text)
        if not taken:
            sys.exit(f"the whole program is refused:\n{why}")
        refused = 0
        for i in releases:
            without = lines[:i] + [";"] + lines[i + 1:]
            taken, why = loads(directory, compiler, "\n".join(without))
            if taken:
                print(f"taken without line {i + 1}: {lines[i].strip()}")
            refused += not taken and "nreleased reference" in why
    print(f"{len(releases)} releases, {refused} of them missed")


if __name__ == "__main__":
    main()
