"""compare.py NETC FOLDER: whether netc's conditions select the packets that libpcap's expressions do.

Takes each row of table.txt over all frames of capture.py. They may differ on the classes of packets that the row names,
and must on one of each; and netc may say of a broken frame that it can't be read. Writes what was selected, and the
frames as FOLDER/frames.pcap.
"""

import ctypes
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parents[1] / "support"))
from scapy.layers.inet import IP
from scapy.layers.inet6 import (IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting)
from scapy.layers.l2 import Dot1AD, Dot1Q, Ether
from scapy.utils import wrpcap

import bpf_run
from capture import capture

UNREADABLE, PASS, TX = 0, 2, 3  # XDP_ABORTED, XDP_PASS, XDP_TX
DLT_EN10MB, SNAPLEN = 1, 65535


class Instructions(ctypes.Structure):  # struct bpf_program of libpcap
    _fields_ = [("length", ctypes.c_uint), ("first", ctypes.c_void_p)]


class Header(ctypes.Structure):  # struct pcap_pkthdr
    _fields_ = [("seconds", ctypes.c_long), ("microseconds", ctypes.c_long), ("captured", ctypes.c_uint32), ("length", ctypes.c_uint32)]


class Pcap:
    def __init__(self):
        self.lib = ctypes.CDLL("libpcap.so.0.8")
        self.lib.pcap_open_dead.restype = ctypes.c_void_p
        self.lib.pcap_geterr.restype = ctypes.c_char_p
        self.dead = ctypes.c_void_p(self.lib.pcap_open_dead(DLT_EN10MB, SNAPLEN))

    def compile(self, expression):
        made = Instructions()
        if self.lib.pcap_compile(self.dead, ctypes.byref(made), expression.encode(), 1, ctypes.c_uint32(0xffffffff)) != 0:
            raise SystemExit(f"{expression}: {self.lib.pcap_geterr(self.dead).decode()}")
        return made

    def takes(self, made, frame):
        header = Header(0, 0, len(frame), len(frame))
        return self.lib.pcap_offline_filter(ctypes.byref(made), ctypes.byref(header), frame) != 0


def rows():
    for line in (HERE / "table.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            condition, expression, classes = (line + " ").split(" | ")
            yield condition.strip(), expression.strip(), set(classes.split())


def classes_of(frame):
    packet = Ether(frame)
    found = set()
    tags = 0
    layer = packet
    while layer:
        tags += isinstance(layer, (Dot1Q, Dot1AD))
        if isinstance(layer, IPv6):
            found.add("ipv6")
        if isinstance(layer, (IPv6ExtHdrDestOpt, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, IPv6ExtHdrFragment)):
            found.add("chained")
        if isinstance(layer, IPv6ExtHdrFragment) and layer.offset or isinstance(layer, IP) and layer.frag:
            found.add("fragment")
        layer = layer.payload
    if tags:
        found.add("tagged")
    if tags > 1:
        found.add("stacked")
    return found


def main():
    netc, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    right, wrong = capture()
    wrpcap(str(folder / "frames.pcap"), [Ether(frame) for frame in right + wrong])
    table = list(rows())
    text = "pipeline selection;\nimport net;\n"
    for number, (condition, _, _) in enumerate(table):
        text += f'on xdp row{number} (dev: "lo", unreadable: abort) {{ tx when {condition}; pass; }}\n'
    (folder / "selection.np").write_text(text)
    done = subprocess.run([netc, "compile", folder / "selection.np", "-o", folder], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    programs = bpf_run.Object(folder / "selection.bpf.o")
    pcap = Pcap()
    frames = [(frame, classes_of(frame), broken) for broken, list_ in ((False, right), (True, wrong)) for frame in list_]
    bad = compared = unread = 0
    for number, (condition, expression, allowed) in enumerate(table):
        made = pcap.compile(expression)
        met, selected = set(), [0, 0]
        for frame, classes, broken in frames:
            code = programs.run(f"row{number}", frame)
            ours, theirs = code == TX, pcap.takes(made, frame)
            compared += 1
            unread += code == UNREADABLE
            selected[0] += ours
            selected[1] += theirs
            if ours == theirs or broken and code == UNREADABLE:
                continue
            if classes & allowed:
                met |= classes
                continue
            bad += 1
            if bad <= 20:
                print(f"{condition}: netc {['no', 'yes'][ours]} ({code}), libpcap {['no', 'yes'][theirs]}: "
                      f"{'broken ' if broken else ''}{sorted(classes)} {frame.hex()}")
        for name in sorted(allowed - met):
            bad += 1
            print(f"{condition}: does not differ on any that is {name}")
        print(f"{condition} | {expression}: {selected[0]} and {selected[1]}")
    print(f"{len(table)} pairs, {len(right)} frames and {len(wrong)} broken ones, {compared} looks, {unread} unreadable: {bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
