"""clone.py NETC FOLDER: where a packet and its copy arrive.

The pipeline stands in the right namespace; a third one hangs on it by a veth pair, where copies arrive.
"""

import contextlib
import os
import socket
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
import netc_run
import netlab
import world as worlds

IP_RECVTTL = 12  # include/uapi/linux/in.h
PORTS = {7001: "slot", 7002: "name", 7003: "slot by a parameter", 7004: "empty slot", 7005: "no such interface"}


def build(world, undo):
    pod = f"netc-route-{os.getpid()}-pod"
    netlab.ip("netns", "add", pod)
    undo.callback(netlab.ip, "netns", "del", pod)
    netlab.ip("-n", world.right, "link", "add", "pod0", "type", "veth", "peer", "name", netlab.INTERFACE, "netns", pod)
    netlab.ip("-n", world.right, "link", "set", "pod0", "up")
    netlab.ip("-n", pod, "link", "set", netlab.INTERFACE, "up")
    return pod


def copy_of(raw, port):
    """The TTL of the datagram to this port that arrives there; None if none does."""
    with contextlib.suppress(TimeoutError):
        while True:
            frame = raw.recv(2000)
            if frame[12:14] == b"\x08\0" and frame[23] == 17 and frame[36:38] == port.to_bytes(2, "big"):
                assert frame[42:] == b"hello", frame
                words = [int.from_bytes(frame[n:n + 2], "big") for n in range(14, 34, 2)]
                assert sum(words) % 0xFFFF == 0, "the sum of its IPv4 header"
                return frame[22]


def main():
    netc, folder = sys.argv[1:]
    with contextlib.ExitStack() as undo:
        world = undo.enter_context(worlds.World("netc-route"))
        pod = build(world, undo)
        raw = undo.enter_context(world.packet_socket(pod))
        raw.settimeout(0.5)

        def arrive(what, port, sender=world.left, at=world.right, address=worlds.RIGHT[0]):
            with netlab.inside(at):
                receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            with netlab.inside(sender):
                source = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            with receiver, source:
                receiver.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
                receiver.bind((address, port))
                receiver.settimeout(5)
                source.sendto(b"hello", (address, port))
                data, ancillary, _, _ = receiver.recvmsg(100, 100)
                assert data == b"hello", data
                ttl = int.from_bytes(ancillary[0][2], sys.byteorder)
            print(f"{what}: packet with TTL {ttl}, copy with TTL {copy_of(raw, port)}", flush=True)

        argv = [netc, "run", os.path.join(folder, "clone.bpf.o"), "--set", "far=pod0"]
        with netc_run.NetcRun(world.inside(world.right, argv), count_rules=False) as run:
            for port, what in PORTS.items():
                arrive(what, port)
            arrive("at egress", 7006, sender=world.right, at=world.left, address=worlds.LEFT[0])
            arrive("rewritten before", 7008)
            arrive("no copy", 7007)
            print("missed:", run.counters()["totals"]["missed"])


if __name__ == "__main__":
    main()
