"""ways.py NETC FOLDER: a redirect reaches a container as its way says.

The pipeline stands in the right namespace, which forwards nothing; a container hangs on it
by a veth pair. What a datagram has passed is told by the near end's counters.
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

ADDRESSES = {socket.AF_INET: ("10.45.0.2", "198.51.100.1"), socket.AF_INET6: ("fd45::2", "2001:db8:51::1")}


def sent_by(name, device):
    with netlab.inside(name), open("/proc/net/dev") as table:
        for line in table:
            if line.strip().startswith(device + ":"):
                return int(line.split(":")[1].split()[9])
    raise AssertionError(f"no {device}")


def build(world, undo):
    pod = f"netc-route-{os.getpid()}-pod"
    netlab.ip("netns", "add", pod)
    undo.callback(netlab.ip, "netns", "del", pod)
    netlab.ip("-n", world.right, "link", "add", "pod0", "type", "veth", "peer", "name", "eth0", "netns", pod)
    for name, device, ends in (world.right, "pod0", ("10.45.0.1", "fd45::1")), (pod, "eth0", ("10.45.0.2", "fd45::2")):
        netlab.ip("-n", name, "addr", "add", ends[0] + "/24", "dev", device)
        netlab.ip("-n", name, "addr", "add", ends[1] + "/64", "dev", device, "nodad")
        netlab.ip("-n", name, "link", "set", device, "up")
    netlab.ip("-n", pod, "link", "set", "lo", "up")
    # Behind the container, where no route of the host's leads: only `via` does.
    netlab.ip("-n", pod, "addr", "add", "198.51.100.1/32", "dev", "lo")
    netlab.ip("-n", pod, "addr", "add", "2001:db8:51::1/128", "dev", "lo", "nodad")
    # The answer's way, or the container takes the source for a forged one.
    netlab.ip("-n", pod, "route", "add", "default", "via", "10.45.0.1")
    netlab.ip("-n", pod, "-6", "route", "add", "default", "via", "fd45::1")
    for family, (near, behind) in ADDRESSES.items():
        six = ["-6"] if family == socket.AF_INET6 else []
        via = worlds.RIGHT[1 if six else 0]
        for each in near, behind:
            netlab.ip("-n", world.left, *six, "route", "add", each, "via", via)
    return pod


def main():
    netc, folder = sys.argv[1:]
    with contextlib.ExitStack() as undo:
        world = undo.enter_context(worlds.World("netc-route"))
        pod = build(world, undo)
        argv = [netc, "run", os.path.join(folder, "ways.bpf.o"), "--set", "far=pod0"]

        def arrives(family, address, port, sender=world.left):
            """What the near end sends for a datagram that arrives; None if it doesn't."""
            with netlab.inside(pod):
                receiver = socket.socket(family, socket.SOCK_DGRAM)
            with netlab.inside(sender):
                source = socket.socket(family, socket.SOCK_DGRAM)
            with receiver, source:
                receiver.bind((address, port))
                receiver.settimeout(0.3)
                # The first may have to wait until addresses are asked for, which is counted too.
                passed = None
                for _ in range(2):
                    before = sent_by(world.right, "pod0")
                    source.sendto(b"hello", (address, port))
                    with contextlib.suppress(TimeoutError):
                        assert receiver.recv(100) == b"hello"
                        passed = sent_by(world.right, "pod0") - before
                return passed

        for family, (near, behind) in ADDRESSES.items():
            for port, address in (7001, near), (7003, near), (7004, behind):
                assert arrives(family, address, port) is None, "the host forwards by itself"
        print("without the pipeline nothing arrives")
        with netc_run.NetcRun(world.inside(world.right, argv)):
            for family, (near, behind) in ADDRESSES.items():
                name = "IPv4" if family == socket.AF_INET else "IPv6"
                for port, address, what in ((7001, near, "peer of a slot"), (7002, near, "peer by name"),
                                            (7003, near, "neigh by route"), (7004, behind, "neigh via"),
                                            (7005, near, "peer by a parameter")):
                    print(f"{name} {what}: arrives, sent by the near end: {arrives(family, address, port)}")
                print(f"{name} no way: {arrives(family, near, 7009)}")
            # The host's own route leads to the wire.
            netlab.ip("-n", world.right, "route", "add", "198.51.100.1", "via", worlds.LEFT[0])
            for port in 7005, 7006:
                print(f"egress to port {port}: {arrives(socket.AF_INET, '198.51.100.1', port, world.right)}")


if __name__ == "__main__":
    main()
