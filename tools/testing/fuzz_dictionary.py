"""Prints libFuzzer's dictionary for pipelines: the lexer's keywords and signs, and the hooks' names."""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    lexer = (ROOT / "grammar" / "NetcLexer.g4").read_text()
    lexer = re.sub(r"//.*", "", lexer)
    listed = re.search(r"tokens \{(.*?)\}", lexer, re.S)[1]
    words = {word.strip().lower() for word in listed.split(",")}
    words |= {re.sub(r"\\(.)", r"\1", sign) for sign in re.findall(r"'((?:[^'\\]|\\.)+)'", lexer)}
    names = (ROOT / "compiler" / "hooks" / "names.def").read_text()
    words |= set(re.findall(r'"([^"]+)"', names))
    words |= {"10.0.0.0/8", "fd00::/8", "aa:bb:cc:dd:ee:ff", "200ms", "200/s", "10mbit", "4KiB", "drop", "pass",
              "ipv4", "tcp", "ethernet", "u8", "u16", "u32", "u64", "bool", "ipv4_addr"}
    for word in sorted(words):
        if word and word.isascii() and word.isprintable() and " " not in word:
            print(json.dumps(word))


if __name__ == "__main__":
    main()
