"""Real traffic through a shaper, measured where it arrives: shaper.py NETC OBJECT

The senders are on the left end of a wire, in a cgroup, the receivers on the right end. Each hook is asked for RATE by itself: once
it is the interface's plan that holds for the receivers, once the cgroup's.

An emulated machine on a busy one stands still now and then, and sends what it owes thereafter. So what is measured is the median of the
rates between packets that are half of all apart, and what is off is measured once more: a rate that is wrong is wrong always.
"""

import itertools
import pathlib
import socket
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import netc_run
import netlab
import world as worlds
from world import RIGHT

INET, INET6 = socket.AF_INET, socket.AF_INET6
RATE = 4_000_000
SECONDS, TRIES = 2, 2
UDP_BYTES, SEGMENT = 1000, 1448
# Before the payload, where the hook counts: Ethernet, and IPv4 or IPv6 with UDP, or with TCP and its timestamps.
LINK = {"machine": 14, "group": 0}
HEADERS = {(INET, "UDP"): 28, (INET6, "UDP"): 48, (INET, "TCP"): 52, (INET6, "TCP"): 72}
PREFIXES = {INET: "::ffff:10.44.0.0/120", INET6: "fd44::/64"}


def address(family):
    return RIGHT[0 if family == INET else 1], 9000


def netc_state(netc, *words):
    subprocess.run([netc, "state", *words], check=True, stdout=subprocess.DEVNULL)


def flood(family):
    """Datagrams at twice the rate."""
    with socket.socket(family, socket.SOCK_DGRAM) as out:
        every = UDP_BYTES * 8 / (2 * RATE)
        began = time.monotonic()
        count = 0
        while (now := time.monotonic()) < began + SECONDS:
            while count * every < now - began:
                out.sendto(bytes(UDP_BYTES), address(family))
                count += 1
            time.sleep(0.002)
        time.sleep(0.3)
        out.sendto(b"end", address(family))


def burst(family, count):
    with socket.socket(family, socket.SOCK_DGRAM) as out:
        for _ in range(count):
            out.sendto(bytes(UDP_BYTES), address(family))
        time.sleep(0.3)
        out.sendto(b"end", address(family))


def stream(family):
    with socket.create_connection(address(family)) as out:
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends:
            out.sendall(bytes(1 << 14))


def typical(came):
    """Bytes a second, of (time, bytes) in the order of their arrival."""
    half = len(came) // 2
    total = list(itertools.accumulate(size for _, size in came))
    return statistics.median((total[n + half] - total[n]) / (came[n + half][0] - came[n][0]) for n in range(len(came) - half))


def arrivals(receiver):
    """When each datagram came, until the last."""
    times = []
    while receiver.recv(2000) != b"end":
        times.append(time.monotonic())
    return times


def udp(world, family):
    with netlab.inside(world.right):
        receiver = socket.socket(family, socket.SOCK_DGRAM)
    with receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        receiver.settimeout(30)
        receiver.bind(("", 9000))
        sender = world.start(lambda: flood(family))
        times = arrivals(receiver)
        assert worlds.wait(sender) == 0
    return typical([(when, UDP_BYTES) for when in times])


def tcp(world, family):
    with netlab.inside(world.right):
        server = socket.create_server(("", 9000), family=family)
    with server:
        server.settimeout(30)
        sender = world.start(lambda: stream(family))
        peer = server.accept()[0]
        peer.settimeout(30)
        came = []
        while block := peer.recv(1 << 16):
            came.append((time.monotonic(), len(block)))
        peer.close()
        assert worlds.wait(sender) == 0
    return typical(came)


def spread(world, family, count=80):
    """How long the packets of a burst take to arrive, of the time that they take at the rate."""
    with netlab.inside(world.right):
        receiver = socket.socket(family, socket.SOCK_DGRAM)
    with receiver:
        receiver.settimeout(30)
        receiver.bind(("", 9000))
        sender = world.start(lambda: burst(family, count))
        times = arrivals(receiver)
        assert worlds.wait(sender) == 0
    assert len(times) == count, len(times)
    wanted = (count - 1) * (UDP_BYTES + HEADERS[family, "UDP"]) * 8 / RATE
    return (times[-1] - times[0]) / wanted


def queue(world, *words):
    subprocess.run(["tc", "-n", world.left, "qdisc", "replace", "dev", "wire", "root", *words], check=True)


def measure(world, hook):
    for family, protocol in (INET, "UDP"), (INET, "TCP"), (INET6, "TCP"):
        how, payload = {"UDP": (udp, UDP_BYTES), "TCP": (tcp, SEGMENT)}[protocol]
        each = payload + HEADERS[family, protocol] + LINK[hook]
        for _ in range(TRIES):
            rate = how(world, family) * 8 * each / payload
            within = abs(rate / RATE - 1) <= 0.05
            if within:
                break
        name = "IPv4" if family == INET else "IPv6"
        print(f"{hook} {name} {protocol}: {rate / 1e6:.2f} Mbit/s,", "within 5 %" if within else "more than 5 % off", flush=True)


def spread_out(world, wanted):
    """Whether a burst is, of several the one that is most as it should be."""
    for _ in range(3):
        if (spread(world, INET) > 0.9) == wanted:
            return wanted
    return not wanted


def main(netc, program):
    with worlds.World("netc-shape") as world:
        argv = world.inside(world.left, [netc, "run", program, "--set", "uplink=wire", "--attr", f"of_group.cgroup={world.cgroup}"])
        with netc_run.NetcRun(argv, count_rules=False) as run:
            for hook in "machine", "group":
                queue(world, "fq", "flow_limit", "4000")
                for prefix in PREFIXES.values():
                    netc_state(netc, "add", hook, f"{prefix}={{ line: 7, rate: {RATE}bit }}")
                measure(world, hook)
                print(f"{hook} burst spread by fq: {spread_out(world, True)}", flush=True)
                queue(world, "pfifo")
                print(f"{hook} burst spread without: {spread_out(world, False)}", flush=True)
                for prefix in PREFIXES.values():
                    netc_state(netc, "remove", hook, prefix)
                faults = {name: count for name, count in run.counters()["faults"].items() if count}
                print(f"{hook} faults: {faults}", flush=True)


main(*sys.argv[1:])
