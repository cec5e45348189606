"""Real traffic through examples/l4lb.np: l4lb.py NETC OBJECT ROUTER DECAP [FLOWS]

A client, the balancer and three backends, each in a namespace of its own, around a router that
sends what is for the virtual addresses to the balancer. Backends answer the client themselves.
They take packets out of the tunnels by netc (DECAP is an object), or by the kernel's own devices
(DECAP is `devices`). ROUTER is a program that lets the router's end of the balancer's wire take in
what is sent by a program.
"""

import contextlib
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

VIP = {socket.AF_INET: "198.51.100.1", socket.AF_INET6: "2001:db8:5::1"}
BULK = 200_000
WEB, WEB6, QUIC = 1, 2, 3  # services
NAMES = {f"b{n}": n for n in (1, 2, 3)}
# By service, the numbers of its backends; that of b1 first.
REALS = {WEB: 0, WEB6: 10, QUIC: 20}


def run(*argv):
    done = subprocess.run(argv, capture_output=True, text=True)
    assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
    return done.stdout


def setting(name, path, value):
    with netlab.inside(name), open(f"/proc/sys/net/{path}", "w") as file:
        file.write(value)


class Net:
    """The router, with a wire to each other."""

    def __init__(self, undo):
        self.undo = undo
        self.name = {}
        for role in "router", "client", "lb", *NAMES:
            self.name[role] = f"lb-{os.getpid()}-{role}"
            netlab.ip("netns", "add", self.name[role])
            undo.callback(netlab.ip, "netns", "del", self.name[role])
            netlab.ip("-n", self.name[role], "link", "set", "lo", "up")
        for number, role in enumerate(("client", "lb", *NAMES), 1):
            self.join(role, number)
        router = self.name["router"]
        setting(router, "ipv4/ip_forward", "1")
        setting(router, "ipv6/conf/all/forwarding", "1")
        setting(router, "ipv4/icmp_ratelimit", "0")
        setting(router, "ipv6/icmp/ratelimit", "0")
        netlab.ip("-n", router, "route", "add", VIP[socket.AF_INET] + "/32", "via", "10.2.0.2")
        netlab.ip("-n", router, "-6", "route", "add", VIP[socket.AF_INET6] + "/128", "via", "fd02::2")
        # Checksums are complete, as on a card's wire.
        for role in "client", "router":
            self.ethtool(role, "wire" if role == "client" else "lb", "tx", "off")

    def ethtool(self, role, device, *what):
        run("nsenter", f"--net=/run/netns/{self.name[role]}", "--", "ethtool", "-K", device, *what)

    def join(self, role, number):
        router, name = self.name["router"], self.name[role]
        netlab.ip("-n", router, "link", "add", role, "type", "veth", "peer", "name", "wire", "netns", name)
        for side, device, last in (router, role, 1), (name, "wire", 2):
            netlab.ip("-n", side, "addr", "add", f"10.{number}.0.{last}/24", "dev", device)
            netlab.ip("-n", side, "addr", "add", f"fd0{number}::{last}/64", "dev", device, "nodad")
            netlab.ip("-n", side, "link", "set", device, "up")
        netlab.ip("-n", name, "route", "add", "default", "via", f"10.{number}.0.1")
        netlab.ip("-n", name, "-6", "route", "add", "default", "via", f"fd0{number}::1")

    def program(self, role, netc, path, *options):
        argv = ["nsenter", f"--net=/run/netns/{self.name[role]}", "--", netc, "run", path, *options]
        return self.undo.enter_context(netc_run.NetcRun(argv, count_rules=False))

    def mac(self, role, device):
        shown = run("ip", "-n", self.name[role], "-o", "link", "show", device)
        return shown.split("link/ether ")[1].split()[0]

    def socket(self, role, family, kind, address=("", 0)):
        with netlab.inside(self.name[role]):
            one = socket.socket(family, kind)
        one.settimeout(10)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(address)
        return one


