"""Rewrites under checksums that the sender left to its device (CHECKSUM_PARTIAL): TCP and UDP between two
namespaces, both families, whose ports and addresses a pipeline changes at tc on the way out and back.

    partial.py NETC PIPELINE DRIVER_PIPELINE
"""

import os
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))
import netc_run
import netlab
from builder import internet_sum

LEFT, RIGHT = ("10.46.0.1", "fd46::1"), ("10.46.0.2", "fd46::2")
ASKED, SERVED = 9000, 9001
UNREAD_SUM = 8  # TP_STATUS_CSUMNOTREADY: the sum is the device's to finish


def addresses(lab):
    for name, (ipv4, ipv6) in ((lab.left, LEFT), (lab.right, RIGHT)):
        with netlab.inside(name), open("/proc/sys/net/ipv6/conf/wire/disable_ipv6", "w") as off:
            off.write("0")
        netlab.ip("-n", name, "link", "set", "lo", "up")
        netlab.ip("-n", name, "addr", "add", f"{ipv4}/24", "dev", "wire")
        netlab.ip("-n", name, "addr", "add", f"{ipv6}/64", "dev", "wire", "nodad")


def errors(name):
    with netlab.inside(name), open("/proc/thread-self/net/snmp") as four, \
            open("/proc/thread-self/net/snmp6") as six:
        rows = [line.split() for line in four]
        total = sum(int(value) for names, values in zip(rows[::2], rows[1::2])
                    for name, value in zip(names, values) if name == "InCsumErrors")
        return total + sum(int(line.split()[1]) for line in six if "InCsumErrors" in line)


def sum_of(frame):
    """What is left of the sum over the segment and its pseudo header, and the checksum that stands there."""
    family = struct.unpack_from("!H", frame, 12)[0]
    if family == 0x0800:
        at, proto = 14 + (frame[14] & 15) * 4, frame[23]
        length = struct.unpack_from("!H", frame, 16)[0] - (at - 14)
        pseudo = frame[26:34]
    elif family == 0x86dd:
        at, proto, length, pseudo = 54, frame[20], struct.unpack_from("!H", frame, 18)[0], frame[22:54]
    else:
        return None
    if proto not in (6, 17):
        return None
    pseudo = pseudo + struct.pack("!IHBB", length, 0, 0, proto)
    segment = frame[at:at + length]
    place = 16 if proto == 6 else 6
    stands = struct.unpack_from("!H", segment, place)[0]
    whole = internet_sum(pseudo + segment + b"\0" * (length % 2))
    port = struct.unpack_from("!HH", segment)
    return {"proto": proto, "whole": whole, "stands": stands, "pseudo": ~internet_sum(pseudo) & 0xffff, "ports": port}


class Wire(threading.Thread):
    """What comes to the right end, with whether its sum is finished."""

    def __init__(self, lab):
        super().__init__(daemon=True)
        self.socket, self.seen = lab.packet_socket(lab.right), []
        self.start()

    def run(self):
        while True:
            try:
                frame, extra, _, _ = self.socket.recvmsg(65_536, 256)
            except OSError:
                return
            for level, kind, data in extra:
                if (level, kind) == (netlab.SOL_PACKET, netlab.PACKET_AUXDATA):
                    self.seen.append((bool(struct.unpack_from("I", data)[0] & UNREAD_SUM), frame))


def exchange(lab, kind, address, text):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with netlab.inside(lab.right):
        server = socket.socket(family, kind)
    with netlab.inside(lab.left):
        client = socket.socket(family, kind)
    with server, client:
        server.settimeout(5), client.settimeout(5)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((address, SERVED))
        if kind == socket.SOCK_STREAM:
            server.listen()
            client.connect((address, ASKED))
            peer, _ = server.accept()
            with peer:
                peer.settimeout(5)
                client.sendall(text)
                assert peer.recv(100) == text
                peer.sendall(text[::-1])
                assert client.recv(100) == text[::-1]
            return
        client.connect((address, ASKED))
        client.send(text)
        got, back = server.recvfrom(100)
        assert got == text
        server.sendto(text[::-1], back)
        assert client.recv(100) == text[::-1]


def round_of(lab, offload, wrong):
    subprocess.run(lab.inside(lab.left, ["ethtool", "-K", "wire", "tx", "on" if offload else "off"]), check=True,
                   stdout=subprocess.DEVNULL)
    wire, before = Wire(lab), errors(lab.right) + errors(lab.left)
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        for address in RIGHT:
            exchange(lab, kind, address, b"left to the device")
    time.sleep(0.3)
    if errors(lab.right) + errors(lab.left) != before:
        wrong.append(f"checksum errors with offload {offload}")
    unfinished = finished = 0
    for open_sum, frame in wire.seen:
        found = sum_of(frame)
        if not found or SERVED not in found["ports"]:
            continue
        if open_sum:
            unfinished += 1
            if found["stands"] != found["pseudo"]:
                wrong.append(f"an unfinished sum is {found['stands']:#x}, not {found['pseudo']:#x}")
        else:
            finished += 1
            if found["whole"] not in (0, 0xffff) and found["stands"]:
                wrong.append(f"a finished sum leaves {found['whole']:#x}")
    wire.socket.close()
    return unfinished, finished


def main():
    netc, pipeline, driver = sys.argv[1:4]
    wrong = []
    with netlab.Lab("netc-packets-partial") as lab:
        addresses(lab)
        with netc_run.NetcRun(lab.inside(lab.left, [netc, "run", pipeline]), count_rules=False) as run:
            run.counters()  # both programs are attached
            left_open, _ = round_of(lab, True, wrong)
            _, closed = round_of(lab, False, wrong)
        if not left_open or not closed:
            wrong.append(f"saw {left_open} unfinished and {closed} finished sums")
        with netc_run.NetcRun(lab.inside(lab.right, [netc, "run", driver]), count_rules=False) as run:
            run.counters()
            warnings = run.warnings
        if not any("packets of local senders may come with unfinished" in text for text in warnings):
            wrong.append(f"no warning of unfinished sums at the driver: {warnings}")
    for line in wrong:
        print(line)
    print(f"unfinished sums: {'wrong' if wrong else 'right'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
