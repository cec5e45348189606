"""The standard library's headers, read from its text: fields, places, what follows.

Independent of netc: what this reads, and what netc makes of the same text, must agree.
"""

import glob
import os
import re


class Field:
    def __init__(self, name, kind, bits, offset, layout, initial):
        self.name, self.kind, self.bits, self.offset = name, kind, bits, offset
        self.layout, self.initial = layout, initial


class Header:
    def __init__(self, name, places, within):
        self.name, self.places, self.within = name, places, within
        self.fields, self.next, self.requires = [], [], []
        self.size = self.extent = self.checksum = self.walk = self.owner = None
        self.kinds = []

    @property
    def bits(self):
        return sum(f.bits for f in self.fields)

    def field(self, name):
        return next((f for f in self.fields if f.name == name), None)

    def ties(self, name):
        """Whether where things stand depends on the field."""
        texts = [self.size or "", self.extent or ""] + self.requires
        texts += [n["value"] + " " + (n["when"] or "") for n in self.next]
        if self.walk:
            texts.append(self.walk["size"])
        return any(re.search(rf"\b{name}\b", t) for t in texts)


ADDRESSES = {"mac_addr": 48, "ipv4_addr": 32, "ipv6_addr": 128}


class Library:
    def __init__(self, folder):
        self.headers, self.enums, self.texts = {}, {}, ""
        for path in sorted(glob.glob(os.path.join(folder, "*.np"))):
            text = re.sub(r"//[^\n]*", "", open(path).read())
            self.texts += text
        for kind, name, base, body in re.findall(r"\b(enum|flags) (\w+)(?:: (\w+))? \{(.*?)\}",
                                                 self.texts, re.S):
            members, value = {}, 0 if kind == "enum" else 1
            for member in filter(None, (m.strip() for m in body.split(","))):
                if "=" in member:
                    member, text = (part.strip() for part in member.split("="))
                    value = int(text, 0)
                members[member] = value
                value = value + 1 if kind == "enum" else value << 1
            self.enums[name] = (kind, int((base or "u32")[1:]), members)
        for head in re.finditer(r"\bheader (\w+)([^{]*)\{", self.texts):
            self.read_header(head)

    def bits_of(self, kind):
        if kind in ADDRESSES:
            return ADDRESSES[kind]
        if kind in self.enums:
            return self.enums[kind][1]
        return {"bool": 1, "port": 16}.get(kind) or int(kind[1:])

    def body_at(self, start):
        depth, at = 1, start
        while depth:
            depth += {"{": 1, "}": -1}.get(self.texts[at], 0)
            at += 1
        return self.texts[start:at - 1], at

    def read_header(self, head):
        places = []
        rest = head.group(2)
        within = re.search(r"within (\w+)", rest)
        rest = re.sub(r"within \w+", "", rest).replace(" on ", " ", 1)
        for inner, selector, values in re.findall(r"\b(inner )?(\w+)(?:\(([^)]*)\))?", rest):
            numbers = [int(v, 0) for v in re.split(r",\s*", values)] if values else []
            places.append({"inner": bool(inner), "selector": selector, "values": numbers})
        header = Header(head.group(1), places, within and within.group(1))
        body, _ = self.body_at(head.end())
        self.read_members(header, body)
        self.headers[header.name] = header

    def read_members(self, header, body):
        while True:
            block = re.search(r"\b(?:option (\w+)\(([^)]*)\)|(options)) \{", body)
            if not block:
                break
            depth, at = 1, block.end()
            while depth:
                depth += {"{": 1, "}": -1}.get(body[at], 0)
                at += 1
            inside = body[block.end():at - 1]
            if block.group(3):
                base = Header(header.name + " option", [], None)
                size = re.search(r"\bsize ([^;]*);", inside)
                self.read_members(base, re.sub(r"\b(end|single) when [^;]*;", "", inside))
                header.walk = {"base": base, "size": size.group(1), "text": inside}
            else:
                option = Header(f"{header.name}.{block.group(1)}", [], None)
                option.owner = header
                option.kinds = [int(v, 0) for v in block.group(2).split(",")]
                for f in header.walk["base"].fields:
                    option.fields.append(Field(f.name, f.kind, f.bits, f.offset, True, None))
                option.walk = None
                self.read_members(option, inside)
                self.headers[option.name] = option
            body = body[:block.start()] + body[at:]
        for statement in (s.strip() for s in body.split(";")):
            self.read_member(header, " ".join(statement.split()))

    def read_member(self, header, text):
        if not text or text.startswith("let "):
            return
        if m := re.match(r"require (.*)", text):
            header.requires.append(m.group(1))
        elif m := re.match(r"size (.*)", text):
            header.size = m.group(1)
        elif m := re.match(r"extent (.*)", text):
            header.extent = m.group(1)
        elif m := re.match(r"checksum (\w+) = (\w+)\((.*)\)", text):
            parts = [p.strip() for p in m.group(3).split(",")]
            header.checksum = {"field": m.group(1), "how": m.group(2), "of": parts[0],
                               "summands": parts[1:]}
        elif m := re.match(r"next (inner )?(\w+)\(([^)]*)\)(?: when (.*))?", text):
            header.next.append({"inner": bool(m.group(1)), "selector": m.group(2),
                                "value": m.group(3), "when": m.group(4)})
        elif m := re.match(r"(layout )?(\w+): (\w+)(?: = (.*))?$", text):
            header.fields.append(Field(m.group(2), m.group(3), self.bits_of(m.group(3)),
                                       header.bits, bool(m.group(1)), m.group(4)))
        else:
            raise SystemExit(f"declarations.py can't read `{text}` of {header.name}")

    # --- Ways to a header ---

    def links(self, header, scope):
        """(next, header behind, scope there, value) for all that may follow."""
        for n in header.next:
            for other in self.headers.values():
                for place in other.places:
                    if place["selector"] != n["selector"]:
                        continue
                    inner = n["inner"] or place["inner"]
                    if inner and scope == "inner":
                        continue
                    yield n, other, "inner" if inner else scope, place["values"]

    def ways(self, start, scope):
        """The shortest way from `start` to each (header, scope): lists of (header, next, value)."""
        found = {(start.name, scope): [(start, None, None)]}
        work = [(start, scope)]
        while work:
            header, at = work.pop(0)
            way = found[(header.name, at)]
            for n, other, there, values in self.links(header, at):
                outer = [h.name for h, _, _ in way]
                key = (other.name, there)
                if key in found or (other.within and other.within not in outer):
                    continue
                value = self.suits(n, values)
                if value is None:
                    continue
                found[key] = way[:-1] + [(header, n, value), (other, None, None)]
                work.append((other, there))
        return found

    @staticmethod
    def suits(n, values):
        """The value with which `next` leads to a place that has these; None: it can't."""
        if re.fullmatch(r"(0x)?[0-9a-f]+", n["value"]):
            number = int(n["value"], 0)
            return number if number in values else None
        equal = re.search(r"\b(\w+) == (\w+)", n["when"] or "")
        if equal and equal.group(1) == n["value"]:
            number = int(equal.group(2), 0)
            return number if number in values else None
        return values[0]
