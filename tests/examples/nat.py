"""Real traffic through examples/nat.np: nat.py NETC OBJECT

The pipeline stands at the left end of a wire, where two hosts live: one with an address of its
own outside, and one that shares an address. The right end is the world outside, and says whom
it sees. Transmit offload is on, then off; what receivers count as broken must be nothing.
"""

import pathlib
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import netc_run
import netlab
import world as worlds
from world import LEFT, RIGHT

INET, INET6 = socket.AF_INET, socket.AF_INET6
OWN = {INET: ("10.0.0.5", "198.51.100.5"), INET6: ("fd00::5", "2001:db8:5::5")}
SHARING = {INET: ("10.0.0.7", "192.0.2.1"), INET6: ("fd00::7", "2001:db8::1")}
REMOTE = {INET: RIGHT[0], INET6: RIGHT[1]}
BYTES = 1 << 20


def state(netc, *arguments):
    subprocess.run([netc, "state", *arguments], check=True, stdout=subprocess.DEVNULL)


def prepare(world):
    for inet, family, bits in (INET, "-4", "/32"), (INET6, "-6", "/128"):
        for inside, outside in OWN[inet], SHARING[inet]:
            netlab.ip("-n", world.left, "addr", "add", inside + bits, "dev", "lo")
            netlab.ip("-n", world.right, family, "route", "add", outside + bits, "via", LEFT[inet == INET6])


def broken(name):
    """What receivers of the namespace found broken."""
    with netlab.inside(name):
        lines = open("/proc/thread-self/net/snmp").read().splitlines()
        six = open("/proc/thread-self/net/snmp6").read().splitlines()
    counts = [(key, int(value)) for names, values in zip(lines[::2], lines[1::2])
              for key, value in zip(names.split()[1:], values.split()[1:])]
    counts += [(line.split()[0], int(line.split()[1])) for line in six]
    return {key: value for key, value in counts if "InCsumErrors" in key and value}


def made(where, family, kind, address, port=0):
    with netlab.inside(where):
        one = socket.socket(family, kind)
    one.settimeout(10)
    one.bind((address, port))
    return one


def connection(world, family, source):
    """Bytes both ways; the address that the server saw."""
    with made(world.right, family, socket.SOCK_STREAM, REMOTE[family]) as server:
        server.listen()
        with made(world.left, family, socket.SOCK_STREAM, source) as client:
            client.connect(server.getsockname()[:2])
            with server.accept()[0] as accepted:
                accepted.settimeout(10)
                for sender, receiver in (client, accepted), (accepted, client):
                    process = world.start(lambda: sender.sendall(bytes(range(256)) * (BYTES >> 8)), cgroup=False)
                    got = bytearray()
                    while len(got) < BYTES:
                        got += receiver.recv(1 << 18)
                    assert got == bytes(range(256)) * (BYTES >> 8)
                    assert worlds.wait(process) == 0
                return accepted.getpeername()[0]


def datagrams(world, family, source):
    """A datagram and its answer; the address that the server saw."""
    with made(world.right, family, socket.SOCK_DGRAM, REMOTE[family]) as server, \
            made(world.left, family, socket.SOCK_DGRAM, source, 5_000) as client:
        client.connect(server.getsockname()[:2])
        client.send(b"hello")
        data, peer = server.recvfrom(10)
        server.sendto(data + b"!", peer)
        assert client.recv(10) == b"hello!"
        return peer[0]


def refused(world, family, source):
    """The error about a datagram to a closed port reaches the socket that sent it."""
    with made(world.left, family, socket.SOCK_DGRAM, source) as client:
        client.connect((REMOTE[family], 9))
        client.send(b"hello")
        try:
            client.recv(10)
        except ConnectionRefusedError:
            return "refused"
        except TimeoutError:
            return "nothing"


def main(netc, program):
    with worlds.World("natt-nat") as world:
        prepare(world)
        argv = [netc, "run", program, *(word for block in ("leaves4", "leaves6", "comes4", "comes6")
                                        for word in ("--attr", f"{block}.dev=wire"))]
        with netc_run.NetcRun(world.inside(world.left, argv), count_rules=False) as run:
            for inet, number in (INET, 4), (INET6, 6):
                inside, outside = OWN[inet]
                state(netc, "add", f"outside{number}", f"{inside}={outside}")
                state(netc, "add", f"inside{number}", f"{outside}={inside}")
                prefix = {4: "::ffff:10.0.0.7/128", 6: "fd00::7/128"}[number]
                state(netc, "add", "sharing", prefix)
            for offload in "on", "off":
                for name in world.left, world.right:
                    subprocess.run(world.inside(name, ["ethtool", "-K", "wire", "tx", offload, "tso", offload]),
                                   check=True, stdout=subprocess.DEVNULL)
                for family in INET, INET6:
                    for source, _ in OWN[family], SHARING[family]:
                        print("offload", offload, source, "is seen as", connection(world, family, source),
                              datagrams(world, family, source), "closed port:", refused(world, family, source),
                              flush=True)
            print("refused:", run.counters()["totals"]["refused"])
        print("broken:", broken(world.left), broken(world.right))


main(*sys.argv[1:])
