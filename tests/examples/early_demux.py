"""Sockets that take what is sent to addresses of nobody: early_demux.py NETC OBJECT

The pipeline stands on the right end of a wire, where 198.51.100.0/24 and 2001:db8:51::/48 are
no addresses. The left end connects to some of them. When all is closed, the right end's
kernel must count as many sockets as before: a reference that is not given back keeps one.
"""

import os
import pathlib
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import netc_run
import netlab
import world as worlds
from world import RIGHT

INET, INET6 = socket.AF_INET, socket.AF_INET6
LOOP = {INET: "127.0.0.1", INET6: "::1"}
NOBODY = {INET: "198.51.100.77", INET6: "2001:db8:51::77"}
TRANSPARENT = {INET: (socket.IPPROTO_IP, 19), INET6: (socket.IPPROTO_IPV6, 75)}
RECEIVED_TO = {INET: (socket.IPPROTO_IP, 20), INET6: (socket.IPPROTO_IPV6, 74)}  # IP_RECVORIGDSTADDR
CUT_OFF = 0xDEAD
BYTES = 1 << 20


def routes(world):
    for family, lead, prefix in (("-4", RIGHT[0], "198.51.100.0/24"), ("-6", RIGHT[1], "2001:db8:51::/48")):
        netlab.ip("-n", world.left, family, "route", "add", prefix, "via", lead)
        netlab.ip("-n", world.right, family, "rule", "add", "fwmark", "1", "lookup", "100")
        netlab.ip("-n", world.right, family, "route", "add", "local", "default", "dev", "lo", "table", "100")


def bound(world, family, kind):
    with netlab.inside(world.right):
        made = socket.socket(family, kind)
    made.settimeout(5)
    made.setsockopt(*TRANSPARENT[family], 1)
    made.bind((LOOP[family], 8080))
    return made


def sockets(world):
    """Sockets of the right end that the kernel still keeps."""
    with netlab.inside(world.right), open("/proc/thread-self/net/sockstat") as lines:
        return int(lines.readline().split()[2])


def dial(world, family, port):
    with netlab.inside(world.left):
        client = socket.socket(family, socket.SOCK_STREAM)
    client.settimeout(2)
    client.connect((NOBODY[family], port))
    return client


def receive(connection, size):
    got = bytearray()
    while len(got) < size:
        block = connection.recv(1 << 18)
        if not block:
            break
        got += block
    return bytes(got)


def connection(world, family):
    """What is sent to a port of nobody's address comes to the listener, and the answer from there."""
    data = os.urandom(BYTES)
    with bound(world, family, socket.SOCK_STREAM) as listener:
        listener.listen()
        with dial(world, family, 443) as client, listener.accept()[0] as accepted:
            accepted.settimeout(5)
            process = world.start(lambda: client.sendall(data), cgroup=False)
            assert receive(accepted, BYTES) == data
            assert worlds.wait(process) == 0
            accepted.sendall(b"thanks")
            assert client.recv(10) == b"thanks"
            return accepted.getsockname()[:2]


def cut_off(world, family):
    """Of a connection that the server marks, nothing more arrives."""
    with bound(world, family, socket.SOCK_STREAM) as listener:
        listener.listen()
        with dial(world, family, 443) as client, listener.accept()[0] as accepted:
            client.sendall(b"one")
            assert accepted.recv(10) == b"one"
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, CUT_OFF)
            accepted.settimeout(0.5)
            client.sendall(b"two")
            try:
                return accepted.recv(10)
            except TimeoutError:
                # The client's FIN is to be answered, or its socket would wait.
                accepted.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 0)
                return "nothing"


def datagram(world, family):
    with bound(world, family, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(*RECEIVED_TO[family], 1)
        with netlab.inside(world.left), socket.socket(family, socket.SOCK_DGRAM) as sender:
            for port in 53, 5353:
                sender.sendto(b"hello", (NOBODY[family], port))
        came = []
        for _ in range(2):
            data, ancillary, _, _ = receiver.recvmsg(100, 100)
            assert data == b"hello"
            (_, _, address), = ancillary
            came.append(int.from_bytes(address[2:4], "big"))
        return came


def nobody(world, family, port):
    try:
        dial(world, family, port).close()
    except OSError:
        return "nobody"
    return "connected"


def main(netc, program):
    with worlds.World("natt-demux") as world:
        routes(world)
        print("without netc:", nobody(world, INET, 443), nobody(world, INET6, 443))
        before = sockets(world)
        with bound(world, INET, socket.SOCK_STREAM):
            print("one more socket:", sockets(world) - before)
        with netc_run.NetcRun(world.inside(world.right, [netc, "run", program, "--dev", "wire"]),
                              count_rules=False) as run:
            for family in INET, INET6:
                print("accepted at", *connection(world, family))
                print("datagrams to", *datagram(world, family))
                print("behind the mark:", cut_off(world, family))
                print("nobody listens:", nobody(world, family, 443))
            totals = run.counters()["totals"]
        print("opened", totals["opened"], "datagrams", totals["datagrams"], "refused", totals["refused"])
        print("followed, cut:", totals["followed"] > 2 * BYTES // (64 << 10), totals["cut"] >= 2)
        deadline = time.monotonic() + 10
        while sockets(world) != before and time.monotonic() < deadline:
            time.sleep(0.1)
        print("sockets left behind:", sockets(world) - before)


main(*sys.argv[1:])
