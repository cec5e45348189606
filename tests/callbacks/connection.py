"""connection.py NETC OBJECT ALGORITHM|-: a TCP connection while a pipeline runs; prints its counters."""

import os
import socket
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
import netc_run
import world as worlds

netc, path, algorithm = sys.argv[1:]


def connect():
    with socket.socket() as listener, socket.socket() as here:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        if algorithm != "-":
            here.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, algorithm.encode())
        here.connect(listener.getsockname())
        with listener.accept()[0] as there:
            for _ in range(40):
                here.sendall(bytes(1000))
                assert len(there.recv(1000, socket.MSG_WAITALL)) == 1000
            if algorithm != "-":
                used = here.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16)
                assert used.rstrip(b"\0").decode() == algorithm, used


with worlds.World("netc-calls") as world:
    options = ["--attr", f"g.cgroup={world.cgroup}"] if algorithm == "-" else []
    with netc_run.NetcRun([netc, "run", path, *options], count_rules=False) as run:
        world.run(connect)
        for name, count in run.counters()["totals"].items():
            print(name, count)
