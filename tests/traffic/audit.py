"""Audit mode and rule counters over real frames: audit.py NETC PIPELINE."""

import sys

import lab
import netlab

REFUSED, OPEN = lab.udp(7001), lab.udp(7002)


def count_rules(wires, netc, pipeline):
    with lab.start(wires, netc, pipeline) as run, \
            wires.packet_socket(wires.left) as left, wires.packet_socket(wires.right) as right:
        for _ in range(5):
            left.send(REFUSED)
        left.send(OPEN)
        assert lab.seen(right, OPEN), "what no rule drops comes through"
        assert not lab.seen(right, REFUSED, 0.3), "what a rule drops does not"
        counts = lab.matches(run.counters())
        assert counts == {"drop when udp.dport == 7001": 5, "pass": 1}, counts
        assert not run.events, run.events
    print("rules: counted, dropped")


def audit(wires, netc, pipeline):
    with lab.start(wires, netc, pipeline, "--audit") as run, \
            wires.packet_socket(wires.left) as left, wires.packet_socket(wires.right) as right:
        left.send(REFUSED)
        assert lab.seen(right, REFUSED), "what would be dropped passes"
        counts = lab.matches(run.counters())
        assert counts["drop when udp.dport == 7001"] == 1, counts
        told = [(each["rule"], each["verdict"], each["hook"]) for each in run.audited]
        assert told == [("drop when udp.dport == 7001;", "drop", run.attached[0]["hook"])], told
        left.send(OPEN)
        assert lab.seen(right, OPEN)
        run.counters()
        assert len(run.audited) == 1, "what passes anyway is not told"
    print("audit: told, passed")


def main():
    netc, pipeline = sys.argv[1:]
    with netlab.Lab("effects-audit") as wires:
        count_rules(wires, netc, pipeline)
        audit(wires, netc, pipeline)


main()
