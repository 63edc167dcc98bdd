"""Measures writing the flash through the ROM's loader, side by side with esptool.

usage: flash.py --iot PATH [--bytes 100000] [--baud 115200]

Each tool writes the same file to a fresh virtual board in real time. The least time that it can take is what passes over
the wire, as the board has counted it, at ten bits a byte, and the time for which the flash erases and programs; each
tool's own time, from its start to its end, is printed as a ratio to that of its own conversation. Reading back is left
out: without a stub esptool cannot.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time


def measure(iot, folder, name, command, baud):
    port = os.path.join(folder, "port")
    errors = open(os.path.join(folder, "board.log"), "w+")
    board = subprocess.Popen(
        [iot, "board", "--link", port, "--timing", "real", "--json"], stdout=subprocess.PIPE, stderr=errors)
    json.loads(board.stdout.readline())
    began = time.monotonic()
    done = subprocess.run([part.replace("PORT", port) for part in command], capture_output=True, text=True)
    seconds = time.monotonic() - began
    board.terminate()
    board.wait(20)
    if done.returncode != 0:
        sys.exit(f"{name} failed: {done.stdout[-500:]}{done.stderr[-500:]}")
    errors.seek(0)
    heard, said, busy = map(float, re.search(r"board.totals busy-us=(\S+) heard=(\S+) said=(\S+)", errors.read()).group(2, 3, 1))
    least = (heard + said) * 10 / baud + busy / 1e6
    print(f"{name:<20} {seconds:.2f} s, {seconds / least:.3f} of the least for its {heard + said:.0f} bytes on the wire")
    return seconds, least


GOAL = 1.05


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--iot", required=True)
    parser.add_argument("--bytes", type=int, default=100_000)
    parser.add_argument("--baud", type=int, default=115_200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="iot-bench-") as folder:
        path = os.path.join(folder, "image")
        with open(path, "wb") as file:
            file.write(random.Random(1).randbytes(options.bytes))
        print(f"{options.bytes} bytes into the flash at {options.baud} baud, without a stub")
        ours, least = measure(
            options.iot, folder, "iot flash write",
            [options.iot, "flash", "write", "--no-verify", "--port", "PORT", "--baud", str(options.baud), "0x1000", path],
            options.baud)
        theirs, _ = measure(
            options.iot, folder, "esptool --no-stub",
            [sys.executable, "-m", "esptool", "--chip", "esp8266", "--no-stub", "--port", "PORT", "--baud",
             str(options.baud), "write-flash", "0x1000", path],
            options.baud)
        verdict = "met" if ours <= GOAL * least else "MISSED"
        print(f"goal {verdict}: ours is {ours / least:.3f} of the least, at most {GOAL} is wanted")
        print(f"ours to theirs       {ours / theirs:.3f}")


main()
