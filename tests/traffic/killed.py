"""A pipeline that is killed leaves nothing attached: its links die with the process."""

import signal
import subprocess
import sys
import time

import lab
import netlab


def attached(wires):
    """Programs on the wire's right end, as the kernel lists them."""
    argv = wires.inside(wires.right, ["bpftool", "net", "show", "dev", netlab.INTERFACE])
    text = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    return [line for line in text.splitlines() if "wire" in line and "id" in line]


def main():
    netc, pipeline = sys.argv[1:]
    frame = lab.udp(7001)
    with netlab.Lab("effects-killed") as wires, \
            wires.packet_socket(wires.left) as left, wires.packet_socket(wires.right) as right:
        with lab.start(wires, netc, pipeline) as run:
            until = time.monotonic() + 10
            while len(run.attached) < 3 and time.monotonic() < until:
                time.sleep(0.02)
            hooks = sorted(each["hook"] for each in run.attached)
            left.send(frame)
            assert not lab.seen(right, frame, 0.3), "it is dropped while netc runs"
            assert len(attached(wires)) == len(hooks), attached(wires)
            run._process.send_signal(signal.SIGKILL)
            run._process.wait()
        assert not attached(wires), attached(wires)
        left.send(frame)
        assert lab.seen(right, frame), "and not once it was killed"
    print("killed:", ", ".join(hooks), "gone")


main()
