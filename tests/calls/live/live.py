"""live.py SCENARIO NETC DIRECTORY: real sockets while DIRECTORY/calls.bpf.o runs beside them.

Prints the events and counters, a line each, as far as they are the same every time.
"""

import contextlib
import os
import socket
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "..", "support"))
import netc_run
import netlab
import world as worlds
from world import LEFT, RIGHT

INET, INET6 = socket.AF_INET, socket.AF_INET6
STREAM, DGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM
AGED = 0.05  # seconds: more than the pipelines ask for


@contextlib.contextmanager
def listener(world, family, port, reuseport=False):
    with netlab.inside(world.right):
        server = socket.socket(family, STREAM)
    with server:
        if reuseport:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 7)
        server.bind(("0.0.0.0" if family == INET else "::", port))
        server.listen()
        yield server


def talk(world, family, server, port, seconds=5):
    """A connection from the left to `port`, which `server` accepts: whatever its own port is."""
    with netlab.inside(world.left):
        client = socket.socket(family, STREAM)
    with client:
        client.settimeout(seconds)
        client.connect((RIGHT[family == INET6], port))
        server.settimeout(5)
        with server.accept()[0] as accepted:
            client.sendall(b"hello")
            assert accepted.recv(5) == b"hello"
            accepted.sendall(b"world")
            assert client.recv(5) == b"world"
            return accepted.getsockname()[1]


def refused(world, port):
    with netlab.inside(world.left):
        client = socket.socket(INET, STREAM)
    with client:
        client.settimeout(0.3)
        try:
            client.connect((RIGHT[0], port))
        except OSError as error:
            return type(error).__name__
    return "connected"


def assign(world, run):
    with listener(world, INET, 8080) as server:
        print("a listener on 8080 is reached at", talk(world, INET, server, 7001))
        print("outside of the range:", refused(world, 6999))
    with listener(world, INET6, 8080) as server:
        print("over IPv6 at", talk(world, INET6, server, 7002))
    print("nobody listens:", refused(world, 7003))
    with netlab.inside(world.right):
        receiver = socket.socket(INET, DGRAM)
    with netlab.inside(world.left):
        sender = socket.socket(INET, DGRAM)
    with receiver, sender:
        receiver.settimeout(5)
        receiver.bind((RIGHT[0], 5353))
        sender.bind((LEFT[0], 4000))
        receiver.connect((LEFT[0], 4000))
        sender.sendto(b"hello", (RIGHT[0], 53))
        print("a connected socket is sent", receiver.recv(10).decode())
    with listener(world, INET, 8080, reuseport=True) as server:
        print("of a group of listeners:", end=" ")
        try:
            print(talk(world, INET, server, 7004, 2))
        except OSError as error:
            print(type(error).__name__)


def connect(world, *ports, wait=AGED):
    """Connections over the wire, made by this process, which hear one word each."""
    for port in ports:
        with socket.socket(INET, STREAM) as client:
            time.sleep(wait)
            client.connect((RIGHT[0], port))
            assert client.recv(5) == b"hello"


@contextlib.contextmanager
def servers(world, *ports):
    """Listeners on the right that say hello to whoever comes."""
    def serve(server):
        while True:
            peer = server.accept()[0]
            peer.sendall(b"hello")
            peer.close()
    with contextlib.ExitStack() as undo:
        for port in ports:
            server = undo.enter_context(listener(world, INET, port))
            server.settimeout(None)
            process = world.start(lambda server=server: (socket.setdefaulttimeout(None), serve(server)),
                                  where=world.right, cgroup=False)
            undo.callback(worlds.wait, process)
            undo.callback(os.kill, process, 9)
        yield


def kept(world, run):
    with servers(world, 7001, 7002):
        world.run(lambda: connect(world, 7001, 7002))
    time.sleep(0.5)
    run.counters()
    for event in run.events:
        fields = event["fields"]
        if fields.get("pid", 0) > 5:
            fields["pid"] = "own"
    for name in "Met", "Sent":
        for event in run.events:
            fields = event["fields"]
            # How many packets a connection takes is up to the kernel: the first two are certain.
            if event["name"] == name and fields.get("sent", 0) < 3:
                print(name, *(f"{key} {value}" for key, value in fields.items()))
    later = {event["fields"]["port"] for event in run.events if event["fields"].get("sent", 0) > 2}
    print("still known after two packets:", later)


def exact(numbers):
    """Whether the counter lost none; two packets at once may see the later count both."""
    return len(numbers) >= 3 and max(numbers) == len(numbers)


def group(world, run):
    with servers(world, 7001):
        world.run(lambda: connect(world, 7001, 7001, wait=0))
    run.counters()
    packets = [event["fields"]["packets"] for event in run.events]
    print("packets counted:", exact(packets))
    print("calls:", sorted({event["fields"]["calls"] for event in run.events}))


def groups(world, run):
    with servers(world, 7001), contextlib.ExitStack() as undo:
        inner = os.path.join(world.cgroup, "inner")
        os.mkdir(inner)
        undo.callback(os.rmdir, inner)

        def within():
            with open(os.path.join(inner, "cgroup.procs"), "w") as members:
                members.write(str(os.getpid()))
            connect(world, 7001, wait=0)
        world.run(lambda: connect(world, 7001, 7001, wait=0))
        world.run(within)
        names = {os.stat(world.cgroup).st_ino: "outer", os.stat(inner).st_ino: "inner"}
        run.counters()
    calls, last = [], {}
    for event in run.events:
        fields = event["fields"]
        name = names.get(fields["group"], "another")
        if event["name"] == "Call":
            calls.append((name, fields["called"]))
        else:
            last.setdefault(name, []).append(fields["spent"])
    print(calls)
    for name, spent in sorted(last.items()):
        print(name, "packets counted:", exact(spent))


def tasks(world, run):
    with servers(world, 7001):
        for _ in range(2):
            world.run(lambda: connect(world, 7001, 7001, 7001, wait=0))
    run.counters()
    print([event["fields"]["called"] for event in run.events])
    print("processes:", len({event["fields"]["pid"] for event in run.events}))


def main(scenario, netc, directory):
    blocks = {"kept": ["made", "opens", "sends", "life"], "group": ["opens", "sends"],
              "groups": ["opens"], "tasks": ["opens"]}.get(scenario, [])
    with worlds.World("netc-calls") as world:
        options = [word for block in blocks for word in ("--attr", f"{block}.cgroup={world.cgroup}")]
        place = world.left if scenario == "groups" else world.right
        argv = [netc, "run", os.path.join(directory, "calls.bpf.o"), *options]
        with netc_run.NetcRun(world.inside(place, argv), count_rules=False) as run:
            globals()[scenario](world, run)
            totals = run.counters()["totals"]
            if scenario == "assign":
                print(*(f"{key} {value}" for key, value in run.events[0]["fields"].items() if key != "remote"))
                # A SYN that is refused is sent again, so often as time allows.
                totals["refused"] = "some" if totals["refused"] else "none"
                print(totals)


main(*sys.argv[1:])
