"""Frames larger than a page: jumbo.py NETC PIPELINE-WITHOUT PIPELINE-WITH frags."""

import pathlib
import subprocess
import sys
import tempfile

import lab
import netlab


def main():
    netc, pipeline = sys.argv[1:]
    with netlab.Lab("effects-jumbo", mtu=9000) as wires, tempfile.TemporaryDirectory() as folder:
        small = pathlib.Path(folder, "small.np")
        small.write_text(pathlib.Path(pipeline).read_text().replace(", frags: yes", ""))
        argv = wires.inside(wires.right, [netc, "run", str(small), "--dev", netlab.INTERFACE])
        refused = subprocess.run(argv, capture_output=True, text=True)
        print(f"without: exit {refused.returncode}\n{refused.stderr}")
        with lab.start(wires, netc, pipeline) as run, \
                wires.packet_socket(wires.left) as left, wires.packet_socket(wires.right) as right:
            good, bad = (lab.udp(7001, bytes(8000) + end) for end in (b"good", b"evil"))
            left.send(bad)
            left.send(good)
            assert lab.seen(right, good), "a jumbo frame comes through whole"
            assert not lab.seen(right, bad, 0.3), "one whose last bytes are evil is dropped"
            print("with:", lab.matches(run.counters()))


main()
