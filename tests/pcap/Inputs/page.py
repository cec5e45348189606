"""page.py [--check] FILE: writes table.txt as the table of a page, between its two marks, or tells whether it stands there."""

import pathlib
import sys

TABLE = pathlib.Path(__file__).with_name("table.txt")
BEGIN, END = "<!-- tests/pcap/Inputs/table.txt -->\n", "<!-- end -->"


def table():
    lines = ["| netc | libpcap | differ on packets that are |", "| --- | --- | --- |"]
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            condition, expression, classes = (line + " ").split(" | ")
            cell = lambda text: "`" + text.strip().replace("|", "\\|") + "`"
            lines.append(f"| {cell(condition)} | {cell(expression)} | {', '.join(classes.split())} |")
    return "\n".join(lines) + "\n"


def main():
    page = pathlib.Path(sys.argv[-1])
    text = page.read_text()
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    new = text[:begin] + table() + text[end:]
    if sys.argv[1] != "--check":
        page.write_text(new)
    elif new != text:
        sys.exit(f"{page.name} has another table: run tests/pcap/Inputs/page.py {page.name}")


if __name__ == "__main__":
    main()
