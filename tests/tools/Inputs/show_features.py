import os
import sys

sys.path.insert(0, os.path.join(sys.argv[1], "tests", "support"))
import features

found = features.probe(*sys.argv[1:])
found["no-such-tool"] = features._tool("no-such-tool")
for name, why in found.items():
    print(f"{name}: {why or 'present'}")
