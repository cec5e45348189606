"""What the tests of this folder share: a veth pair, a pipeline on its right end,
and UDP frames from its left one.

    LAB.py NETC PIPELINE OPTIONS... -- runs a scenario by name; see the scenarios below.
"""

import pathlib
import select
import struct
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import netc_run
import netlab

PATIENCE = 1.0


def udp(port, payload=b"hello"):
    """An Ethernet frame with IPv4 and UDP to a port; the UDP checksum says that there is none."""
    total = 28 + len(payload)
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, total, 0, 0, 64, 17, 0, bytes([10, 9, 0, 1]),
                         bytes([10, 9, 0, 2]))
    words = sum(struct.unpack("!10H", header))
    words = (words & 0xFFFF) + (words >> 16)
    checksum = ~((words & 0xFFFF) + (words >> 16)) & 0xFFFF
    header = header[:10] + struct.pack("!H", checksum) + header[12:]
    ethernet = bytes.fromhex("020000000001" "020000000002" "0800")
    return ethernet + header + struct.pack("!HHHH", 4000, port, 8 + len(payload), 0) + payload


def seen(receiver, frame, patience=PATIENCE):
    """Whether the frame comes out of the receiver's end."""
    deadline = time.monotonic() + patience
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([receiver], [], [], left)[0]:
            break
        if netlab.receive(receiver)[: len(frame)] == frame:
            return True
    return False


def matches(counters):
    return {rule["rule"].rstrip("; "): rule["matches"] for rule in counters["rules"]}


def start(lab, netc, pipeline, *options):
    command = [netc, "run", pipeline, "--dev", netlab.INTERFACE, *options]
    return netc_run.NetcRun(lab.inside(lab.right, command))
