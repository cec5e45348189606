"""router.py NETC OBJECT: the same packets through the kernel's forwarding and through netc's.

Client – wire – router – wan – server. What arrives at the server, and what the client gets
back, must be the same bytes both times. What the kernel numbers as it likes is left out of
the comparison: the identification of packets that the router itself makes.
"""

import collections
import contextlib
import os
import select
import socket
import subprocess
import sys
import time

os.environ["XDG_CACHE_HOME"] = "/nonexistent"  # scapy keeps none
from scapy.all import ICMP, IP, TCP, UDP, Ether, ICMPv6EchoRequest, IPOption_Router_Alert, IPv6
from scapy.layers.inet6 import IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop
from scapy.layers.l2 import Dot1Q

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
import netc_run
import netlab

CLIENT = {4: "10.44.0.1", 6: "fd44::1"}
NEAR = {4: "10.44.0.2", 6: "fd44::2"}
FAR = {4: "10.45.0.1", 6: "fd45::1"}
SERVER = {4: "10.45.0.2", 6: "fd45::2"}
FLOWS = 200
STRANGER = "02:00:00:00:00:99"
ROUTES = {4: ("203.0.113.0/24", "198.51.100.0/24"), 6: ("2001:db8:1::/48", "2001:db8:2::/48")}


def setting(name, path, value):
    with netlab.inside(name), open(f"/proc/sys/net/{path}", "w") as file:
        file.write(value)


def address_of(name, device):
    with netlab.inside(name), open(f"/proc/thread-self/net/dev"):
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as probe:
            probe.bind((device, 0))
            return probe.getsockname()[4].hex(":")


def build(lab, undo):
    server = f"netc-router-{os.getpid()}-server"
    netlab.ip("netns", "add", server)
    undo.callback(netlab.ip, "netns", "del", server)
    router = lab.right
    netlab.ip("-n", router, "link", "add", "wan", "type", "veth", "peer", "name", "wan", "netns", server)
    ends = ((lab.left, "wire", CLIENT), (router, "wire", NEAR), (router, "wan", FAR), (server, "wan", SERVER))
    for name, device, addresses in ends:
        setting(name, f"ipv6/conf/{device}/disable_ipv6", "0")
        netlab.ip("-n", name, "addr", "add", addresses[4] + "/24", "dev", device)
        netlab.ip("-n", name, "addr", "add", addresses[6] + "/64", "dev", device, "nodad")
        netlab.ip("-n", name, "link", "set", device, "up")
        # What another program redirects into a veth is taken in at the other end only then.
        subprocess.run(lab.inside(name, ["ethtool", "-K", device, "gro", "on"]), check=True)
    for name, gateway in (lab.left, NEAR), (server, FAR):
        for family in 4, 6:
            netlab.ip("-n", name, f"-{family}", "route", "add", "default", "via", gateway[family])
    for family in 4, 6:
        narrow, closed = ROUTES[family]
        netlab.ip("-n", router, f"-{family}", "route", "add", narrow, "via", SERVER[family], "mtu", "lock", "1300")
        netlab.ip("-n", router, f"-{family}", "route", "add", "unreachable", closed)
    netlab.ip("-n", router, "route", "add", "192.0.2.0/24", "via", CLIENT[4])
    # Nobody at the server answers, so that all answers are the router's.
    with netlab.inside(server):
        for family, kind in (socket.AF_INET, "4"), (socket.AF_INET6, "6"):
            taker = socket.socket(family, socket.SOCK_DGRAM)
            if kind == "6":
                taker.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            taker.bind(("", 5_000))
            undo.callback(taker.close)
    setting(server, "ipv4/icmp_echo_ignore_all", "1")
    setting(server, "ipv6/icmp/echo_ignore_all", "1")
    setting(router, "ipv4/ip_forward", "1")
    setting(router, "ipv6/conf/all/forwarding", "1")
    for device in "all", "wire":
        setting(router, f"ipv4/conf/{device}/send_redirects", "0")  # their rate is limited
    setting(router, "ipv4/icmp_ratelimit", "0")
    setting(router, "ipv4/icmp_msgs_per_sec", "1000000")
    setting(router, "ipv6/icmp/ratelimit", "0")
    return server


