"""Sends a packet that a rule drops, to a pipeline that enforces and to one that audits."""

import argparse
import json
import pathlib
import select
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import netlab
from scapy.all import IP, UDP, Ether, Raw

SOURCE = 'pipeline p;\nimport net;\non xdp guard (dev: "wire") {\n    drop when udp.dport == 9;\n}\n'
FRAME = bytes(Ether(src="02:00:00:00:00:01", dst="ff:ff:ff:ff:ff:ff") / IP(src="192.0.2.1", dst="192.0.2.2")
              / UDP(sport=5, dport=9) / Raw(b"audited?"))


def seen(receiver):
    deadline = time.monotonic() + 0.5
    while (left := deadline - time.monotonic()) > 0 and select.select([receiver], [], [], left)[0]:
        if netlab.receive(receiver)[: len(FRAME)] == FRAME:
            return True
    return False


def run(netc, source, *options):
    """(whether the packet came through, what was said of it)."""
    with netlab.Lab("netc-audit") as lab:
        process = subprocess.Popen(lab.inside(lab.right, [netc, "run", source, "--json", *options]),
                                   stdout=subprocess.PIPE, text=True)
        try:
            while json.loads(process.stdout.readline())["type"] != "attached":
                pass
            with lab.packet_socket(lab.left) as sender, lab.packet_socket(lab.right) as receiver:
                sender.send(FRAME)
                through = seen(receiver)
        finally:
            process.terminate()
            said = [json.loads(line) for line in process.communicate(timeout=20)[0].splitlines()]
    return through, [report for report in said if report["type"] not in ("counters", "detached", "attached", "warning")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--netc", required=True)
    netc = parser.parse_args().netc
    with tempfile.TemporaryDirectory(prefix="netc-audit-") as work:
        source = pathlib.Path(work, "p.np")
        source.write_text(SOURCE)
        through, said = run(netc, source)
        print(f"enforcing: {'passed' if through else 'dropped'}, {said or 'nothing'} told")
        through, said = run(netc, source, "--audit")
        told = [f"{report['name']} {report['fields']}" for report in said]
        print(f"auditing: {'passed' if through else 'dropped'}, told of {', '.join(told)}")


if __name__ == "__main__":
    main()
