"""Packets from the declarations, byte by byte, with lengths and checksums of its own."""

import ipaddress
import random
import re


class Layer:
    def __init__(self, header, scope):
        self.header, self.scope, self.values, self.options = header, scope, {}, []
        self.start = self.size = 0

    def put(self, data, name, value):
        field = self.header.field(name)
        at = self.start * 8 + field.offset
        whole = int.from_bytes(data, "big")
        shift = len(data) * 8 - at - field.bits
        mask = ((1 << field.bits) - 1) << shift
        data[:] = (whole & ~mask | value << shift & mask).to_bytes(len(data), "big")

    def get(self, data, name):
        field = self.header.field(name)
        shift = len(data) * 8 - self.start * 8 - field.offset - field.bits
        return int.from_bytes(data, "big") >> shift & (1 << field.bits) - 1


def number(text, names):
    text = text.replace("/", "//").replace("true", "1").replace("false", "0")
    text = re.sub(r" as u\d+", "", text).replace("_", "")
    return int(eval(text, {}, {k.replace("_", ""): v for k, v in names.items()}))


class Packet:
    """Layers from the outside in; the last may have options. `rest` stands behind them."""

    def __init__(self, library, layers, links, rest):
        self.library, self.layers, self.rest = library, layers, rest
        for i, layer in enumerate(layers):
            self.choose(layer, links[i])
        self.lay_out()
        for layer in layers:
            self.fill(layer)
        self.settle()

    def choose(self, layer, link):
        header = layer.header
        for f in header.fields:
            if header.ties(f.name) or f.layout:
                continue
            layer.values[f.name] = random.getrandbits(f.bits)
        if not link:
            for n in header.next:
                # Nothing known follows: 59 and 253 are no protocols.
                if n["selector"] == "ip_protocol" and header.field(n["value"]):
                    if not header.field(n["value"]).initial:
                        layer.values[n["value"]] = 59
            return
        n, value = link
        name = n["value"].replace(" as u8", "")
        if header.field(name):
            layer.values[name] = value
        for field, equal in re.findall(r"(\w+) == (\w+)", n["when"] or ""):
            layer.values[field] = int(equal, 0)

    def lay_out(self):
        at = 0
        for layer in self.layers:
            layer.start = at
            size = layer.header.bits // 8
            for option in layer.options:
                option.start = at + size
                size += option.size
            grain = 8 if layer.header.name.startswith("ipv6_") else 4
            if layer.header.size and (layer.options or grain == 8):
                size = (size + grain - 1) // grain * grain
            layer.size = size
            at += size
        self.data = bytearray(at) + bytearray(self.rest)

    def fill(self, layer):
        names = {"size": layer.size, "extent": len(self.data) - layer.start}
        for f in layer.header.fields:
            value = layer.values.get(f.name)
            if value is None and f.initial:
                if f.kind in self.library.enums:
                    value = self.library.enums[f.kind][2][f.initial]
                else:
                    value = number(f.initial, names)
            layer.put(self.data, f.name, value or 0)
        for option in layer.options:
            for f in option.header.fields:
                option.put(self.data, f.name, option.values[f.name])

    # --- Checksums ---

    def summand(self, index, text):
        if text.isdigit() or text == "extent":
            value = int(text) if text != "extent" else self.covered(self.layers[index])
            return value.to_bytes(4, "big")
        name, field = text.split(".")
        wanted = ("ipv4", "ipv6") if name == "ip" else (name,)
        for layer in reversed(self.layers[:index]):
            if layer.header.name in wanted:
                f = layer.header.field(field)
                return layer.get(self.data, field).to_bytes(f.bits // 8, "big")
        raise SystemExit(f"{text} is not around {self.layers[index].header.name}")

    def covered(self, layer):
        return len(self.data) - layer.start

    def settle(self):
        for index in reversed(range(len(self.layers))):
            layer = self.layers[index]
            rule = layer.header.checksum
            if not rule:
                continue
            if rule["how"] == "ones_complement_or_none" and getattr(layer, "no_sum", False):
                layer.put(self.data, rule["field"], 0)
                continue
            layer.put(self.data, rule["field"], 0)
            end = layer.start + layer.size if rule["of"] == "header" else len(self.data)
            covered = bytes(self.data[layer.start:end])
            if rule["how"] == "crc32c":
                value = int.from_bytes(crc32c(covered).to_bytes(4, "little"), "big")
            else:
                covered += b"\0" * (len(covered) % 2)
                for text in rule["summands"]:
                    covered += self.summand(index, text)
                value = internet_sum(covered)
                if rule["how"] == "ones_complement_or_none":
                    value = value or 0xffff
            layer.put(self.data, rule["field"], value)

    def changed(self, layer, name, value):
        """The packet with another value there, its checksums right again."""
        before = bytearray(self.data)
        layer.put(self.data, name, value)
        self.settle()
        after, self.data = self.data, before
        return after


def internet_sum(data):
    total = sum(int.from_bytes(data[i:i + 2], "big") for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return ~crc & 0xffffffff


def written(field, value, enums):
    """A value as the language writes it."""
    if field.kind == "ipv4_addr":
        return str(ipaddress.IPv4Address(value))
    if field.kind == "ipv6_addr":
        return str(ipaddress.IPv6Address(value))
    if field.kind == "mac_addr":
        return ":".join(f"{b:02x}" for b in value.to_bytes(6, "big"))
    if field.kind == "bool":
        return "true" if value else "false"
    return str(value)
