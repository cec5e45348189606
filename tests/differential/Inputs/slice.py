"""Runs pipelines of a fresh seed for a minute and a half, and tells the seed and how many they were.

slice.py NETC-DIFFERENTIAL FOLDER-FOR-WHAT-FAILED
"""

import re
import subprocess
import sys

run = subprocess.run([sys.argv[1], "--seconds", "90", "--packets", "500", "--jobs", "2", "--problems", "3", "--keep", sys.argv[2]],
                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
found = re.search(r"^seed \d+: (\d+) pipelines, (\d+) packets, (\d+) of them over a wire.* s$", run.stdout, re.M)
if run.returncode != 0 or not found:
    print(run.stdout)
    sys.exit(run.returncode or 1)
print(f"told: differential runs: {found[0]}: no rejection, no difference")
pipelines, packets, by_wire = (int(number) for number in found.groups())
# A slice that looks at next to nothing shows nothing.
if pipelines < 20 or packets < 100 * pipelines or by_wire == 0:
    sys.exit(f"only {pipelines} pipelines, {packets} packets, {by_wire} over a wire")
