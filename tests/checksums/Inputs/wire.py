"""Where the packets go: four namespaces' worth of wire in three.

    sender   w0 … wN   where frames begin, and tc.egress; the devices' transmit offload is on or off
    middle   w0 … wN   xdp and tc.ingress; a bridge passes all on to `near`, whose other end is `look`: there a sum that
                       was left to the device is still open; a second bridge passes on to `last`
    receiver end       `last` has no offloads: here all is summed and cut up, and the kernel takes any packet for its own

A frame and what comes of it are told apart by a frame of another kind behind each: all stay on one CPU, in order.
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import socket
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))
import netlab

# include/uapi/linux/if_packet.h, virtio_net.h, ethtool.h, sockios.h
PACKET_VNET_HDR = 15
NEEDS_CSUM, GSO_TCPV4, GSO_TCPV6, GSO_UDP_L4 = 1, 1, 4, 5
VNET = struct.Struct("=BBHHHH")
SIOCETHTOOL, SET_TX, SET_TSO = 0x8946, 0x17, 0x1f
MARK = bytes.fromhex("02ab00000001" "02cd0000ffff" "88b5")
MTU = 9_000


def batch(namespace, lines):
    done = subprocess.run(["ip", "-n", namespace, "-batch", "-"], input="\n".join(lines), text=True,
                          capture_output=True)
    if done.returncode:
        raise RuntimeError(f"ip -n {namespace}: {done.stderr}")


def setting(path, value, optional=False):
    try:
        with open(f"/proc/sys/net/{path}", "w") as file:
            file.write(value)
    except FileNotFoundError:
        if not optional:
            raise


class Wire:
    def __init__(self, prefix, width, receiver, inside):
        self.sender, self.middle, self.receiver = (f"{prefix}-{os.getpid()}-{part}"
                                                   for part in ("sender", "middle", "receiver"))
        self.width, self.addresses = width, (receiver, inside)
        self.sequence = 0

    def __enter__(self):
        with contextlib.ExitStack() as undo:
            for name in (self.sender, self.middle, self.receiver):
                netlab.ip("netns", "add", name)
                undo.callback(netlab.ip, "netns", "del", name)
            self.settings()
            self.devices()
            self.sockets(undo)
            self.undo = undo.pop_all()
        return self

    def __exit__(self, *_):
        self.undo.close()

    def settings(self):
        for name in (self.sender, self.middle):
            with netlab.inside(name):
                for which in ("all", "default"):
                    setting(f"ipv6/conf/{which}/disable_ipv6", "1")
                for family in ("ip", "ip6"):
                    setting(f"bridge/bridge-nf-call-{family}tables", "0", optional=True)
        with netlab.inside(self.receiver):
            for which in ("all", "default"):
                setting(f"ipv4/conf/{which}/rp_filter", "0")
                setting(f"ipv4/conf/{which}/accept_local", "1")
                for quiet in ("accept_ra", "accept_redirects", "router_solicitations"):
                    setting(f"ipv6/conf/{which}/{quiet}", "0")
            setting("ipv4/icmp_ratelimit", "0")

    def devices(self):
        names = [f"w{i}" for i in range(self.width)]
        batch(self.sender, [f"link add {w} mtu {MTU} type veth peer name {w} mtu {MTU} netns {self.middle}" for w in names]
              + [f"link set {w} up" for w in names])
        quiet = "type bridge_slave learning off mcast_flood off bcast_flood off flood"
        bridge = "type bridge forward_delay 0 mcast_snooping 0"
        lines = [f"link add first mtu {MTU} {bridge}", f"link add second mtu {MTU} {bridge}",
                 f"link add near mtu {MTU} type veth peer name look mtu {MTU}",
                 f"link add last mtu {MTU} type veth peer name end mtu {MTU} netns {self.receiver}"]
        for bridge, ports in (("first", [*names, "near"]), ("second", ["look", "last"])):
            for port in ports:
                flood = "on" if port in ("near", "last") else "off"
                lines += [f"link set {port} master {bridge} up", f"link set {port} {quiet} {flood}"]
        batch(self.middle, lines + ["link set first up", "link set second up"])
        receiver, inside = (":".join(f"{b:02x}" for b in one.to_bytes(6, "big")) for one in self.addresses)
        batch(self.receiver, [
            f"link set end address {receiver} addrgenmode none", "link set end up", "link set lo up",
            f"link add tunnel address {inside} mtu {MTU} type vxlan external dstport 4789 udp6zerocsumrx",
            "link set tunnel addrgenmode none", "link set tunnel up", "route add local 0.0.0.0/0 dev lo", "route add local ::/0 dev lo"])
        self.offload(self.middle, ["last"], False)
        with netlab.inside(self.receiver):  # where the kernel knows GRE: the device that takes what no other does
            if os.path.exists("/proc/sys/net/ipv4/conf/gre0"):
                batch(self.receiver, ["link set gre0 up"])

    def offload(self, name, devices, on):
        """Transmit offload: sums, and segments of TCP."""
        with netlab.inside(name), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            for device in devices:
                for command in (SET_TX, SET_TSO) if on else (SET_TSO, SET_TX):
                    value = ctypes.create_string_buffer(struct.pack("=II", command, int(on)))
                    try:
                        fcntl.ioctl(control, SIOCETHTOOL, struct.pack("16sQ16x", device.encode(), ctypes.addressof(value)))
                    except OSError as error:  # native XDP at the other end takes no segments that are yet to be cut
                        if command != SET_TSO or error.errno != errno.EOPNOTSUPP:
                            raise

    def offload_of_sender(self, on):
        self.offload(self.sender, [f"w{i}" for i in range(self.width)], on)

    def mtu(self, value):
        lines = [f"link set w{i} mtu {value}" for i in range(self.width)]
        batch(self.sender, lines)
        batch(self.middle, lines)

    def sockets(self, undo):
        self.out = [self.packet_socket(self.sender, f"w{i}", undo) for i in range(self.width)]
        self.open_end = self.packet_socket(self.middle, "look", undo)
        self.end = self.packet_socket(self.receiver, "end", undo)
        with netlab.inside(self.receiver):
            self.counts = [open(f"/proc/thread-self/net/{name}") for name in ("snmp", "netstat", "snmp6", "sctp/snmp")
                           if os.path.exists(f"/proc/thread-self/net/{name}")]
        for file in self.counts:
            undo.callback(file.close)

    def packet_socket(self, name, device, undo):
        with netlab.inside(name):
            raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        undo.callback(raw.close)
        raw.setsockopt(netlab.SOL_PACKET, PACKET_VNET_HDR, 1)
        raw.setsockopt(netlab.SOL_PACKET, netlab.PACKET_AUXDATA, 1)
        raw.setsockopt(netlab.SOL_PACKET, netlab.PACKET_IGNORE_OUTGOING, 1)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        raw.bind((device, netlab.ETH_P_ALL if device in ("look", "end") else 0))
        raw.settimeout(10)
        return raw

    def send(self, device, frame, header=bytes(VNET.size)):
        """Sends a frame; what came of it before and at the end: (flags, kind of GSO, begin of the sum, frame)."""
        out = self.out[device]
        out.send(header + frame)
        self.sequence += 1
        mark = MARK + self.sequence.to_bytes(4, "big") + bytes(42)
        out.send(bytes(VNET.size) + mark)
        return self.until(self.open_end, mark), self.until(self.end, mark)

    @staticmethod
    def until(raw, mark):
        came = []
        while True:
            frame, extra, _, _ = raw.recvmsg(65_536, 256)
            flags, kind, _, _, start, _ = VNET.unpack(frame[:VNET.size])
            frame = frame[VNET.size:]
            if frame == mark:
                return came
            if frame[12:14] != MARK[12:]:
                whole = with_tag(frame, extra)
                came.append((flags, kind, start + len(whole) - len(frame), whole))

    def errors(self):
        """Broken checksums that the receiving kernel has counted, by protocol."""
        found = {}
        for file in self.counts:
            file.seek(0)
            lines = file.read().splitlines()
            if ":" not in lines[0]:
                pairs = (line.split() for line in lines)
            else:
                pairs = ((names.split(":")[0] + "." + name, value)
                         for names, values in zip(lines[::2], lines[1::2])
                         for name, value in zip(names.split()[1:], values.split()[1:]))
            for name, value in pairs:
                if ("InCsumErrors" in name or name == "SctpChecksumErrors") and int(value):
                    found[name] = int(value)
        return found


def with_tag(frame, extra):
    """The frame with the VLAN tag that the kernel took out of it."""
    for level, kind, content in extra:
        if (level, kind) == (netlab.SOL_PACKET, netlab.PACKET_AUXDATA):
            status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH", content[:20])
            if status & netlab.TP_STATUS_VLAN_VALID:
                return frame[:12] + struct.pack("!HH", tpid, tci) + frame[12:]
    return frame
