"""Two network namespaces joined by a veth pair, for tests that send real packets.

    with netlab.Lab("netc-demo") as lab:
        process = subprocess.Popen(lab.inside(lab.right, ["netc", "run", …, "--dev", "wire"]))
        sender, receiver = lab.packet_socket(lab.left), lab.packet_socket(lab.right)

Both ends are called `wire`. Neither namespace has addresses, routes or IPv6 of its
own, so that nothing is on the wire but what the test sends. Whatever ends the
block, the namespaces and all in them are gone after it.
"""

import contextlib
import ctypes
import os
import socket
import struct
import subprocess

INTERFACE = "wire"
ETH_P_ALL = 3
CLONE_NEWNET = 0x40000000
# include/uapi/linux/if_packet.h
SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING = 263, 8, 23
TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 0x10, 0x40

libc = ctypes.CDLL(None, use_errno=True)


class Lab:
    def __init__(self, prefix, mtu=1500):
        self.left, self.right = (f"{prefix}-{os.getpid()}-{side}" for side in ("left", "right"))
        self.mtu = mtu
        self._cleanup = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as undo:
            for name in (self.left, self.right):
                ip("netns", "add", name)
                undo.callback(ip, "netns", "del", name)
            ip("-n", self.left, "link", "add", INTERFACE, "mtu", str(self.mtu), "type", "veth",
               "peer", "name", INTERFACE, "mtu", str(self.mtu), "netns", self.right)
            for name in (self.left, self.right):
                with inside(name), open(f"/proc/sys/net/ipv6/conf/{INTERFACE}/disable_ipv6",
                                        "w") as setting:
                    setting.write("1")
                ip("-n", name, "link", "set", INTERFACE, "up")
            self._cleanup = undo.pop_all()
        return self

    def __exit__(self, *_):
        self._cleanup.close()

    def inside(self, name, argv):
        """The command line that runs `argv` in a namespace.

        Not `ip netns exec`: that gives the command a /sys of its own, in which
        the machine's bpffs can't be seen.
        """
        return ["nsenter", f"--net=/run/netns/{name}", "--", *argv]

    def packet_socket(self, name):
        """A raw socket on the wire's end in a namespace; the caller closes it."""
        with inside(name):
            raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.htons(ETH_P_ALL))
        raw.bind((INTERFACE, ETH_P_ALL))
        raw.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        raw.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        return raw


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


@contextlib.contextmanager
def inside(name):
    """Moves the calling thread into a namespace and back; sockets made there stay there."""
    with open("/proc/thread-self/ns/net") as home, open(f"/run/netns/{name}") as away:
        _enter(away)
        try:
            yield
        finally:
            _enter(home)


def _enter(namespace):
    if libc.setns(namespace.fileno(), CLONE_NEWNET):
        error = ctypes.get_errno()
        raise OSError(error, f"setns: {os.strerror(error)}")


def receive(raw):
    """The next frame, with the VLAN tag that the kernel took out of it put back."""
    data, ancillary, _, _ = raw.recvmsg(65536, socket.CMSG_SPACE(20))
    for level, kind, content in ancillary:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            # struct tpacket_auxdata: status, len, snaplen, mac, net, vlan_tci, vlan_tpid
            status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH", content[:20])
            if status & TP_STATUS_VLAN_VALID:
                tag = struct.pack("!HH", tpid if status & TP_STATUS_VLAN_TPID_VALID else 0x8100, tci)
                data = data[:12] + tag + data[12:]
    return data
