"""Runs unmodified esptool once with the arguments that are given.

usage: esptool_run.py ARGUMENTS...
Prints one line of JSON: {"code": ..., "output": [lines]}.
"""

import json
import subprocess
import sys

done = subprocess.run(
    [sys.executable, "-m", "esptool", "--chip", "esp8266", *sys.argv[1:]], capture_output=True, text=True, timeout=150)
lines = [line.rstrip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
print(json.dumps({"code": done.returncode, "output": lines}))
