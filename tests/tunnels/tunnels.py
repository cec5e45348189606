"""TCP through netc's tunnels to the kernel's own devices: tunnels.py NETC OBJECT KIND…

The pipeline stands on the left end of a wire; on the right end is a device of the kernel's.
Large transfers go through: first both ways, in packets of many segments that the device is
to cut and to sum up (the wire passes them on as they are); then from netc's end, cut and
summed up by the kernel before they are on the wire. What the receivers count as broken must
be nothing.
"""

import hashlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import netc_run
import netlab
from netlab import INTERFACE, ip

BYTES = {"on": 1 << 20, "off": 256 << 10}
MSS = 1_200  # less than any segment's
V4, V6 = ("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2")
UDP_SEGMENT = 103  # include/uapi/linux/udp.h
# kind: of ends in the pipeline; the device's type and options; families inside.
DEVICES = {
    "IPIP": (["ipip", *"local 192.0.2.2 remote 192.0.2.1".split()], [4]),
    "SIT": (["sit", *"local 192.0.2.2 remote 192.0.2.1".split()], [6]),
    "GRE": (["gre", *"local 192.0.2.2 remote 192.0.2.1".split()], [4, 6]),
    "GUE": (["ipip", *("local 192.0.2.2 remote 192.0.2.1 encap gue encap-sport auto "
                       "encap-dport 6080").split()], [4]),
    "VXLAN": (["vxlan", *"id 7 local 192.0.2.2 remote 192.0.2.1 dstport 4789".split()], [4, 6]),
    "IP6TNL": (["ip6tnl", *"mode any local 2001:db8::2 remote 2001:db8::1".split()], [4, 6]),
    "VXLAN6": (["vxlan", *("id 7 local 2001:db8::2 remote 2001:db8::1 dstport 4789 udp6zerocsumrx "
                           "udp6zerocsumtx").split()], [4, 6]),
}
OF_PIPELINE = {"SIT": "IPIP"}
INSIDE = {4: ("10.1.0.1", "10.2.0.1"), 6: ("fd00:1::1", "fd00:2::1")}
PREFIX = {4: "10.2.0.0/24", 6: "fd00:2::/64"}
KEY = {4: "::ffff:10.2.0.0/120", 6: "fd00:2::/64"}
BACK = {4: "10.1.0.0/24", 6: "fd00:1::/64"}


def run(*argv):
    done = subprocess.run(argv, capture_output=True, text=True)
    assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
    return done.stdout


def setting(name, path, value):
    with netlab.inside(name), open(f"/proc/sys/net/{path}", "w") as file:
        file.write(value)


def mac_of(name):
    return run("ip", "-n", name, "-o", "link", "show", INTERFACE).split("link/ether ")[1].split()[0]


def broken(name):
    """What receivers in the namespace found broken, of any kind."""
    counts = {}
    with netlab.inside(name):
        lines = open("/proc/net/snmp").read().splitlines()
        six = open("/proc/net/snmp6").read().splitlines()
    for names, values in zip(lines[::2], lines[1::2]):
        protocol = names.split(":")[0]
        for key, value in zip(names.split()[1:], values.split()[1:]):
            if key in ("InCsumErrors", "InErrs", "InHdrErrors") and int(value):
                counts[f"{protocol}.{key}"] = int(value)
    for line in six:
        key, value = line.split()
        if ("InCsumErrors" in key or key == "Ip6InHdrErrors") and int(value):
            counts[key] = int(value)
    return counts


def prepare(lab):
    for side, name in enumerate((lab.left, lab.right)):
        setting(name, f"ipv6/conf/{INTERFACE}/disable_ipv6", "0")
        ip("-n", name, "link", "set", "lo", "up")
        ip("-n", name, "addr", "add", f"{V4[side]}/24", "dev", INTERFACE)
        ip("-n", name, "addr", "add", f"{V6[side]}/64", "dev", INTERFACE, "nodad")
        other = mac_of((lab.right, lab.left)[side])
        for address in V4[1 - side], V6[1 - side]:
            ip("-n", name, "neigh", "add", address, "lladdr", other, "dev", INTERFACE)
    for family in 4, 6:
        bits = {4: "/32", 6: "/128"}[family]
        via = {4: V4, 6: V6}[family][1]
        ip("-n", lab.left, "addr", "add", INSIDE[family][0] + bits, "dev", "lo", *(["nodad"] if family == 6 else []))
        ip("-n", lab.left, f"-{family}", "route", "add", PREFIX[family], "via", via, "src", INSIDE[family][0])


