"""What makes each hook fire: `TRAFFIC[hook](world)`, run while the pipeline is attached.

`BEFORE[hook](world)` is a context that holds around the pipeline's run; it yields
what the options of the run may name.
"""

import contextlib
import os
import socket
import time

import netc_run
import netlab
from world import LEFT, RIGHT

INET, INET6, UNIX = socket.AF_INET, socket.AF_INET6, socket.AF_UNIX
STREAM, DGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM
LOOP = {INET: "127.0.0.1", INET6: "::1"}
TRAFFIC, BEFORE = {}, {}


def fires(*hooks):
    def add(function):
        for hook in hooks:
            TRAFFIC[hook] = function
        return function
    return add


def frame(source=b"\x02\0\0\0\0\1"):
    """An Ethernet frame to everybody, of an experimental protocol (IEEE 802, 0x88b5)."""
    return b"\xff" * 6 + source + b"\x88\xb5" + bytes(50)


def send_frames(world, name, count=3):
    with world.packet_socket(name) as raw:
        for _ in range(count):
            raw.send(frame())


def connect(family, kind=STREAM):
    """A connection over loopback, accepted and used."""
    with socket.socket(family, STREAM) as listener:
        listener.bind((LOOP[family], 0))
        listener.listen()
        with socket.create_connection(listener.getsockname()[:2]) as here, listener.accept()[0] as there:
            here.sendall(b"hello")
            assert there.recv(5) == b"hello"
            here.getpeername(), here.getsockname()


def send(family):
    """A datagram with an address, received with its sender's."""
    with socket.socket(family, DGRAM) as receiver, socket.socket(family, DGRAM) as sender:
        receiver.bind((LOOP[family], 0))
        sender.sendto(b"hello", receiver.getsockname()[:2])
        receiver.recvfrom(5)


def unix(world):
    path = os.path.join(world.directory, "socket")
    with socket.socket(UNIX, STREAM) as listener:
        listener.bind(path)
        listener.listen()
        with socket.socket(UNIX, STREAM) as here:
            here.connect(path)
            with listener.accept()[0]:
                assert here.getpeername() == path
                listener.getsockname()
    os.unlink(path)
    with socket.socket(UNIX, DGRAM) as receiver, socket.socket(UNIX, DGRAM) as sender:
        receiver.bind(path)
        sender.bind(path + "-sender")
        sender.sendto(b"hello", path)
        receiver.recvfrom(5)
    os.unlink(path)
    os.unlink(path + "-sender")


@fires("xdp", "tc.ingress")
def arrive(world):
    send_frames(world, world.left)


@fires("tc.egress")
def leave(world):
    send_frames(world, world.right)


@fires("sk_lookup")
def be_looked_up(world):
    world.run(lambda: connect(INET), where=world.right, cgroup=False)


@fires("cgroup.ingress", "cgroup.egress", "lsm_cgroup.socket_create", "cgroup.sock_create", "cgroup.sock_release", "cgroup.post_bind4",
       "cgroup.bind4", "cgroup.connect4", "cgroup.getpeername4", "cgroup.getsockname4", "cgroup.bind",
       "cgroup.post_bind", "cgroup.connect", "cgroup.getpeername", "cgroup.getsockname", "sockops")
def connect4(world):
    world.run(lambda: connect(INET))


@fires("cgroup.post_bind6", "cgroup.bind6", "cgroup.connect6", "cgroup.getpeername6", "cgroup.getsockname6")
def connect6(world):
    world.run(lambda: connect(INET6))


@fires("cgroup.sendmsg4", "cgroup.recvmsg4", "cgroup.sendmsg", "cgroup.recvmsg")
def send4(world):
    world.run(lambda: send(INET))


@fires("cgroup.sendmsg6", "cgroup.recvmsg6")
def send6(world):
    world.run(lambda: send(INET6))


@fires("cgroup.connect_unix", "cgroup.sendmsg_unix", "cgroup.recvmsg_unix", "cgroup.getpeername_unix",
       "cgroup.getsockname_unix")
def use_unix(world):
    world.run(lambda: unix(world))


@fires("cgroup.getsockopt", "cgroup.setsockopt")
def options(world):
    def work():
        with socket.socket(INET, STREAM) as any_socket:
            any_socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            assert any_socket.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    world.run(work)


@fires("xdp.devmap", "xdp.cpumap")
def be_redirected(world):
    send_frames(world, world.left)


@contextlib.contextmanager
def receive_xdp(world):
    """XDP sends into a veth only if a program waits at its other end."""
    argv = world.inside(world.left, [world.netc, "run", os.path.join(world.objects, "xdp", "fire.bpf.o")])
    with netc_run.NetcRun(argv):
        yield {}


BEFORE["xdp.devmap"] = receive_xdp


@contextlib.contextmanager
def hold_group(world):
    """A socket of this process, the only member of its reuseport group."""
    with netlab.inside(world.right):
        world.member = socket.socket(INET, DGRAM)
    with world.member:
        world.member.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        world.member.settimeout(10)
        world.member.bind((RIGHT[0], 0))
        yield {"pid": os.getpid(), "port": world.member.getsockname()[1]}


BEFORE["reuseport"] = BEFORE["reuseport.migrate"] = hold_group


@fires("reuseport", "reuseport.migrate")
def reach_group(world):
    address = world.member.getsockname()

    def work():
        with socket.socket(INET, DGRAM) as sender:
            sender.sendto(b"hello", address)
    world.run(work, cgroup=False)
    assert world.member.recv(5) == b"hello"


@fires("cc")
def use_congestion_control(world):
    def work():
        with socket.socket(INET, STREAM) as listener:
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"fire_reno")
            listener.bind((LOOP[INET], 0))
            listener.listen()
            with socket.socket(INET, STREAM) as here:
                here.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"fire_reno")
                here.connect(listener.getsockname())
                with listener.accept()[0] as there:
                    for _ in range(50):
                        here.sendall(bytes(1000))
                        assert there.recv(1000, socket.MSG_WAITALL)
                    used = here.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16)
                    assert used.rstrip(b"\0") == b"fire_reno", used
    world.run(work, cgroup=False)


@fires("sweep")
def hold_connection(world):
    def work():
        with socket.socket(INET, STREAM) as listener:
            listener.bind((LOOP[INET], 0))
            listener.listen()
            with socket.create_connection(listener.getsockname()[:2]):
                time.sleep(1)
    world.run(work, cgroup=False)
