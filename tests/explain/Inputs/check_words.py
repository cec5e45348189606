"""check_words.py NETC FOLDER: each word of `netc explain language` has a page, and what it shows compiles."""

import os
import subprocess
import sys

netc, folder = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
wrong, words = 0, 0
for line in subprocess.run([netc, "explain", "language"], capture_output=True, text=True, check=True).stdout.splitlines():
    for word in line.split("  ")[0].split(", "):
        words += 1
        page = subprocess.run([netc, "explain", "language", word], capture_output=True, text=True)
        example = [text[4:] for text in page.stdout.splitlines() if text.startswith("    ")]
        path = os.path.join(folder, word + ".np")
        with open(path, "w") as file:
            file.write("\n".join(example) + "\n")
        checked = subprocess.run([netc, "check", path], capture_output=True, text=True) if example else page
        if page.returncode or checked.returncode:
            wrong += 1
            print(word, page.stderr, checked.stderr)
print(f"{words} words, {wrong} wrong")
