"""Which lines of lowering and emission do generated pipelines reach?

coverage.py --build BUILD [--scratch FOLDER] [OPTION-OF-NETC-DIFFERENTIAL...]

Builds netc-differential with Clang's source coverage in a folder of its own, runs it, and prints for each file of
compiler/lower, compiler/ir and compiler/emit how many lines ran, and the lines that did not.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("compiler/lower", "compiler/emit", "compiler/ir")
# Of hooks that BPF_PROG_TEST_RUN does not run, and of what only a person reads.
OTHERS = ("congestion", "import_c", "dump", "describe")


def tool(name):
    return f"/usr/lib/llvm-19/bin/{name}"


def build(options):
    out = options.scratch
    flags = "-O1 -DNDEBUG -fprofile-instr-generate -fcoverage-mapping"
    subprocess.run(["cmake", "-G", "Ninja", "-S", ROOT, "-B", out, "-DCMAKE_CXX_COMPILER=clang++-19",
                    "-DCMAKE_C_COMPILER=clang-19", "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_CXX_FLAGS_RELEASE={flags}",
                    "-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", out, "-j", str(os.cpu_count()), "--quiet", "netc-differential"], check=True)
    plugin = out / "lib/netc/libnetc_codegen.so"
    plugin.parent.mkdir(parents=True, exist_ok=True)
    plugin.unlink(missing_ok=True)
    plugin.symlink_to((options.build / "lib/netc/libnetc_codegen.so").resolve())
    return out / "bin/netc-differential"


def measure(binary, options, more):
    raw = options.scratch / "profile"
    raw.mkdir(exist_ok=True)
    for old in raw.iterdir():
        old.unlink()
    # Several processes add to a few files.
    subprocess.run([binary, *more], env=dict(os.environ, LLVM_PROFILE_FILE=f"{raw}/%4m.profraw"))
    merged = raw / "all.profdata"
    subprocess.run([tool("llvm-profdata"), "merge", "-sparse", *raw.glob("*.profraw"), "-o", merged], check=True)
    files = [str(path) for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.cpp"))]
    shown = subprocess.run([tool("llvm-cov"), "show", binary, f"-instr-profile={merged}", *files], check=True,
                           capture_output=True, text=True).stdout
    return shown


def report(shown):
    ran, lines, missed, name = {}, {}, {}, None
    for line in shown.splitlines():
        if match := re.match(rf"^{re.escape(str(ROOT))}/(\S+):$", line):
            name = match[1]
            ran[name] = lines[name] = 0
            missed[name] = []
        elif name and (match := re.match(r"^ *(\d+)\| *([0-9.kMGE]+)\|(.*)$", line)):
            lines[name] += 1
            if match[2] == "0":
                missed[name].append((int(match[1]), match[3]))
            else:
                ran[name] += 1
    kept = [name for name in lines if lines[name] and not any(other in name for other in OTHERS)]
    for name in kept:
        print(f"{name}: {ran[name]} of {lines[name]} lines, {100 * ran[name] / lines[name]:.1f} %")
        for number, text in missed[name]:
            print(f"    {number}: {text.strip()}")
    all_ran, all_lines = sum(ran[name] for name in kept), sum(lines[name] for name in kept)
    print(f"all: {all_ran} of {all_lines} lines, {100 * all_ran / all_lines:.1f} %")
    return all_ran / all_lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--scratch", type=pathlib.Path)
    options, more = parser.parse_known_args()
    options.build = options.build.resolve()
    options.scratch = (options.scratch or options.build / "coverage").resolve()
    binary = build(options)
    return 0 if report(measure(binary, options, more)) > 0.9 else 1


if __name__ == "__main__":
    sys.exit(main())
