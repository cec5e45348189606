"""A container that calls, is called, and sends too fast: pod_policy.py NETC OBJECT

The container is a cgroup, on the left end of a wire; its peers are on the right end.
"""

import errno
import os
import pathlib
import socket
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import netc_run
import netlab
import world as worlds
from world import LEFT, RIGHT

INET, INET6 = socket.AF_INET, socket.AF_INET6
TCP = socket.IPPROTO_TCP
BYTES = 16 << 20
CWR = 2  # include/uapi/linux/tcp.h, enum tcp_ca_state
FIRST_WINDOW = 10


def state(netc, *arguments):
    subprocess.run([netc, "state", *arguments], check=True, stdout=subprocess.DEVNULL)


def bound(where, family, kind, port):
    with netlab.inside(where):
        made = socket.socket(family, kind)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.bind(("", port))
    return made


def listener(where, family, port):
    made = bound(where, family, socket.SOCK_STREAM, port)
    made.listen()
    made.settimeout(5)
    return made


def call(family, address, port, patience=0.5):
    with socket.socket(family) as client:
        client.settimeout(patience)
        try:
            client.connect((address, port))
            return client.recv(10).decode()
        except TimeoutError:
            return "nothing"
        except ConnectionRefusedError:
            return "nobody"


def say(kind, *words):
    print(kind + ":", *words, flush=True)


def outwards():
    """In the container: calls to a service, beside it, and by other protocols."""
    for family, address in (INET, RIGHT[0]), (INET6, RIGHT[1]):
        say("service, another port", call(family, address, 9000), call(family, address, 9001))
        for port in 53, 54:
            with socket.socket(family, socket.SOCK_DGRAM) as client:
                client.settimeout(5)
                try:
                    client.sendto(b"hello", (address, port))
                    say("datagram", client.recv(10).decode())
                except OSError as error:
                    say("datagram", errno.errorcode[error.errno])


def ping():
    """An echo request of ICMP, with its checksum, and the answer."""
    request = struct.pack("!BBHHH", 8, 0, ~(0x0800 + 77 + 1) & 0xFFFF, 77, 1)
    with socket.socket(INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as raw:
        raw.settimeout(2)
        try:
            raw.sendto(request, (RIGHT[0], 0))
            say("ping", "type", raw.recv(100)[20])
        except OSError as error:
            say("ping", errno.errorcode[error.errno])


def answer(server, word):
    """A server in a process of its own."""
    server.settimeout(None)
    while True:
        peer = server.accept()[0]
        peer.sendall(word)
        peer.close()


def echo(receiver):
    receiver.settimeout(None)
    while True:
        data, source = receiver.recvfrom(100)
        receiver.sendto(data[::-1], source)


class Servers:
    """Processes at an end, until the block is left."""

    def __init__(self, world):
        self._world, self._processes = world, []

    def add(self, make, work, *arguments, cgroup=False):
        """Returns when the socket that `make` makes, in the process, is there."""
        ready, tell = os.pipe()

        def serve():
            made = make()
            os.write(tell, b"!")
            work(made, *arguments)
        self._processes.append(self._world.start(serve, cgroup=cgroup))
        os.close(tell)
        assert os.read(ready, 1) == b"!"
        os.close(ready)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self._processes:
            os.kill(process, 9)
            worlds.wait(process)


def policy(world, netc):
    with Servers(world) as servers:
        for family in INET, INET6:
            for port in 9000, 9001:
                servers.add(lambda: listener(world.right, family, port), answer, b"welcome")
            for port in 53, 54:
                servers.add(lambda: bound(world.right, family, socket.SOCK_DGRAM, port), echo)
        world.run(outwards)
        world.run(ping)
        state(netc, "add", "may_call", "(7, 1, 0)")
        world.run(ping)
        servers.add(lambda: listener(world.left, INET, 8080), answer, b"come in", cgroup=True)
        for allowed in False, True:
            if allowed:
                state(netc, "add", "may_be_called", "(7, 6, 8080)")
            with netlab.inside(world.right):
                say("called", call(INET, LEFT[0], 8080))


def transfer(slowed):
    """In the container: sends, and prints what became of the connection's window."""
    with socket.socket(INET) as out:
        out.settimeout(30)
        out.setsockopt(TCP, socket.TCP_CONGESTION, b"reno")
        out.connect((RIGHT[0], 9000))
        block, states, least = bytes(256 << 10), set(), FIRST_WINDOW
        for _ in range(BYTES // len(block)):
            out.sendall(block)
            info = out.getsockopt(TCP, socket.TCP_INFO, 104)
            states.add(info[1])
            ssthresh, window = struct.unpack_from("=II", info, 76)
            least = min(least, window)
        again, = struct.unpack_from("=I", info, 100)
        out.shutdown(socket.SHUT_WR)
        assert out.recv(10) == b"", "the receiver has all"
    say("window reduced", CWR in states, "threshold below the first window", ssthresh < FIRST_WINDOW,
        "window too", least < FIRST_WINDOW)
    if slowed:  # at full speed a busy machine loses packets of its own
        say("lost much", again * 1448 > BYTES // 50)


def receive(server):
    peer = server.accept()[0]
    peer.settimeout(30)
    got = 0
    while block := peer.recv(1 << 18):
        got += len(block)
    assert got == BYTES, got
    peer.close()


def congestion(world, slowed):
    with listener(world.right, INET, 9000) as server:
        receiver = world.start(lambda: receive(server), where=world.right, cgroup=False)
        world.run(lambda: transfer(slowed))
        assert worlds.wait(receiver) == 0


def main(netc, program):
    with worlds.World("natt-pod") as world:
        argv = [netc, "run", program, *(word for block in ("outwards", "inwards") for word in
                                        ("--attr", f"{block}.cgroup={world.cgroup}"))]
        for speed in "1tbit", "20mbit":
            with netc_run.NetcRun([*argv, "--set", f"speed={speed}"], count_rules=False) as run:
                for prefix in f"::ffff:{RIGHT[0]}/128", f"{RIGHT[1]}/128":
                    state(netc, "add", "groups", f"{prefix}=7")
                for service in "(7, 6, 9000)", "(7, 17, 53)":
                    state(netc, "add", "may_call", service)
                if speed == "1tbit":
                    policy(world, netc)
                    run.counters()
                    outside = [event["fields"] for event in run.events]
                    say("refused", *sorted({(each["outwards"], each["protocol"], each["port"]) for each in outside}))
                congestion(world, speed != "1tbit")
                say(f"at {speed} told of congestion", run.counters()["totals"]["slowed"] > 0)


main(*sys.argv[1:])
