"""afxdp.py NETC OBJECT RECEIVER: datagrams to a process through AF_XDP sockets, one a queue.

The wire has two queues. First nobody has a socket, then one queue has, then both, then the
receiver is gone. Besides, sockets of the kernel's stack listen to the same port and another one.
"""

import contextlib
import re
import select
import socket
import subprocess
import sys
import os

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
import netc_run
import netlab

SENDER, RECEIVER = "10.44.0.1", "10.44.0.2"
WANTED, OTHER = 4_789, 4_788
FLOWS, EACH = 64, 5
ALL = FLOWS * EACH
# Ethernet, IPv4 and UDP headers, and the text.
BYTES = 14 + 20 + 8 + 5


def two_queues(lab):
    netlab.ip("-n", lab.left, "link", "del", "wire")
    queues = ["numrxqueues", "2", "numtxqueues", "2"]
    netlab.ip("-n", lab.left, "link", "add", "wire", *queues, "type", "veth",
              "peer", "name", "wire", *queues, "netns", lab.right)
    for name, address in (lab.left, SENDER), (lab.right, RECEIVER):
        netlab.ip("-n", name, "addr", "add", address + "/24", "dev", "wire")
        netlab.ip("-n", name, "link", "set", "wire", "up")


def stack_socket(lab, port):
    with netlab.inside(lab.right):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    made.bind((RECEIVER, port))
    return made


def drain(taker):
    """How many datagrams the stack has for it."""
    count = 0
    while select.select([taker], [], [], 0.5)[0]:
        assert taker.recv(100) == b"hello"
        count += 1
    return count


def send(flows, port):
    for flow in flows:
        for _ in range(EACH):
            flow.sendto(b"hello", (RECEIVER, port))


class Receiver:
    def __init__(self, lab, path):
        self.process = subprocess.Popen(lab.inside(lab.right, [path, "wire", "2"]), text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.sockets = [self.process.stdout.readline().split()[-1] for _ in range(2)]

    def end(self):
        """Packets and bytes of each queue."""
        told = self.process.communicate(timeout=10)[0]
        found = re.findall(r"queue \d: (\d+) packets, (\d+) bytes", told)
        return [int(packets) for packets, _ in found], sum(int(size) for _, size in found)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def main():
    netc, path, receiver = sys.argv[1:]
    with contextlib.ExitStack() as undo:
        lab = undo.enter_context(netlab.Lab("netc-afxdp"))
        two_queues(lab)
        wanted, other = (undo.enter_context(stack_socket(lab, port)) for port in (WANTED, OTHER))
        with netlab.inside(lab.left):
            flows = [undo.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(FLOWS)]
        program = Receiver(lab, receiver)
        undo.callback(program.stop)
        argv = [netc, "run", path, "--dev", "wire"]
        with netc_run.NetcRun(lab.inside(lab.right, argv)) as run:
            send(flows, WANTED)
            print("no socket: the stack has", drain(wanted), "missed", run.counters()["totals"]["missed"])
        with netc_run.NetcRun(lab.inside(lab.right, [*argv, "--socket", f"queues[0]={program.sockets[0]}"])) as run:
            send(flows, WANTED)
            by_stack = drain(wanted)
            print("one socket: missed are those that the stack has:", run.counters()["totals"]["missed"] == by_stack,
                  "some:", 0 < by_stack < ALL)
            added = subprocess.run([netc, "state", "add", "queues", f"1={program.sockets[1]}",
                                    "--pipeline", str(run._process.pid)], capture_output=True, text=True)
            assert added.returncode == 0, added.stderr
            send(flows, WANTED)
            send(flows, OTHER)
            print("two sockets: the stack has", drain(wanted), "and of the other port", drain(other))
            packets, size = program.end()
            print("both queues gave packets:", min(packets) > 0)
            print("all arrived:", sum(packets) + by_stack == 2 * ALL, "whole:", size == sum(packets) * BYTES)
            send(flows, WANTED)
            print("the receiver is gone: the stack has", drain(wanted), "missed",
                  run.counters()["totals"]["missed"] - by_stack)


if __name__ == "__main__":
    main()
