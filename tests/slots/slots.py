"""slots.py SCENARIO NETC FOLDER: verdicts go where a slot says, and past an empty one.

Prints what was seen; an assertion fails where it is not what must be.
"""

import contextlib
import os
import socket
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
import netc_run
import netlab
import world as worlds

DGRAM, STREAM, INET = socket.SOCK_DGRAM, socket.SOCK_STREAM, socket.AF_INET


class Pipeline:
    """A `netc run` in the right namespace."""

    def __init__(self, world, netc, path, *options):
        self.world, self.netc = world, netc
        self.run = netc_run.NetcRun(world.inside(world.right, [netc, "run", path, *options]))

    def __enter__(self):
        self.run.__enter__()
        return self

    def __exit__(self, *error):
        self.run.__exit__(*error)

    def state(self, *words):
        argv = [self.netc, "state", *words, "--pipeline", str(self.run._process.pid)]
        done = subprocess.run(self.world.inside(self.world.right, argv), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout


def frame(kind):
    return b"\xff" * 6 + b"\x02\0\0\0\0\1" + kind.to_bytes(2, "big") + bytes(50)


def devices(world, netc, folder):
    netlab.ip("-n", world.right, "link", "add", "extra", "type", "veth", "peer", "name", "far")
    for name in ("extra", "far"):
        netlab.ip("-n", world.right, "link", "set", name, "up")
    with netlab.inside(world.right):
        far = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        far.bind(("far", 3))
    far.settimeout(10)

    def seen():
        while True:
            kind = int.from_bytes(far.recv(2000)[12:14], "big")
            if kind >= 0x88b5 and kind <= 0x88b7:
                return kind

    with far, world.packet_socket(world.left) as raw, Pipeline(world, netc, os.path.join(folder, "devices.bpf.o")) as run:
        for kind in (0x88b5, 0x88b6, 0x88b7):
            raw.send(frame(kind))
            assert seen() == kind
            print(f"{kind:#x} went through the slot behind an empty one" if kind < 0x88b7 else
                  f"{kind:#x} went to the interface by its name")
        run.state("remove", "out", "1")
        run.state("add", "out", "2=extra", "0=extra")
        count = run.run.counters()["totals"]["fired"]
        for kind in (0x88b5, 0x88b6):
            raw.send(frame(kind))
            assert seen() == kind
        # At the first slot the block ended now; the ARP and ND of the wire aside.
        print("both programs saw the slots change:", run.state("show", "out").split())


def lookup(world, netc, folder):
    with netlab.inside(world.right):
        listeners = [socket.create_server(("127.0.0.1", port)) for port in (7100, 7101)]
    with contextlib.ExitStack() as undo:
        for each in listeners:
            undo.enter_context(each)
            each.settimeout(10)
        given = ["--socket", f"web[1]=pid:{os.getpid()},port:7101"]
        run = undo.enter_context(Pipeline(world, netc, os.path.join(folder, "lookup.bpf.o"), *given))

        def reached(port, listener):
            with netlab.inside(world.right):
                client = socket.create_connection(("10.44.0.2", port), timeout=10)
            with client, listener.accept()[0]:
                return True

        assert reached(7001, listeners[1]) and reached(7002, listeners[1])
        print("ports 7001 and 7002 reach web[1], a listener on 127.0.0.1:7101")
        run.state("add", "web", f"0=pid:{os.getpid()},port:7100")
        assert reached(7001, listeners[0]) and reached(7002, listeners[1])
        print("port 7001 reaches web[0] once it is filled")
        listeners[0].close()
        assert reached(7001, listeners[1])
        print("and web[1] again when that listener is closed")
        with netlab.inside(world.right):
            refused = socket.socket(INET, STREAM).connect_ex(("10.44.0.2", 7003))
        assert refused, "a port that no rule names was answered"


def group(world, netc, folder):
    with contextlib.ExitStack() as undo:
        members = []
        with netlab.inside(world.right):
            for _ in range(2):
                member = undo.enter_context(socket.socket(INET, DGRAM))
                member.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                member.bind(("10.44.0.2", 9000 if not members else members[0].getsockname()[1]))
                members.append(member)
        listener = undo.enter_context(second_process(members[1], members[:1]))
        given = ["--socket", f"workers[1]=pid:{listener},port:9000"]
        run = undo.enter_context(Pipeline(world, netc, os.path.join(folder, "group.bpf.o"), *given))
        del members[1:]
        count = 20

        def send(port):
            with netlab.inside(world.left):
                sender = socket.socket(INET, DGRAM)
            with sender:
                sender.bind(("10.44.0.1", port))
                for _ in range(count):
                    sender.sendto(b"hello", ("10.44.0.2", 9000))

        send(5000), send(5001)
        members[0].settimeout(0.5)
        try:
            members[0].recv(5)
            raise AssertionError("the other member was chosen")
        except TimeoutError:
            print("no datagram came to the member that no slot holds")
        send(5002)
        total = run.run.counters()["totals"]["fired"]
        assert total == 3 * count, total
        print(f"{total} choices were made")


@contextlib.contextmanager
def second_process(member, others):
    """A process that owns the member alone; it counts what it gets."""
    told, tell = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            for other in others:
                other.close()
            member.settimeout(10)
            for _ in range(40):
                member.recv(5)
            os.write(tell, b"40")
        finally:
            os._exit(0)
    member.close()
    os.close(tell)
    try:
        yield process
        assert os.read(told, 2) == b"40"
        print("the member in workers[1] got all of 40 datagrams")
    finally:
        worlds.wait(process)
        os.close(told)


scenario, netc, folder = sys.argv[1:]
with worlds.World("netc-slots") as the_world:
    globals()[scenario](the_world, netc, folder)
