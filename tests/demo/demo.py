"""Shows examples/edge_firewall.np deciding over real packets.

Compiles it, attaches it to one end of a veth pair between two network namespaces
made for this, sends packets from the other end, and prints for each the verdict
expected, the verdict got and the rule that decided. `pass` got is a frame seen by
a packet socket behind the program; the rule is the one whose counter rose.

Where BPF is not permitted it says so, and lets the reference interpreter decide over
the same packets.

Exit code: 0 if all was as expected, 1 if not.
"""

import argparse
import pathlib
import select
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import features
import interpreted
import netc_run
import netlab
import packets

PATIENCE = 0.2  # seconds after which a frame that was not seen was dropped
FLOOD = 1000
SOURCE = ROOT / "examples" / "edge_firewall.np"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--netc", default=ROOT / "build" / "bin" / "netc", type=pathlib.Path)
    parser.add_argument("--mode", default="native", help="of xdp, as in netc run")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return run(options)
    except KeyboardInterrupt:
        return 130
    except netc_run.NotPermitted as why:
        return interpret(options, why)
    except (netc_run.RunFailed, OSError, subprocess.CalledProcessError) as why:
        print(f"The demo broke off: {why}", file=sys.stderr)
        return 1


def run(options):
    if why := features.bpf() or features.netns():
        raise netc_run.NotPermitted(why)
    with tempfile.TemporaryDirectory(prefix="netc-demo-") as work:
        subprocess.run([options.netc, "compile", SOURCE, "-o", work], check=True,
                       stdout=subprocess.DEVNULL)
        print(f"compiled {SOURCE.relative_to(ROOT)}")
        with netlab.Lab("netc-demo") as lab:
            command = [str(options.netc), "run", f"{work}/edge_firewall.bpf.o",
                       "--dev", netlab.INTERFACE, "--mode", options.mode]
            with netc_run.NetcRun(lab.inside(lab.right, command)) as pipeline, \
                    lab.packet_socket(lab.left) as sender, lab.packet_socket(lab.right) as receiver:
                return show(Wire(sender, receiver, pipeline))


def interpret(options, why):
    print(f"BPF is not permitted here: {why}")
    print(f"No packet is sent. The reference interpreter decides as {SOURCE.relative_to(ROOT)} says.\n")
    wrong = interpreted.show(options.netc, SOURCE, COLUMNS, FLOOD)
    return sum_up(wrong)


def sum_up(wrong):
    print()
    print("everything was as expected" if not wrong else f"{wrong} not as expected, marked !!")
    return 0 if not wrong else 1


class Wire:
    """Sends frames, and finds out what became of them."""

    def __init__(self, sender, receiver, pipeline):
        self.sender, self.receiver, self.pipeline = sender, receiver, pipeline
        self.before = pipeline.counters()

    def send(self, frame):
        """(verdict got, rules that decided): what is seen, and whose counter rose."""
        self.sender.send(frame)
        verdict = "pass" if self._seen(frame) else "drop"
        return verdict, self._decided()

    def flood(self, frames):
        """(number of frames that came through, the deciding rules' rises)."""
        through = 0
        for frame in frames:
            self.sender.send(frame)
            through += self._drain()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            select.select([self.receiver], [], [], 0.02)
            through += self._drain()
        return through, self._decided()

    def _seen(self, frame):
        deadline = time.monotonic() + PATIENCE
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([self.receiver], [], [], left)[0]:
                break
            if netlab.receive(self.receiver)[: len(frame)] == frame:
                return True
        return False

    def _drain(self):
        count = 0
        while select.select([self.receiver], [], [], 0)[0]:
            netlab.receive(self.receiver)
            count += 1
        return count

    def _decided(self):
        """{(rule text, line): how often} since the last call; a line of None is a fault."""
        now, then = self.pipeline.counters(), self.before
        self.before = now
        rises = {}
        earlier = {rule["index"]: rule["matches"] for rule in then["rules"]}
        for rule in now["rules"]:
            rise = rule["matches"] - earlier[rule["index"]]
            if rise and rule["verdict"]:
                rises[(rule["rule"].rstrip("; "), rule["line"])] = rise
        for what, count in now["faults"].items():
            if count != then["faults"][what]:
                rises[(what, None)] = count - then["faults"][what]
        return rises


COLUMNS = "{:3}  {:42}  {:8}  {:8}  {}"


def show(wire):
    for attached in wire.pipeline.attached:
        print(f"attached {attached['program']}: {attached['hook']} on {attached['where']}, {attached['mode']}")
    for warning in wire.pipeline.warnings:
        print(f"warning: {warning}")
    print()
    print(COLUMNS.format("", "packet", "expected", "got", "rule that decided"))
    wrong = 0
    for case in packets.cases():
        verdict, decided = wire.send(bytes(case.packet))
        good = verdict == case.verdict and [rule for rule, _ in decided] == [case.rule]
        wrong += not good
        print(COLUMNS.format("" if good else "!!", case.what, case.verdict, verdict, describe(decided)))
        if not good:
            print(COLUMNS.format("", "", "", "", f"expected: {case.rule}"))
    wrong += not show_flood(wire)
    show_counters(wire)
    return sum_up(wrong)


def describe(decided):
    rules = [f"line {line}: {rule}" if line else rule for rule, line in decided]
    return " and ".join(rules) or "no rule counted"


def show_flood(wire):
    """SYNs from one source: a burst passes, and what goes over the rate is dropped and told."""
    started = time.monotonic()
    through, decided = wire.flood([packets.syn(number) for number in range(FLOOD)])
    seconds = time.monotonic() - started
    dropped = sum(count for (rule, _), count in decided.items() if rule == packets.FLOOD)
    # The limiter lets the burst through, and what the rate of 200/s has earned meanwhile.
    good = through + dropped == FLOOD and packets.BURST <= through <= packets.BURST + 200 * seconds + 1
    print(COLUMNS.format("" if good else "!!", f"{FLOOD} SYNs from {packets.OTHER}",
                         "limit", "limit" if good else "?", f"{through} pass, {dropped} drop"))
    return good


def show_counters(wire):
    counters = wire.pipeline.counters()
    print("\ncounters")
    for rule in counters["rules"]:
        if rule["matches"]:
            print(f"{rule['matches']:8}  line {rule['line']}: {rule['rule']}")
    for what, count in counters["faults"].items():
        if count:
            print(f"{count:8}  {what}")
    events = wire.pipeline.events
    lost = sum(counters["lost_events"].values())
    print(f"\nevents: {len(events)}, lost: {lost}")
    for event in events[:3]:
        print(f"  {event['name']} " + ", ".join(f"{name}: {value}" for name, value in event["fields"].items()))
    if len(events) > 3:
        print("  …")


if __name__ == "__main__":
    sys.exit(main())
