"""Every field of every header of the standard library, outside and inside, at one site: the program sees the value
that is in the packet, and where packets can be changed, a rewrite gives the packet that it should, checksums
included. Each expectation has a twin that is wrong by one bit and must fail.

    every_field.py NETC STDLIB FOLDER SITE N/M [SEED]

Of the headers part N of M. What a site doesn't see is left out.
"""

import os
import random
import re
import subprocess
import sys
from dataclasses import dataclass

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from builder import Layer, Packet, written
from declarations import Library


@dataclass(frozen=True)
class Site:
    hook: str
    attributes: str
    verdict: str
    rewrites: bool = True
    frames: bool = True   # sees the headers below IP
    at_once: int = 1000   # fields that a program names: copies of headers take stack, and the verifier's time

    def sees(self, subject):
        below = subject.scope == "outer" and subject.header.name == "ethernet"
        return self.frames or not below and all(p.layers[1].header.name in ("ipv4", "ipv6") for p in subject.packets)


# Headers are reached by pointers, in fragments by copies, and in a cgroup's packets behind no Ethernet header.
SITES = {"xdp": Site("xdp", 'dev: "eth0"', "tx"),
         "xdp.frags": Site("xdp", 'dev: "eth0", frags: yes', "tx", at_once=3),
         "tc.egress": Site("tc.egress", 'dev: "eth0"', "accept"),
         "cgroup.egress": Site("cgroup.egress", 'cgroup: "/sys/fs/cgroup"', "pass", rewrites=False, frames=False, at_once=3)}
PROGRAMS_A_FILE = 40
# Where the inner packet stands: in a frame under a UDP checksum of IPv6, and quoted by an ICMP error.
WRAPS = {"frame": (["ethernet", "ipv6", "udp", "vxlan"], "ethernet"),
         "quote": (["ethernet", "ipv4", "icmp", "icmp_error"], "ipv4")}


class Subject:
    """A header in a scope, and packets that have it."""

    def __init__(self, header, scope):
        self.header, self.scope, self.packets = header, scope, []
        self.name = ("inner." if scope == "inner" else "") + header.name

    def layer(self, packet):
        for layer in packet.layers:
            for here in [layer] + layer.options:
                if here.header is self.header and layer.scope == self.scope:
                    return here
        raise SystemExit(f"no {self.name} in its own packet")


def link(library, header, other, scope):
    for n, behind, there, values in library.links(header, scope):
        if behind is other and (value := library.suits(n, values)) is not None:
            return (n, value), there
    raise SystemExit(f"{header.name} does not lead to {other.name}")


def make_packet(library, names, target, filler, no_sum=False):
    """A packet of these headers; `target` may be an option of the last."""
    scope, layers, links = "outer", [], []
    for i, name in enumerate(names):
        header = library.headers[name]
        layers.append(Layer(header, scope))
        if i + 1 < len(names):
            found, scope = link(library, header, library.headers[names[i + 1]], scope)
            links.append(found)
        else:
            links.append(None)
    for layer in layers:
        layer.no_sum = no_sum and layer.header.name == "udp"
    if target.owner:
        layers[-1].options = options_of(target, filler)
    return Packet(library, layers, links, b"\0" + random.randbytes(40 + random.randrange(2)))


def options_of(target, filler):
    """The option behind `filler` bytes of padding, where there are options of one byte."""
    options = []
    single = re.search(r"single when \w+ == (\d+)", target.owner.walk["text"])
    if single:
        for _ in range(filler):
            pad = Layer(type(target)("pad", [], None), "")
            pad.header.fields = [type(target.fields[0])("kind", "u8", 8, 0, True, None)]
            pad.values, pad.size = {"kind": int(single.group(1))}, 1
            options.append(pad)
    option = Layer(target, "")
    for f in target.fields:
        option.values[f.name] = random.getrandbits(f.bits)
    first, size = target.fields[0], target.bits // 8
    option.values[first.name] = target.kinds[0]
    formula = target.owner.walk["size"]
    grain = int(m.group(1)) if (m := re.search(r"length \* (\d+)", formula)) else 1
    option.size = (size + grain - 1) // grain * grain
    for length in range(256):
        if eval(formula, {}, {"length": length}) == option.size:
            option.values["length"] = length
            break
    return options + [option]


