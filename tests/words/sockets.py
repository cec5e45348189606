"""sockets.py SCENARIO NETC OBJECT BLOCK…: sockets in a cgroup while a pipeline runs there."""

import errno
import os
import socket
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
import netc_run
import world as worlds

INET, INET6 = socket.AF_INET, socket.AF_INET6
STREAM, DGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM
TCP = socket.IPPROTO_TCP
LOOP = {INET: "127.0.0.1", INET6: "::1"}
SERVICE = {INET: "192.0.2.1", INET6: "2001:db8::1"}


def fails(code, call, *arguments):
    try:
        call(*arguments)
    except OSError as error:
        assert error.errno == code, (error, errno.errorcode[code])
        return
    raise AssertionError(f"no {errno.errorcode[code]}")


def service():
    for family in INET, INET6:
        with socket.socket(family, STREAM) as listener, socket.socket(family, STREAM) as here:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((LOOP[family], 7101))
            listener.listen()
            here.connect((SERVICE[family], 80))
            listener.accept()[0].close()
            assert here.getpeername()[:2] == (SERVICE[family], 80), here.getpeername()
        for address in {INET: ["203.0.113.9"], INET6: ["2001:db8:1::9"]}[family]:
            with socket.socket(family, STREAM) as here:
                fails(errno.EACCES, here.connect, (address, 80))
        with socket.socket(family, STREAM) as here:
            fails(errno.EPERM, here.connect, (LOOP[family], 7199))
        with socket.socket(family, DGRAM) as receiver, socket.socket(family, DGRAM) as sender:
            receiver.bind((LOOP[family], 7101))
            sender.sendto(b"hello", (SERVICE[family], 80))
            data, source = receiver.recvfrom(10)
            receiver.sendto(data, source)
            assert sender.recvfrom(10)[1][:2] == (SERVICE[family], 80)
    # An IPv4 address through an IPv6 socket is the IPv4 service's.
    with socket.socket(INET, STREAM) as listener, socket.socket(INET6, STREAM) as here:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 7101))
        listener.listen()
        here.connect(("::ffff:192.0.2.1", 80))
        listener.accept()[0].close()


def calls():
    fails(errno.EPROTONOSUPPORT, socket.socket, INET, DGRAM, 136)
    for family in INET, INET6:
        with socket.socket(family, STREAM) as here:
            assert here.getsockopt(socket.SOL_SOCKET, socket.SO_MARK) == 42
            assert here.getsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY) == 3
            fails(errno.EADDRINUSE, here.bind, (LOOP[family], 7102))
            here.bind((LOOP[family], 7103))
            # The name is as it was asked for, the port in the kernel another.
            assert here.getsockname()[1] == 7103
            with socket.socket(family, STREAM) as other:
                fails(errno.EADDRINUSE, other.bind, (LOOP[family], 7104))
        with socket.socket(family, STREAM) as here:
            fails(errno.EBUSY, here.bind, (LOOP[family], 7105))


def options():
    with socket.socket(INET6, STREAM) as here:
        here.setsockopt(TCP, socket.TCP_CONGESTION, b"cubic")
        here.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, 4 << 2)
        assert here.getsockopt(TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0") == b"cubic"
        here.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, 8 << 2)
        assert here.getsockopt(TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0") == b"reno"
        fails(errno.EACCES, here.setsockopt, socket.SOL_SOCKET, socket.SO_RCVBUF, 10_000)
        here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 50_000)
        assert here.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == 40_000
        here.setsockopt(0x7e7c, 1, bytes([7, 0, 0, 0]))
        fails(errno.ENOPROTOOPT, here.setsockopt, 0x7e7c, 1, bytes([8, 0, 0, 0]))
        here.setsockopt(TCP, socket.TCP_SYNCNT, 5)
        assert here.getsockopt(TCP, socket.TCP_KEEPCNT) == 5
        assert here.getsockopt(0x7e7c, 2, 16) == bytes([1, 2, 9])
        fails(errno.ENOPROTOOPT, here.getsockopt, 0x7e7c, 3, 16)
        fails(errno.EACCES, here.getsockopt, socket.SOL_SOCKET, socket.SO_ERROR)
        # Longer than a page, of which programs see the begin: the kernel has all of it.
        filters = bytes(8 * 700)  # SO_ATTACH_FILTER
        fails(errno.EINVAL, here.setsockopt, socket.SOL_SOCKET, 26, filters)


def connections():
    with socket.socket(INET, STREAM) as listener, socket.socket(INET, STREAM) as here:
        listener.bind((LOOP[INET], 0))
        listener.listen()
        here.connect(listener.getsockname())
        with listener.accept()[0] as there:
            for end in here, there:
                assert end.getsockopt(TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0") == b"reno"
                assert end.getsockopt(TCP, socket.TCP_NODELAY) == 1
                assert end.getsockopt(TCP, socket.TCP_KEEPIDLE) == 62
            assert here.getsockopt(socket.IPPROTO_IP, socket.IP_TOS) == 8


scenario, netc, path, *blocks = sys.argv[1:]
with worlds.World("netc-words") as world:
    options_of_run = [word for block in blocks for word in ("--attr", f"{block}.cgroup={world.cgroup}")]
    with netc_run.NetcRun([netc, "run", path, *options_of_run], count_rules=scenario != "connections") as run:
        world.run(globals()[scenario])
        counters = run.counters()
    for name, count in sorted(counters["totals"].items()):
        print(name, count)
    for rule in counters["rules"]:
        print(rule["matches"], rule["rule"])
