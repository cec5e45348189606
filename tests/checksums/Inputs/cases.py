"""The cases, from the standard library's text: for each field that can be assigned one statement, frames that have the
field, and what they become.

A frame chooses its statement by its Ethernet source. Frames are made by tests/packets/Inputs/builder.py, which sums by
itself; addresses and ports are such that a host takes the packet for its own.
"""

import glob
import os
import random
import re
import sys
from dataclasses import dataclass, field

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "packets", "Inputs"))
from builder import Layer, Packet, internet_sum, written
from every_field import link, options_of

RECEIVER, INSIDE = 0x02ab00000001, 0x02ab00000002  # of the receiver's device and its tunnel device
SENDER = 0x02cd00000000                            # and the statement's number
FAMILIES = ("ipv4", "ipv6")
TRANSPORTS = ("tcp", "udp")
QUOTE = "quoted by an error"
# Headers around an inner one, and which families they carry.
AROUND = {
    "VXLAN over IPv6": (["ethernet", "ipv6", "udp", "vxlan", "ethernet"], FAMILIES),
    "VXLAN over IPv4": (["ethernet", "ipv4", "udp", "vxlan", "ethernet"], FAMILIES),
    "GUE": (["ethernet", "ipv4", "udp", "gue"], FAMILIES),
    "GRE": (["ethernet", "ipv4", "gre"], FAMILIES),
    QUOTE: (["ethernet", "ipv4", "icmp", "icmp_error"], ["ipv4"]),
    QUOTE + "6": (["ethernet", "ipv6", "icmpv6", "icmpv6_error"], ["ipv6"]),
}
# The first tunnel and the quotes carry all headers; the other tunnels these.
EVERYWHERE = ("ipv4", "ipv6", "tcp", "udp", "icmp_echo", "icmpv6_echo")
LEFT_OUT = {
    "arp": "no checksum is in such a frame",
    "mpls": "no checksum covers a label",
    "inner.arp": "no checksum is in such a frame but the tunnel's, as for any payload",
    "ethernet.src": "it chooses the case",
    "gre.checksum_present": "GRE's own checksum is not declared (docs/language.md, Assigning fields)",
    "inner.gre": "a tunnel in a tunnel: netc reads one packet inside",
}
FRAGMENTS = "a later fragment's sum can be seen only where fragments are put together"
LEFT_OUT |= {"ipv6_fragment.offset": FRAGMENTS, "inner.ipv6_fragment.offset": FRAGMENTS}
# What the kernel doesn't cut, or gives a value of its own in each segment.
NEVER_CUT = {"ah", "ipv6_fragment", "tcp.flags", "ipv4.more_fragments", "ipv4.fragment_offset"}
SHARING = (("ethernet", "vlan", "ipv4", "ipv6", "ah"), ("tcp", "udp", "sctp", "quic"), ("icmp", "icmpv6"),
           ("gre", "gue", "geneve", "vxlan", "ipv6_mobility", "dns"), ("ipv6_extension",), ("nd",))
SIZES = {"small": 40, "large": 6_000, "cut": 4_000}


@dataclass
class Statement:
    """The assignment of a constant to a field."""
    number: int
    group: str
    name: str  # of the header, as the pipeline writes it
    field: object
    value: int
    text: str
    frames: list = field(default_factory=list)


@dataclass
class Sum:
    at: int
    size: int
    layer: int
    name: str


