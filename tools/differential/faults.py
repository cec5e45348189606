"""Does the machine find bugs? Builds netc with all faults of faults.txt in it, each off, and runs the differential
runs with one on at a time.

faults.py --build BUILD [--seconds N] [--packets N] [--seed N] [FAULT...]

The faults stand in no source of netc's: they are put into a copy of the tree, where each becomes a choice at run time,
so that one build does for all. Prints for each what found it, behind how many pipelines and packets and after how many
seconds, and ends with 1 if one was not found.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = pathlib.Path(__file__).with_name("faults.txt")
SWITCH = "compiler/base/fault.h"


class Fault:
    def __init__(self, name):
        self.name, self.kind, self.file = name, None, None
        self.old, self.new, self.race, self.stale = [], [], False, None


def read_faults():
    faults = []
    for line in LIST.read_text().splitlines():
        if line.startswith("fault "):
            faults.append(Fault(line.split()[1]))
        elif line.startswith(("expression ", "statements ", "emitted", "race ")):
            words = line.split()
            faults[-1].race = words[0] == "race"
            faults[-1].kind, faults[-1].file = (words[faults[-1].race:] + [None])[:2]
        elif line.startswith(("- ", "+ ")) or line in ("+", "-"):
            (faults[-1].old if line[0] == "-" else faults[-1].new).append(line[2:])
    return faults


def pattern(text):
    """Whatever blanks and ends of lines stand in it."""
    return re.compile(r"\s+".join(re.escape(part) for part in text.split()))


def plant(tree, number, fault):
    old, new = "\n".join(fault.old), "\n".join(fault.new)
    path = tree / fault.file
    text = path.read_text()
    found = pattern(old).findall(text)
    if len(found) != 1:
        fault.stale = f"stands {len(found)} times in {fault.file}"
        return
    if fault.kind == "expression":
        made = f"(netc::FaultIsOn({number}) ? ({new}) : ({found[0]}))"
    else:
        made = f"if (netc::FaultIsOn({number})) {{ {new} }} else {{ {found[0]} }}"
    text = text.replace(found[0], made)
    include = f'#include "{SWITCH}"\n'
    if include not in text:
        first = text.index("#include")
        text = text[:first] + include + text[first:]
    path.write_text(text)


def c_string(lines):
    return '"' + "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") for line in lines) + '"'


def emitted_text(tree, fault):
    """What stands in the library that is emitted, with its own blanks."""
    for path in sorted((tree / "compiler/emit/library").glob("*.c")):
        if found := pattern("\n".join(fault.old)).search(path.read_text()):
            return found[0]
    return "\n".join(fault.old).strip()


def write_switch(tree, faults):
    emitted = "".join(f"      {{{number}, {c_string(emitted_text(tree, fault).splitlines())}, {c_string(fault.new)}}},\n"
                      for number, fault in enumerate(faults) if fault.kind == "emitted")
    (tree / SWITCH).write_text(f"""// Written by tools/differential/faults.py.
