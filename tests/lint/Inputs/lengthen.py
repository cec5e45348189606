"""lengthen.py FILE LINES ...: writes files that would be breaches if they stood here."""
import sys

arguments = iter(sys.argv[1:])
for name in arguments:
    lines = int(next(arguments))
    text = 'CACHE = "/%s/cache"\n' % "work" if lines == 1 else "//\n" * lines
    open(name, "w").write(text)
