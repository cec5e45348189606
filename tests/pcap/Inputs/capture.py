"""Frames of many kinds, and broken ones made of them, always the same."""

import random

from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_RR, IPOption_Router_Alert
from scapy.layers.inet6 import (ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_RA,
                                ICMPv6PacketTooBig, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                                IPv6ExtHdrRouting, RouterAlert)
from scapy.layers.l2 import ARP, GRE, Dot1AD, Dot1Q, Ether
from scapy.layers.sctp import SCTP, SCTPChunkInit
from scapy.contrib.mpls import MPLS
from scapy.packet import Raw

HOSTS4 = ["192.0.2.1", "192.0.2.77", "10.0.0.1", "10.0.0.9", "10.1.2.3", "10.1.3.255", "10.1.4.0", "198.51.100.7", "11.0.0.1"]
HOSTS6 = ["2001:db8::1", "2001:db8:1::80", "2001:db9::1", "fe80::1", "fd00::5"]
PORTS = [22, 53, 79, 80, 85, 90, 91, 443, 999, 1000, 1500, 2000, 2001, 65535]
FLAGS = ["S", "SA", "A", "PA", "F", "FA", "R", "RA", "", "SEC", "U"]


def transports(some):
    ports = lambda: {"sport": some.choice(PORTS), "dport": some.choice(PORTS)}
    text = Raw(bytes(some.randrange(256) for _ in range(some.choice([0, 1, 4, 20, 120, 400]))))
    yield TCP(flags=some.choice(FLAGS), seq=some.getrandbits(32), window=some.choice([0, 999, 1000, 65535]), **ports()) / text
    yield TCP(flags="F", dport=90, sport=79)
    yield TCP(flags="PA", dport=80, sport=some.choice(PORTS)) / Raw(b"GET / HTTP/1.1\r\n\r\n")
    yield TCP(flags="S", options=[("MSS", 1460), ("SAckOK", b""), ("WScale", 7)], **ports()) / text
    yield UDP(**ports()) / text
    yield UDP(chksum=0, **ports()) / text
    yield SCTP(**ports()) / SCTPChunkInit()


def over_ipv4(some, mac):
    def ip(**more):
        return IP(src=some.choice(HOSTS4), dst=some.choice(HOSTS4 + ["224.0.0.1", "255.255.255.255"]),
                  ttl=some.choice([1, 9, 10, 64, 255]), tos=some.choice([0, 3, 184, 187]),
                  id=some.choice([0, 4660, 9]), flags=some.choice([0, "DF"]), **more)
    for transport in transports(some):
        yield mac / ip() / transport
    yield mac / IP(src="10.0.0.1", dst="10.0.0.1") / TCP(dport=80)
    yield mac / ip(options=[IPOption_Router_Alert()]) / UDP(dport=53) / Raw(b"x" * 30)
    yield mac / ip(options=[IPOption_RR()]) / TCP(dport=22)
    for kind, code in [(8, 0), (0, 0), (3, 4), (3, 1), (5, 1), (11, 0)]:
        yield mac / ip() / ICMP(type=kind, code=code, id=some.choice([77, 78])) / Raw(b"q" * 28)
    yield mac / ip() / GRE() / IP() / UDP()
    yield mac / ip() / IP(src="10.0.0.1") / TCP(dport=80)
    first = mac / IP(src="10.0.0.1", dst="192.0.2.1", id=9, flags="MF") / UDP(sport=53, dport=1500) / Raw(b"f" * 64)
    yield first
    for at in (1, 9, 1000):
        for protocol in (6, 17, 1, 132):
            yield mac / IP(src="10.0.0.1", dst="192.0.2.1", id=9, proto=protocol, frag=at,
                           flags=some.choice([0, "MF"])) / Raw(bytes([0, 80, 0, 53]) + b"g" * 60)


def over_ipv6(some, mac):
    def ip(**more):
        return IPv6(src=some.choice(HOSTS6), dst=some.choice(HOSTS6 + ["ff02::1", "ff05::2"]), hlim=some.choice([1, 64, 255]),
                    fl=some.choice([0, 0x12345]), **more)
    for transport in transports(some):
        if not isinstance(transport, SCTP):
            yield mac / ip() / transport
    for message in (ICMPv6EchoRequest(id=77), ICMPv6EchoReply(), ICMPv6ND_NS(), ICMPv6ND_NA(), ICMPv6ND_RA(), ICMPv6PacketTooBig() / ip()):
        yield mac / ip() / message
    for chain in ([IPv6ExtHdrHopByHop(options=[RouterAlert()])], [IPv6ExtHdrDestOpt()], [IPv6ExtHdrRouting(addresses=["::1"])],
                  [IPv6ExtHdrHopByHop(), IPv6ExtHdrDestOpt(), IPv6ExtHdrRouting(addresses=["::1"])], [IPv6ExtHdrFragment(m=1, id=5)],
                  [IPv6ExtHdrDestOpt(), IPv6ExtHdrFragment(m=1, id=5)]):
        for transport in (TCP(sport=443, dport=80, flags="S"), UDP(sport=53, dport=53) / Raw(b"z" * 40), UDP(dport=1500), ICMPv6EchoRequest(id=77), ICMPv6ND_NS()):
            packet = ip()
            for header in chain:
                packet = packet / header
            yield mac / packet / transport
    for following in (6, 17, 58):
        yield mac / ip() / IPv6ExtHdrFragment(offset=8, m=0, id=5, nh=following) / Raw(bytes([0, 80, 0, 80]) + b"h" * 40)


def frames(some):
    mac = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
    tags = [None, None, Dot1Q(vlan=7, prio=5), Dot1Q(vlan=8), Dot1AD(vlan=7) / Dot1Q(vlan=9)]
    for tag in tags:
        front = mac if tag is None else mac / tag
        yield from over_ipv4(some, front)
        yield from over_ipv6(some, front)
        for operation in (1, 2):
            yield (Ether(src="02:00:00:00:00:03", dst="ff:ff:ff:ff:ff:ff") if tag is None else front) / ARP(
                op=operation, psrc=some.choice(HOSTS4), pdst=some.choice(["192.0.2.1", "10.0.0.1"])) / Raw(b"\0" * 18)
        yield front / MPLS(label=100, s=1, ttl=9) / IP() / UDP()
        yield front / MPLS(label=7, s=0) / MPLS(label=100, s=1) / IP() / UDP()
    yield Ether(dst="01:80:c2:00:00:00", type=38) / Raw(b"\x42\x42\x03" + b"\0" * 43)
    yield Ether(dst="01:00:5e:00:00:01", type=0x88b5) / Raw(b"?" * 46)


def broken(frame, some):
    yield frame[:some.randrange(14, len(frame))]
    for _ in range(3):
        bytes_ = bytearray(frame)
        for _ in range(some.randrange(1, 4)):
            at = some.randrange(12, min(len(frame), 78))
            bytes_[at] = some.choice([some.randrange(256), bytes_[at] ^ 1 << some.randrange(8), 0, 255])
        yield bytes(bytes_)


def capture():
    """[frame, ...]: those that are right, and those that are broken."""
    some = random.Random(2026)
    right = [bytes(frame) for frame in frames(some)]
    wrong = [bad for frame in right for bad in broken(frame, some)]
    return right, wrong
