"""Writes the seeds of a fuzz target into a folder: the pipelines of tests, examples and library, or their objects."""

import argparse
import hashlib
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LARGEST = 16_384


def pipelines():
    for folder in ("tests", "examples", "stdlib"):
        yield from sorted((ROOT / folder).rglob("*.np"))


def objects(netc):
    """Objects, and the texts that stand in them."""
    for path in sorted((ROOT / "examples").rglob("*.np")):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([netc, "compile", path, "-o", folder], capture_output=True, check=False)
            for built in pathlib.Path(folder).glob("*.bpf.o"):
                data = built.read_bytes()
                yield data
                begin = data.find(b'{"')
                end = data.rfind(b"}")
                if 0 <= begin < end:
                    yield data[begin:end + 1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--netc", required=True)
    parser.add_argument("target")
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    found = (ROOT / "tests" / "fuzz" / "Inputs" / options.target).glob("*")
    seeds = [path.read_bytes() for path in found]
    if options.target == "object":
        seeds += objects(options.netc)
    else:
        seeds += [path.read_bytes() for path in pipelines()]
    for seed in seeds:
        if options.target == "object" or len(seed) <= LARGEST:
            (options.folder / hashlib.sha1(seed).hexdigest()).write_bytes(seed)


if __name__ == "__main__":
    main()
