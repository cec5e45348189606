"""exit_code.py CODE COMMAND...: whether the command ends with that code."""
import subprocess
import sys

code = subprocess.run(sys.argv[2:]).returncode
sys.exit(0 if code == int(sys.argv[1]) else f"exit code {code}, not {sys.argv[1]}")