#pragma once
#include <cstdlib>
#include <string>
namespace netc {{
inline bool FaultIsOn(int number) {{
  static const char* on = std::getenv("NETC_FAULT");
  static const int which = on ? std::atoi(on) : -1;
  return which == number;
}}
inline std::string WithFaults(std::string text) {{
  static const struct {{ int number; const char *from, *to; }} kEmitted[] = {{
{emitted}  }};
  for (const auto& fault : kEmitted) {{
    if (!FaultIsOn(fault.number)) continue;
    std::string from = fault.from, to = fault.to;
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {{
      text.replace(at, from.size(), to);
    }}
  }}
  return text;
}}
}}
""")
    driver = tree / "compiler/driver/compile.cpp"
    text = driver.read_text()
    place = "request.c_source = lowered.c_source;"
    if text.count(place) != 1:
        sys.exit(f"{driver}: `{place}` is gone")
    driver.write_text(f'#include "{SWITCH}"\n' + text.replace(place, "request.c_source = netc::WithFaults(lowered.c_source);"))


def build(options, faults):
    tree, out = options.scratch / "tree", options.scratch / "build"
    tree.mkdir(parents=True, exist_ok=True)
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            check=True, capture_output=True, text=True)
    wanted = {}
    for name in filter(None, listed.stdout.split("\0")):
        source = ROOT / name
        if source.is_file() and not name.startswith(("tests/", "docs/", "bench/", "examples/")):
            wanted[name] = source
    for name in ("tests/hooks", "bench"):
        for source in (ROOT / name).rglob("*"):
            if source.is_file():
                wanted[str(source.relative_to(ROOT))] = source
    # Only what changed is written, so that a second run builds little.
    stage = options.scratch / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    for name, source in wanted.items():
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, stage / name)
    for number, fault in enumerate(faults):
        if fault.kind != "emitted":
            plant(stage, number, fault)
    write_switch(stage, faults)
    for path in stage.rglob("*"):
        target = tree / path.relative_to(stage)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        elif not target.exists() or target.read_bytes() != path.read_bytes():
            shutil.copy(path, target)
    shutil.rmtree(stage)
    cache = (options.build / "CMakeCache.txt").read_text()
    kept = [f"-D{name}={re.search(rf'^{name}:[A-Z]+=(.*)$', cache, re.M)[1]}" for name in (
        "CMAKE_CXX_COMPILER", "CMAKE_C_COMPILER", "CMAKE_BUILD_TYPE", "CMAKE_CXX_FLAGS_RELEASE", "CMAKE_EXE_LINKER_FLAGS", "NETC_PCH")
        if re.search(rf"^{name}:[A-Z]+=(.*)$", cache, re.M)]
    environment = dict(os.environ, CCACHE_BASEDIR=str(tree), CCACHE_NOHASHDIR="1")
    subprocess.run(["cmake", "-G", "Ninja", "-S", tree, "-B", out, *kept], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, env=environment)
    subprocess.run(["ninja", "-C", out, "-j", str(os.cpu_count()), "--quiet", "netc-differential"], check=True, env=environment)
    plugin = out / "lib/netc/libnetc_codegen.so"
    plugin.parent.mkdir(parents=True, exist_ok=True)
    plugin.unlink(missing_ok=True)
    plugin.symlink_to((options.build / "lib/netc/libnetc_codegen.so").resolve())
    return out / "bin/netc-differential"


def run_race(binary, number):
    began = time.monotonic()
    done = subprocess.run([binary, "--race", ROOT / "tools/differential/race.np"],
                          env=dict(os.environ, NETC_FAULT=str(number)), capture_output=True, text=True)
    found = done.stdout.splitlines()[0] if done.returncode == 1 and done.stdout else None
    return found, 1, 0, time.monotonic() - began


def run(binary, number, options):
    began = time.monotonic()
    done = subprocess.run([binary, "--seed", str(options.seed), "--seconds", str(options.seconds), "--problems", "1",
                           "--shrink", "0", "--pipelines", "1000000", "--packets", str(options.packets), "--jobs", str(options.jobs),
                           "--keep", options.scratch / "kept"],
                          env=dict(os.environ, NETC_FAULT=str(number)), capture_output=True, text=True)
    took = time.monotonic() - began
    totals = re.search(r"(\d+) pipelines, (\d+) packets \(", done.stdout)
    problem = re.search(r"^pipeline \d+: (.*)$", done.stdout, re.M)
    pipelines, packets = (int(totals[1]), int(totals[2])) if totals else (0, 0)
    return problem[1].split(" /")[0].strip() if problem else None, pipelines, packets, took


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--scratch", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--packets", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("only", nargs="*")
    options = parser.parse_args()
    options.build = options.build.resolve()
    options.scratch = (options.scratch or options.build / "faults").resolve()
    faults = read_faults()
    binary = build(options, faults)
    # Without a fault nothing may be found, or the others prove nothing.
    found, pipelines, packets, took = run(binary, -1, options)
    print(f"seed {options.seed}; no fault: {pipelines} pipelines, {packets} packets, {took:.0f} s: {found or 'nothing found'}", flush=True)
    missed = [found] if found else []
    for number, fault in enumerate(faults):
        if options.only and fault.name not in options.only:
            continue
        if fault.stale:
            print(f"{fault.name}: STALE, {fault.stale}", flush=True)
            missed.append(fault.name)
            continue
        found, pipelines, packets, took = run_race(binary, number) if fault.race else run(binary, number, options)
        print(f"{fault.name}: {found or 'NOT FOUND'}, {pipelines} pipelines, {packets} packets, {took:.1f} s", flush=True)
        if not found:
            missed.append(fault.name)
    print(f"{len(faults)} faults, {len(missed)} not found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
