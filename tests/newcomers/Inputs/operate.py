"""operate.py NETC FOLDER: what an operator does with a pipeline that runs, and reads of it.

Sends real packets over a veth pair of its own; an assertion fails where something is not as documented.
"""

import json
import os
import socket
import struct
import subprocess
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "..", "support"))
import netlab

NETC, FOLDER = sys.argv[1:]


def udp(source):
    address = socket.inet_aton(source)
    body = struct.pack(">HHHH", 1000, 2000, 8 + 18, 0) + bytes(18)
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, 17, 0, address, socket.inet_aton("192.0.2.1"))
    return b"\x02\0\0\0\0\2\x02\0\0\0\0\1\x08\0" + head + body


class Run:
    """A `netc run` in a namespace that writes its output to a file."""

    def __init__(self, lab, *words):
        self.lab, self.path = lab, os.path.join(FOLDER, "run.log")
        self.log = open(self.path, "w")
        self.process = subprocess.Popen(lab.inside(lab.right, [NETC, "run", *words]), stdout=self.log,
                                        stderr=subprocess.STDOUT, start_new_session=True)
        self.wait_for('"attached"' if "--json" in words else "sk_lookup on" if "gone" in words[0] else ": xdp on wire")

    def text(self):
        with open(self.path) as log:
            return log.read()

    def wait_for(self, what):
        for _ in range(600):
            if what in self.text():
                return
            assert self.process.poll() is None or what in self.text(), self.text()
            time.sleep(0.1)
        raise AssertionError(f"no {what!r} in: {self.text()}")

    def state(self, *words, code=0):
        argv = [NETC, "state", words[0], *words[1:], "--pipeline", str(self.process.pid)]
        if words[0] == "list":
            argv = [NETC, "state", "list", str(self.process.pid)]
        done = subprocess.run(self.lab.inside(self.lab.right, argv), capture_output=True, text=True)
        assert done.returncode == code, (words, done.returncode, done.stderr)
        return done.stdout + done.stderr

    def end(self):
        self.process.send_signal(2)
        self.process.wait(20)
        self.log.close()
        return self.text()


def changes(lab):
    run = Run(lab, os.path.join(here, "operated.np"), "--interval", "200ms")
    listed = run.state("list")
    rows = [" ".join(line.split()) for line in listed.splitlines()]
    for row in ("blocked prefixes<ip_addr> 1 of 3", "refused counter<ip_addr> 0 of 100", "hits counter 0",
                "budget limiter<ip_addr> 0 of 100", "knocking hash<ip_addr, Progress> 0 of 4", "pair set<u16> 0 of 2"):
        assert row in rows, (row, listed)
    assert any(row.startswith("marks per cpu array<u32>") for row in rows), listed
    assert run.state("show", "hits") == "0\n"

    # All or nothing, and what was there before comes back.
    before = run.state("show", "blocked")
    said = run.state("add", "blocked", "10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16", code=2)
    assert "no room for" in said and "nothing was changed" in said, said
    assert run.state("show", "blocked") == before
    said = run.state("remove", "blocked", "198.51.100.0/24", "10.0.0.0/8", code=2)
    assert "has no entry `10.0.0.0/8`" in said and "nothing was removed" in said, said
    assert run.state("show", "blocked") == before
    run.state("add", "knocking", "192.0.2.9=Progress { step: 2, since: 5s }")
    assert run.state("show", "knocking") == "192.0.2.9 = { step: 2, since: 5s }\n", run.state("show", "knocking")
    said = run.state("add", "knocking", "192.0.2.8=(1, 1s)", "192.0.2.9=(3, 1s)", "192.0.2.7=(1, 1s)",
                     "192.0.2.6=(1, 1s)", "192.0.2.5=(1, 1s)", code=2)
    assert run.state("show", "knocking") == "192.0.2.9 = { step: 2, since: 5s }\n", said
    said = run.state("add", "blocked", "10.0.0.0/8=1", code=2)
    assert "holds keys without values" in said and "write `10.0.0.0/8`" in said, said

    with lab.packet_socket(lab.left) as wire:
        for last in range(1, 13):
            for _ in range(last):
                wire.send(udp(f"198.51.100.{last}"))
        for _ in range(2):
            wire.send(udp("192.0.2.77"))
    run.wait_for("12  refused[198.51.100.12]")
    assert "192.0.2.77 = whole again in " in run.state("show", "budget"), run.state("show", "budget")
    said = run.end()
    assert "78  hits" in said and "refused: 2 more keys" in said, said
    assert "refused[198.51.100.1]" not in said.split("detached")[-1], said
    print("changes: good")


def audit(lab):
    for words in ([], ["--json"]):
        run = Run(lab, os.path.join(here, "operated.np"), "--audit", *words)
        with lab.packet_socket(lab.left) as wire:
            wire.send(udp("198.51.100.1"))
            wire.send(udp("198.51.100.1")[:30])
        run.wait_for('"rule":null' if words else "no rule")
        said = run.end()
        if not words:
            assert "would drop: guard: `drop" in said and "operated.np:17), xdp on wire" in said, said
            continue
        told = [json.loads(line) for line in said.splitlines() if '"type":"audit"' in line]
        first = told[0]
        assert (first["program"], first["verdict"], first["line"]) == ("guard", "drop", 17), first
        assert first["rule"].startswith("drop") and first["where"] == "xdp on wire", first
    print("audit: good")


def socket_is_let_go(lab):
    netlab.ip("-n", lab.right, "link", "set", "lo", "up")
    code = ("import socket,time\ns=socket.socket()\ns.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,1)\n"
            "s.bind(('127.0.0.1',8000))\ns.listen()\nprint('ready',flush=True)\ntime.sleep(60)")

    def serve():
        server = subprocess.Popen(lab.inside(lab.right, [sys.executable, "-c", code]), stdout=subprocess.PIPE, text=True)
        assert server.stdout.readline() == "ready\n"
        return server

    def connects():
        with netlab.inside(lab.right), socket.socket() as client:
            client.settimeout(5)
            return client.connect_ex(("127.0.0.1", 8500)) == 0

    server = serve()
    run = Run(lab, os.path.join(here, "gone.np"), "--socket", f"web[0]=pid:{server.pid},port:8000")
    assert connects()
    server.kill()
    server.wait()
    time.sleep(0.3)
    assert not connects()
    assert run.state("show", "web") == "", run.state("show", "web")
    server = serve()  # its port is free again
    run.state("add", "web", f"0=pid:{server.pid},port:8000")
    assert connects()
    server.kill()
    server.wait()
    run.end()
    print("sockets: good")


with netlab.Lab("newcomer") as lab:
    changes(lab)
    audit(lab)
    socket_is_let_go(lab)
