"""chain.py HOOK SHAPE COUNT: a pipeline with COUNT rules of a prefix, a range of ports and a protocol.

SHAPE says what else stands in the chain; --shapes lists them.
"""

import sys

ATTACH = {"xdp": 'dev: "eth0"', "tc.ingress": 'dev: "eth0"', "tc.egress": 'dev: "eth0"',
          "cgroup.ingress": 'cgroup: "/sys/fs/cgroup"', "cgroup.egress": 'cgroup: "/sys/fs/cgroup"'}


def prefix(i, family=4):
    if family == 4:
        return f"ipv4.src in 10.{i >> 8 & 255}.{i & 255}.0/24"
    return f"ipv6.src in 2001:db8:{i:x}::/48"


def ports(i):
    low = 1000 + i * 7 % 50_000
    return f"{'udp' if i % 3 == 0 else 'tcp'}.dport in {low}..{low + 20}"


def rule(i, family=4):
    return f"{prefix(i, family)} and {ports(i)}"


def plain(n):
    return "", [f"drop when {rule(i)};" for i in range(n)]


def families(n):
    return "", [f"drop when {rule(i, 4 if i % 2 else 6)};" for i in range(n)]


def verdicts(n):
    return "", [f"{'pass' if i % 2 else 'drop'} when {rule(i)};" for i in range(n)]


def emits(n):
    declared = "event Seen { src: ipv4_addr, number: u32 }\n"
    return declared, [f"emit Seen {{ src: ipv4.src, number: {i} }} when {rule(i)};" if i % 10 == 5
                      else f"drop when {rule(i)};" for i in range(n)]


def counters(n):
    declared = "state hits: counter<u32>(64);\nstate all: counter;\n"
    return declared, [f"hits[{i % 64}] += 1 when {rule(i)};" if i % 4 == 1
                      else f"all += 1 when {rule(i)};" if i % 4 == 2
                      else f"drop when {rule(i)};" for i in range(n)]


def functions(n):
    each = 50
    text = ""
    for first in range(0, n, each):
        text += f"fn part{first}(src: ipv4_addr, dport: port) -> bool {{\n"
        for i in range(first, min(first + each, n)):
            low = 1000 + i * 7 % 50_000
            text += (f"    if src in 10.{i >> 8 & 255}.{i & 255}.0/24 and dport in {low}..{low + 20} "
                     "{ return true; }\n")
        text += "    return false;\n}\n"
    return text, [f"drop when ipv4 and tcp and part{first}(ipv4.src, tcp.dport);" for first in range(0, n, each)]


def lookups(n):
    declared = "state blocked: prefixes<ipv4_addr>(1024);\nstate known: set<(ipv4_addr, port)>(1024);\n"
    return declared, [f"drop when {rule(i)} and ipv4.dst in blocked;" if i % 5 == 1
                      else f"drop when {rule(i)} and (ipv4.src, tcp.dport) in known;" if i % 5 == 2 and i % 3
                      else f"drop when {rule(i)};" for i in range(n)]


def logic(n):
    return "", [f"drop when ipv4 and ({prefix(i)} or {prefix(i + 1)}) and not (tcp and tcp.dport in {i + 1}..{i + 9}) "
                f"and (udp.dport == {i + 1} or tcp.sport in {i + 1}..{i + 30});" for i in range(n)]


def arms(n):
    text = "if tcp { match tcp.dport {\n"
    text += "".join(f"        {i * 10}..{i * 10 + 7} => {'drop' if i % 2 else 'pass'};\n" for i in range(n))
    return "", [text + "        else => pass;\n    } }"]


def prefix_arms(n):
    text = "if ipv4 { match ipv4.src {\n"
    text += "".join(f"        10.{i >> 8 & 255}.{i & 255}.0/24 => drop;\n" for i in range(n))
    return "", [text + "        else => pass;\n    } }"]


def inner(n):
    body = "\n    ".join(f"drop when {ipv4_rule} and {ports(i)};" for i in range(n) for ipv4_rule in [prefix(i)])
    return "", ["if ipv4 {\n    " + body + "\n    }"]


def else_ifs(n):
    return "", ["if " + "\n    else if ".join(f"{rule(i)} {{ {'drop' if i % 2 else 'pass'}; }}" for i in range(n))]


def sets(n):
    elements = ", ".join(f"10.{i >> 8 & 255}.{i & 255}.0/24" for i in range(n))
    return "", [f"drop when ipv4.src in {{{elements}}};"]


def rewrites(n):
    return "", [f"ipv4.ttl = {i % 200 + 1} when {rule(i)};" if i % 10 == 5
                else f"drop when {rule(i)};" for i in range(n)]


SHAPES = {function.__name__: function for function in (
    plain, families, verdicts, emits, counters, functions, lookups, logic, arms, prefix_arms, inner, else_ifs,
    sets, rewrites)}


def pipeline(hook, shape, count):
    declared, rules = SHAPES[shape](count)
    return (f"pipeline chain;\nimport net;\n{declared}on {hook} guard ({ATTACH[hook]}) {{\n    "
            + "\n    ".join(rules) + "\n    pass;\n}\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["--shapes"]:
        print("\n".join(SHAPES))
    else:
        print(pipeline(sys.argv[1], sys.argv[2], int(sys.argv[3])), end="")
