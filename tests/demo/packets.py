"""The packets that the demo sends, and what examples/edge_firewall.np must do with each."""

import dataclasses

from scapy.all import (ARP, ICMP, IP, TCP, UDP, Dot1AD, Dot1Q, Ether, ICMPv6EchoRequest, IPv6,
                       IPv6ExtHdrFragment, Raw, fragment)

# What a rule says, up to its semicolon; UNREADABLE is the hook's own answer.
BLOCKED = "drop when ipv4.src in blocked"
BLOCKED6 = "drop when ipv6.src in blocked6"
LATER = "drop when ipv4.later_fragment"
LATER6 = "drop when ipv6_fragment.later_fragment"
REFLECTED = "drop when ipv4 and udp.sport in {53, 123, 11211} and ipv4.src not in resolvers"
FLOOD = "drop"
BURST = 400  # SYNs at once that are no flood yet
PASS = "pass"
UNREADABLE = "unreadable in guard"

CLIENT, RESOLVER, BLOCKED_SOURCE, OTHER = "203.0.113.7", "192.0.2.53", "198.51.100.9", "203.0.113.66"
SERVER, CLIENT6, BLOCKED_SOURCE6, SERVER6 = "192.0.2.1", "2001:db8::7", "2001:db8:bad::7", "2001:db8::1"

MARK = "netc demo %04d"


@dataclasses.dataclass
class Case:
    what: str
    packet: object  # scapy's, with its MARK in it
    rule: str       # expected to decide

    @property
    def verdict(self):
        return "pass" if self.rule == PASS else "drop"


def mark(number):
    return (MARK % number).encode()


def ethernet(*tags):
    """Destination: broadcast, so that no card's address filter has a say."""
    layer = Ether(src="02:00:00:00:00:01", dst="ff:ff:ff:ff:ff:ff")
    for tag in tags:
        layer = layer / tag
    return layer


PLAIN, VLAN, QINQ = (), (Dot1Q(vlan=7),), (Dot1AD(vlan=100), Dot1Q(vlan=7))


def cases():
    made = []

    def add(what, layers, rule, tags=PLAIN):
        made.append(Case(what, ethernet(*tags) / layers / Raw(mark(len(made))), rule))

    v4 = lambda src: IP(src=src, dst=SERVER)
    v6 = lambda src: IPv6(src=src, dst=SERVER6)

    add("ICMP echo", v4(CLIENT) / ICMP(), PASS)
    add("TCP SYN to 443", v4(CLIENT) / TCP(sport=40000, dport=443, flags="S"), PASS)
    add("TCP data", v4(CLIENT) / TCP(sport=40000, dport=443, flags="PA"), PASS)
    add("UDP from port 40000", v4(CLIENT) / UDP(sport=40000, dport=443), PASS)
    add("UDP from port 53, our resolver", v4(RESOLVER) / UDP(sport=53, dport=40000), PASS)
    add("UDP from port 53, somebody", v4(CLIENT) / UDP(sport=53, dport=40000), REFLECTED)
    add("UDP from port 123", v4(CLIENT) / UDP(sport=123, dport=40000), REFLECTED)
    add("UDP from port 11211", v4(CLIENT) / UDP(sport=11211, dport=40000), REFLECTED)
    add("TCP from port 53", v4(CLIENT) / TCP(sport=53, dport=40000, flags="A"), PASS)
    add("TCP SYN, blocked source", v4(BLOCKED_SOURCE) / TCP(dport=443, flags="S"), BLOCKED)
    add("ICMP, blocked source", v4(BLOCKED_SOURCE) / ICMP(), BLOCKED)
    add("ICMPv6 echo", v6(CLIENT6) / ICMPv6EchoRequest(), PASS)
    add("TCP over IPv6", v6(CLIENT6) / TCP(dport=443, flags="S"), PASS)
    add("UDP over IPv6", v6(CLIENT6) / UDP(sport=40000, dport=443), PASS)
    add("TCP over IPv6, blocked source", v6(BLOCKED_SOURCE6) / TCP(dport=443, flags="S"), BLOCKED6)
    add("UDP over IPv6, blocked source", v6(BLOCKED_SOURCE6) / UDP(dport=443), BLOCKED6)
    add("ARP request", ARP(psrc=CLIENT, pdst=SERVER), PASS)

    for name, tags in (("VLAN", VLAN), ("QinQ", QINQ)):
        add(f"{name}: TCP SYN", v4(CLIENT) / TCP(sport=40001, dport=443, flags="S"), PASS, tags)
        add(f"{name}: UDP from port 53", v4(CLIENT) / UDP(sport=53, dport=40000), REFLECTED, tags)
        add(f"{name}: ICMP, blocked source", v4(BLOCKED_SOURCE) / ICMP(), BLOCKED, tags)
        add(f"{name}: TCP over IPv6", v6(CLIENT6) / TCP(dport=443, flags="S"), PASS, tags)
        add(f"{name}: UDP over IPv6, blocked source", v6(BLOCKED_SOURCE6) / UDP(dport=443), BLOCKED6, tags)

    first = IP(src=CLIENT, dst=SERVER, flags="MF", id=77)
    later = IP(src=CLIENT, dst=SERVER, frag=185, proto="udp", id=77)
    add("IPv4 first fragment, UDP", first / UDP(sport=40000, dport=443, len=3000), PASS)
    add("IPv4 later fragment", later, LATER)
    add("VLAN: IPv4 later fragment", later, LATER, VLAN)
    first6, later6 = (IPv6(src=CLIENT6, dst=SERVER6) / IPv6ExtHdrFragment(nh=17, offset=offset, m=more, id=77)
                      for offset, more in ((0, 1), (181, 0)))
    add("IPv6 first fragment, UDP", first6 / UDP(sport=40000, dport=443, len=3000), PASS)
    add("IPv6 later fragment", later6, LATER6)
    add("QinQ: IPv6 later fragment", later6, LATER6, QINQ)
    # 12 bytes of a TCP header of 20: rules on ports could be passed by, so the hook drops it.
    made.append(Case("IPv4 first fragment too short for TCP",
                     ethernet() / IP(src=CLIENT, dst=SERVER, flags="MF", proto="tcp", id=78)
                     / Raw(mark(len(made))[-8:]), UNREADABLE))
    return made


def syn(number):
    """One SYN of a flood; a source port each, as real ones have."""
    return bytes(ethernet() / IP(src=OTHER, dst=SERVER)
                 / TCP(sport=1024 + number, dport=80, flags="S") / Raw(b"netc flood"))