def subjects(library):
    start = library.headers["ethernet"]
    outer = library.ways(start, "outer")
    for header in library.headers.values():
        owner = header.owner or header
        for scope in ("outer", "inner"):
            subject = Subject(header, scope)
            if scope == "outer":
                ways = [[h.name for h, _, _ in outer[(owner.name, "outer")]]]
            else:
                ways = []
                for prefix, first in WRAPS.values():
                    inside = library.ways(library.headers[first], "inner")
                    if (owner.name, "inner") in inside:
                        way = inside[(owner.name, "inner")]
                        ways.append(prefix + [h.name for h, _, _ in way])
            for way in ways:
                for filler in (0, 1) if header.owner else (0,):
                    subject.packets.append(make_packet(library, way, header, filler))
                if "udp" in way:
                    subject.packets.append(make_packet(library, way, header, 0, True))
            if subject.packets:
                yield subject


class File:
    def __init__(self, library, site, number):
        self.library, self.site = library, site
        self.lines = [f"pipeline fields{number};"]
        for name in sorted({h.name for h in library.headers.values() if not h.owner}):
            if os.path.exists(os.path.join(library.folder, name + ".np")):
                self.lines.append(f"import net.{name};")
        for module in ("nd", "ipv6_extension", "net"):
            self.lines.append(f"import net.{module};")
        self.lines.append("param which: u32 = 0;")
        self.wrong = set()  # lines of expectations that must fail
        self.right = {}     # lines of those that must hold, and what they are about
        self.count = 0

    def add(self, text):
        self.lines.append(text)

    def value(self, field, value):
        """As it can be assigned: members of enums by their names."""
        if field.kind in self.library.enums:
            kind, _, members = self.library.enums[field.kind]
            return next(name for name, v in members.items() if v == value)
        return written(field, value, None)

    def fresh(self, field, old):
        if field.kind in self.library.enums:
            values = list(self.library.enums[field.kind][2].values())
            return random.choice([v for v in values if v != old] or values)
        value = random.getrandbits(field.bits)
        return value ^ 1 if value == old else value

    def add_subject(self, subject):
        fields = subject.header.fields
        for i in range(0, len(fields), self.site.at_once):
            self.add_program(subject, fields[i:i + self.site.at_once])

    def add_program(self, subject, fields):
        self.count += 1
        k, name = self.count, subject.name
        typed = lambda f: f.kind if f.kind.endswith("_addr") else "u64"
        reads = lambda f: f"{name}.{f.name}" + ("" if f.kind.endswith("_addr") else " as u64")
        self.add(f"event Seen{k} {{ {', '.join(f'{f.name}_: {typed(f)}' for f in fields)} }}")
        self.add(f'on {self.site.hook} p{k} ({self.site.attributes}) {{')
        self.add(f"    if {name} {{")
        self.add(f"        emit Seen{k} {{ {', '.join(f'{f.name}_: {reads(f)}' for f in fields)} }} when which == 0;")
        plan = []
        for i, f in enumerate((f for f in fields if not f.layout and self.site.rewrites), 1):
            new = self.fresh(f, subject.layer(subject.packets[0]).get(subject.packets[0].data, f.name))
            self.add(f"        {name}.{f.name} = {self.value(f, new)} when which == {i};")
            plan.append((i, f, new))
        self.add(f"        {self.site.verdict};")
        self.add("    }")
        self.add("}")
        self.add_tests(subject, k, fields, plan)

    def add_tests(self, subject, k, fields, plan):
        self.add(f'test "right {k}" on p{k} {{')
        for packet in subject.packets:
            layer = subject.layer(packet)
            self.add(f"    given which = 0;")
            self.send(packet.data)
            pairs = [(f, layer.get(packet.data, f.name)) for f in fields]
            self.expect(f"expect event Seen{k} {{ {self.seen(pairs)} }};", subject.name)
            for i, f, new in plan:
                self.add(f"    given which = {i};")
                self.send(packet.data)
                self.expect(self.packet("expect packet =", packet.changed(layer, f.name, new)),
                            f"{subject.name}.{f.name}")
        self.add("}")
        self.add(f'test "wrong {k}" on p{k} {{')
        packet = subject.packets[-1]
        layer = subject.layer(packet)
        self.add(f"    given which = 0;")
        for f in fields:
            self.send(packet.data)
            self.doubt(f"expect event Seen{k} {{ {self.seen([(f, layer.get(packet.data, f.name) ^ 1)])} }};")
        for i, f, new in plan:
            self.add(f"    given which = {i};")
            self.send(packet.data)
            after = packet.changed(layer, f.name, new)
            bit = layer.start * 8 + f.offset + f.bits - 1
            after[bit // 8] ^= 0x80 >> bit % 8
            self.doubt(self.packet("expect packet =", after))
        self.add("}")

    @staticmethod
    def seen(pairs):
        return ", ".join(
            f"{f.name}_: {written(f, v, None) if f.kind.endswith('_addr') else v}" for f, v in pairs)

    @staticmethod
    def packet(words, data):
        mac = lambda b: ":".join(f"{x:02x}" for x in b)
        ether = f"ethernet {{ dst: {mac(data[:6])}, src: {mac(data[6:12])}, type: {int.from_bytes(data[12:14], 'big')} }}"
        return f"{words} {ether} / payload({', '.join(map(str, data[14:]))});"

    def send(self, data):
        self.add("    " + self.packet("send", data))

    def expect(self, text, about):
        self.add("    " + text)
        self.right[len(self.lines)] = about

    def doubt(self, text):
        self.add("    " + text)
        self.wrong.add(len(self.lines))

    def run(self, netc, path):
        with open(path, "w") as out:
            out.write("\n".join(self.lines) + "\n")
        done = subprocess.run([netc, "test", path], capture_output=True, text=True)
        output = done.stdout + done.stderr
        if done.returncode not in (0, 5):  # 5: a test failed
            return [f"{path}: netc ended with {done.returncode}\n{output[-3000:]}"]
        reported = {int(n) for n in re.findall(rf"{re.escape(path)}:(\d+):", output)}
        bad = [f"{path}:{n}: {self.right[n]} is not as it should be" for n in sorted(reported & set(self.right))]
        bad += [f"{path}:{n}: holds, and must not: {self.lines[n - 1][:100]}" for n in sorted(self.wrong - reported)]
        stray = reported - set(self.right) - self.wrong
        bad += [f"{path}:{n}: {self.lines[n - 1][:100]}" for n in sorted(stray)]
        skipped = re.search(r"(\d+) skipped", output)
        if not skipped or skipped.group(1) != "0":
            bad.append(f"{path}: not all tests ran\n{output[-2000:]}")
        return bad


def check_against_scapy(subject_list):
    """That this builder's packets are what scapy takes them for: it would sum them the same way."""
    from scapy.layers.inet import ICMP, IP, TCP, UDP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.l2 import Ether
    checked, bad = 0, []
    for subject in subject_list:
        if subject.scope == "inner" or subject.header.name not in ("ipv4", "ipv6", "tcp", "udp", "icmp"):
            continue
        for packet in subject.packets:
            parsed = Ether(bytes(packet.data))
            layer = parsed[{"ipv4": IP, "ipv6": IPv6, "tcp": TCP, "udp": UDP, "icmp": ICMP}[subject.header.name]]
            ours = subject.layer(packet)
            for name, theirs in (("ttl", "ttl"), ("hop_limit", "hlim"), ("sport", "sport"), ("dport", "dport"),
                                 ("seq", "seq"), ("window", "window"), ("code", "code"), ("id", "id"),
                                 ("flow_label", "fl")):
                if ours.header.field(name) and hasattr(layer, theirs):
                    checked += 1
                    if getattr(layer, theirs) != ours.get(packet.data, name):
                        bad.append(f"scapy reads {subject.name}.{name} otherwise")
            if hasattr(layer, "chksum") and layer.chksum:
                had = layer.chksum
                del layer.chksum
                again = Ether(bytes(parsed))
                checked += 1
                if again.getlayer(type(layer)).chksum != had:
                    bad.append(f"scapy sums {subject.name} otherwise")
    return checked, bad


def main():
    netc, stdlib, folder, name, part = sys.argv[1:6]
    site = SITES[name]
    number, parts = map(int, part.split("/"))
    random.seed(sys.argv[6] if len(sys.argv) > 6 else "1")
    os.makedirs(folder, exist_ok=True)
    library = Library(os.path.join(stdlib, "net"))
    library.folder = os.path.join(stdlib, "net")
    all_subjects = list(subjects(library))
    checked, bad = check_against_scapy(all_subjects)
    expectations = twins = 0
    # Pairs: a header outside, which is cheap, and inside.
    seen = [s for s in all_subjects if site.sees(s)]
    chosen = [s for i, s in enumerate(seen) if i // 2 % parts == number - 1]
    for at in range(0, len(chosen), PROGRAMS_A_FILE):
        file = File(library, site, at)
        for subject in chosen[at:at + PROGRAMS_A_FILE]:
            file.add_subject(subject)
        bad += file.run(netc, os.path.join(folder, f"{name.replace('.', '_')}_{at}.np"))
        expectations += len(file.right)
        twins += len(file.wrong)
    for line in bad:
        print(line)
    print(f"{len(chosen)} headers in {name}, {expectations} expectations, {twins} wrong twins, "
          f"{checked} looks by scapy: {len(bad)} wrong")
    return 1 if bad or checked == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
