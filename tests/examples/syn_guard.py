"""syn_guard.py NETC OBJECT TAKER: a listener behind the guard, with clients, and in a flood.

Client – wire – server. The flood comes from the client's end, from addresses that nobody has.
"""

import contextlib
import hashlib
import os
import select
import socket
import sys
import threading

os.environ["XDG_CACHE_HOME"] = "/nonexistent"  # scapy keeps none
from scapy.all import IP, TCP, Ether, IPv6

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
import netc_run
import netlab

CLIENT = {4: "10.44.0.1", 6: "fd44::1"}
SERVER = {4: "10.44.0.2", 6: "fd44::2"}
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
BYTES = 1 << 20
FLOOD = 300
SYN_RECEIVED = "03"  # include/net/tcp_states.h


def build(lab):
    for name, addresses in (lab.left, CLIENT), (lab.right, SERVER):
        with netlab.inside(name), open("/proc/sys/net/ipv6/conf/wire/disable_ipv6", "w") as setting:
            setting.write("0")
        netlab.ip("-n", name, "addr", "add", addresses[4] + "/24", "dev", "wire")
        netlab.ip("-n", name, "addr", "add", addresses[6] + "/64", "dev", "wire", "nodad")


def always_cookies(name):
    with netlab.inside(name), open("/proc/sys/net/ipv4/tcp_syncookies", "w") as setting:
        setting.write("2")


def mac(name):
    with netlab.inside(name), socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as probe:
        probe.bind(("wire", 0))
        return probe.getsockname()[4].hex(":")


def statistics(name):
    """TcpExt's counters and Tcp's."""
    found = {}
    with netlab.inside(name):
        for path in "netstat", "snmp":
            with open(f"/proc/thread-self/net/{path}") as file:
                lines = [line.split() for line in file]
            for names, values in zip(lines[::2], lines[1::2]):
                found.update(zip((names[0] + word for word in names[1:]), map(int, values[1:])))
    return found


def half_open(name):
    count = 0
    with netlab.inside(name):
        for path in "tcp", "tcp6":
            with open(f"/proc/thread-self/net/{path}") as file:
                count += sum(line.split()[3] == SYN_RECEIVED for line in file)
    return count


class Listener:
    """Takes all that is sent, and answers with its hash."""

    def __init__(self, name):
        with netlab.inside(name):
            self.socket = socket.create_server(("::", 80), family=socket.AF_INET6, dualstack_ipv6=True,
                                               backlog=1_000)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            peer, _ = self.socket.accept()
            threading.Thread(target=self.answer, args=(peer,), daemon=True).start()

    @staticmethod
    def answer(peer):
        got = hashlib.sha256()
        with contextlib.suppress(OSError), peer:
            peer.settimeout(10)
            while part := peer.recv(1 << 16):
                got.update(part)
            peer.sendall(got.digest())


def transfer(name, family):
    sent = os.urandom(BYTES)
    with netlab.inside(name):
        connection = socket.create_connection((SERVER[family], 80), timeout=10)
    with connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(64)
    return "whole" if answer == hashlib.sha256(sent).digest() else "damaged"


def syns(left, right, flags="S", options=(("MSS", 1400),)):
    link = Ether(src=left, dst=right)
    for i in range(FLOOD):
        tcp = TCP(sport=1_024 + i, dport=80, flags=flags, seq=i, ack=5, options=list(options))
        if i % 2:
            yield bytes(link / IP(src=f"10.44.0.{10 + i % 200}", dst=SERVER[4]) / tcp)
        else:
            yield bytes(link / IPv6(src=f"fd44::{i + 16:x}", dst=SERVER[6]) / tcp)


def is_right(frame, number):
    """A SYN-ACK to the SYN of this number, with right sums and nothing too much."""
    got = Ether(frame)
    tcp = got[TCP]
    layer = IP if IP in got else IPv6
    again = Ether(frame)
    del again[TCP].chksum
    if layer is IP:
        del again[IP].chksum
    size = 14 + (20 if layer is IP else 40) + 24
    return (bytes(again) == frame and len(frame) == size and str(tcp.flags) == "SA" and
            tcp.ack == number + 1 and [name for name, _ in tcp.options] == ["MSS"] and
            tcp.options[0][1] in (536, 1220, 1300, 1340, 1400))


def answers(raw, quiet=0.5):
    """SYN-ACKs by the client's port, and all other TCP."""
    found, others = {}, 0
    while select.select([raw], [], [], quiet)[0]:
        frame = netlab.receive(raw)
        got = Ether(frame)
        if TCP not in got:
            continue
        if str(got[TCP].flags) == "SA":
            found.setdefault(got[TCP].dport, frame)
        else:
            others += 1
    return found, others


def main():
    netc, path, taker = sys.argv[1:]
    with contextlib.ExitStack() as undo:
        lab = undo.enter_context(netlab.Lab("netc-synguard"))
        build(lab)
        left, right = mac(lab.left), mac(lab.right)
        undo.enter_context(netc_run.NetcRun(lab.inside(lab.left, [netc, "run", taker])))
        raw = lab.packet_socket(lab.left)
        undo.callback(raw.close)
        with netc_run.NetcRun(lab.inside(lab.right, [netc, "run", path, "--dev", "wire"])) as run:
            always_cookies(lab.right)
            listener = Listener(lab.right)
            before = statistics(lab.right)
            for family in 4, 6:
                print(f"IPv{family}: {transfer(lab.left, family)}")
            after = statistics(lab.right)
            grown = {name: after[name] - before[name] for name in before}
            print("opened by cookies:", grown["TcpExt:SyncookiesRecv"], "of", grown["Tcp:PassiveOpens"],
                  "sent by the kernel:", grown["TcpExt:SyncookiesSent"])
            counted = run.counters()["totals"]
            print("answered:", counted["answered"], "opened:", counted["opened"], "forged:", counted["forged"])
            answers(raw)
            for frame in syns(left, right):
                raw.send(frame)
            found, others = answers(raw)
            wrong = [port for port, frame in found.items() if not is_right(frame, port - 1_024)]
            print("in a flood answered:", len(found), "wrong:", len(wrong), "half open:", half_open(lab.right))
            print("IPv4:", transfer(lab.left, 4))
            answers(raw)
            for frame in syns(left, right, "A", ()):
                raw.send(frame)
            found, others = answers(raw)
            now = run.counters()["totals"]
            print("without a cookie: forged:", now["forged"] - counted["forged"], "resets:", others)
            broken = [statistics(name)["Tcp:InCsumErrors"] for name in (lab.left, lab.right)]
            print("broken:", *broken)
        with netlab.inside(lab.right), open("/proc/sys/net/ipv4/tcp_syncookies", "w") as setting:
            setting.write("1")
        for frame in syns(left, right):
            raw.send(frame)
        answers(raw)
        print("without the guard some are half open:", half_open(lab.right) > 0)
        listener.socket.close()


if __name__ == "__main__":
    main()