def frames(router_mac, client_mac):
    """What the client sends, and a word for each."""
    link = Ether(src=client_mac, dst=router_mac)
    four = dict(src=CLIENT[4], dst=SERVER[4])
    six = dict(src=CLIENT[6], dst=SERVER[6])
    udp = UDP(sport=4_000, dport=5_000)
    for ttl in 1, 2, 64, 255:
        yield f"ttl {ttl}", link / IP(**four, id=ttl, ttl=ttl) / udp / b"hello"
        yield f"hop limit {ttl}", link / IPv6(**six, hlim=ttl) / udp / b"hello"
    for number in range(0, 65_536, 1_311):
        yield f"id {number}", link / IP(**four, id=number) / udp / b"hello"
    # The header's checksum has two zeros, and carries at its ends.
    for before in 0x0000, 0xfeff, 0xfefe, 0xffff, 0x00ff, 0xff00:
        plain = IP(bytes(IP(**four, id=0) / udp))
        number = (plain.chksum - before) % 0xffff
        yield f"sum {before:#x}", link / IP(**four, id=number) / udp / b"hello"
    yield "wrong checksum", link / IP(**four, chksum=1) / udp / b"hello"
    yield "class", link / IP(**four, tos=0xb9) / udp / b"hello"
    yield "class 6", link / IPv6(**six, tc=0xb9, fl=0x12345) / udp / b"hello"
    yield "tcp", link / IP(**four) / TCP(sport=1, dport=9, flags="A", seq=7) / b"hello"
    yield "tcp 6", link / IPv6(**six) / TCP(sport=1, dport=9, flags="A", seq=7) / b"hello"
    yield "echo", link / IP(**four) / ICMP(id=3) / b"hello"
    yield "echo 6", link / IPv6(**six) / ICMPv6EchoRequest(id=3) / b"hello"
    yield "first fragment", link / IP(**four, flags="MF", id=5) / udp / bytes(24)
    yield "later fragment", link / IP(**four, frag=4, id=5) / bytes(24)
    yield "fragment 6", link / IPv6(**six) / IPv6ExtHdrFragment(offset=4, nh=17, id=5) / bytes(24)
    yield "destination options", link / IPv6(**six) / IPv6ExtHdrDestOpt() / udp / b"hello"
    yield "hop by hop", link / IPv6(**six) / IPv6ExtHdrHopByHop() / udp / b"hello"
    yield "option", link / IP(**four, options=[IPOption_Router_Alert()]) / udp / b"hello"
    yield "filled up", Ether(bytes(link / IP(**four) / udp) + bytes(18))
    yield "filled up 6", Ether(bytes(link / IPv6(**six) / udp) + bytes(18))
    yield "too short", Ether(bytes(link / IP(**four) / udp / bytes(40))[:-20])
    yield "too short 6", Ether(bytes(link / IPv6(**six) / udp / bytes(40))[:-20])
    yield "half a header", Ether(bytes(link / IP(**four) / udp)[:30])
    yield "full length", link / IP(**four) / udp / bytes(1472)
    for family, source in (4, CLIENT[4]), (6, CLIENT[6]):
        layer = IP if family == 4 else IPv6
        narrow, closed = (route.split("/")[0] for route in ROUTES[family])
        target = narrow[:-1] + "7" if family == 4 else narrow + "7"
        yield f"narrow {family}", link / layer(src=source, dst=target) / udp / bytes(1200)
        yield f"too long {family}", link / layer(src=source, dst=target) / udp / bytes(1400)
        other = closed[:-1] + "7" if family == 4 else closed + "7"
        yield f"unreachable {family}", link / layer(src=source, dst=other) / udp / b"hello"
        yield f"to the router {family}", link / layer(src=source, dst=NEAR[family]) / udp / b"hello"
    yield "must not be cut", link / IP(src=CLIENT[4], dst="203.0.113.7", flags="DF") / udp / bytes(1400)
    yield "back where it came from", link / IP(src=CLIENT[4], dst="192.0.2.7") / udp / b"hello"
    yield "from nowhere", link / IP(src="0.0.0.0", dst=SERVER[4]) / udp / b"hello"
    yield "from here", link / IP(src="127.0.0.1", dst=SERVER[4]) / udp / b"hello"
    yield "a link's own", link / IPv6(src="fe80::1", dst=SERVER[6]) / udp / b"hello"
    yield "a group", link / IP(src=CLIENT[4], dst="239.1.1.1") / udp / b"hello"
    yield "another's", Ether(src=client_mac, dst=STRANGER) / IP(**four) / udp / b"hello"
    yield "in a VLAN", link / Dot1Q(vlan=7) / IP(**four) / udp / b"hello"


