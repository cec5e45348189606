"""Holds examples/edge_firewall.np and bench/edge_firewall_c against each other.

Both are attached, one after the other, to a wire between two namespaces, and get the same
packets: those of the file's own tests and of the demo over the wire, then each of these
cut off at every length, changed in random places (with a fixed seed) and behind chains of
headers, through the kernel's test run of the attached program. Each packet must have the
same verdict on both, each reason must have decided as often, and a flood of SYNs must be
limited and told of alike.

Exit code: 0 if they agree, 1 if not.
"""

import argparse
import ctypes
import json
import os
import pathlib
import platform
import random
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tests" / "demo")]
import netc_run
import netlab
import packets
from features import BPF_SYSCALL
from scapy.all import AH, IP, TCP, UDP, Dot1Q, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop

SOURCE = ROOT / "examples" / "edge_firewall.np"
PATIENCE = 0.1  # seconds after which a frame that was not seen was dropped
CHANGES = 60    # random ones, of each packet
FLOOD, BURST, RATE = 1000, 400, 200
BPF_PROG_TEST_RUN, BPF_PROG_GET_FD_BY_ID = 10, 13  # enum bpf_cmd
XDP_DROP, XDP_PASS = 1, 2
BLOCKED = "10.0.0.0/8"  # what the tests of the file add

# What decides, in netc's words and in the C program's.
REASONS = {packets.PASS: "pass", packets.BLOCKED: "blocked", packets.BLOCKED6: "blocked6",
           packets.LATER: "fragment", packets.LATER6: "fragment6", packets.REFLECTED: "reflected",
           packets.FLOOD: "syn_flood", packets.UNREADABLE: "unreadable"}

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    """The result, and the attributes as the kernel leaves them."""
    buffer = ctypes.create_string_buffer(attributes, 128)
    result = libc.syscall(BPF_SYSCALL[platform.machine()], command, buffer, 80)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"bpf({command}): {os.strerror(ctypes.get_errno())}")
    return result, buffer.raw


class Program:
    """The program that is attached to the wire's right end, run on packets."""

    def __init__(self, lab):
        link = json.loads(subprocess.run(["ip", "-n", lab.right, "-j", "link", "show", netlab.INTERFACE],
                                         check=True, capture_output=True, text=True).stdout)[0]
        self.fd, _ = bpf(BPF_PROG_GET_FD_BY_ID, struct.pack("=I", link["xdp"]["prog"]["id"]))

    def __call__(self, frame):
        data = ctypes.create_string_buffer(frame, len(frame))
        # prog_fd, retval, data_size_in, data_size_out, data_in, data_out, repeat
        _, after = bpf(BPF_PROG_TEST_RUN, struct.pack("=IIIIQQI", self.fd, 0, len(frame), 0,
                                                      ctypes.addressof(data), 0, 1))
        return struct.unpack_from("=I", after, 4)[0]


class Netc:
    """examples/edge_firewall.np through `netc run`."""

    def __init__(self, netc, lab, blocked, work):
        subprocess.run([netc, "compile", SOURCE, "-o", work], check=True, stdout=subprocess.DEVNULL)
        self._run = netc_run.NetcRun(lab.inside(lab.right, [
            netc, "run", f"{work}/edge_firewall.bpf.o", "--dev", netlab.INTERFACE, "--load", f"blocked={blocked}"]))

    def __enter__(self):
        self._run.__enter__()
        return self

    def __exit__(self, *_):
        self._run.__exit__()

    def reasons(self):
        """({reason: how often}, events, lost events)."""
        counters = self._run.counters()
        found = {rule["rule"].rstrip("; "): rule["matches"] for rule in counters["rules"] if rule["verdict"]}
        found[packets.UNREADABLE] = counters["faults"].get(packets.UNREADABLE, 0)
        return ({name: found[rule] for rule, name in REASONS.items()}, len(self._run.events),
                sum(counters["lost_events"].values()))


