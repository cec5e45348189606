"""The table of docs/checksums.md: a section for each site, which its test compares or writes."""

import re

HEAD = ("| protocol | fields | offload | frames | open | in pages | cut | twins | kernel | scapy | result |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
KERNEL = 8  # its column, from 0


def section(run, left_out):
    """The rows of a site, and which fields it leaves out."""
    lines = []
    for group in sorted({group for group, _ in run.rows}, key=lambda one: one.split(": ")[::-1]):
        for offload in (True, False):
            row = run.rows[group, offload]
            counts = row.counts
            cells = [group, len(row.fields), "on" if offload else "off",
                     *(counts[name] for name in ("frames", "open", "large", "cut", "twins", "kernel", "scapy")),
                     f"right, but {counts['wrong']} open" if counts["wrong"] else "right"]
            lines.append("| " + " | ".join(map(str, cells)) + " |")
    reasons = {}
    for field, why in left_out.items():
        reasons.setdefault(why, []).append(field)
    lines.append("")
    lines += [f"Left out, {why}: {', '.join(f'`{field}`' for field in fields)}." for why, fields in reasons.items()]
    return HEAD + "\n".join(lines) + "\n"


def pattern(name):
    return re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end -->\n)", re.S)


def write(path, name, text):
    with open(path) as page:
        old = page.read()
    with open(path, "w") as page:
        page.write(pattern(name).sub(lambda found: found.group(1) + text + found.group(2), old))


def differences(path, name, text):
    """Lines that are not as in the page. Other kernels may find more than is written there."""
    with open(path) as page:
        found = pattern(name).search(page.read())
    there = found.group(0).splitlines()[1:-1] if found else []
    here = text.splitlines()
    wrong = [] if len(there) == len(here) else [f"{path}: {len(there)} lines about {name}, not {len(here)}"]
    for old, new in zip(there, here):
        if old != new and not finds_more(old, new):
            wrong.append(f"{path}: `{old}`, but it is `{new}`")
    return wrong


def finds_more(old, new):
    before, after = old.split(" | "), new.split(" | ")
    if len(before) != len(after) or len(before) <= KERNEL or not before[KERNEL].isdigit():
        return False
    more = int(after[KERNEL]) >= int(before[KERNEL])
    before[KERNEL] = after[KERNEL]
    return more and before == after
