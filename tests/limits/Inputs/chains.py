"""chains.py [--count N] NETC FOLDER HOOK:SHAPE...: compiles chains of N rules to FOLDER/HOOK-SHAPE-N.o."""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

import chain


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("netc")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("chains", nargs="+")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.chains:
        hook, shape = name.split(":")
        with tempfile.TemporaryDirectory() as built:
            done = subprocess.run([options.netc, "compile", "-", "-o", built], text=True,
                                  input=chain.pipeline(hook, shape, options.count))
            if done.returncode != 0:
                sys.exit(f"{name}: netc compile ends with {done.returncode}")
            shutil.move(f"{built}/chain.bpf.o", options.folder / f"{hook}-{shape}-{options.count}.o")


if __name__ == "__main__":
    main()
