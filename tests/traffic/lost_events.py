"""A ring that nobody reads for a while: what found no room is counted, to the last one."""

import signal
import sys
import time

import lab
import netlab

PACKETS, EACH = 1000, 64  # 64,000 records of 32 bytes; the ring has 1 MiB


def main():
    netc, pipeline = sys.argv[1:]
    with netlab.Lab("effects-lost") as wires, lab.start(wires, netc, pipeline) as run, \
            wires.packet_socket(wires.left) as left:
        run._process.send_signal(signal.SIGSTOP)
        for _ in range(PACKETS):
            left.send(lab.udp(7001))
        time.sleep(0.2)
        run._process.send_signal(signal.SIGCONT)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            counters = run.counters()
            seen = lab.matches(counters)["pass"]
            lost = counters["lost_events"]["Hit"]
            if seen == PACKETS and len(run.events) + lost == PACKETS * EACH:
                break
        assert seen == PACKETS, seen
        assert lost > 0, "the ring had room for all of them"
        assert len(run.events) + lost == PACKETS * EACH, (len(run.events), lost)
    print("events: some told, the others counted as lost")


main()