def device(lab, kind):
    made, families = DEVICES[kind]
    if kind == "GUE":
        run("modprobe", "-a", "fou")
        run("ip", "-n", lab.right, "fou", "add", "port", "6080", "gue")
    ip("-n", lab.right, "link", "add", "tun", "type", *made)
    if made[0] == "vxlan":
        ip("-n", lab.right, "link", "set", "tun", "address", mac_of(lab.right))
    # The far end says how long segments may be, so that the outer headers fit too.
    ip("-n", lab.right, "link", "set", "tun", "mtu", "1400", "up")
    for family in families:
        length = {4: "/24", 6: "/64"}[family]
        ip("-n", lab.right, "addr", "add", INSIDE[family][1] + length, "dev", "tun", *(["nodad"] if family == 6 else []))
        ip("-n", lab.right, f"-{family}", "route", "add", BACK[family], "dev", "tun")
        if made[0] == "vxlan":
            ip("-n", lab.right, "neigh", "add", INSIDE[family][0], "lladdr", mac_of(lab.left), "dev", "tun")
    return families


def undo(lab, kind):
    ip("-n", lab.right, "link", "del", "tun")
    if kind == "GUE":
        run("ip", "-n", lab.right, "fou", "del", "port", "6080")


def transfer(lab, sender, receiver, addresses, family, size):
    """Sends so many bytes from one namespace to the other; what arrives must be the same."""
    inet = {4: socket.AF_INET, 6: socket.AF_INET6}[family]
    with netlab.inside(receiver):
        listener = socket.create_server((addresses[1], 0), family=inet)
    with netlab.inside(sender):
        out = socket.socket(inet)
    listener.settimeout(20), out.settimeout(20)
    data = os.urandom(1 << 16) * (size >> 16)
    got = hashlib.sha256()

    def receive():
        came, _ = listener.accept()
        came.settimeout(20)
        while block := came.recv(1 << 18):
            got.update(block)
        came.close()

    thread = threading.Thread(target=receive)
    thread.start()
    out.bind((addresses[0], 0))
    out.connect(listener.getsockname()[:2])
    out.sendall(data)
    out.close()
    thread.join(40)
    listener.close()
    assert got.digest() == hashlib.sha256(data).digest(), "not what was sent"


def state(netc, *arguments):
    return run(netc, "state", *arguments)


def entered(netc):
    """Packets that the pipeline has put into tunnels."""
    lines = state(netc, "show", "entered", "--json").splitlines()
    return sum(int(json.loads(line)["value"]) for line in lines)


def set_offload(lab, name, offload):
    run(*lab.inside(name, ["ethtool", "-K", INTERFACE, "tx", offload, "tso", offload, "gso", offload]))


def refused(lab, netc, running):
    """Datagrams of one call that the kernel is to cut (UDP_SEGMENT) can't be put into a tunnel."""
    set_offload(lab, lab.left, "on")  # Linux 6.1 cuts none without
    state(netc, "add", "ends", f"{KEY[4]}=(IPIP, {V4[1]}, {V6[1]})")
    with netlab.inside(lab.left), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 1000)
        out.sendto(bytes(4000), (INSIDE[4][1], 7000))
    print("UDP_SEGMENT refused:", running.counters()["faults"]["encap ipip failed in enter"])


def main():
    netc, pipeline, *kinds = sys.argv[1:]
    with netlab.Lab("pk-tunnel") as lab:
        prepare(lab)
        argv = lab.inside(lab.left, [netc, "run", pipeline, "--dev", INTERFACE])
        with netc_run.NetcRun(argv, count_rules=False) as running:
            for address in V4[1], V6[1]:
                state(netc, "add", "peers", address)
            for kind in kinds:
                families = device(lab, kind)
                for family in families:
                    end = f"({OF_PIPELINE.get(kind, kind)}, {V4[1]}, {V6[1]})"
                    state(netc, "add", "ends", f"{KEY[family]}={end}")
                for offload in "on", "off":
                    for name in lab.left, lab.right:
                        set_offload(lab, name, offload)
                    for family in families:
                        here, there = INSIDE[family]
                        before = entered(netc)
                        transfer(lab, lab.left, lab.right, (here, there), family, BYTES[offload])
                        packets = entered(netc) - before
                        assert packets < BYTES[offload] / (3 * MSS), packets
                        if offload == "on":
                            transfer(lab, lab.right, lab.left, (there, here), family, BYTES[offload])
                        print(f"{kind} IPv{family} offload {offload}: {BYTES[offload] >> 10} KiB in {packets} packets",
                              flush=True)
                undo(lab, kind)
            faults = running.counters()["faults"]
            print("faults:", {fault: count for fault, count in faults.items() if count})
            refused(lab, netc, running)
        print("broken:", broken(lab.left), broken(lab.right))


main()
