"""Every field that can be assigned, rewritten on a wire: checksums.py NETC STDLIB FOLDER SITE[,SITE] …

For each field frames go from one namespace through a pipeline that rewrites it to a receiver, with transmit offload on
and off. Two judges look at what comes: the receiving kernel, which counts broken checksums, and scapy, which computes
them again. Each frame has twins with one checksum wrong by one, and what of that a judge doesn't report, it can't see.
What is wrong is printed, and a line that sums up.
"""

import argparse
import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in (HERE, os.path.join(HERE, "..", "..", "packets", "Inputs"), os.path.join(HERE, "..", "..", "support")):
    sys.path.insert(0, folder)
import cases
import netc_run
import page
import wire
from declarations import Library
from judges import judge
from wire import GSO_TCPV4, GSO_TCPV6, GSO_UDP_L4, NEEDS_CSUM, VNET


@dataclass
class Site:
    name: str
    hook: str
    mode: str = ""
    sends: bool = False   # the pipeline is at the sender: sums are open there whatever its device does
    warns: bool = False   # netc says that open sums come out wrong
    mtu: int = wire.MTU

    @property
    def pieces(self):
        return self.mtu == wire.MTU


SITES = {one.name: one for one in (
    Site("xdp native", "xdp", "native", warns=True, mtu=1_500),  # longer frames take `frags: yes`
    Site("xdp generic", "xdp", "generic", warns=True),
    Site("tc.ingress", "tc.ingress"),
    Site("tc.egress", "tc.egress", sends=True))}
SEGMENT = 1_000  # what a frame of many segments is cut to


@dataclass
class Trial:
    """One frame as it is sent: its sums finished, or one of them open."""
    frame: object
    block: int
    open_sum: object = None

    @property
    def cut(self):
        return self.frame.shape == "cut"

    def header(self):
        """What the kernel is told of the frame: struct virtio_net_hdr."""
        # The kernel keeps so many bytes of a long frame in one, the rest in pages.
        linear = 14 if self.frame.shape != "small" else 0
        if not self.open_sum:
            return VNET.pack(0, 0, linear, 0, 0, 0)
        layer = self.frame.packet.layers[self.open_sum.layer]
        place, kind, size = self.open_sum.at - layer.start, 0, 0
        if self.cut:
            family = next(one.header.name for one in self.frame.packet.layers if one.header.name in cases.FAMILIES)
            kind = GSO_UDP_L4 if layer.header.name == "udp" else GSO_TCPV4 if family == "ipv4" else GSO_TCPV6
            size, linear = SEGMENT, layer.start + layer.size
        return VNET.pack(NEEDS_CSUM, kind, linear, size, layer.start, place)

    def opened(self, data):
        return self.frame.opened(data, self.open_sum) if self.open_sum else data

    def twins(self):
        """(sum, frame) with a sum wrong by one; the sum that is open, or the innermost, comes first."""
        sums = self.frame.sums[::-1]
        if self.cut:  # segments get headers of their own
            sums = [self.open_sum]
        for one in sorted(sums, key=lambda one: one is not self.open_sum):
            if one is self.open_sum:
                yield one, self.frame.off_by_one(self.opened(self.frame.data), one, is_open=True)
            else:
                yield one, self.opened(self.frame.off_by_one(self.frame.data, one))


class Row:
    def __init__(self):
        self.fields, self.counts, self.wrong, self.blind = set(), Counter(), set(), Counter()


class Run:
    def __init__(self, site, wires, made, blocks):
        self.site, self.wires, self.made = site, wires, made
        self.block_of = {group: i for i, groups in enumerate(blocks) for group in groups}
        self.rows, self.bad = {}, []

    def trials(self, offload):
        for statement in self.made:
            for frame in statement.frames:
                if frame.shape == "large" and not self.site.pieces:
                    continue
                block = self.block_of[statement.group]
                may = frame.may_be_open()
                if fragment(statement):
                    may = {}  # nobody leaves the sum of a fragment open
                if frame.shape == "cut":
                    yield statement, Trial(frame, block, may["outer"])
                    continue
                if not offload or not may:
                    yield statement, Trial(frame, block)
                if offload or self.site.sends:
                    for one in may.values():
                        yield statement, Trial(frame, block, one)

    def go(self, offload):
        self.wires.offload_of_sender(offload)
        for statement, trial in self.trials(offload):
            row = self.rows.setdefault((statement.group, offload), Row())
            row.fields.add(statement.text)
            self.one(statement, trial, offload, row)

    def one(self, statement, trial, offload, row):
        frame = trial.frame
        after = frame.after()
        before = self.wires.errors()
        try:
            sent = self.wires.send(trial.block, trial.opened(frame.data), trial.header())
        except OSError as error:
            sent = ([], [])
            self.bad.append(f"{statement.text} [{frame.context}, {frame.shape}]: {error}")
        broken = self.wires.errors() != before
        right, places = self.look(trial, after, *sent)
        about = f"{statement.text} [{frame.context}, {frame.shape}, offload {'on' if offload else 'off'}" \
                f"{', open' if trial.open_sum else ''}]"
        row.counts["frames"] += 1
        row.counts[frame.shape] += 1
        row.counts["open"] += bool(trial.open_sum)
        if broken or right is not True:
            row.counts["wrong"] += 1
            row.wrong.add(statement.text.split(" =")[0])
            known = broken or "wrong: [" in str(right) or "built: ['" in str(right)
            if not (self.site.warns and trial.open_sum and offload and known):
                self.bad.append(f"{about}: {right if right is not True else 'the kernel counts a broken checksum'}")
            return
        reported = False
        for one, data in trial.twins():
            before = self.wires.errors()
            sent = self.wires.send(trial.block, data, trial.header())
            row.counts["twins"] += 1
            kernel = self.wires.errors() != before
            scapy = self.reports(trial, one, *sent)
            row.counts["kernel"] += kernel
            row.counts["scapy"] += scapy
            reported = reported or kernel or scapy
            if not kernel and not scapy:
                row.blind[f"{one.name} of {statement.text.split(' =')[0]}, {frame.context}"] += 1
            if one.at in places and not scapy:
                self.bad.append(f"{about}: scapy doesn't report that {one.name} is wrong by one")
            if reported and frame is not statement.frames[0]:
                break  # of the first frame each sum has a twin, of others one
        if not reported:
            self.bad.append(f"{about}: no judge sees a wrong checksum")

    def look(self, trial, after, early, late):
        """What is wrong with what came, and the sums that scapy saw to be right."""
        frame = trial.frame
        if not late or not early:
            return "nothing came", ()
        if not trial.cut:
            if late[0][3] != after:
                wrong = judge(late[0][3], frame.starts)
                names = [one.name for one in frame.sums if wrong.get(one.at) is False]
                return f"not as built: {names or late[0][3].hex() + ' ' + after.hex()}", ()
        elif not rewritten(frame, late[0][3], after):
            return "not rewritten", ()
        places = set()
        for flags, _, start, data in early + late:
            found = judge(data, frame.starts, start if flags & NEEDS_CSUM else None)
            if wrong := [one.name for one in frame.sums if found.get(one.at) is False]:
                return f"scapy finds wrong: {wrong}", ()
            places |= set(found)
        return True, places

    def reports(self, trial, one, early, late):
        """Whether scapy sees that the sum is wrong, also where it is still open."""
        seen = [judge(data, trial.frame.starts, start if flags & NEEDS_CSUM else None).get(one.at)
                for came in (late, early) for flags, _, start, data in came]
        return bool(late) and not any(seen) and False in seen[:len(late)]


