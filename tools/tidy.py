"""Runs clang-tidy over what the project compiles, and again only over what changed.

A file that was clean is not read again until it, a header that it includes, or
.clang-tidy changes; ninja knows the headers.
"""

import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    clean = options.build / "tidy"
    clean.mkdir(exist_ok=True)
    headers = headers_by_object(options.build)
    chosen = {path.resolve() for path in options.files}
    work = []
    for entry in json.loads((options.build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if is_ours(path) and (not chosen or path in chosen):
            stamp = clean / digest([path, *headers.get(object_of(entry), [])])
            if not stamp.exists():
                work.append((path, stamp))
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda item: tidy(options.build, *item), work))
    print(f"clang-tidy: {len(work)} files read, {results.count(False)} with findings")
    return 1 if False in results else 0


def is_ours(path):
    return path.is_relative_to(ROOT) and not path.is_relative_to(ROOT / "build")


def object_of(entry):
    """Older CMakes leave "output" out."""
    return entry.get("output") or re.search(r" -o (\S+)", entry["command"])[1]


def headers_by_object(build):
    """The project's own headers that each object was built from."""
    listing = subprocess.run(["ninja", "-C", build, "-t", "deps"], check=True, capture_output=True, text=True)
    headers, current = {}, []
    for line in listing.stdout.splitlines():
        if match := re.match(r"(\S.*): #deps", line):
            current = headers.setdefault(match[1], [])
        elif line.strip():
            path = (build / line.strip()).resolve()
            if is_ours(path):
                current.append(path)
    return headers


def digest(paths):
    sum_ = hashlib.sha256()
    for path in [ROOT / ".clang-tidy", *sorted(set(paths))]:
        sum_.update(str(path).encode() + path.read_bytes())
    return sum_.hexdigest()


def tidy(build, path, stamp):
    done = subprocess.run(["clang-tidy-19", "--quiet", "-p", build, path], capture_output=True, text=True)
    if done.returncode == 0:
        stamp.touch()
        return True
    print(done.stdout, end="", flush=True)
    return False


if __name__ == "__main__":
    sys.exit(main())
