"""Writes a pipeline that computes in integers of many widths, at compile time and at run
time, and aborts where a result is not what Python makes of the language's rules.

--wrong expects of the last type results that are off by one.
"""

import random
import sys

WIDTHS = (1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64)
OPERATORS = ("*", "/", "%", "+", "-", "<<", ">>", "&", "^", "|")


def wrap(value, bits, signed):
    value &= (1 << bits) - 1
    return value - (1 << bits) if signed and value >> (bits - 1) else value


def compute(operator, left, right, bits):
    """Over the integers; `wrap` makes the result the type's."""
    if operator == "/":
        quotient = abs(left) // abs(right) if right else 0
        return quotient if (left < 0) == (right < 0) else -quotient
    if operator == "%":
        rest = abs(left) % abs(right) if right else abs(left)
        return -rest if left < 0 else rest
    if operator == "<<":
        return left << right % bits
    if operator == ">>":
        return left >> right % bits
    return {"*": left * right, "+": left + right, "-": left - right, "&": left & right, "^": left ^ right,
            "|": left | right}[operator]


def written(value):
    # 2^63 is no positive i64, so the smallest one is written as a cast.
    return f"({value & (1 << 64) - 1:#x} as i64)" if value == -1 << 63 else str(value)


def checks(name, bits, signed, dice, wrong):
    least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    pairs = [(most, most), (least, most), (most, least), (least, -1 if signed else 1), (most, 0)]
    pairs += [(dice.randint(least, most), dice.randint(least, most)) for _ in range(2)]
    declared, rules = [], []
    for number, (left, right) in enumerate(pairs):
        a, b = f"{name}a{number}", f"{name}b{number}"
        shift = dice.randrange(2 * bits)
        for word, value in ((a, left), (b, right)):
            declared.append(f"param {word}: {name} = {written(value)};")
            declared.append(f"const {word.upper()}: {name} = {written(value)};")
        for operator in OPERATORS:
            by = str(shift) if operator in ("<<", ">>") else None
            result = wrap(compute(operator, left, shift if by else right, bits) + wrong, bits, signed)
            rules.append(f"abort when {a} {operator} {by or b} != {written(result)};")
            rules.append(f"abort when {a.upper()} {operator} {by or b.upper()} != {written(result)};")
        for sign in "-~":
            result = wrap((-left if sign == "-" else ~left) + wrong, bits, signed)
            rules.append(f"abort when {sign}{a} != {written(result)};")
            rules.append(f"abort when {sign}{a.upper()} != {written(result)};")
        cut = wrap(left + wrong, max(bits - 1, 1), signed)
        narrow = f"{name[0]}{max(bits - 1, 1)}"
        rules.append(f"abort when ({a} as {narrow}) != {written(cut)};")
        rules.append(f"abort when ({a.upper()} as {narrow}) != {written(cut)};")
        if not wrong or bits > 1:
            size = wrap(abs(left) + wrong, bits, signed)
            rules.append(f"abort when abs({a}) != {written(size)};")
    return declared, rules


def main():
    dice = random.Random(7)
    print("pipeline widths;\nimport net;")
    tests = []
    last = (WIDTHS[-1], True)
    for bits in WIDTHS:
        for signed in (False, True):
            name = f"{'i' if signed else 'u'}{bits}"
            wrong = "--wrong" in sys.argv and (bits, signed) == last
            declared, rules = checks(name, bits, signed, dice, int(wrong))
            print(*declared, f"on xdp of_{name} (dev: \"eth0\") {{", *rules, "pass;", "}", sep="\n")
            tests.append(f'test "{name}" on of_{name} {{ send ethernet; expect pass; }}')
    print(*tests, sep="\n")


if __name__ == "__main__":
    main()
