"""The demo where BPF is not permitted: the reference interpreter decides over the same packets.

Each packet becomes a step of a test that is put behind examples/edge_firewall.np. No
rule ends in `abort`, so that expecting it makes the report say what ended each packet.
"""

import json
import pathlib
import re
import subprocess
import tempfile

import packets

NOBODY = "abort"


def send(frame):
    return f"    send payload({', '.join(map(str, frame))});\n    expect {NOBODY};\n"


def run(netc, source, options):
    """The lines of a test's report, as netc gives them."""
    with tempfile.TemporaryDirectory(prefix="netc-demo-") as work:
        pipeline = pathlib.Path(work, source.name)
        pipeline.write_text(source.read_text() + options)
        done = subprocess.run([netc, "test", "--interpret", "--json", "--filter", "demo: ", pipeline],
                              capture_output=True, text=True)
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    return {said["name"]: said["problems"] for said in outcomes if said.get("type") == "test"}


def decision(problem):
    """(verdict, rule or fault, its line) of a packet."""
    verdict = re.search(r"got `(.*)`", problem["message"])[1]
    for detail in problem["details"]:
        if said := re.match(r"[^:]*:(\d+):\d+ decided: (.*)", detail):
            return verdict, said[2].rstrip("; "), said[1]
        if said := re.match(r"counted: (.*)", detail):
            return verdict, said[1], None
    return verdict, "no rule", None


def show(netc, source, columns, flood):
    """How many were not as expected."""
    cases = packets.cases()
    text = '\ntest "demo: packets" on guard {\n' + "".join(send(bytes(case.packet)) for case in cases) + "}\n"
    text += '\ntest "demo: flood" on guard {\n' + "".join(send(packets.syn(number)) for number in range(flood)) + "}\n"
    said = run(netc, source, text)
    print(columns.format("", "packet", "expected", "got", "rule that decided"))
    wrong = 0
    for case, problem in zip(cases, said["demo: packets"], strict=True):
        verdict, rule, line = decision(problem)
        good = (verdict, rule) == (case.verdict, case.rule)
        wrong += not good
        print(columns.format("" if good else "!!", case.what, case.verdict, verdict,
                             f"line {line}: {rule}" if line else rule))
        if not good:
            print(columns.format("", "", "", "", f"expected: {case.rule}"))
    return wrong + show_flood(columns, [decision(problem) for problem in said["demo: flood"]])


def show_flood(columns, decisions):
    """No time passes between the SYNs: the burst passes, and nothing else does."""
    through = [verdict for verdict, rule, _ in decisions if rule == packets.PASS]
    dropped = [verdict for verdict, rule, _ in decisions if rule == packets.FLOOD]
    good = len(through) == packets.BURST and len(dropped) == len(decisions) - packets.BURST
    print(columns.format("" if good else "!!", f"{len(decisions)} SYNs from {packets.OTHER}", "limit",
                         "limit" if good else "?", f"{len(through)} pass, {len(dropped)} drop"))
    return not good
