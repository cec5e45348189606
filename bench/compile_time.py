#!/usr/bin/python3
"""Compile time: a whole `netc compile` against clang-19 on the C that it emits.

Both are whole processes, started in turn, the first of each round alternating;
the ratio is taken per round and its median reported, since load moves both. CPU
time (user and system) is less moved than wall time. A .c file in place of a .np
measures the code generator alone (netc-cc).
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WARM_UP_ROUNDS = 2


def run(argv):
    """Wall and CPU milliseconds of one process, which must succeed."""
    start = time.perf_counter()
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, argv))} exits with {process.returncode}\n{errors}")
    return wall * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3


def alternate(commands, rounds):
    """{name: [(wall, cpu), ...]}, in step by round."""
    times = {name: [] for name in commands}
    names = list(commands)
    for round_ in range(-WARM_UP_ROUNDS, rounds):
        order = names if round_ % 2 == 0 else names[::-1]
        for name in order:
            sample = run(commands[name])
            if round_ >= 0:
                times[name].append(sample)
    return times


def clang(source, directory):
    return ["clang-19", "-O2", "-g", "-target", "bpf", "-c", source, "-o", directory / "clang.o"]


def commands_for(path, binaries, directory):
    """What is compared for one file; clang's row is the base of the ratios."""
    if path.suffix == ".c":
        return {"clang-19": clang(path, directory),
                "netc-cc": [binaries / "netc-cc", path, directory / "netc.o"]}
    compile_ = [binaries / "netc", "compile", path, "-o", directory]
    run(compile_)
    sources = list(directory.glob("*.bpf.c"))
    if len(sources) != 1:
        sys.exit(f"netc compile {path} wrote {len(sources)} C files, not 1")
    return {"clang-19": clang(sources[0], directory), "netc compile": compile_,
            "netc check": [binaries / "netc", "check", path]}


def report(path, times):
    base = times["clang-19"]
    print(f"{path.name}: {len(base)} rounds")
    print(f"  {'':14} {'wall ms':>16} {'CPU ms':>16} {'of clang: wall':>15} {'CPU':>6}")
    print(f"  {'':14} {'median':>8} {'least':>7} {'median':>8} {'least':>7}")
    for name, samples in times.items():
        cells = []
        for column in (0, 1):
            values = [sample[column] for sample in samples]
            cells.append(f"{statistics.median(values):8.1f} {min(values):7.1f}")
        ratios = [statistics.median(mine[column] / theirs[column]
                                    for mine, theirs in zip(samples, base)) for column in (0, 1)]
        print(f"  {name:14} {cells[0]} {cells[1]} {ratios[0]:15.2f} {ratios[1]:6.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("files", nargs="*", type=pathlib.Path,
                        default=[ROOT / "examples" / "edge_firewall.np"])
    arguments = parser.parse_args()
    for path in arguments.files:
        with tempfile.TemporaryDirectory(prefix="netc-bench-") as directory:
            commands = commands_for(path, arguments.build / "bin", pathlib.Path(directory))
            report(path, alternate(commands, arguments.rounds))


if __name__ == "__main__":
    main()
