"""fastpath.py NETC OBJECT: a container's traffic by the short way, and by the host's own.

Client – wire – host – pod0 – container. The same transfers go through first without the
pipeline and then with it. Which way they took say the host's counters: what it forwarded, and
what it sent into its end of the pair.
"""

import contextlib
import hashlib
import os
import socket
import subprocess
import sys
import threading

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
import netc_run
import netlab

BYTES = 1 << 20
CLIENT = {4: "192.0.2.1", 6: "2001:db8::1"}
HOST = {4: "192.0.2.2", 6: "2001:db8::2"}
GATEWAY = {4: "10.0.0.1", 6: "fd00::1"}
CONTAINER = {4: "10.0.0.2", 6: "fd00::2"}
KEY = {4: "::ffff:10.0.0.2", 6: "fd00::2"}
IP_RECVTTL = 12  # include/uapi/linux/in.h
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
# A segment may hold 64 KiB of what is sent, and the host counts it as one.
MANY = 30


def setting(name, path, value):
    with netlab.inside(name), open(f"/proc/sys/net/{path}", "w") as file:
        file.write(value)


def build(lab, undo):
    pod = f"netc-route-{os.getpid()}-pod"
    netlab.ip("netns", "add", pod)
    undo.callback(netlab.ip, "netns", "del", pod)
    host = lab.right
    netlab.ip("-n", host, "link", "add", "pod0", "type", "veth", "peer", "name", "eth0", "netns", pod)
    devices = ((lab.left, "wire", CLIENT), (host, "wire", HOST), (host, "pod0", GATEWAY), (pod, "eth0", CONTAINER))
    for name, device, addresses in devices:
        setting(name, f"ipv6/conf/{device}/disable_ipv6", "0")
        netlab.ip("-n", name, "addr", "add", addresses[4] + "/24", "dev", device)
        netlab.ip("-n", name, "addr", "add", addresses[6] + "/64", "dev", device, "nodad")
        netlab.ip("-n", name, "link", "set", device, "up")
    for family in 4, 6:
        for name, via in (lab.left, HOST), (pod, GATEWAY):
            netlab.ip("-n", name, f"-{family}", "route", "add", "default", "via", via[family])
    setting(host, "ipv4/ip_forward", "1")
    setting(host, "ipv6/conf/all/forwarding", "1")
    return pod


def counts(host):
    """Packets that the host forwarded, and that it sent towards the container."""
    with netlab.inside(host):
        with open("/proc/thread-self/net/snmp") as file:
            names, values = [line.split() for line in file if line.startswith("Ip:")]
        with open("/proc/thread-self/net/snmp6") as file:
            six = dict(line.split() for line in file)
        with open("/proc/thread-self/net/dev") as file:
            [sent] = [int(line.split(":")[1].split()[9]) for line in file if line.strip().startswith("pod0:")]
    return int(values[names.index("ForwDatagrams")]) + int(six["Ip6OutForwDatagrams"]), sent


def transfer(family, server, client, address):
    """Bytes to the server and back."""
    with netlab.inside(server):
        listener = socket.create_server((address, 8000), family=FAMILY[family])
    listener.settimeout(10)
    sent, got = os.urandom(BYTES), hashlib.sha256()

    def serve():
        with listener, listener.accept()[0] as peer:
            peer.settimeout(10)
            while part := peer.recv(1 << 16):
                got.update(part)
            peer.sendall(got.digest())

    thread = threading.Thread(target=serve)
    thread.start()
    with netlab.inside(client):
        connection = socket.create_connection((address, 8000), timeout=10)
    with connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(64)
    thread.join(10)
    assert answer == hashlib.sha256(sent).digest(), "other bytes arrived"


def hops(family, receiver, sender, address):
    """The TTL with which a datagram arrives."""
    level, option, kind = ((socket.IPPROTO_IP, IP_RECVTTL, socket.IP_TTL) if family == 4 else
                           (socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, socket.IPV6_HOPLIMIT))
    with netlab.inside(receiver):
        into = socket.socket(FAMILY[family], socket.SOCK_DGRAM)
    with netlab.inside(sender):
        out = socket.socket(FAMILY[family], socket.SOCK_DGRAM)
    with into, out:
        into.bind((address, 8001))
        into.settimeout(10)
        into.setsockopt(level, option, 1)
        out.sendto(b"hop", (address, 8001))
        [(_, found, value)] = into.recvmsg(100, 100)[1]
        assert found == kind
        return int.from_bytes(value, "little")


def last_hop(sender, address):
    """Who answers a packet whose hops end at the host."""
    with netlab.inside(sender):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out, \
                socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as icmp:
            icmp.settimeout(10)
            out.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 1)
            out.sendto(b"hop", (address, 8002))
            while True:
                packet, (who, _) = icmp.recvfrom(1000)
                if packet[20] == 11:  # time exceeded
                    return who


def all_ways(lab, pod):
    before = counts(lab.right)
    for family in 4, 6:
        transfer(family, pod, lab.left, CONTAINER[family])
        transfer(family, lab.left, pod, CLIENT[family])
        print(f"IPv{family}: {BYTES >> 10} KiB each way, TTL",
              hops(family, pod, lab.left, CONTAINER[family]), hops(family, lab.left, pod, CLIENT[family]))
    forwarded, sent = (after - old for old, after in zip(before, counts(lab.right)))
    return forwarded, sent


def state(netc, process, host, *words):
    argv = ["nsenter", f"--net=/run/netns/{host}", "--", netc, "state", *words, "--pipeline", str(process)]
    done = subprocess.run(argv, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def main():
    netc, path = sys.argv[1:]
    with contextlib.ExitStack() as undo:
        lab = undo.enter_context(netlab.Lab("netc-route"))
        pod = build(lab, undo)
        forwarded, sent = all_ways(lab, pod)
        print("the host's way: forwarded", "many," if forwarded > MANY else f"{forwarded},",
              "into the pair", "many" if sent > MANY else sent)
        argv = [netc, "run", path, "--set", "uplink=wire", "--set", "pair=pod0"]
        with netc_run.NetcRun(lab.inside(lab.right, argv)) as run:
            process = run._process.pid
            for family in 4, 6:
                state(netc, process, lab.right, "add", "container", KEY[family])
            for address in "::ffff:10.0.0.1", "fd00::1", "::ffff:192.0.2.2", "2001:db8::2":
                state(netc, process, lab.right, "add", "nearby", address)
            forwarded, sent = all_ways(lab, pod)
            totals = run.counters()["totals"]
            # Neighbours are asked for by the host itself.
            print("the short way: forwarded", f"{forwarded},", "into the pair", "next to nothing" if sent < 20 else sent)
            print("into:", "many" if totals["into"] > MANY else totals["into"],
                  "out:", "many" if totals["out"] > MANY else totals["out"])
            print("the last hop answers:", last_hop(lab.left, CONTAINER[4]), last_hop(pod, CLIENT[4]))
            transfer(4, lab.right, pod, GATEWAY[4])
            print("the host is reached by the container")


if __name__ == "__main__":
    main()
