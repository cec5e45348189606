"""Attaches a minimal pipeline to every hook, and sends what makes it fire.

    fire.py compile NETC DIRECTORY    each Inputs/HOOK.np, to DIRECTORY/HOOK/fire.bpf.o
    fire.py fire NETC DIRECTORY [HOOK…]
        a line a hook: HOOK and `fired N times`, `since Linux X.Y`, or what went
        wrong; exit code 1 if anything did

The first comment of a pipeline says what else `netc run` is told, and what the machine's kernel must have:

    // run: --attr g.cgroup={cgroup}
    // in: left
"""

import contextlib
import os
import platform
import re
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "support")]
import netc_run
import traffic
import world as worlds

INPUTS = os.path.join(here, "Inputs")
COUNTER = "fired"
MISSING = "missing"  # of a hook that this kernel has not


def pipelines():
    return sorted(name[:-3] for name in os.listdir(INPUTS) if name.endswith(".np"))


def source(hook):
    with open(os.path.join(INPUTS, hook + ".np")) as file:
        return file.read()


def note(text, name):
    found = re.search(rf"^// {name}: (.*)$", text, re.MULTILINE)
    return found[1] if found else ""


def kernel():
    return tuple(map(int, re.match(r"(\d+)\.(\d+)", platform.release()).groups()))


def why_not_here(text):
    """Why this kernel can't have the hook, or None."""
    floor = re.search(r"^kernel (\d+)\.(\d+);", text, re.MULTILINE)
    if floor and kernel() < tuple(map(int, floor.groups())):
        return f"since Linux {floor[1]}.{floor[2]}"
    need = note(text, "needs")
    if need == "lsm" and "bpf" not in lsms():
        return "BPF is no LSM of this kernel"
    return None


def lsms():
    """The security modules that the kernel was started with."""
    try:
        with open("/sys/kernel/security/lsm") as names:
            return names.read().strip().split(",")
    except OSError:
        return []


def compile_all(netc, directory):
    os.makedirs(directory, exist_ok=True)
    for hook in pipelines():
        subprocess.run([netc, "compile", os.path.join(INPUTS, hook + ".np"), "-o",
                        os.path.join(directory, hook)], check=True, stdout=subprocess.DEVNULL)


def fired(run):
    """What the counter came to. The last of it may still be on its way, as at a socket's release."""
    for _ in range(10):
        count = run.counters()["totals"][COUNTER]
        if count:
            return count
    raise RuntimeError("did not fire")


def fire(netc, directory, hook, world):
    text = source(hook)
    why = why_not_here(text)
    if why:
        return why
    given = {"cgroup": world.cgroup, "left": world.left, "right": world.right}
    with contextlib.ExitStack() as undo:
        before = traffic.BEFORE.get(hook)
        if before:
            given |= undo.enter_context(before(world))
        options = [part.format(**given) for part in note(text, "run").split()]
        place = world.left if note(text, "in") == "left" else world.right
        argv = world.inside(place, [netc, "run", os.path.join(directory, hook, "fire.bpf.o"), *options])
        with netc_run.NetcRun(argv, count_rules=False) as run:
            traffic.TRAFFIC[hook](world)
            count = fired(run)
    return "fired once" if count == 1 else f"fired {count} times"


def main(command, netc, directory, *hooks):
    if command == "compile":
        return compile_all(netc, directory)
    failed = False
    with worlds.World("netc-fire") as world:
        world.netc, world.objects = netc, directory
        for hook in hooks or pipelines():
            try:
                print(f"{hook:<28} {fire(netc, directory, hook, world)}", flush=True)
            except Exception as error:
                failed = True
                print(f"{hook:<28} FAILED: {error}", flush=True)
    return failed


sys.exit(main(*sys.argv[1:]))