def comparable(frame):
    """Without what the router numbers: of its own packets, and of fragments that it makes, nothing else."""
    ours = frame[12:14] == b"\x08\0" and frame[26:30] == socket.inet_aton(NEAR[4])
    return frame[:18] + bytes(2) + frame[20:24] + bytes(2) + frame[26:] if ours else frame


def is_ours(frame):
    """Is it about the packets that were sent, and no neighbour discovery?"""
    kind = frame[12:14]
    if kind == b"\x08\0":
        return True
    return kind == b"\x86\xdd" and not (frame[20] == 58 and 130 <= frame[54] <= 143)


def collect(sockets, quiet=1):
    """What came, until nothing more does."""
    seen = {name: collections.Counter() for name in sockets}
    by_socket = {raw: name for name, raw in sockets.items()}
    while ready := select.select(list(by_socket), [], [], quiet)[0]:
        for raw in ready:
            frame = netlab.receive(raw)
            if is_ours(frame):
                seen[by_socket[raw]][comparable(frame)] += 1
    return seen


def send_all(sockets, sent):
    # Neighbours are found before.
    for word in "ttl 64", "hop limit 64":
        sockets["client"].send(sent[word])
        collect(sockets)
    for frame in sent.values():
        sockets["client"].send(frame)
        time.sleep(0.005)
    return collect(sockets)


def compare(kernel, netc):
    for where in kernel:
        for word, more, less in ("kernel alone", kernel, netc), ("netc alone", netc, kernel):
            for frame in more[where] - less[where]:
                print(f"at the {where}, by the {word}: {frame.hex()}")
        print(f"at the {where} the same:", (kernel[where] & netc[where]).total())


def state(netc, process, lab, *words):
    argv = [netc, "state", *words, "--pipeline", str(process)]
    done = subprocess.run(lab.inside(lab.right, argv), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def main():
    netc, path = sys.argv[1:]
    with contextlib.ExitStack() as undo:
        lab = undo.enter_context(netlab.Lab("netc-router"))
        server = build(lab, undo)
        sockets = {"client": lab.packet_socket(lab.left)}
        with netlab.inside(server):
            raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        raw.bind(("wan", 3))
        raw.setsockopt(netlab.SOL_PACKET, netlab.PACKET_IGNORE_OUTGOING, 1)
        sockets["server"] = raw
        for raw in sockets.values():
            undo.callback(raw.close)
        sent = {word: bytes(frame)
                for word, frame in frames(address_of(lab.right, "wire"), address_of(lab.left, "wire"))}
        kernel = send_all(sockets, sent)
        print(f"of {len(sent)} packets the kernel forwards {kernel['server'].total()},",
              f"and answers {kernel['client'].total()}")
        argv = [netc, "run", path, "--set", "one=wire", "--set", "other=wan"]
        with netc_run.NetcRun(lab.inside(lab.right, argv)) as run:
            process = run._process.pid
            for device in "wire", "wan":
                state(netc, process, lab, "add", "own", address_of(lab.right, device))
            print("ports:", *sorted(state(netc, process, lab, "show", "ports").split()))
            compare(kernel, send_all(sockets, sent))
            left = run.counters()["totals"]["left"]
            print("forwarded here:", sum(shares(netc, process, lab)), "left to the kernel:", left)
            state(netc, process, lab, "remove", "ports", "wan")
            sockets["client"].send(sent["ttl 64"])
            print("without the port:", collect(sockets)["server"].total(), "arrives,",
                  run.counters()["totals"]["left"] - left, "by the kernel")
        argv += ["--set", "processors=2"]
        with netc_run.NetcRun(lab.inside(lab.right, argv)) as run:
            process = run._process.pid
            state(netc, process, lab, "add", "workers", "1=512")
            for device in "wire", "wan":
                state(netc, process, lab, "add", "own", address_of(lab.right, device))
            spread(sockets, sent["ttl 64"])
            parts = shares(netc, process, lab)
            print("each processor has a part:", len(parts) == 2 and min(parts) > FLOWS / 4)


def shares(netc, process, lab):
    """Packets that were forwarded, by processor."""
    lines = state(netc, process, lab, "show", "forwarded").splitlines()
    return [int(line.split()[-1]) for line in lines]


def spread(sockets, frame):
    for last in range(FLOWS):
        packet = Ether(frame)
        packet[IP].src = f"10.46.0.{last}"
        del packet[IP].chksum, packet[UDP].chksum
        sockets["client"].send(bytes(packet))
    print("of many flows arrive:", collect(sockets)["server"].total())


if __name__ == "__main__":
    main()
