"""What each example does on a kernel: kernels.py NETC KERNEL FOLDER RUN...

KERNEL is what `netc check` is asked about (`here`: the running one), RUN the words before a command that run it there (none: here). Each example is
checked for the kernel, compiled on this machine, and its own tests run there with that object. One that `netc check`
takes and the kernel refuses is the only wrong answer. Says what the table of docs/examples.md must say of the kernel.
"""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def checked(netc, kernel, example):
    run = subprocess.run([netc, "check", "--kernel", kernel, example], capture_output=True, text=True)
    if run.returncode == 0:
        return None
    since = sorted(set(re.findall(r"[Ll]inux (\d+\.\d+)", run.stderr)))
    return f"refused by `netc check`: takes {since[-1]}" if since else f"refused: {run.stderr.splitlines()[0]}"


def main(netc, kernel, folder, *run):
    folder = pathlib.Path(folder)
    if kernel == "here":
        kernel = ".".join(os.uname().release.split(".")[:2])
    result, commands = {}, []
    for example in sorted((ROOT / "examples").glob("*.np")):
        if refused := checked(netc, kernel, example):
            result[example.stem] = refused
            continue
        out = folder / example.stem
        subprocess.run([netc, "compile", "--kernel", kernel, example, "-o", out], check=True, capture_output=True)
        result[example.stem] = "not run"
        commands.append(f"echo @ {example.stem}; {netc} test --kernel {kernel} {example} --object {out}/*.o 2>&1 | tail -n 30; echo")
    there = subprocess.run([*run, "sh", "-c", "\n".join(commands)], capture_output=True, text=True)
    for part in there.stdout.split("@ ")[1:]:
        name, text = part.split("\n", 1)
        totals = re.search(r"^(\d+) passed, (\d+) failed, (\d+) skipped", text, re.M)
        if totals and totals[2] == "0" and totals[1] != "0":
            skipped = f", {totals[3]} skipped" if totals[3] != "0" else ""
            result[name] = f"works{skipped}"
        else:
            result[name] = "FAILS"
            print(text)
    header, *rows = [[cell.strip() for cell in line.strip("| \n").split("|")]
                     for line in (ROOT / "docs/examples.md").read_text().splitlines() if line.startswith("|")]
    column = next((i for i, cell in enumerate(header) if cell == kernel), None)
    said = {row[0].strip("`"): row[column] for row in rows if column and len(row) > column}
    for name, what in result.items():
        print(f"{name}: {what}")
        if column and said.get(name) != what:
            print(f"docs/examples.md says of {name} on {kernel}: {said.get(name)}")
    print(there.stderr if "FAILS" in result.values() or "not run" in result.values() else f"{len(result)} examples on {kernel}")


if __name__ == "__main__":
    main(*sys.argv[1:])
