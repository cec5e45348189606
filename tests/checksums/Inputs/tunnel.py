"""TCP through a tunnel device of the kernel's, whose headers and payload a pipeline rewrites behind it: tunnel.py NETC PIPELINE

The device sums its UDP headers, and leaves the sum of the packet inside to the wire; of packets of many segments it leaves both.
The wire has no offload: what it sends is cut up and summed behind the pipeline, and its receiver checks it all.
"""

import hashlib
import os
import pathlib
import socket
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import netc_run
from netlab import ip, inside
from world import LEFT, RIGHT, World

BYTES, SEGMENT = 1 << 20, 1_300
HERE, THERE = "10.9.0.1", "10.9.0.2"


def run(*argv):
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)


def mac_of(name, device):
    shown = subprocess.run(["ip", "-n", name, "-o", "link", "show", device], capture_output=True, text=True, check=True)
    return shown.stdout.split("link/ether ")[1].split()[0]


def tunnel(world, family):
    ends = ((world.left, "7", LEFT[family], RIGHT[family], HERE), (world.right, "8", RIGHT[family], LEFT[family], THERE))
    for name, number, local, remote, address in ends:
        sums = ["udpcsum"] if family == 0 else ["noudp6zerocsumtx", "noudp6zerocsumrx"]
        ip("-n", name, "link", "add", "tun", "type", "vxlan", "id", number, "local", local, "remote", remote, "dstport",
           "4789", "nolearning", *sums)
        ip("-n", name, "link", "set", "tun", "mtu", "1400", "up")
        ip("-n", name, "addr", "add", f"{address}/24", "dev", "tun")
    for (name, *_), (other, *_, address) in zip(ends, ends[::-1]):
        ip("-n", name, "neigh", "add", address, "lladdr", mac_of(other, "tun"), "dev", "tun")


def transfer(world):
    """What the other end got is what was sent."""
    with inside(world.right):
        listener = socket.create_server((THERE, 5_000))
    with inside(world.left):
        out = socket.socket()
    data, got = os.urandom(BYTES), hashlib.sha256()
    with listener, out:
        listener.settimeout(10), out.settimeout(10)

        def receive():
            came, _ = listener.accept()
            came.settimeout(10)
            while block := came.recv(1 << 18):
                got.update(block)
            came.close()

        thread = threading.Thread(target=receive)
        thread.start()
        out.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        out.bind((HERE, 7_000))
        out.connect((THERE, 5_000))
        out.sendall(data)
        out.shutdown(socket.SHUT_WR)
        thread.join(20)
    return got.digest() == hashlib.sha256(data).digest()


def broken(name):
    with inside(name):
        four = open("/proc/thread-self/net/snmp").read().splitlines()
        four += open("/proc/thread-self/net/netstat").read().splitlines()
        six = open("/proc/thread-self/net/snmp6").read().splitlines()
    found = {}
    for names, values in zip(four[::2], four[1::2]):
        found |= {f"{names.split(':')[0]}.{key}": int(value) for key, value in zip(names.split()[1:], values.split()[1:])}
    found |= {line.split()[0]: int(line.split()[1]) for line in six}
    return {key: value for key, value in found.items() if "InCsumErrors" in key and value}


def main(netc, pipeline):
    with World("netc-sums-tunnel") as world:
        for name in world.left, world.right:
            run(*world.inside(name, ["ethtool", "-K", "wire", "tx", "off"]))
        with netc_run.NetcRun(world.inside(world.left, [netc, "run", pipeline]), count_rules=False) as running:
            running.counters()
            before = 0
            for family, name in enumerate(("IPv4", "IPv6")):
                tunnel(world, family)
                same = transfer(world)
                packets = running.counters()["totals"]["changed"]
                few = packets - before < BYTES / (3 * SEGMENT)
                before = packets
                print(f"VXLAN over {name}: {'whole' if same else 'not what was sent'}, in {'large' if few else 'small'} packets")
                for end in world.left, world.right:
                    ip("-n", end, "link", "del", "tun")
            print("faults:", {fault: count for fault, count in running.counters()["faults"].items() if count})
        print("broken:", broken(world.left), broken(world.right))


main(*sys.argv[1:])