class Frame:
    """A packet, its rewrite, and the checksums in it."""

    def __init__(self, statement, context, shape, packet, target):
        self.statement, self.context, self.shape = statement, context, shape
        self.packet, self.target = packet, target
        self.data = bytes(packet.data)
        starts = [(0, "ethernet")]
        starts += [(one.start, one.header.name) for one in packet.layers if one.scope == "inner"][:1]
        self.starts = tuple(starts)
        self.sums = []
        for i, layer in enumerate(packet.layers):
            rule = layer.header.checksum
            if rule and not layer.no_sum:
                place = layer.header.field(rule["field"])
                self.sums.append(Sum(layer.start + place.offset // 8, place.bits // 8, i, layer.header.name))

    def rewritten(self, data):
        self.target.put(changed := bytearray(data), self.statement.field.name, self.statement.value)
        return changed

    def after(self):
        """What a right rewrite gives."""
        self.packet.data = bytearray(self.data)
        return bytes(self.packet.changed(self.target, self.statement.field.name, self.statement.value))

    def may_be_open(self):
        """Sums that a sender may leave to its device: of the outermost transport, and of that in a tunnel."""
        found = {}
        for one in self.sums:
            layer = self.packet.layers[one.layer]
            quoted = any(outer.header.name in ("icmp", "icmpv6") for outer in self.packet.layers[:one.layer])
            if layer.header.name in TRANSPORTS and not quoted:
                found.setdefault(layer.scope, one)
        return found

    def opened(self, data, one):
        """The frame with a sum left to the device: it is that of the pseudo header."""
        self.packet.data = bytearray(data)
        rule = self.packet.layers[one.layer].header.checksum
        pseudo = b"".join(self.packet.summand(one.layer, text) for text in rule["summands"])
        return data[:one.at] + (~internet_sum(pseudo) & 0xffff).to_bytes(2, "big") + data[one.at + 2:]

    def off_by_one(self, data, one, is_open=False):
        """The frame with a sum wrong by one, and those around it right about that."""
        value = int.from_bytes(data[one.at:one.at + one.size], "big")
        if one.size == 4:
            value ^= 1
        else:  # to a sum 0xffff is 0, and to UDP 0 is none
            value = value + 1 if value < 0xfffe else 1
        wrong = bytearray(data)
        wrong[one.at:one.at + one.size] = value.to_bytes(one.size, "big")
        if is_open:
            return bytes(wrong)  # those around are over what the device will make of it: right by one as well
        self.packet.data = wrong
        for index in reversed(range(one.layer)):
            layer = self.packet.layers[index]
            rule = layer.header.checksum
            if not rule or rule["of"] == "header" or layer.no_sum:
                continue
            layer.put(wrong, rule["field"], 0)
            covered = bytes(wrong[layer.start:])
            covered += b"\0" * (len(covered) % 2)
            covered += b"".join(self.packet.summand(index, text) for text in rule["summands"])
            value = internet_sum(covered)
            layer.put(wrong, rule["field"], value or (0xffff if rule["how"].endswith("none") else 0))
        return bytes(wrong)


# --- Making packets ---------------------------------------------------------------

def make(library, names, target, scope, size, no_sum):
    """A packet of these headers, of which `target`, or the owner of that option, is in the scope."""
    at, layers, links = "outer", [], []
    for i, name in enumerate(names):
        layers.append(Layer(library.headers[name], at))
        if i + 1 < len(names):
            found, at = link(library, library.headers[name], library.headers[names[i + 1]], at)
            links.append(found)
        else:
            links.append(None)
    for i, layer in enumerate(layers):
        layer.no_sum = no_sum and layer.header.name == "udp" and layer.scope == "outer"
    if target.owner:
        place = next(one for one in layers if one.header is target.owner and one.scope == scope)
        place.options = options_of(target, 0)
    packet = Packet(library, layers, links, payload(names[-1], size))
    for i, (layer, way) in enumerate(zip(layers, links)):
        tame(packet, layer, way and way[0]["value"], layers[i + 1].header.name if way else "")
    packet.settle()
    for layer in layers:
        for one in [layer] + layer.options:
            if one.header is target and layer.scope == scope:
                return packet, one
    raise SystemExit(f"no {target.name} in {names}")


def payload(name, size):
    """Of odd length or even; behind neighbour discovery options, as it must be."""
    if not name.startswith("nd_"):
        return b"\0" + random.randbytes(size - 1 + random.randrange(2))
    words = size // 8
    lengths = [200] * (words // 200) + [words % 200]
    return b"".join(bytes([253, words]) + random.randbytes(words * 8 - 2) for words in lengths if words)


def tame(packet, layer, leads, behind):
    """A whole packet for the receiver, from nobody that it knows."""
    name, data = layer.header.name, packet.data
    if name == "ethernet":
        layer.put(data, "dst", RECEIVER if layer.scope == "outer" else INSIDE)
        layer.put(data, "src", SENDER)
    elif name in FAMILIES:
        for part in ("src", "dst"):
            layer.put(data, part, address(layer.header.field(part).kind))
        if name == "ipv4":
            for part in ("reserved", "more_fragments"):
                layer.put(data, part, 0)
        layer.put(data, "ecn", 0)  # no mark of congestion, for which a tunnel's end may drop
        layer.put(data, "ttl" if name == "ipv4" else "hop_limit", 64)
    elif name in (*TRANSPORTS, "sctp"):
        for part in ("sport", "dport"):
            if leads != part:
                layer.put(data, part, random.randrange(20_000, 60_000))
        if name == "tcp":
            layer.put(data, "flags", 0x10)
    elif name == "ipv6_fragment":
        layer.put(data, "more", 0)
    elif name == "ipv6_routing":
        layer.put(data, "segments_left", 0)
    elif name == "vxlan":
        for part in ("reserved", "reserved2", "reserved3", "reserved4"):
            layer.put(data, part, 0)
    elif name == "gue":  # of version 0, which has a header
        for part, value in (("version", 0), ("control", 0), ("flags", 0), ("protocol", 41 if behind == "ipv6" else 4)):
            layer.put(data, part, value)


def address(kind):
    """One that a host may have."""
    bits = random.getrandbits(24)
    return 0x0a000000 | bits | 1 if kind == "ipv4_addr" else 0xfd << 120 | random.getrandbits(64) << 32 | bits | 1


def new_value(library, one, old):
    if one.kind in library.enums:
        return random.choice([v for v in library.enums[one.kind][2].values() if v != old])
    if one.kind in ("ipv4_addr", "ipv6_addr"):
        return address(one.kind)
    if one.kind == "mac_addr":
        return SENDER | 0xee << 24 | random.getrandbits(24)  # of one device
    value = random.randrange(20_000, 60_000) if one.kind == "port" else random.getrandbits(one.bits)
    return value ^ 1 if value == old else value


def as_written(library, one, value):
    if one.kind in library.enums:
        return next(name for name, v in library.enums[one.kind][2].items() if v == value)
    return written(one, value, None)


# --- Ways to a header -----------------------------------------------------------------

def tails(library, name, scope):
    """What may stand behind a header, so that there is a sum behind it."""
    header = library.headers[name]
    if any(n["selector"] == "ip_protocol" and not n["inner"] for n in header.next):
        return [["tcp"], ["udp"]]
    if scope == "inner":
        return [[]]
    if any(n["selector"] == "link_type" for n in header.next) and name == "vxlan":
        return [["ethernet", "ipv4", "tcp"]]
    if any(n["inner"] and n["selector"] == "ethertype" for n in header.next):
        return [["ipv6" if name.startswith("icmpv6") else "ipv4", "udp"]]
    return [[]]


def contexts(library, owner, scope):
    """Names of headers from the frame on, with a name for where the header stands."""
    if owner.name == "ethernet" and scope == "outer":
        return [("outside", ["ethernet", family, "tcp"]) for family in FAMILIES]
    if owner.name == "vlan" and scope == "outer":
        return [("outside", ["ethernet", "vlan", family, "tcp"]) for family in FAMILIES]
    found = []
    around = {"outside": (["ethernet"], FAMILIES)} if scope == "outer" else AROUND
    for context, (prefix, families) in around.items():
        carried = context in ("outside", "VXLAN over IPv6") or context.startswith(QUOTE) or owner.name in EVERYWHERE
        if scope == "inner" and owner.name == "ethernet":
            if prefix[-1] == "ethernet":
                found.append((context, prefix + ["ipv4", "tcp"]))
            continue
        if not carried:
            continue
        for family in families:
            if owner.name == "ah" and (scope, family) == ("outer", "ipv6"):
                continue  # no sum is around it, and scapy knows of none behind it
            way = library.ways(library.headers[family], scope).get((owner.name, scope))
            for tail in tails(library, owner.name, scope) if way else []:
                found.append((context, prefix + [h.name for h, _, _ in way] + tail))
    return found


def modules(folder):
    """In which file of the library a header is declared."""
    found = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.np"))):
        with open(path) as text:
            for name in re.findall(r"^header (\w+)", text.read(), re.M):
                found[name] = os.path.basename(path)[:-3]
    return found


def statements(library, folder, only=None):
    """All cases, or those of some groups, and what is left out, with why."""
    of_module, made, left_out = modules(folder), [], {}
    for header in library.headers.values():
        owner = header.owner or header
        for scope in ("outer", "inner"):
            name = ("inner." if scope == "inner" else "") + header.name
            ways = contexts(library, owner, scope)
            for one in header.fields:
                if one.layout:
                    continue
                about = f"{name}.{one.name}"
                why = LEFT_OUT.get(about) or LEFT_OUT.get(name)
                if not why and not ways:
                    why = "no packet of the library has it there"
                if why:
                    left_out[about] = why
                    continue
                if only and group_of(of_module[owner.name], scope) not in only:
                    continue
                made.append(case(library, len(made), of_module[owner.name], name, scope, header, one, ways))
    return made, left_out


def group_of(module, scope):
    return ("inside: " if scope == "inner" else "") + module


def case(library, number, module, name, scope, header, one, ways):
    frames = []
    for context, names in ways:
        for no_sum in (False, True) if "udp" in names and names[1] == "ipv4" else (False,):
            frames.append((context, "small", *make(library, names, header, scope, SIZES["small"], no_sum)))
        if not any(f[1] == "large" for f in frames):
            frames.append((context, "large", *make(library, names, header, scope, SIZES["large"], False)))
        can_be_cut = names[-1] in TRANSPORTS and all(layer.scope == "outer" for layer in frames[-1][2].layers)
        if can_be_cut and not NEVER_CUT & {*names, f"{name}.{one.name}"} and not any(f[1] == "cut" for f in frames):
            frames.append((context, "cut", *make(library, names, header, scope, SIZES["cut"], False)))
    packet, target = frames[0][2:]
    value = new_value(library, one, target.get(packet.data, one.name))
    statement = Statement(number, group_of(module, scope), name, one, value, f"{name}.{one.name} = {as_written(library, one, value)}")
    for context, shape, packet, target in frames:
        layer = packet.layers[0]
        layer.put(packet.data, "src", SENDER + number)
        if target.get(packet.data, one.name) == value:  # else nothing would change
            target.put(packet.data, one.name, value ^ 1)
            packet.settle()
        if context == QUOTE + "6":
            context = QUOTE
        statement.frames.append(Frame(statement, context, shape, packet, target))
    return statement


def blocks(made):
    """The groups that share a block, as many as the verifier takes well."""
    found = []
    for scope in ("", "inside: "):
        here = [one for one in dict.fromkeys(s.group for s in made) if one.startswith("inside: ") == bool(scope)]
        for names in SHARING:
            found.append([one for one in here if one.removeprefix("inside: ") in names])
        rest = [one for one in here if not any(one in together for together in found)]
        found += [[one] for one in rest]
    return [one for one in found if one]


def pipeline(made, together, hook, imports):
    """The pipeline: each block on a device of its own."""
    lines = ["pipeline sums;", *(f"import net.{module};" for module in imports)]
    for i, groups in enumerate(together):
        lines.append(f'on {hook} p{i} (dev: "w{i}") {{')
        by_header = {}
        for one in made:
            if one.group in groups:
                by_header.setdefault(one.name, []).append(one)
        for name, ones in by_header.items():
            lines.append(f"    if {name} {{")
            for one in ones:
                mac = (SENDER + one.number).to_bytes(6, "big")
                lines.append(f"        {one.text} when ethernet.src == {':'.join(f'{b:02x}' for b in mac)};")
            lines.append("    }")
        lines.append("    pass;")
        lines.append("}")
    return "\n".join(lines) + "\n"