def fragment(statement):
    return statement.name.endswith(("ipv4", "ipv6_fragment")) and statement.field.name in (
        "more_fragments", "fragment_offset", "more", "offset")


def rewritten(frame, data, after):
    """Whether the field is in the first segment as it should be."""
    return frame.target.get(data[:200], frame.statement.field.name) == frame.target.get(after[:200],
                                                                                       frame.statement.field.name)


def main():
    arguments = argparse.ArgumentParser()
    for name in ("netc", "stdlib", "folder", "sites"):
        arguments.add_argument(name)
    arguments.add_argument("--only", help="protocols, as the table names them")
    arguments.add_argument("--step", choices=("compile", "run"), help="one alone: a guest runs what is compiled outside")
    arguments.add_argument("--check", metavar="PAGE")
    arguments.add_argument("--write", metavar="PAGE")
    given = arguments.parse_args()
    sites = [SITES[name] for name in given.sites.split(",")]
    random.seed("checksums")
    path = os.path.join(given.stdlib, "net")
    made, left_out = cases.statements(Library(path), path, given.only and given.only.split(","))
    blocks = cases.blocks(made)
    if given.step != "run":
        compile_pipeline(given, cases.pipeline(made, blocks, sites[0].hook, sorted(set(cases.modules(path).values()))))
    bad = 0
    for site in sites if given.step != "compile" else ():
        run = rewrite(given.netc, os.path.join(given.folder, "sums.bpf.o"), site, made, blocks)
        text = page.section(run, left_out)
        if given.write:
            page.write(given.write, site.name, text)
        if given.check:
            run.bad += page.differences(given.check, site.name, text)
        report(site, run, left_out)
        bad += len(run.bad)
    return 1 if bad else 0


def compile_pipeline(given, text):
    os.makedirs(given.folder, exist_ok=True)
    source = os.path.join(given.folder, "sums.np")
    with open(source, "w") as out:
        out.write(text)
    subprocess.run([given.netc, "compile", source, "-o", given.folder], check=True, stdout=subprocess.DEVNULL)


def rewrite(netc, program, site, made, blocks):
    """All frames of one site, there and back."""
    home = os.sched_getaffinity(0)
    with wire.Wire("netc-sums", len(blocks), cases.RECEIVER, cases.INSIDE) as wires:
        wires.mtu(site.mtu)
        argv = ["nsenter", f"--net=/run/netns/{wires.sender if site.sends else wires.middle}", "--", netc, "run", program]
        if site.mode:
            argv += [word for i in range(len(blocks)) for word in ("--attr", f"p{i}.mode={site.mode}")]
        run = Run(site, wires, made, blocks)
        with netc_run.NetcRun(argv, count_rules=False) as running:
            running.counters()  # all are attached
            try:
                os.sched_setaffinity(0, {max(home)})
                for offload in (True, False):
                    run.go(offload)
            finally:
                os.sched_setaffinity(0, home)
            warned = sum("unfinished" in text for text in running.warnings)
            faults = {name: n for name, n in running.counters()["faults"].items() if n}
    if faults:
        run.bad.append(f"faults: {faults}")
    if bool(warned) != site.warns:
        run.bad.append(f"netc warns {warned} times of unfinished sums")
    return run


def report(site, run, left_out):
    for line in run.bad:
        print(line)
    total = Counter()
    for row in run.rows.values():
        total.update(row.counts)
    print(f"{site.name}: {len(run.made)} fields, {len(left_out)} left out, {total['frames']} frames, {total['twins']} "
          f"twins: {total['kernel']} reported by the kernel, {total['scapy']} by scapy; {len(run.bad)} not as they should be")


if __name__ == "__main__":
    sys.exit(main())
