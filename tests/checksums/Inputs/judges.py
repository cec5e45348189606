"""Scapy as a judge of the checksums in a frame."""

import functools
import logging

logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
import scapy.contrib.geneve  # noqa: F401  found by its UDP port
import scapy.layers.ipsec  # noqa: F401
import scapy.layers.vxlan  # noqa: F401
from scapy.layers.inet import ICMP, IP, TCP, UDP, in4_chksum, in4_pseudoheader
from scapy.layers.inet6 import IPv6, in6_chksum, in6_pseudoheader
from scapy.layers.l2 import Ether
from scapy.layers.sctp import SCTP, crc32c
from scapy.utils import checksum

KINDS = {"ethernet": Ether, "ipv4": IP, "ipv6": IPv6}
FIELDS = ("chksum", "cksum")  # as scapy's layers call it


@functools.lru_cache(maxsize=1 << 16)
def judge(data, starts, open_at=None):
    """Place of each sum that scapy finds: whether it stands as scapy computes it.

    `starts`: (place, name) of headers to begin at, since scapy doesn't know each tunnel. `open_at`: where the segment
    begins whose sum is left to a device: that of the pseudo header must stand there; the others are over what the
    device makes of it.
    """
    found = {}
    if open_at is not None:
        place, layer = find(data, starts, open_at)
        if layer is None:
            return found
        found[place] = layer.chksum == pseudo_sum(layer)
        value = checksum(layer.original)
        data = data[:place] + (value or 0xffff).to_bytes(2, "big") + data[place + 2:]
    for start, layer in layers(data, starts):
        field = sum_field(layer)
        if field and not (isinstance(layer, UDP) and layer.chksum == 0):
            place = start + offset_of(layer, field)
            found.setdefault(place, getattr(layer, field) == computed(layer, field))
    return found


def layers(data, starts):
    for start, name in starts:
        packet = KINDS[name](data[start:])
        layer = packet
        while layer:
            yield start + len(packet.original) - len(layer.original), layer
            layer = layer.payload


def find(data, starts, at):
    for start, layer in layers(data, starts):
        if start == at and isinstance(layer, (TCP, UDP)):
            return start + offset_of(layer, "chksum"), layer
    return None, None


def sum_field(layer):
    return next((name for name in FIELDS if name in layer.fields), None)


def offset_of(layer, wanted):
    place = 0
    for one in layer.fields_desc:
        if one.name == wanted:
            return int(place)
        place += one.sz
    raise KeyError(wanted)


def below(layer):
    """The IP layer that a transport's pseudo header is of."""
    layer = layer.underlayer
    while layer is not None and not isinstance(layer, (IP, IPv6)):
        layer = layer.underlayer
    return layer


def carrier(layer):
    """IPv4 around a segment; behind a header between them it is to know nothing of lengths."""
    around = below(layer)
    return around if around is layer.underlayer else IP(src=around.src, dst=around.dst)


def number_of(layer):
    return 6 if isinstance(layer, TCP) else 17 if isinstance(layer, UDP) else 135 if "MIP6" in type(layer).__name__ else 58


def computed(layer, field):
    """What scapy would put there, over the bytes that came."""
    at = offset_of(layer, field)
    size = 4 if isinstance(layer, SCTP) else 2
    data = layer.original[:at] + bytes(size) + layer.original[at + size:]
    if isinstance(layer, IP):
        return checksum(data[:layer.ihl * 4])
    if isinstance(layer, ICMP):
        return checksum(data)
    if isinstance(layer, SCTP):
        return crc32c(data)
    if isinstance(below(layer), IP):
        value = in4_chksum(number_of(layer), carrier(layer), data)
    else:
        value = in6_chksum(number_of(layer), layer.underlayer, data)
    return value or (0xffff if isinstance(layer, UDP) else 0)


def pseudo_sum(layer):
    if isinstance(below(layer), IP):
        header = in4_pseudoheader(number_of(layer), carrier(layer), len(layer.original))
    else:
        header = bytes(in6_pseudoheader(number_of(layer), layer.underlayer, len(layer.original)))
    return ~checksum(header) & 0xffff