class Handwritten:
    """bench/edge_firewall_c through its own loader."""

    def __init__(self, loader, lab, blocked):
        self._argv = lab.inside(lab.right, [loader, "--dev", netlab.INTERFACE, "--interval", "50",
                                            "--load", f"blocked={blocked}"])
        self._changed = threading.Condition()
        self._reports, self._counters, self._events, self._ended = 0, {}, 0, False

    def __enter__(self):
        self._process = subprocess.Popen(self._argv, stdout=subprocess.PIPE, text=True)
        if not self._process.stdout.readline().startswith("attached"):
            self._process.wait()
            raise netc_run.RunFailed(f"{self._argv[-5]} doesn't attach")
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGINT)
        if self._process.wait(10):
            raise netc_run.RunFailed(f"the loader ends with {self._process.returncode}")

    def reasons(self):
        """The second report from now on: the next may have been on its way."""
        with self._changed:
            wanted = self._reports + 2
            self._changed.wait_for(lambda: self._reports >= wanted or self._ended, 10)
            if self._reports < wanted:
                raise netc_run.RunFailed("the loader tells no counters")
            counts = {name: self._counters[name] for name in REASONS.values()}
            return counts, self._events, self._counters["lost_events"]

    def _read(self):
        for line in self._process.stdout:
            with self._changed:
                if line.startswith("event "):
                    self._events += 1
                elif line.startswith("counters "):
                    self._counters = {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", line)}
                    self._reports += 1
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


def own_tests():
    """The packets of the tests that stand in the file, by the tests' names."""
    made = {"a blocked prefix is dropped whatever the port":
            packets.ethernet() / IP(src="10.1.2.3") / TCP(flags="S", dport=443)}
    if sorted(made) != sorted(re.findall(r'^test "(.*)" on', SOURCE.read_text(), re.MULTILINE)):
        raise SystemExit(f"{SOURCE.name} has other tests than {pathlib.Path(__file__).name} sends")
    return [(f"test: {name}", bytes(packet), "drop") for name, packet in made.items()]


def chains():
    """Behind how many headers each finds what it must judge."""
    source, source6 = dict(src=packets.CLIENT, dst=packets.SERVER), dict(src=packets.CLIENT6, dst=packets.SERVER6)
    for count in range(11):
        tags = packets.ethernet(*[Dot1Q(vlan=7)] * count)
        yield f"{count} tags", tags / IP(**source) / UDP(sport=53)
        hidden = packets.ethernet() / IP(**source)
        options, mixed = packets.ethernet() / IPv6(**source6), packets.ethernet() / IPv6(**source6)
        for number in range(count):
            hidden = hidden / AH(payloadlen=1 + number % 3, icv=bytes(4 * (number % 3)))
            options = options / IPv6ExtHdrDestOpt()
            mixed = mixed / (IPv6ExtHdrHopByHop(), AH(payloadlen=2, icv=bytes(4)))[number % 2]
        yield f"UDP behind {count} authentication headers", hidden / UDP(sport=123)
        yield f"TCP behind {count} options headers", options / TCP(dport=443)
        for offset in (0, 1):
            fragment = IPv6ExtHdrFragment(nh=6, offset=offset)
            yield f"fragment at {offset} behind {count} mixed headers", mixed / fragment / TCP(dport=443)


def variants():
    """(what, frame): truncated and changed packets, the same at each call."""
    dice = random.Random(20)
    whole = [(case.what, bytes(case.packet)) for case in packets.cases()]
    whole += [(what, bytes(packet)) for what, packet in chains()]
    for what, frame in whole:
        yield what, frame
        for length in range(14, len(frame)):
            yield f"{what}, cut to {length}", frame[:length]
        for number in range(CHANGES):
            changed = bytearray(frame)
            for _ in range(dice.choice((1, 1, 2, 4))):
                changed[dice.randrange(12, min(len(frame), 80))] = dice.choice((0, 1, 6, 17, 44, 51, 60, 69, 255,
                                                                               dice.randrange(256)))
            yield f"{what}, change {number}", bytes(changed)


def over_the_wire(lab):
    """[(what, verdict expected, verdict got)] of real frames."""
    cases = own_tests() + [(case.what, bytes(case.packet), case.verdict) for case in packets.cases()]
    with lab.packet_socket(lab.left) as sender, lab.packet_socket(lab.right) as receiver:
        return [(what, expected, wire_verdict(sender, receiver, frame)) for what, frame, expected in cases]


def wire_verdict(sender, receiver, frame):
    sender.send(frame)
    deadline = time.monotonic() + PATIENCE
    while (left := deadline - time.monotonic()) > 0 and select.select([receiver], [], [], left)[0]:
        if netlab.receive(receiver)[: len(frame)] == frame:
            return "pass"
    return "drop"


def flood(program):
    started = time.monotonic()
    passed = sum(program(packets.syn(number)) == XDP_PASS for number in range(FLOOD))
    return BURST <= passed <= BURST + RATE * (time.monotonic() - started) + 1, passed


class Answers:
    """All that one firewall does with the packets."""

    def __init__(self, lab, firewall):
        self.wire = over_the_wire(lab)
        program = Program(lab)
        self.variants = [(what, program(frame), frame) for what, frame in variants()]
        self.reasons, events, _ = firewall.reasons()
        self.limited, self.passed = flood(program)
        after, more, self.lost = firewall.reasons()
        self.told = after["syn_flood"] - self.reasons["syn_flood"] == more - events == FLOOD - self.passed
        os.close(program.fd)


def answers(make):
    with netlab.Lab("netc-twin") as lab, make(lab) as firewall:
        return Answers(lab, firewall)


def differences(ours, theirs):
    for (what, expected, one), (_, _, other) in zip(ours.wire, theirs.wire, strict=True):
        if not one == other == expected:
            yield f"wire: {what}: expected {expected}, netc {one}, C {other}"
    for (what, one, frame), (_, other, _) in zip(ours.variants, theirs.variants, strict=True):
        if one != other or one not in (XDP_DROP, XDP_PASS):
            yield f"{what}: netc {one}, C {other}: {frame.hex()}"
    for name in REASONS.values():
        if ours.reasons[name] != theirs.reasons[name]:
            yield f"decided by {name}: netc {ours.reasons[name]}, C {theirs.reasons[name]}"
    for who, of in (("netc", ours), ("C", theirs)):
        if not of.limited or not of.told or of.lost:
            yield f"flood: {who} lets {of.passed} of {FLOOD} pass; told of the others: {of.told}; lost: {of.lost}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--netc", required=True)
    parser.add_argument("--loader", required=True, help="of bench/edge_firewall_c")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="netc-twin-") as work:
        blocked = pathlib.Path(work, "blocked.csv")
        blocked.write_text(f"key\n{BLOCKED}\n")
        ours = answers(lambda lab: Netc(options.netc, lab, blocked, work))
        theirs = answers(lambda lab: Handwritten(options.loader, lab, blocked))
    found = list(differences(ours, theirs))
    for line in found[:40]:
        print(line)
    print(f"{len(ours.wire)} packets on the wire and {len(ours.variants)} in test runs: {len(found)} differences")
    print("decided by " + ", ".join(f"{name} {count}" for name, count in ours.reasons.items()))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
