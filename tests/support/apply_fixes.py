"""apply_fixes.py NETC FILE OUT: writes FILE with every fix that `netc check` offers for it, the last first."""

import json
import subprocess
import sys


def main() -> int:
    netc, source, target = sys.argv[1:]
    answer = subprocess.run([netc, "check", "--json", source], capture_output=True, text=True)
    found = json.loads(answer.stdout)["diagnostics"]
    with open(source) as file:
        lines = file.read().split("\n")
    fixes = [each["fix"] for each in found if each["fix"]]
    if not fixes:
        sys.exit(f"{source}: netc offers no fix")
    for fix in sorted(fixes, key=lambda f: (f["line"], f["column"]), reverse=True):
        end = fix["end"]
        if end["line"] != fix["line"]:
            sys.exit("a fix over several lines")
        line = lines[fix["line"] - 1].encode()
        repaired = line[: fix["column"] - 1] + fix["replacement"].encode() + line[end["column"] - 1 :]
        lines[fix["line"] - 1] = repaired.decode()
    with open(target, "w") as out:
        out.write("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