class Backend:
    """Says its name to whoever asks."""

    def __init__(self, net, name, decap, netc):
        self.net, self.name, self.netns = net, name, net.name[name]
        self.number = NAMES[name] + 2
        netlab.ip("-n", self.netns, "addr", "add", VIP[socket.AF_INET] + "/32", "dev", "lo")
        netlab.ip("-n", self.netns, "addr", "add", VIP[socket.AF_INET6] + "/128", "dev", "lo", "nodad")
        for device in "all", "wire":
            setting(self.netns, f"ipv4/conf/{device}/rp_filter", "0")
        if decap == "devices":
            self.devices()
        else:
            net.program(name, netc, decap)
        for family, address in VIP.items():
            listener = net.socket(name, family, socket.SOCK_STREAM, (address, 80))
            listener.listen(256)
            listener.settimeout(None)
            threading.Thread(target=self.accept, args=(listener,), daemon=True).start()
        taker = net.socket(name, socket.AF_INET, socket.SOCK_DGRAM, (VIP[socket.AF_INET], 443))
        taker.settimeout(None)
        threading.Thread(target=self.datagrams, args=(taker,), daemon=True).start()

    def devices(self):
        run("modprobe", "-a", "ipip", "ip6_tunnel", "fou")
        mine4, mine6 = f"10.{self.number}.0.2", f"fd0{self.number}::2"
        netlab.ip("-n", self.netns, "link", "add", "tun4", "type", "ipip", "local", mine4, "remote", "10.2.0.2")
        netlab.ip("-n", self.netns, "link", "add", "tun6", "type", "ip6tnl", "mode", "ip6ip6", "local", mine6,
                  "remote", "fd02::2")
        netlab.ip("-n", self.netns, "fou", "add", "port", "6080", "gue")
        for device in "tun4", "tun6":
            netlab.ip("-n", self.netns, "link", "set", device, "up")
            setting(self.netns, f"ipv4/conf/{device}/rp_filter", "0")

    def accept(self, listener):
        while True:
            one, _ = listener.accept()
            threading.Thread(target=self.serve, args=(one,), daemon=True).start()

    def serve(self, one):
        with one, contextlib.suppress(OSError):
            one.settimeout(60)
            while asked := one.recv(10):
                one.sendall(self.name.encode() if asked == b"who" else bytes(BULK))

    def datagrams(self, taker):
        while True:
            data, peer = taker.recvfrom(2000)
            taker.sendto(self.name.encode(), peer)


