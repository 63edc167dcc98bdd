#!/usr/bin/env python3
"""A simulated unit for driver `command`, with a fault of fleets that begins at once and lasts, or none.

usage: fleet.py IOT KIND ADDRESS [FAULT [KEY=VALUE...]]
"""

import subprocess
import sys
import tempfile
import os

IOT, KIND, ADDRESS = sys.argv[1:4]
keys = "".join(f"    {key}: {value}\n" for key, value in (word.split("=", 1) for word in sys.argv[5:]))
timeline = f"timeline:\n  - at: 0s\n    fault: {sys.argv[4]}\n{keys}" if len(sys.argv) > 4 else ""
signal = "    signal: counter\n" if KIND == "read" else ""
kind = "read" if KIND == "read" else "updatable"
with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
    file.write(
        f"cohorts:\n  - name: u\n    kind: {kind}\n    addresses: [{ADDRESS}]\n{signal}{timeline}")
    file.flush()
    # Its stdin is ours, so that it ends with who has started us.
    fleet = subprocess.Popen(
        [IOT, "sim", "fleet", file.name, "--console", "stdout", "--stop-with-parent"], stdout=subprocess.PIPE, text=True)
    for line in fleet.stdout:
        # Its name stands before each line of its console. What its lamp shows is no line of the console, and goes to stderr.
        text = line.split(": ", 1)[-1].rstrip("\n")
        print(text, file=sys.stderr if text.startswith("shows #") else sys.stdout, flush=True)
os._exit(fleet.wait())