class Client:
    def __init__(self, net):
        self.net = net

    def connect(self, family=socket.AF_INET):
        one = self.net.socket("client", family, socket.SOCK_STREAM)
        one.connect((VIP[family], 80))
        return one

    def names(self, count, family=socket.AF_INET):
        """How many new connections came to whom."""
        found = {}
        for _ in range(count):
            with self.connect(family) as one:
                who = ask(one)
                found[who] = found.get(who, 0) + 1
        return found

    def quic(self, payload):
        with self.net.socket("client", socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.sendto(payload, (VIP[socket.AF_INET], 443))
            return one.recv(10).decode()


def ask(one):
    one.sendall(b"who")
    return one.recv(10).decode()


def bulk(one):
    one.sendall(b"all")
    left = BULK
    while left > 0:
        got = len(one.recv(1 << 16))
        assert got > 0
        left -= got


def member(service, name):
    """Of the ring, as `netc state` takes it."""
    return f"({service}, {REALS[service] + NAMES[name]})"


def fairly(found, names, count):
    """Everyone of them, nobody else, and each about its share."""
    share = count / len(names)
    return set(found) == set(names) and all(share / 4 < n < share * 2 for n in found.values())


class Balancer:
    def __init__(self, net, netc, path):
        self.netc = netc
        self.running = net.program("lb", netc, path, "--dev", "wire", "--mode", "native",
                                   "--set", "here4=10.2.0.2", "--set", "here6=fd02::2",
                                   "--set", f"gateway={net.mac('router', 'lb')}")
        print("mode:", self.running.attached[0]["mode"])

    def state(self, *words):
        return run(self.netc, "state", *words, "--pipeline", str(self.running._process.pid))

    def weigh(self, service, **weights):
        self.state("add", "backends", *(f"{member(service, name)}={weight}" for name, weight in weights.items()))

    # By few commands: in a guest each takes a second.
    def begin(self):
        ipv4 = f"::ffff:{VIP[socket.AF_INET]}"
        self.state("add", "vips", f"({ipv4}, 80, 6)=({WEB}, false)",
                   f"({VIP[socket.AF_INET6]}, 80, 6)=({WEB6}, false)", f"({ipv4}, 443, 17)=({QUIC}, true)")
        self.state("add", "reals", *(f"{REALS[service] + n}=({tunnel}, 10.{n + 2}.0.2, fd0{n + 2}::2)"
                                     for service, tunnel in ((WEB, "IPIP"), (WEB6, "IP6IP6"), (QUIC, "GUE"))
                                     for n in NAMES.values()))
        self.state("add", "backends", *(f"{member(service, name)}=100"
                                        for service in REALS for name in ("b1", "b2")))

    def stats(self, service):
        for line in self.state("show", "stats", "--json").splitlines():
            entry = json.loads(line)
            if entry["key"] == service:
                return entry["value"]
        return {}


def connections(client, balancer, flows):
    for family, service in (socket.AF_INET, WEB), (socket.AF_INET6, WEB6):
        found = client.names(flows, family)
        assert fairly(found, ("b1", "b2"), flows), found
        assert balancer.stats(service)["new"] == flows, balancer.stats(service)
    print("connections are spread over the backends")
    held = [client.connect() for _ in range(flows)]
    owners = [ask(one) for one in held]
    balancer.weigh(WEB, b3=100)
    assert [ask(one) for one in held] == owners
    assert fairly(client.names(flows), NAMES, flows)
    print("a new backend has its share of new connections, and none of the old ones")
    balancer.weigh(WEB, b1=0)
    found = client.names(flows)
    assert fairly(found, ("b2", "b3"), flows), found
    assert [ask(one) for one in held] == owners and "b1" in owners
    print("a drained backend keeps its connections, and gets no more")
    balancer.state("remove", "backends", member(WEB, "b1"))
    lost = 0
    for one, owner in zip(held, owners):
        try:
            assert ask(one) == owner
        except ConnectionResetError:
            assert owner == "b1"
            lost += 1
        one.close()
    assert lost == owners.count("b1"), lost
    print("one that is taken away loses its own, and nobody else's")
    balancer.weigh(WEB, b1=100)


def path_mtu(net, client, balancer):
    """The client's wire carries less than the client says."""
    netlab.ip("-n", net.name["router"], "link", "set", "client", "mtu", "1300")
    for family, service in (socket.AF_INET, WEB), (socket.AF_INET6, WEB6):
        before = balancer.stats(service)["errors"]
        narrow = set()
        with client.connect(family) as one:
            owner = ask(one)
            bulk(one)
            peer = one.getsockname()[0]
        for name in NAMES:
            shown = run("ip", "-n", net.name[name], "route", "get", peer, "from", VIP[family])
            if "mtu 1300" in shown:
                narrow.add(name)
        assert narrow == {owner}, (owner, narrow)
        assert balancer.stats(service)["errors"] > before
        for name in NAMES:
            netlab.ip("-n", net.name[name], "-4" if family == socket.AF_INET else "-6", "route", "flush", "cache")
    netlab.ip("-n", net.name["router"], "link", "set", "client", "mtu", "1500")
    print("what a packet is too big for is told to the backend that sent it")


def quic(client, balancer, flows):
    """The packets are those of QUIC's invariants; what they carry is nobody's."""
    first = bytes([0xC1, 0, 0, 0, 1, 8]) + bytes(8) + b"\0" + bytes(1200)
    found = {}
    for _ in range(flows):
        who = client.quic(first)
        found[who] = found.get(who, 0) + 1
    assert fairly(found, ("b1", "b2"), flows), found
    for name in "b1", "b2":
        named = (REALS[QUIC] + NAMES[name]).to_bytes(2, "big")
        # Each datagram leaves from another port.
        assert {client.quic(b"\x41\x07" + named + bytes(25)) for _ in range(flows)} == {name}
        assert {client.quic(b"\xe1\0\0\0\1\x08\x07" + named + bytes(25)) for _ in range(8)} == {name}
    stats = balancer.stats(QUIC)
    assert stats["by_id"] == 2 * flows + 16, stats
    print("a connection id leads to its backend from any port")


def main():
    netc, path, router, decap, *rest = sys.argv[1:]
    flows = int(rest[0]) if rest else 100
    with contextlib.ExitStack() as undo:
        net = Net(undo)
        net.program("router", netc, router)
        balancer = Balancer(net, netc, path)
        balancer.begin()
        for name in NAMES:
            Backend(net, name, decap, netc)
        client = Client(net)
        connections(client, balancer, flows)
        path_mtu(net, client, balancer)
        quic(client, balancer, flows)
        for service in WEB, WEB6, QUIC:
            stats = balancer.stats(service)
            assert stats["bytes"] > 54 * stats["packets"] and stats["refused"] == 0, stats
        print("faults:", {fault: n for fault, n in balancer.running.counters()["faults"].items() if n})


main()
